//! V1 and V5: what flies, how fast, and what may be tried while calls fail.

use std::fmt::Display;

use carillon_domain::base::ids::{AttemptId, CallerNumberId, CampaignId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{MAX_SKEW_MS, Timestamp};
use carillon_domain::base::zone::Zone;
use carillon_domain::policy::rate_limit::{RateState, ramped_limit};
use carillon_domain::policy::schedule::local_date;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::reporting::invariants::{self, Invariant};

use super::{Alarm, Dialled, Watch, about, is_in_turn};
use crate::map::Map;
use crate::table::Workspace;

/// The latest probes of breakers.
#[derive(Debug, Default)]
pub(super) struct Probes {
    campaigns: Map<CampaignId, AttemptId>,
    numbers: Map<CallerNumberId, AttemptId>,
}

/// The latest day of a caller number, where it is.
#[derive(Debug)]
pub(super) struct Day {
    place: Zone,
    date: String,
    dials: u32,
}

impl Day {
    fn of(number: &E164) -> Self {
        Self { place: Zone::of(None, number).0, date: String::new(), dials: 0 }
    }

    /// Counts a dial; says which of its day it is.
    fn count(&mut self, now: Timestamp) -> u32 {
        let tz = self.place.places().first().copied().unwrap_or_default();
        let date = local_date(tz, now).to_string();
        self.dials = if self.date == date { self.dials + 1 } else { 1 };
        self.date = date;
        self.dials
    }
}

impl Watch {
    /// V1 and V5 on the active attempts, once these claims are written.
    pub(crate) fn claimed(
        &mut self,
        workspace: &Workspace,
        claims: &[ActiveAttempt],
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let active_attempts = || workspace.active_attempts.values().map(AsRef::as_ref);
        invariants::one_live_attempt(active_attempts()).map_err(|invariant| {
            let numbers: Vec<E164> =
                active_attempts().flat_map(|active_attempt| active_attempt.person.clone()).collect();
            let mut alarm = Alarm::new(invariant, "two active attempts to one person", &[]);
            alarm.subjects.extend(doubled(numbers).map(|number| number.to_string()));
            alarm
        })?;
        let within = |count: usize, limit: u32, what: &str, whose: &dyn Display| {
            invariants::within_limit(count, usize::try_from(limit).unwrap_or(usize::MAX)).map_err(
                |invariant| {
                    Alarm::new(invariant, format!("more active attempts than {what} may have"), &[&whose])
                },
            )
        };
        let tenant = &workspace.tenant;
        within(workspace.active_attempts.len(), tenant.concurrent_limit, "the workspace", &tenant.id)?;
        for claim in claims {
            let caller = &claim.caller_number;
            let number = workspace.caller_numbers.iter().find(|number| number.id == *caller);
            let from_number =
                active_attempts().filter(|active_attempt| active_attempt.caller_number == *caller).count();
            let limit = number.and_then(|number| number.concurrent_limit).unwrap_or(u32::MAX);
            within(from_number, limit, "the caller number", caller)?;
            if is_in_turn(claim) {
                let is_of_turn = |active_attempt: &&ActiveAttempt| {
                    active_attempt.campaign == claim.campaign && is_in_turn(active_attempt)
                };
                let limit = limit_of(workspace, &claim.campaign, now);
                within(active_attempts().filter(is_of_turn).count(), limit, "the campaign", &claim.campaign)?;
            }
        }
        self.one_probe(workspace, claims)
    }

    /// V5 while calls fail: one call is a probe, and no other is made until it is over.
    fn one_probe(&mut self, workspace: &Workspace, claims: &[ActiveAttempt]) -> Result<(), Alarm> {
        let rate_states = &workspace.planning.state.rate_states;
        let flies = |probe: &AttemptId| {
            workspace.active_attempts.values().any(|active_attempt| active_attempt.attempt == *probe)
        };
        for claim in claims {
            if let Some(probe) = probe_of(rate_states.numbers.get(&claim.caller_number)) {
                let known = self.probes.numbers.insert(claim.caller_number.clone(), probe.clone());
                is_the_probe(claim, probe, known.as_ref(), flies)?;
            }
            if let Some(probe) =
                probe_of(rate_states.campaigns.get(&claim.campaign)).filter(|_| is_in_turn(claim))
            {
                let known = self.probes.campaigns.insert(claim.campaign.clone(), probe.clone());
                is_the_probe(claim, probe, known.as_ref(), flies)?;
            }
        }
        Ok(())
    }

    /// V5 on the calls of any minute, and of a caller number's day.
    pub(super) fn within_rates(
        &mut self,
        workspace: &Workspace,
        active_attempt: &ActiveAttempt,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let caller = workspace.caller_numbers.iter().find(|number| number.id == active_attempt.caller_number);
        if let Some(rate) = caller.and_then(|number| number.rate_limit_per_minute) {
            let latest = self.from_number.entry(active_attempt.caller_number.clone()).or_default();
            keeps_rate(latest, rate, now).map_err(|invariant| {
                let what = format!("more than {rate} a minute from {}", active_attempt.caller_number);
                Alarm::new(invariant, what, &[&active_attempt.caller_number])
            })?;
        }
        if let Some((number, cap)) = caller.and_then(|number| Some((&number.number, number.daily_cap?))) {
            let day =
                self.days.entry(active_attempt.caller_number.clone()).or_insert_with(|| Day::of(number));
            if day.count(now) > cap {
                let what = format!("more than {cap} calls on {} from {number}", day.date);
                return Err(Alarm::new(Invariant::WithinLimits, what, &[&active_attempt.caller_number]));
            }
        }
        let dialled = self.dialled.get(&active_attempt.attempt).filter(|_| is_in_turn(active_attempt));
        // Until an edit is acknowledged, calls that were chosen before it may still be made.
        let rate_of = |dialled: &Dialled| {
            let (stored, known) = (&dialled.stored.spec, &dialled.known.spec);
            Some(stored.rate_limit_per_minute?.max(known.rate_limit_per_minute?))
        };
        if let Some(rate) = dialled.and_then(rate_of) {
            let latest = self.of_campaign.entry(active_attempt.campaign.clone()).or_default();
            if latest.0 != rate {
                *latest = (rate, Vec::new());
            }
            keeps_rate(&mut latest.1, rate, now).map_err(|invariant| {
                let what = format!("more than {rate} a minute in {}", active_attempt.campaign);
                Alarm::new(invariant, what, &[&active_attempt.campaign])
            })?;
        }
        Ok(())
    }

    /// V5 on calls that are up.
    pub(super) fn one_more_up(
        &mut self,
        workspace: &Workspace,
        active_attempt: &ActiveAttempt,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), Alarm> {
        let within = |up: &mut Vec<Timestamp>, limit: u32, what: &str| {
            up.retain(|ends_at| *ends_at > now);
            up.push(ends_at);
            invariants::within_limit(up.len(), usize::try_from(limit).unwrap_or(usize::MAX))
                .map_err(about(active_attempt, format!("more calls up than the {what} may have")))
        };
        if is_in_turn(active_attempt) {
            let limit = self.limits.get(&active_attempt.campaign).copied().unwrap_or_default();
            within(self.up.entry(active_attempt.campaign.clone()).or_default(), limit, "campaign")?;
        }
        let caller = workspace.caller_numbers.iter().find(|number| number.id == active_attempt.caller_number);
        let limit = caller.and_then(|number| number.concurrent_limit).unwrap_or(u32::MAX);
        within(self.up_from.entry(active_attempt.caller_number.clone()).or_default(), limit, "caller number")
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
    flies: impl Fn(&AttemptId) -> bool,
) -> Result<(), Alarm> {
    let other = known.filter(|known| *known != probe && flies(known));
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

fn doubled(mut numbers: Vec<E164>) -> impl Iterator<Item = E164> {
    numbers.sort();
    let twice = numbers.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone());
    twice.collect::<Vec<_>>().into_iter()
}
