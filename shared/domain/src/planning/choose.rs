//! Turning due leads into claims.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use super::concurrency_limit::{Call, FreeCapacity, NoCapacity};
use super::due_queries::DueQueries;
use super::slot_usage::SlotUsage;
use super::{CampaignSnapshot, PlanningSnapshot};
use crate::base::channel::Channel;
use crate::base::ids::{AttemptId, CampaignId, Entropy, LeadId};
use crate::base::subscriber::Subscriber;
use crate::base::time::Timestamp;
use crate::compliance::eligibility::{Question, Refusal, Verdict, consequence};
use crate::policy::caller_pool::Pick;
use crate::policy::fair_share::Contender;
use crate::policy::rate_limit::RateStates;
use crate::policy::tariff::price_micros;
use crate::records::active_attempt::{ActiveAttempt, ActiveAttemptState, CallRequest, DialCause};
use crate::records::evidence::RefusalRecord;
use crate::records::lead::Lead;
use crate::records::number_record::NumberRecord;

/// Who may be chosen, read just now and strongly; the index that named them may have been stale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// The leads, each campaign's in the order in which they were found.
    pub leads: Vec<Lead>,
    /// What is known of their numbers.
    pub records: HashMap<Subscriber, NumberRecord>,
}

/// A dial that is decided: it only has to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The active attempt to be.
    pub active_attempt: ActiveAttempt,
    /// The request that it fulfils, on a call by hand.
    pub request: Option<AttemptId>,
}

/// A lead that was found and may not be called: it is settled, or put off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The lead as it was read.
    pub before: Lead,
    /// The lead as it becomes.
    pub after: Lead,
    pub refusal: RefusalRecord,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Who is dialled, in order; at most [`super::MAX_CLAIMS`].
    pub claims: Vec<Claim>,
    /// The rate states once these are claimed.
    pub rate_states: RateStates,
    /// Leads that are settled or put off instead.
    pub revised: Vec<Revision>,
    /// Leads that can't be used now, and wait as they did.
    pub passed_over: Vec<LeadId>,
    /// Campaigns that have no room for another call.
    pub full: Vec<CampaignId>,
    /// The first slot beyond the horizon that somebody could use.
    pub next_slot_at: Option<Timestamp>,
}

impl Plan {
    /// What its claims come to.
    pub fn active_attempts(&self) -> impl Iterator<Item = &ActiveAttempt> {
        self.claims.iter().map(|claim| &claim.active_attempt)
    }
}

/// Chooses who is dialled: requests first, then the campaigns in turn by priority and weight.
///
/// `draw` gives the random bits of each new attempt's id.
pub fn choose(
    snapshot: &PlanningSnapshot,
    due_queries: &DueQueries,
    candidates: &Candidates,
    draw: &mut dyn FnMut() -> Entropy,
) -> Plan {
    choose_beside(snapshot, &SlotUsage::of(&snapshot.active_attempts), due_queries, candidates, draw)
}

/// The same beside slots that are counted already.
pub(crate) fn choose_beside(
    snapshot: &PlanningSnapshot,
    held: &SlotUsage,
    due_queries: &DueQueries,
    candidates: &Candidates,
    draw: &mut dyn FnMut() -> Entropy,
) -> Plan {
    let mut chooser = Chooser::new(snapshot, held, candidates);
    for request in &snapshot.requests {
        if let Some(lead) = candidates.leads.iter().find(|lead| lead.id == request.lead) {
            chooser.take_request(request, lead);
        }
    }
    chooser.take_messages(draw);
    chooser.take_turns(due_queries, draw);
    Plan { rate_states: chooser.room.rate_states, ..chooser.plan }
}

struct Chooser<'a> {
    snapshot: &'a PlanningSnapshot,
    candidates: &'a Candidates,
    room: FreeCapacity<'a>,
    plan: Plan,
    /// Every number of everybody who is in flight or chosen.
    taken: HashSet<Subscriber>,
    leads_taken: HashSet<LeadId>,
}

impl<'a> Chooser<'a> {
    fn new(snapshot: &'a PlanningSnapshot, held: &'a SlotUsage, candidates: &'a Candidates) -> Self {
        Self {
            snapshot,
            candidates,
            room: FreeCapacity::new(snapshot, held),
            plan: Plan::default(),
            taken: snapshot
                .active_attempts
                .iter()
                .flat_map(|active_attempt| active_attempt.person.iter().map(Subscriber::of))
                .collect(),
            leads_taken: snapshot
                .active_attempts
                .iter()
                .map(|active_attempt| active_attempt.lead.clone())
                .collect(),
        }
    }

    fn take_request(&mut self, request: &CallRequest, lead: &'a Lead) {
        let Some(campaign) = self.snapshot.campaign(&lead.id.campaign()) else { return };
        if self.room.is_pass_full() || !self.is_free(lead) {
            return;
        }
        let call = Call::ByHand(lead, request.caller_number.as_ref());
        let Ok(pick) = self.find(campaign, call) else { return };
        // What forbids it now may be over before the request is.
        if self.ask(campaign, lead, DialCause::Manual, &pick).is_ok() {
            self.claim(campaign, lead, DialCause::Manual, request.attempt.clone(), &pick, Some(request));
        }
    }

    /// Texts are held to their rates alone: they take no slot. Campaigns have shared the pass when it was asked who is due.
    fn take_messages(&mut self, draw: &mut dyn FnMut() -> Entropy) {
        for lead in &self.candidates.leads {
            let Some(campaign) = self.snapshot.campaign(&lead.id.campaign()) else { continue };
            if campaign.channel_of(lead) != Channel::Sms || self.room.is_pass_full() {
                continue;
            }
            match self.take_due(campaign, lead, draw) {
                Took::Passed | Took::NoCapacity => self.plan.passed_over.push(lead.id.clone()),
                Took::Claimed | Took::Revised => {}
            }
        }
    }

    /// Lets each campaign claim in its turn, until nobody can.
    fn take_turns(&mut self, due_queries: &DueQueries, draw: &mut dyn FnMut() -> Entropy) {
        let calls = due_queries.places.iter().filter(|opening| opening.channel == Channel::Call);
        let looked_into: BTreeSet<_> = calls.map(|opening| &opening.campaign).collect();
        let mut queues = self.queues();
        let mut contending: Vec<_> =
            due_queries.contending.iter().filter_map(|id| self.snapshot.campaign(id)).collect();
        while !self.room.is_pass_full() {
            let contenders: Vec<Contender<'_>> =
                contending.iter().map(|campaign| campaign.contender()).collect();
            let Some(turn) = self.room.rate_states.shares.next(&contenders) else { return };
            let Some(campaign) = self.snapshot.campaign(turn) else { return };
            match queues.get_mut(turn).and_then(VecDeque::pop_front) {
                // The next pass looks into it.
                None if !looked_into.contains(turn) => return,
                None => contending.retain(|one| one.campaign.id != *turn),
                Some(lead) => match self.take_due(campaign, lead, draw) {
                    Took::Claimed => self.room.rate_states.shares.charge(turn, &contenders),
                    Took::NoCapacity => {
                        contending.retain(|one| one.campaign.id != *turn);
                        self.plan.full.push(turn.clone());
                    }
                    Took::Passed => self.plan.passed_over.push(lead.id.clone()),
                    Took::Revised => {}
                },
            }
        }
    }

    /// The leads of each campaign, in the order in which they were found.
    fn queues(&self) -> BTreeMap<CampaignId, VecDeque<&'a Lead>> {
        let mut queues = BTreeMap::<_, VecDeque<_>>::new();
        let is_call = |lead: &&Lead| {
            let campaign = self.snapshot.campaign(&lead.id.campaign());
            campaign.is_none_or(|campaign| campaign.channel_of(lead) == Channel::Call)
        };
        for lead in self.candidates.leads.iter().filter(is_call) {
            queues.entry(lead.id.campaign()).or_default().push_back(lead);
        }
        queues
    }

    fn take_due(
        &mut self,
        campaign: &'a CampaignSnapshot,
        lead: &'a Lead,
        draw: &mut dyn FnMut() -> Entropy,
    ) -> Took {
        let now = self.snapshot.now;
        let Some(cause) = lead.dial_cause(now).filter(|_| lead.is_due(now) && self.is_free(lead)) else {
            return Took::Passed;
        };
        let pick = match self.find(campaign, Call::Turn(lead)) {
            Ok(pick) => pick,
            // Another lead may do with another number.
            Err(NoCapacity::Caller(_)) if self.room.in_reach(campaign, campaign.channel_of(lead), 1) > 0 => {
                return Took::Passed;
            }
            Err(_) => return Took::NoCapacity,
        };
        match self.ask(campaign, lead, cause, &pick) {
            Ok(()) => {
                let attempt = AttemptId::new(now, draw());
                self.claim(campaign, lead, cause, attempt, &pick, None);
                Took::Claimed
            }
            Err(refusal) => {
                if self.revise(campaign, lead, cause, &refusal) {
                    Took::Revised
                } else {
                    Took::Passed
                }
            }
        }
    }

    /// Whether nobody with one of the lead's numbers is in flight or chosen.
    fn is_free(&self, lead: &Lead) -> bool {
        !self.leads_taken.contains(&lead.id)
            && !lead.phones().any(|number| self.taken.contains(&Subscriber::of(number)))
    }

    fn find(&mut self, campaign: &'a CampaignSnapshot, call: Call<'_>) -> Result<Pick<'a>, NoCapacity> {
        self.room.find(campaign, call).inspect_err(|refusal| {
            let known = self.plan.next_slot_at;
            self.plan.next_slot_at = [known, refusal.until()].into_iter().flatten().min();
        })
    }

    fn ask(
        &self,
        campaign: &CampaignSnapshot,
        lead: &Lead,
        cause: DialCause,
        pick: &Pick<'_>,
    ) -> Result<(), Refusal> {
        let records = self.records_of(lead);
        let until = pick.slot.at.plus_ms(campaign.window_in(pick.channel));
        self.question(campaign, lead, &records, cause).answer(pick.slot.at, until).map(drop)
    }

    fn question<'q>(
        &'q self,
        campaign: &'q CampaignSnapshot,
        lead: &'q Lead,
        records: &'q [NumberRecord],
        cause: DialCause,
    ) -> Question<'q> {
        let (workspace, rules) = (&self.snapshot.workspace, self.snapshot.rules.as_ref());
        Question { lead, campaign: &campaign.campaign, workspace, rules, records, cause }
    }

    fn records_of(&self, lead: &Lead) -> Vec<NumberRecord> {
        let record = |number| self.candidates.records.get(&Subscriber::of(number)).cloned();
        lead.phones().filter_map(record).collect()
    }

    /// Settles a lead or puts it off, if that is what follows from a refusal.
    fn revise(
        &mut self,
        campaign: &CampaignSnapshot,
        lead: &Lead,
        cause: DialCause,
        refusal: &Refusal,
    ) -> bool {
        let (now, records) = (self.snapshot.now, self.records_of(lead));
        let question = self.question(campaign, lead, &records, cause);
        let Verdict::Become(after) = consequence(&question, refusal, now) else { return false };
        let refusal = RefusalRecord::of(&question, refusal, None, now);
        self.plan.revised.push(Revision { before: lead.clone(), after: *after, refusal });
        true
    }

    fn claim(
        &mut self,
        campaign: &CampaignSnapshot,
        lead: &Lead,
        cause: DialCause,
        attempt: AttemptId,
        pick: &Pick<'_>,
        request: Option<&CallRequest>,
    ) {
        let dial_at = pick.slot.at;
        let active_attempt = ActiveAttempt {
            number: lead.next_number().clone(),
            attempt,
            campaign: campaign.campaign.id.clone(),
            lead: lead.id.clone(),
            assistant: campaign.campaign.spec.assistant_for(lead.is_test).clone(),
            caller_number: pick.caller.id.clone(),
            is_caller_chosen: request.is_some_and(|request| request.caller_number.is_some()),
            provider: pick.caller.provider,
            line: pick.caller.line,
            channel: pick.channel,
            cause,
            is_test: lead.is_test,
            person: lead.person(),
            instructions: request.and_then(|request| request.instructions.clone()),
            price_micros: price_micros(&self.snapshot.workspace.tariffs, pick.channel, lead.next_number()),
            claimed_at: self.snapshot.now,
            state: ActiveAttemptState::Claimed {
                dial_at,
                until: dial_at.plus_ms(campaign.window_in(pick.channel)),
            },
        };
        self.taken.extend(lead.phones().map(Subscriber::of));
        self.leads_taken.insert(lead.id.clone());
        self.room.take(campaign, pick, active_attempt.clone());
        self.plan
            .claims
            .push(Claim { request: request.map(|request| request.attempt.clone()), active_attempt });
    }
}

/// What came of offering a lead.
enum Took {
    Claimed,
    /// It is not; the next one may be.
    Passed,
    /// The same, and it waits no longer as it did.
    Revised,
    /// Nobody of its campaign can be.
    NoCapacity,
}
