//! Who looks on, knows the truth, and says when an invariant is broken.

use std::rc::Rc;

use carillon_domain::call::{Consequence, Outcome};
use carillon_domain::campaign::{Campaign, CampaignStatus};
use carillon_domain::flight::{DialCause, Flight};
use carillon_domain::ids::{AttemptId, CallerNumberId, CampaignId, LeadId};
use carillon_domain::invariants::{self, Invariant};
use carillon_domain::lead::Lead;
use carillon_domain::phone::E164;
use carillon_domain::time::Timestamp;
use carillon_domain::write::{Transaction, Write};

use crate::map::{Map, Set};
use crate::table::Workspace;

/// A broken invariant.
#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    pub(crate) invariant: Invariant,
    pub(crate) what: String,
    /// What the story is to be about, as it is spelt in it.
    pub(crate) subjects: Vec<String>,
}

impl Alarm {
    pub(crate) fn new(invariant: Invariant, what: impl Into<String>, subjects: &[&dyn ToString]) -> Self {
        let subjects = subjects.iter().map(|subject| subject.to_string()).collect();
        Self { invariant, what: what.into(), subjects }
    }
}

/// Makes an alarm of a broken invariant.
fn about(flight: &Flight, what: &'static str) -> impl FnOnce(Invariant) -> Alarm {
    move |invariant| {
        let what = format!("{what}: {} to {}", flight.attempt, flight.number);
        Alarm::new(invariant, what, &[&flight.attempt, &flight.lead, &flight.number])
    }
}

/// What is true, whatever the table says.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// All numbers of whoever has this one, whether a campaign knows them or not.
    persons: Map<E164, Rc<[E164]>>,
    /// When the latest call ends with somebody who is known to have this number.
    busy_until: Map<E164, Timestamp>,
    /// When the latest call with a lead ends.
    talks_until: Map<LeadId, Timestamp>,
    /// When the calls that a campaign has up end.
    up: Map<CampaignId, Vec<Timestamp>>,
    /// When calls were placed from a number; the latest of them.
    from_number: Map<CallerNumberId, Vec<Timestamp>>,
    /// The same for a campaign.
    of_campaign: Map<CampaignId, Vec<Timestamp>>,
    /// When a dial was committed, and how many attempts its lead might have by then.
    dialled: Map<AttemptId, (Timestamp, u32)>,
    arrived: Set<AttemptId>,
    /// Attempts that counted, as the provider knows them.
    spent: Map<LeadId, u32>,
    /// Campaigns whose pause or cancellation was acknowledged.
    stopped: Set<CampaignId>,
    /// Numbers whose opt-out was acknowledged.
    opted_out: Set<E164>,
    /// Most attempts of a campaign's leads, as last acknowledged.
    max_attempts: Map<CampaignId, u32>,
}

impl Watch {
    /// Somebody has these numbers.
    pub(crate) fn meet(&mut self, numbers: &[E164]) {
        let all: Rc<[E164]> = numbers.into();
        self.persons.extend(numbers.iter().map(|number| (number.clone(), Rc::clone(&all))));
    }

    /// All numbers of whoever has this one.
    pub(crate) fn numbers_of(&self, number: &E164) -> Rc<[E164]> {
        self.persons.get(number).cloned().unwrap_or_default()
    }

    /// Calls that were placed so far.
    pub(crate) fn calls(&self) -> usize {
        self.arrived.len()
    }

    /// This is what clients know of a campaign.
    pub(crate) fn acknowledged(&mut self, campaign: &Campaign) {
        self.max_attempts.insert(campaign.id.clone(), campaign.spec.retry.max_attempts);
        if matches!(campaign.status, CampaignStatus::Paused { .. } | CampaignStatus::Cancelled) {
            self.stopped.insert(campaign.id.clone());
        }
    }

    /// An opt-out is acknowledged.
    pub(crate) fn opted_out(&mut self, number: &E164) {
        self.opted_out.insert(number.clone());
    }

    /// A transaction is about to be written.
    pub(crate) fn committing(
        &mut self,
        workspace: &Workspace,
        transaction: &Transaction,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        for write in &transaction.0 {
            match write {
                Write::Dial(flight) => self.dialling(workspace, transaction, flight, now)?,
                Write::UpdateLead(lead) => self.learn(lead, now),
                Write::UpdateCampaign(campaign) if campaign.status.is_running() => {
                    self.stopped.remove(&campaign.id);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Somebody who is on the line turns out to have other numbers too.
    fn learn(&mut self, lead: &Lead, now: Timestamp) {
        let talks_until = self.talks_until.get(&lead.id).copied().filter(|until| *until > now);
        if let (Some(until), true) = (talks_until, lead.numbers.len() > 1) {
            for number in &lead.numbers {
                let busy_until = self.busy_until.entry(number.clone()).or_default();
                *busy_until = until.max(*busy_until);
            }
        }
    }

    /// V1, V3 and V6 on a dial that is about to be committed.
    fn dialling(
        &mut self,
        workspace: &Workspace,
        transaction: &Transaction,
        flight: &Flight,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let forbidden = |what| Err(about(flight, what)(Invariant::NoForbiddenDial));
        let written = transaction.0.iter().find_map(|write| match write {
            Write::UpdateLead(lead) => Some(lead),
            _ => None,
        });
        let Some(lead) = written else { return forbidden("dialled without its lead") };
        if lead.numbers != flight.person {
            return Err(about(flight, "not all of the person's numbers")(Invariant::OneLiveAttempt));
        }
        let is_busy = |number| self.busy_until.get(number).is_some_and(|until| *until > now);
        if lead.numbers.iter().any(is_busy) {
            return Err(about(flight, "two calls with one person")(Invariant::OneLiveAttempt));
        }
        if lead.numbers.iter().any(|number| self.opted_out.contains(number)) {
            return forbidden("dialled after an opt-out");
        }
        if flight.cause == DialCause::Manual {
            self.dialled.insert(flight.attempt.clone(), (now, u32::MAX));
            return Ok(());
        }
        if workspace.leads.get(&flight.lead).is_none_or(|lead| lead.state.is_settled()) {
            return forbidden("dialled though the lead is settled");
        }
        if self.stopped.contains(&flight.campaign) {
            return forbidden("dialled after a pause or cancellation");
        }
        let max_attempts = self.max_attempts.get(&flight.campaign).copied().unwrap_or_default();
        self.dialled.insert(flight.attempt.clone(), (now, max_attempts));
        invariants::attempts_bounded(lead, max_attempts, 0).map_err(about(flight, "one attempt too many"))
    }

    /// V1 and V5 on the flights, once claims are written.
    pub(crate) fn claimed(&self, workspace: &Workspace, campaign: &CampaignId) -> Result<(), Alarm> {
        let flights = || workspace.flights.values().map(AsRef::as_ref);
        let alarm = |what: &str| {
            let what = what.to_owned();
            let numbers: Vec<E164> = flights().flat_map(|flight| flight.person.clone()).collect();
            move |invariant| {
                let mut alarm = Alarm::new(invariant, what, &[campaign]);
                alarm.subjects.extend(doubled(numbers).map(|number| number.to_string()));
                alarm
            }
        };
        invariants::one_live_attempt(flights()).map_err(alarm("two flights to one person"))?;
        let of_campaign = flights().filter(|flight| flight.campaign == *campaign).count();
        let limit = workspace.campaigns.get(campaign).map_or(0, |campaign| campaign.spec.concurrent_limit);
        invariants::within_limit(of_campaign, usize::try_from(limit).unwrap_or(usize::MAX))
            .map_err(alarm("more flights than the campaign may have"))?;
        invariants::within_limit(workspace.flights.len(), workspace.limit)
            .map_err(alarm("more flights than the workspace may have"))
    }

    /// V6 on a call that is about to start.
    pub(crate) fn starting(&self, flight: &Flight, now: Timestamp) -> Result<(), Alarm> {
        let Some((dialled_at, _)) = self.dialled.get(&flight.attempt) else {
            return Err(about(flight, "a call without a committed dial")(Invariant::NoForbiddenDial));
        };
        invariants::starts_soon(*dialled_at, now).map_err(about(flight, "the call starts too late"))
    }

    /// V2, V4 and V5 on a dial that reaches the provider.
    pub(crate) fn arriving(
        &mut self,
        workspace: &Workspace,
        flight: &Flight,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        if !self.arrived.insert(flight.attempt.clone()) {
            return Err(about(flight, "placed twice")(Invariant::PlacedOnce));
        }
        let Some(campaign) = workspace.campaigns.get(&flight.campaign) else { return Ok(()) };
        if let Some(lead) = workspace.leads.get(&flight.lead) {
            let hours = campaign.hours_in(&lead.zone);
            match flight.cause {
                DialCause::Manual if hours.lawful_until(now).is_some() => Ok(()),
                DialCause::Manual => Err(Invariant::InsideHours),
                DialCause::Retry | DialCause::Fresh => invariants::inside_hours(&hours, now),
            }
            .map_err(about(flight, "outside the hours"))?;
        }
        let caller = workspace.caller_numbers.iter().find(|number| number.id == flight.caller_number);
        if let Some(rate) = caller.and_then(|number| number.rate_limit_per_minute) {
            let latest = self.from_number.entry(flight.caller_number.clone()).or_default();
            keeps_rate(latest, rate, now).map_err(|invariant| {
                let what = format!("more than {rate} a minute from {}", flight.caller_number);
                Alarm::new(invariant, what, &[&flight.caller_number])
            })?;
        }
        if let Some(rate) = campaign.spec.rate_limit_per_minute {
            let latest = self.of_campaign.entry(campaign.id.clone()).or_default();
            keeps_rate(latest, rate, now).map_err(|invariant| {
                let what = format!("more than {rate} a minute in {}", campaign.id);
                Alarm::new(invariant, what, &[&campaign.id])
            })?;
        }
        Ok(())
    }

    /// V3 and V5 on a call that the provider has made; `first` is what it will say of it.
    pub(crate) fn placed(
        &mut self,
        workspace: &Workspace,
        flight: &Flight,
        first: Outcome,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), Alarm> {
        let lead = workspace.leads.get(&flight.lead);
        for number in lead.map_or(&flight.person, |lead| &lead.numbers) {
            self.busy_until.insert(number.clone(), ends_at);
        }
        self.talks_until.insert(flight.lead.clone(), ends_at);
        let up = self.up.entry(flight.campaign.clone()).or_default();
        up.retain(|ends_at| *ends_at > now);
        up.push(ends_at);
        let campaign = workspace.campaigns.get(&flight.campaign);
        let limit = campaign.map_or(0, |campaign| campaign.spec.concurrent_limit);
        invariants::within_limit(up.len(), usize::try_from(limit).unwrap_or(usize::MAX))
            .map_err(about(flight, "more calls up than the campaign may have"))?;
        let spent = self.spent.entry(flight.lead.clone()).or_default();
        *spent +=
            u32::from(!matches!(first.consequence(), Consequence::TakenBack | Consequence::AccountFault));
        if self.dialled.get(&flight.attempt).is_some_and(|(_, allowed)| *spent > *allowed) {
            return Err(about(flight, "one call too many")(Invariant::AttemptsBounded));
        }
        Ok(())
    }
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
