//! V1 and V5: what is up, how fast, and what may be tried while calls fail.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::rc::Rc;

use carillon_domain::base::ids::{AttemptId, CallerNumberId, CampaignId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{MAX_SKEW_MS, Timestamp};
use carillon_domain::base::zone::Zone;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::rate_limit::{RateState, ramped_limit};
use carillon_domain::policy::schedule::local_date;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::reporting::invariants::{self, Invariant};

use super::Workspace;
use super::{Alarm, Dialled, Watch, about, is_in_turn};

/// The latest probes of breakers.
#[derive(Debug, Default)]
pub(super) struct Probes {
    campaigns: BTreeMap<CampaignId, AttemptId>,
    numbers: BTreeMap<CallerNumberId, AttemptId>,
}

/// The latest day of a caller number, where it is.
#[derive(Debug)]
pub(super) struct Day {
    place: Zone,
    date: String,
    calls: u32,
}

impl Day {
    fn of(number: &E164) -> Self {
        Self { place: Zone::of(None, number).0, date: String::new(), calls: 0 }
    }

    /// Counts a call; says which of its day it is.
    fn count(&mut self, now: Timestamp) -> u32 {
        let tz = self.place.places().first().copied().unwrap_or_default();
        let date = local_date(tz, now).to_string();
        self.calls = if self.date == date { self.calls + 1 } else { 1 };
        self.date = date;
        self.calls
    }
}

/// The number that an attempt calls from.
fn caller_of<'a>(workspace: &'a Workspace, active: &ActiveAttempt) -> Option<&'a CallerNumber> {
    workspace.caller_numbers.iter().find(|caller| caller.id == active.caller_number)
}

impl Watch {
    /// V1 and V5 on what holds a slot, once these claims are written. A call that came in and is not
    /// answered yet may still take a claim back.
    pub(super) fn claimed(
        &mut self,
        workspace: &Workspace,
        claims: &[Rc<ActiveAttempt>],
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let all = || workspace.active.values().map(AsRef::as_ref);
        let live =
            || all().filter(|it: &&ActiveAttempt| !it.is_inbound() || self.answered.contains(&it.attempt));
        invariants::one_live_attempt(live()).map_err(|invariant| {
            let mut alarm = Alarm::new(invariant, "two active attempts to one person", &[]);
            alarm.subjects.extend(claims.iter().map(|claim| claim.number.to_string()));
            alarm
        })?;
        let within = |count: usize, limit: u32, what: &str, whose: &dyn Display| {
            let is_broken = invariants::within_limit(count, usize::try_from(limit).unwrap_or(usize::MAX));
            let what = || format!("more active attempts than {what} may have");
            is_broken.map_err(|invariant| Alarm::new(invariant, what(), &[&whose]))
        };
        let held = || all().filter(|it| it.holds_slot());
        let tenant = &workspace.tenant;
        within(held().count(), tenant.concurrent_limit, "the workspace", &tenant.id)?;
        for claim in claims.iter().filter(|claim| claim.holds_slot()) {
            let caller = &claim.caller_number;
            let number = workspace.caller_numbers.iter().find(|number| number.id == *caller);
            let limit = number.and_then(|number| number.concurrent_limit).unwrap_or(u32::MAX);
            within(held().filter(|it| it.caller_number == *caller).count(), limit, "the number", caller)?;
            if is_in_turn(claim) {
                let is_of_turn = |it: &&ActiveAttempt| it.campaign == claim.campaign && is_in_turn(it);
                let limit = limit_of(workspace, &claim.campaign, now);
                within(held().filter(is_of_turn).count(), limit, "the campaign", &claim.campaign)?;
            }
        }
        self.one_probe(workspace, claims)
    }

    /// V5 while calls fail: one call is a probe, and no other is made until it is over.
    fn one_probe(&mut self, workspace: &Workspace, claims: &[Rc<ActiveAttempt>]) -> Result<(), Alarm> {
        let rate_states = &workspace.rate_states;
        let is_up = |probe: &AttemptId| workspace.active.values().any(|active| active.attempt == *probe);
        for claim in claims.iter().filter(|claim| claim.holds_slot()) {
            if let Some(probe) = probe_of(rate_states.numbers.get(&claim.caller_number)) {
                let known = self.probes.numbers.insert(claim.caller_number.clone(), probe.clone());
                is_the_probe(claim, probe, known.as_ref(), is_up)?;
            }
            if let Some(probe) =
                probe_of(rate_states.campaigns.get(&claim.campaign)).filter(|_| is_in_turn(claim))
            {
                let known = self.probes.campaigns.insert(claim.campaign.clone(), probe.clone());
                is_the_probe(claim, probe, known.as_ref(), is_up)?;
            }
        }
        Ok(())
    }

    /// V5 on the calls of a caller number's day. What never left us is none of them.
    pub(super) fn within_day(
        &mut self,
        workspace: &Workspace,
        active: &ActiveAttempt,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let capped =
            caller_of(workspace, active).and_then(|caller| Some((&caller.number, caller.daily_cap?)));
        let Some((number, cap)) = capped else { return Ok(()) };
        let day = self.days.entry(active.caller_number.clone()).or_insert_with(|| Day::of(number));
        if day.count(now) <= cap {
            return Ok(());
        }
        let what = format!("more than {cap} calls on {} from {number}", day.date);
        Err(Alarm::new(Invariant::WithinLimits, what, &[&active.caller_number]))
    }

    /// V5 on the calls of any minute.
    pub(super) fn within_rates(
        &mut self,
        workspace: &Workspace,
        active: &ActiveAttempt,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let caller = caller_of(workspace, active);
        if let Some(rate) = caller.and_then(|caller| caller.rate_per_minute(active.channel)) {
            let latest = self.from_number.entry((active.caller_number.clone(), active.channel)).or_default();
            keeps_rate(latest, rate, now).map_err(|invariant| {
                let what = format!("more than {rate} a minute from {}", active.caller_number);
                Alarm::new(invariant, what, &[&active.caller_number])
            })?;
        }
        let dialled = self.dialled.get(&active.attempt).filter(|_| is_in_turn(active));
        // Until an edit is acknowledged, calls that were chosen before it may still be made.
        let rate_of = |dialled: &Dialled| {
            let (stored, known) = (&dialled.stored.spec, &dialled.known.spec);
            Some(stored.rate_per_minute(active.channel)?.max(known.rate_per_minute(active.channel)?))
        };
        if let Some(rate) = dialled.and_then(rate_of) {
            let latest = self.of_campaign.entry((active.campaign.clone(), active.channel)).or_default();
            if latest.0 != rate {
                *latest = (rate, Vec::new());
            }
            keeps_rate(&mut latest.1, rate, now).map_err(|invariant| {
                let what = format!("more than {rate} a minute in {}", active.campaign);
                Alarm::new(invariant, what, &[&active.campaign])
            })?;
        }
        Ok(())
    }

    /// V5 on calls that are up.
    pub(super) fn one_more_up(
        &mut self,
        workspace: &Workspace,
        active: &ActiveAttempt,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), Alarm> {
        let within = |up: &mut Vec<Timestamp>, limit: u32, what: &str| {
            up.retain(|ends_at| *ends_at > now);
            up.push(ends_at);
            invariants::within_limit(up.len(), usize::try_from(limit).unwrap_or(usize::MAX))
                .map_err(about(active, format!("more calls up than the {what} may have")))
        };
        if is_in_turn(active) {
            let limit = self.limits.get(&active.campaign).copied().unwrap_or_default();
            within(self.up.entry(active.campaign.clone()).or_default(), limit, "campaign")?;
        }
        let tenant = &workspace.tenant;
        within(self.up_in.entry(tenant.id.clone()).or_default(), tenant.concurrent_limit, "workspace")?;
        let caller = workspace.caller_numbers.iter().find(|number| number.id == active.caller_number);
        let limit = caller.and_then(|number| number.concurrent_limit).unwrap_or(u32::MAX);
        within(self.up_from.entry(active.caller_number.clone()).or_default(), limit, "caller number")
    }
}

/// How many calls a campaign may have in its turn while it ramps up, by any clock.
fn limit_of(workspace: &Workspace, id: &CampaignId, now: Timestamp) -> u32 {
    let Some(campaign) = workspace.campaigns.get(id) else { return 0 };
    let since = campaign.running_since.unwrap_or(now).plus_ms(-2 * MAX_SKEW_MS);
    ramped_limit(campaign.spec.concurrent_limit, campaign.spec.ramp_up_minutes, now.since_ms(since))
}

fn probe_of(rate_state: Option<&RateState>) -> Option<&AttemptId> {
    rate_state.and_then(|rate_state| rate_state.breaker.probe())
}

fn is_the_probe(
    claim: &ActiveAttempt,
    probe: &AttemptId,
    known: Option<&AttemptId>,
    is_up: impl Fn(&AttemptId) -> bool,
) -> Result<(), Alarm> {
    let other = known.filter(|known| *known != probe && is_up(known));
    if claim.attempt == *probe && other.is_none() {
        return Ok(());
    }
    Err(about(claim, format!("claimed beside the probe {}", other.unwrap_or(probe)))(Invariant::WithinLimits))
}

/// Adds a call to the latest ones; V5 on them.
fn keeps_rate(latest: &mut Vec<Timestamp>, rate_per_minute: u32, now: Timestamp) -> Result<(), Invariant> {
    let rate = usize::try_from(rate_per_minute).unwrap_or(usize::MAX);
    if latest.len() > rate {
        latest.remove(0);
    }
    latest.push(now);
    invariants::within_rate(latest, rate)
}
