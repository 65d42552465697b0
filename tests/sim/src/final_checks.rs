//! What has to be true once a run is over.

use std::collections::{BTreeSet, HashSet};

use carillon_domain::base::call::Outcome;
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{AttemptId, CallerNumberId, InteractionId};
use carillon_domain::base::outcome::{AttemptOutcome, MessageOutcome};
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::base::zone::Zone;
use carillon_domain::compliance::eligibility::{Question, Refusal};
use carillon_domain::policy::circuit_breaker::BreakerState;
use carillon_domain::policy::rate_limit::RateState;
use carillon_domain::policy::schedule::local_date;
use carillon_domain::records::active_attempt::DialCause;
use carillon_domain::records::campaign::{Campaign, CampaignStatus};
use carillon_domain::records::interaction::{Direction, Interaction, InteractionStatus};
use carillon_domain::records::lead::{Lead, LeadFilter, LeadState, StatusFilter};
use carillon_domain::reporting::breakdown::{Breakdown, By};
use carillon_domain::reporting::invariants::{self, Invariant};
use carillon_domain::reporting::lead_search::{LeadSort, PageSearch};
use carillon_runtime::context::Context;
use carillon_runtime::services::lead_search;
use carillon_store::Store;

use crate::carrier::{self, Carrier};
use crate::invariant_checker::{Alarm, Checker, Workspace, told_once};
use crate::provider::Provider;
use crate::simulation::Simulation;

/// Waiting leads of a campaign that are explained if a run does not end.
const EXPLAINED: usize = 3;
/// More leads than a campaign of a run has.
const ALL: usize = 1 << 20;
/// How often in a row a workspace may be found idle though somebody could be called.
const IDLE_LOOKS: u32 = 2;
/// How long somebody has been callable to be overlooked, in milliseconds.
const IDLE_MS: i64 = 5 * MINUTE_MS;

/// Whether nothing is left to be done.
pub(crate) fn is_over(run: &Simulation, patience_ms: i64) -> bool {
    run.open_work.get() == 0 && is_all_at_rest(run, patience_ms)
}

/// Whether nobody waits but those who can't be called for so long. A client may still ask again and again
/// for what the workspace has no room for.
pub(crate) fn is_all_at_rest(run: &Simulation, patience_ms: i64) -> bool {
    let now = run.now();
    let enough = now.plus_ms(patience_ms);
    let is_done = |workspace: &Workspace| {
        workspace.active.is_empty()
            && workspace.requests.is_empty()
            && workspace.jobs.values().all(|job| !job.status.is_open())
            && workspace.campaigns.values().all(|campaign| is_at_rest(workspace, campaign, now, enough))
    };
    run.checker.borrow().workspaces.iter().all(is_done)
}

/// Whether a campaign has come to its end, or to where it only waits for new leads, or for those who
/// can't be called before it is `enough`.
fn is_at_rest(workspace: &Workspace, campaign: &Campaign, now: Timestamp, enough: Timestamp) -> bool {
    match campaign.status {
        CampaignStatus::Draft | CampaignStatus::Completed | CampaignStatus::Cancelled => true,
        CampaignStatus::Scheduled { start_at } => start_at > enough || is_kept_out(workspace),
        CampaignStatus::Paused { .. } => is_kept_out(workspace),
        CampaignStatus::Completing => false,
        CampaignStatus::Running => {
            let mut leads = workspace.leads_of(&campaign.id).peekable();
            let may_stay = campaign.spec.keep_open || leads.peek().is_none();
            let mut is_hopeless = false;
            let is_left = |lead: &Lead| {
                let is_waiting = is_open(lead);
                is_hopeless |= is_waiting;
                is_waiting && !waits_long(workspace, campaign, lead, now, enough)
            };
            let is_done = !leads.any(is_left);
            let next_run = campaign.run_began_at.and_then(|began_at| campaign.next_run_at(began_at));
            let has_run = next_run.is_some_and(|next_run| next_run <= enough);
            is_done && (may_stay || is_hopeless) && !campaign.is_being_fed() && !has_run
        }
    }
}

/// Whether something is still to be done for a lead, and nobody has it rest.
fn is_open(lead: &Lead) -> bool {
    !lead.state.is_settled() && lead.state.suspended().is_none()
}

/// Whether as many campaigns run as may: when all of those have come to rest, so has who waits for them.
fn is_kept_out(workspace: &Workspace) -> bool {
    let running = workspace.campaigns.values().filter(|campaign| campaign.status.is_running()).count();
    u32::try_from(running).is_ok_and(|running| running >= workspace.tenant.running_limit)
}

/// Whether a lead can't be called before it is `enough`: for want of hours, perhaps for ever.
fn waits_long(
    workspace: &Workspace,
    campaign: &Campaign,
    lead: &Lead,
    now: Timestamp,
    enough: Timestamp,
) -> bool {
    let is_long = |refusal: &Refusal| match refusal {
        Refusal::OutsideHours { opens_at: None, .. } => true,
        _ => refusal.until().is_some_and(|until| until > enough),
    };
    refusals(workspace, campaign, lead, now).iter().any(is_long)
}

/// Why a lead is not called.
fn refusals(workspace: &Workspace, campaign: &Campaign, lead: &Lead, now: Timestamp) -> Vec<Refusal> {
    let question = Question {
        lead,
        campaign,
        workspace: &workspace.tenant,
        rules: &workspace.rules,
        records: &workspace.records_of(&lead.person()),
        cause: lead.dial_cause(now).unwrap_or(DialCause::Fresh),
    };
    question.refusals(now)
}

/// How long each workspace made no call though it could have.
#[derive(Debug, Default)]
pub(crate) struct Idleness(Vec<(usize, u32)>);

impl Idleness {
    /// V7 each quarter of an hour: nobody waits while nothing is in their way.
    pub(crate) fn look(&mut self, run: &Simulation) -> Result<(), Alarm> {
        let (checker, now) = (run.checker.borrow(), run.now());
        self.0.resize(checker.workspaces.len(), (0, 0));
        for (workspace, (calls, looks)) in checker.workspaces.iter().zip(&mut self.0) {
            let is_idle = workspace.active.is_empty() && *calls == workspace.interactions.len();
            *calls = workspace.interactions.len();
            let overlooked = is_idle.then(|| overlooked(workspace, now)).flatten();
            *looks = if overlooked.is_some() { *looks + 1 } else { 0 };
            if let Some(lead) = overlooked.filter(|_| *looks > IDLE_LOOKS) {
                let what = format!("{} could be called and is not: {:?}", lead.id, lead.state);
                let subjects: &[&dyn ToString] = &[&lead.id.campaign(), &lead.id];
                return Err(Alarm::new(Invariant::EverybodySettles, what, subjects));
            }
        }
        Ok(())
    }
}

/// Somebody who could be called, as far as numbers to call from are known to be free.
fn overlooked(workspace: &Workspace, now: Timestamp) -> Option<&Lead> {
    let rate_states = &workspace.rate_states;
    let flows = |rate_state: Option<&RateState>| {
        rate_state.is_none_or(|rate_state| {
            matches!(rate_state.breaker.state(), BreakerState::Closed { .. }) && rate_state.slot(now) <= now
        })
    };
    let is_free = |number: &CallerNumberId| {
        let known = workspace.caller_numbers.iter().find(|one| one.id == *number);
        let rate_state = rate_states.numbers.get(number);
        let used = rate_state.map_or(0, |rate_state| rate_state.used_today(now));
        flows(rate_state) && known.is_some_and(|one| one.daily_cap.is_none_or(|cap| used < cap))
    };
    let running = workspace.campaigns.values().filter(|campaign| {
        campaign.status.is_running()
            && flows(rate_states.campaigns.get(&campaign.id))
            && campaign.spec.caller_number_ids.iter().all(is_free)
    });
    // The hours first: a refusal tells when they open, which takes a long search.
    let open_zones = |campaign: &Campaign| -> BTreeSet<&Zone> {
        let is_open = |zone: &&Zone| {
            let hours = campaign.hours_in(zone, &workspace.rules);
            [now.plus_ms(-IDLE_MS), now].iter().all(|at| hours.closes_after(*at, *at).is_some())
        };
        workspace.zones.get(&campaign.id).into_iter().flatten().filter(is_open).collect()
    };
    running.map(|campaign| (campaign, open_zones(campaign))).find_map(|(campaign, open)| {
        let is_callable = |lead: &&Lead| {
            // A text waits for a pace of its own.
            lead.state.is_waiting()
                && campaign.channel_of(lead) == Channel::Call
                && open.contains(&lead.zone)
                && [now.plus_ms(-IDLE_MS), now]
                    .iter()
                    .all(|at| refusals(workspace, campaign, lead, *at).is_empty())
        };
        workspace.leads_of(&campaign.id).find(is_callable)
    })
}

/// V9 in the middle of the work: counters and what they count are written together.
pub(crate) fn counts(run: &Simulation, store: &Store) -> Result<(), Alarm> {
    run.checker.borrow().workspaces.iter().try_for_each(|workspace| counters_agree(run, store, workspace))
}

/// V7 to V9 on a run that is over.
pub(crate) fn reached(run: &Simulation, context: &Context) -> Result<(), Alarm> {
    let (provider, store) = (run.provider.borrow(), &context.store);
    for workspace in &run.checker.borrow().workspaces {
        everybody_settled(workspace)?;
        record_is_true(workspace, &provider, &run.carrier.borrow())?;
        counters_agree(run, store, workspace)?;
        breakdowns_agree(run, store, workspace)?;
        searches_agree(run, context, workspace)?;
        workspace.jobs.values().try_for_each(|job| told_once(workspace, job))?;
    }
    everything_is_recorded(&run.checker.borrow(), &provider, &run.carrier.borrow())
}

/// V8 the other way round: there is a record of every call that we made, and of every text. Of one that came in there is none
/// if its end was lost.
fn everything_is_recorded(checker: &Checker, provider: &Provider, carrier: &Carrier) -> Result<(), Alarm> {
    let is_recorded = |attempt: &AttemptId| {
        let id = InteractionId::of(attempt);
        checker.workspaces.iter().any(|workspace| workspace.interactions.contains_key(&id))
    };
    let made = provider.calls.keys().chain(carrier.texts.keys());
    let mut dialled = made.filter(|attempt| checker.dial_of(attempt).is_some());
    match dialled.find(|attempt| !is_recorded(attempt)) {
        None => Ok(()),
        Some(attempt) => {
            let what = format!("{attempt} was made and is not recorded");
            Err(Alarm::new(Invariant::RecordIsTrue, what, &[attempt]))
        }
    }
}

/// V7 on a run that does not end.
pub(crate) fn never_over(run: &Simulation) -> Alarm {
    let (checker, now) = (run.checker.borrow(), run.now());
    let mut alarm = Alarm::new(Invariant::EverybodySettles, "it does not end:", &[]);
    for workspace in &checker.workspaces {
        let open = workspace
            .campaigns
            .values()
            .filter(|campaign| !is_at_rest(workspace, campaign, now, Timestamp::from_millis(i64::MAX)));
        for campaign in open {
            alarm.what += &format!(" {} is {:?};", campaign.id, campaign.status);
            alarm.subjects.push(campaign.id.to_string());
            let waiting = workspace.leads_of(&campaign.id).filter(|lead| is_open(lead));
            for lead in waiting.take(EXPLAINED) {
                let refusals = refusals(workspace, campaign, lead, now);
                alarm.what += &format!(" {} is {:?}: {refusals:?};", lead.id, lead.state);
                alarm.subjects.push(lead.id.to_string());
            }
        }
        for job in workspace.jobs.values().filter(|job| job.status.is_open()) {
            alarm.what += &format!(" {} is {:?};", job.id, job.status);
            alarm.subjects.push(job.id.to_string());
        }
        for request in workspace.requests.values() {
            alarm.what += &format!(" {} waits", request.attempt);
            alarm.subjects.push(request.attempt.to_string());
        }
    }
    alarm
}

/// V7: nobody waits in a campaign that completed, nobody is on a line, no call is unheard of.
fn everybody_settled(workspace: &Workspace) -> Result<(), Alarm> {
    for campaign in workspace.campaigns.values() {
        let is_completed = campaign.status == CampaignStatus::Completed;
        for lead in workspace.leads_of(&campaign.id) {
            let is_calling = matches!(lead.state, LeadState::InProgress { .. });
            if is_open(lead) && (is_calling || is_completed) {
                let what = format!("{} is left {}", lead.id, lead.state.name());
                return Err(Alarm::new(Invariant::EverybodySettles, what, &[&lead.id]));
            }
        }
    }
    for interaction in workspace.interactions.values() {
        if interaction.status == InteractionStatus::InProgress {
            let what = format!("{} is left in progress", interaction.id);
            let subjects: &[&dyn ToString] = &[&interaction.attempt(), &interaction.lead];
            return Err(Alarm::new(Invariant::EverybodySettles, what, subjects));
        }
    }
    Ok(())
}

/// V8: what we recorded of an attempt is what the provider knows of it, and what it rested on.
fn record_is_true(workspace: &Workspace, provider: &Provider, carrier: &Carrier) -> Result<(), Alarm> {
    for interaction in workspace.interactions.values() {
        let attempt = interaction.attempt();
        if interaction.channel == Channel::Sms {
            text_is_true(carrier, interaction)?;
            continue;
        }
        let is_inbound = interaction.direction == Direction::Inbound;
        let is_true = match (provider.calls.get(&attempt), provider.refused.get(&attempt)) {
            (Some(call), _) => {
                let is_complete = (is_inbound || interaction.evidence.is_some())
                    && interaction.is_placed() != is_inbound
                    && interaction.cost_micros == call.cost_micros();
                let is_complete = if is_complete { Ok(()) } else { Err(Invariant::RecordIsTrue) };
                is_complete.and_then(|()| invariants::record_is_true(interaction, call.truth()))
            }
            // The provider was not told the attempt, and sent the caller's number alone.
            (None, _) if is_inbound && provider.knows_unnamed(interaction) => Ok(()),
            (None, Some(refused)) => {
                was_never_made(interaction, &[*refused, Outcome::Failed, Outcome::Unheard])
            }
            (None, None) => was_never_made(interaction, &[Outcome::Failed, Outcome::Unheard]),
        };
        is_true.map_err(|invariant| {
            let truth = provider.calls.get(&attempt).map(|call| call.truth());
            let what = format!("{attempt} ended {truth:?}, recorded is {interaction:?}");
            Alarm::new(invariant, what, &[&attempt, &interaction.lead])
        })?;
    }
    Ok(())
}

/// V8 on a text: ours is what the carrier knows of it, and theirs was received.
fn text_is_true(carrier: &Carrier, interaction: &Interaction) -> Result<(), Alarm> {
    let attempt = interaction.attempt();
    let recorded = match interaction.outcome {
        Some(AttemptOutcome::Message(outcome)) => Some(outcome),
        Some(AttemptOutcome::Call(_)) | None => None,
    };
    let is_true = match interaction.direction {
        Direction::Inbound => recorded == Some(MessageOutcome::Received),
        Direction::Outbound => interaction.text.is_some() && carrier::is_true(carrier, &attempt, recorded),
    };
    if is_true {
        return Ok(());
    }
    let what = format!("{attempt} ended {:?}, recorded is {interaction:?}", carrier.texts.get(&attempt));
    Err(Alarm::new(Invariant::RecordIsTrue, what, &[&attempt, &interaction.lead]))
}

/// A call that was never made has no outcome but these, and counts as placed only where nobody could tell; none
/// at all if it was turned down.
fn was_never_made(interaction: &Interaction, allowed: &[Outcome]) -> Result<(), Invariant> {
    let is_told = interaction.outcome != Some(Outcome::Unheard.into());
    let is_allowed = interaction
        .outcome
        .map_or(interaction.refusal.is_some(), |outcome| allowed.iter().any(|it| outcome == (*it).into()))
        && !(is_told && interaction.is_placed());
    if is_allowed { Ok(()) } else { Err(Invariant::RecordIsTrue) }
}

/// V9: once all changes were told of, the sums by day, hour and caller number equal the record.
fn breakdowns_agree(run: &Simulation, store: &Store, workspace: &Workspace) -> Result<(), Alarm> {
    if !run.stream.is_empty() {
        return Ok(());
    }
    for (id, campaign) in &workspace.campaigns {
        let tz = campaign.spec.time_zone;
        let days = local_date(tz, Timestamp::from_millis(0))..=local_date(tz, run.now());
        let sums = run.direct(store.breakdown(&workspace.tenant.id, id, tz, &days)).expect("nothing fails");
        let of_campaign =
            || workspace.interactions.values().filter(|interaction| interaction.campaign == *id);
        invariants::breakdown_agrees(&sums, of_campaign(), tz).map_err(|invariant| {
            let (kept, truth) = (sums.rows(By::Day), Breakdown::of(of_campaign(), tz).rows(By::Day));
            let differs = |day: &&Option<String>| kept.get(*day) != truth.get(*day);
            let days: BTreeSet<_> = kept.keys().chain(truth.keys()).filter(differs).collect();
            let told = days
                .into_iter()
                .map(|day| format!("{day:?}: {:?}, and not {:?}", truth.get(day), kept.get(day)));
            Alarm::new(invariant, format!("sums of {id}: {}", told.collect::<Vec<_>>().join("; ")), &[id])
        })?;
    }
    Ok(())
}

/// V9: once all changes were told of, a search finds the leads of each status, and no others.
fn searches_agree(run: &Simulation, context: &Context, workspace: &Workspace) -> Result<(), Alarm> {
    if !run.stream.is_empty() {
        return Ok(());
    }
    for id in workspace.campaigns.keys() {
        for status in StatusFilter::EXACT {
            let filter = LeadFilter { status: Some(status), ..LeadFilter::default() };
            let is_looked_for = |lead: &&Lead| filter.takes(*lead);
            let there: BTreeSet<_> =
                workspace.leads_of(id).filter(is_looked_for).map(|lead| lead.id.number_hash()).collect();
            let search = PageSearch::new(filter.clone(), LeadSort::default(), None, ALL);
            let found = lead_search::find(context, &workspace.tenant.id, id, &search);
            let found = run.direct(found).expect("nothing fails").places;
            let found: BTreeSet<_> = found.iter().map(|place| place.number_hash.as_str()).collect();
            if found != there {
                let what = format!("{status:?} leads of {id}: {} found, {} there", found.len(), there.len());
                return Err(Alarm::new(Invariant::CountersAgree, what, &[id]));
            }
        }
    }
    Ok(())
}

/// V9: counters equal the record, and the ledger the cost of what is charged. The leads of a file are
/// counted chunk by chunk, and nobody twice: a number has one lead in a campaign.
fn counters_agree(run: &Simulation, store: &Store, workspace: &Workspace) -> Result<(), Alarm> {
    let ws = &workspace.tenant.id;
    for (id, campaign) in &workspace.campaigns {
        let counters = run.direct(store.counters(ws, id)).expect("nothing fails");
        let of_campaign = workspace.interactions.values().filter(|interaction| interaction.campaign == *id);
        let leads_agree = match campaign.is_being_fed() {
            true => Ok(()),
            false => invariants::counters_agree(&counters, workspace.leads_of(id)),
        };
        leads_agree.and_then(|()| invariants::ends_agree(&counters, of_campaign)).map_err(|invariant| {
            let leads = workspace.leads_of(id).count();
            let what = format!("counters of {id}, which has {leads} leads: {counters:?}");
            Alarm::new(invariant, what, &[id])
        })?;
        let mut seen = HashSet::new();
        let numbers = workspace.leads_of(id).flat_map(Lead::phones);
        if let Some(number) = numbers.map(Subscriber::of).find(|number| !seen.insert(number.clone())) {
            let what = format!("{number} has two leads of {id}");
            return Err(Alarm::new(Invariant::CountersAgree, what, &[id]));
        }
    }
    let charged = workspace.interactions.values();
    let cost: u64 = charged.filter_map(|interaction| interaction.cost_micros).sum();
    let spent = run.direct(store.credits(ws)).expect("nothing fails").spent_micros;
    if i64::try_from(cost) != Ok(spent) {
        let what = format!("{spent} was spent, calls cost {cost}");
        return Err(Alarm::new(Invariant::CountersAgree, what, &[&"#credits"]));
    }
    Ok(())
}
