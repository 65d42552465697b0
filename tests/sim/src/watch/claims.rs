//! V1 and V5: what flies, how fast, and what may be tried while calls fail.

use std::fmt::Display;

use carillon_domain::flight::Flight;
use carillon_domain::ids::{AttemptId, CallerNumberId, CampaignId};
use carillon_domain::invariants::{self, Invariant};
use carillon_domain::pacing::{Pace, ramped_limit};
use carillon_domain::phone::E164;
use carillon_domain::schedule::local_date;
use carillon_domain::time::{MAX_SKEW_MS, Timestamp};
use carillon_domain::zone::Zone;

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
    /// V1 and V5 on the flights, once these claims are written.
    pub(crate) fn claimed(
        &mut self,
        workspace: &Workspace,
        claims: &[Flight],
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let flights = || workspace.flights.values().map(AsRef::as_ref);
        invariants::one_live_attempt(flights()).map_err(|invariant| {
            let numbers: Vec<E164> = flights().flat_map(|flight| flight.person.clone()).collect();
            let mut alarm = Alarm::new(invariant, "two flights to one person", &[]);
            alarm.subjects.extend(doubled(numbers).map(|number| number.to_string()));
            alarm
        })?;
        let within = |count: usize, limit: u32, what: &str, whose: &dyn Display| {
            invariants::within_limit(count, usize::try_from(limit).unwrap_or(usize::MAX)).map_err(
                |invariant| Alarm::new(invariant, format!("more flights than {what} may have"), &[&whose]),
            )
        };
        let tenant = &workspace.tenant;
        within(workspace.flights.len(), tenant.concurrent_limit, "the workspace", &tenant.id)?;
        for claim in claims {
            let caller = &claim.caller_number;
            let number = workspace.caller_numbers.iter().find(|number| number.id == *caller);
            let from_number = flights().filter(|flight| flight.caller_number == *caller).count();
            let limit = number.and_then(|number| number.concurrent_limit).unwrap_or(u32::MAX);
            within(from_number, limit, "the caller number", caller)?;
            if is_in_turn(claim) {
                let is_of_turn = |flight: &&Flight| flight.campaign == claim.campaign && is_in_turn(flight);
                let limit = limit_of(workspace, &claim.campaign, now);
                within(flights().filter(is_of_turn).count(), limit, "the campaign", &claim.campaign)?;
            }
        }
        self.one_probe(workspace, claims)
    }

    /// V5 while calls fail: one call is a probe, and no other is made until it is over.
    fn one_probe(&mut self, workspace: &Workspace, claims: &[Flight]) -> Result<(), Alarm> {
        let paces = &workspace.planning.state.paces;
        let flies = |probe: &AttemptId| workspace.flights.values().any(|flight| flight.attempt == *probe);
        for claim in claims {
            if let Some(probe) = probe_of(paces.numbers.get(&claim.caller_number)) {
                let known = self.probes.numbers.insert(claim.caller_number.clone(), probe.clone());
                is_the_probe(claim, probe, known.as_ref(), flies)?;
            }
            if let Some(probe) = probe_of(paces.campaigns.get(&claim.campaign)).filter(|_| is_in_turn(claim))
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
        flight: &Flight,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let caller = workspace.caller_numbers.iter().find(|number| number.id == flight.caller_number);
        if let Some(rate) = caller.and_then(|number| number.rate_limit_per_minute) {
            let latest = self.from_number.entry(flight.caller_number.clone()).or_default();
            keeps_rate(latest, rate, now).map_err(|invariant| {
                let what = format!("more than {rate} a minute from {}", flight.caller_number);
                Alarm::new(invariant, what, &[&flight.caller_number])
            })?;
        }
        if let Some((number, cap)) = caller.and_then(|number| Some((&number.number, number.daily_cap?))) {
            let day = self.days.entry(flight.caller_number.clone()).or_insert_with(|| Day::of(number));
            if day.count(now) > cap {
                let what = format!("more than {cap} calls on {} from {number}", day.date);
                return Err(Alarm::new(Invariant::WithinLimits, what, &[&flight.caller_number]));
            }
        }
        let dialled = self.dialled.get(&flight.attempt).filter(|_| is_in_turn(flight));
        // Until an edit is acknowledged, calls that were chosen before it may still be made.
        let rate_of = |dialled: &Dialled| {
            let (stored, known) = (&dialled.stored.spec, &dialled.known.spec);
            Some(stored.rate_limit_per_minute?.max(known.rate_limit_per_minute?))
        };
        if let Some(rate) = dialled.and_then(rate_of) {
            let latest = self.of_campaign.entry(flight.campaign.clone()).or_default();
            if latest.0 != rate {
                *latest = (rate, Vec::new());
            }
            keeps_rate(&mut latest.1, rate, now).map_err(|invariant| {
                let what = format!("more than {rate} a minute in {}", flight.campaign);
                Alarm::new(invariant, what, &[&flight.campaign])
            })?;
        }
        Ok(())
    }

    /// V5 on calls that are up.
    pub(super) fn one_more_up(
        &mut self,
        workspace: &Workspace,
        flight: &Flight,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), Alarm> {
        let within = |up: &mut Vec<Timestamp>, limit: u32, what: &str| {
            up.retain(|ends_at| *ends_at > now);
            up.push(ends_at);
            invariants::within_limit(up.len(), usize::try_from(limit).unwrap_or(usize::MAX))
                .map_err(about(flight, format!("more calls up than the {what} may have")))
        };
        if is_in_turn(flight) {
            let limit = self.limits.get(&flight.campaign).copied().unwrap_or_default();
            within(self.up.entry(flight.campaign.clone()).or_default(), limit, "campaign")?;
        }
        let caller = workspace.caller_numbers.iter().find(|number| number.id == flight.caller_number);
        let limit = caller.and_then(|number| number.concurrent_limit).unwrap_or(u32::MAX);
        within(self.up_from.entry(flight.caller_number.clone()).or_default(), limit, "caller number")
    }
}

/// How many calls a campaign may have in its turn while it ramps up, by any clock.
fn limit_of(workspace: &Workspace, id: &CampaignId, now: Timestamp) -> u32 {
    let Some(campaign) = workspace.campaigns.get(id) else { return 0 };
    let since = campaign.running_since.unwrap_or(now).plus_ms(-2 * MAX_SKEW_MS);
    ramped_limit(campaign.spec.concurrent_limit, campaign.spec.ramp_up_minutes, now.since_ms(since))
}

fn probe_of(pace: Option<&Pace>) -> Option<&AttemptId> {
    pace.and_then(|pace| pace.breaker.probe())
}

fn is_the_probe(
    claim: &Flight,
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
