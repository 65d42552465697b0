//! Calls that come in: whose they are, and what they mean for the lead.
//!
//! A call from a number belongs to the lead for whom it was dialled last. While it is up it is the
//! person's one live attempt, though it takes none of our slots; an answered one settles a lead
//! that waits.

use crate::assistant::CallerNumber;
use crate::call::{CallReport, Outcome, Wish};
use crate::campaign::{Campaign, CampaignStatus};
use crate::flight::{DialCause, Flight, FlightState, LEASE_MS};
use crate::ids::AttemptId;
use crate::interaction::Interaction;
use crate::lead::{Lead, LeadState, SkipReason};
use crate::phone::E164;
use crate::settle::{self, SettleScene, Settlement};
use crate::tally::Tally;
use crate::time::Timestamp;
use crate::write::{Transaction, Write};

/// What was read about a call that comes in.
#[derive(Debug, Clone, Copy)]
pub struct InboundScene<'a> {
    /// When it began.
    pub at: Timestamp,
    /// The attempt that it will be.
    pub attempt: &'a AttemptId,
    /// The number that it comes from.
    pub caller: &'a E164,
    /// The number of ours that was called.
    pub called: &'a CallerNumber,
    /// The lead for whom the caller's number was dialled last.
    pub lead: &'a Lead,
    /// The lead's campaign.
    pub campaign: &'a Campaign,
    /// The flights of the person's numbers.
    pub flights: &'a [Flight],
    /// Whether what it costs is booked to the workspace's credits.
    pub is_charged: bool,
}

/// What is done about a call that comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// These calls to the person are chosen and not dialled: release them, then look again.
    TakeBack(Vec<Flight>),
    /// Nobody is on a line with the person: from now on this call is.
    Open(Transaction),
    /// The person is on another line already: the call is recorded and marks nobody as busy.
    Join(Transaction),
    /// It is open already, under this very attempt.
    Known,
}

/// Decides about a call that comes in.
pub fn answer(scene: &InboundScene<'_>) -> Inbound {
    if scene.flights.iter().any(|flight| flight.attempt == *scene.attempt) {
        return Inbound::Known;
    }
    let claimed = claimed(scene.flights);
    if !claimed.is_empty() {
        return Inbound::TakeBack(claimed);
    }
    if !scene.flights.is_empty() {
        return Inbound::Join(record(scene));
    }
    let mut transaction = Transaction::of(Write::Claim(flight(scene)));
    transaction.0.extend(record(scene).0);
    Inbound::Open(transaction)
}

/// The flights of which nothing was dialled yet.
pub fn claimed(flights: &[Flight]) -> Vec<Flight> {
    flights.iter().filter(|flight| flight.dialled_at().is_none()).cloned().collect()
}

/// Opens the record of a call that comes in, and nothing else.
pub fn record(scene: &InboundScene<'_>) -> Transaction {
    Transaction::of(Write::OpenInteraction(Interaction::dialled(&flight(scene), scene.at)))
}

/// Every number of the person who calls.
pub fn person(lead: &Lead, caller: &E164) -> Vec<E164> {
    let mut person = lead.numbers.clone();
    if !person.contains(caller) {
        person.push(caller.clone());
    }
    person
}

fn flight(scene: &InboundScene<'_>) -> Flight {
    Flight {
        number: scene.caller.clone(),
        attempt: scene.attempt.clone(),
        campaign: scene.lead.id.campaign(),
        lead: scene.lead.id.clone(),
        assistant: scene.campaign.spec.assistant_id.clone(),
        caller_number: scene.called.id.clone(),
        is_caller_chosen: false,
        line: scene.called.line,
        cause: DialCause::Inbound,
        person: person(scene.lead, scene.caller),
        instructions: None,
        is_charged: scene.is_charged,
        claimed_at: scene.at,
        state: FlightState::Dialling {
            dialled_at: scene.at,
            by: String::new(),
            start_by: scene.at,
            lease_until: scene.at.plus_ms(LEASE_MS),
        },
    }
}

/// A call that came in is over. What is known already changes nothing; a better word may raise
/// the record, as with any call.
pub(crate) fn ended(scene: &SettleScene<'_>, report: &CallReport) -> Settlement {
    let mut transaction = Transaction::default();
    let flight = scene.live();
    transaction.0.extend(flight.map(settle::remove));
    if let Some(interaction) = scene.interaction.filter(|record| record.is_raised_by(report.outcome)) {
        transaction.extend(settle::raise(scene, interaction, report));
        let outcome = interaction.judged(report.outcome);
        let followed = lead_writes(scene, interaction.number.as_ref(), outcome, scene.wish(report));
        let is_waiting = |write: &Write| matches!(write, Write::UpdateLead(lead) if lead.state.is_waiting());
        if let (true, Some(campaign)) = (followed.iter().any(is_waiting), scene.campaign) {
            transaction.extend(settle::reopen(campaign, scene.now));
        }
        transaction.extend(followed);
    }
    if report.wish == Some(Wish::DoNotCall) {
        settle::list(&mut transaction, scene);
    }
    // Besides the slot that none was: the person may be called again.
    Settlement { transaction, is_slot_free: flight.is_some(), ..Settlement::default() }
}

/// The writes that make the lead follow a call of its person from this number.
fn lead_writes(
    scene: &SettleScene<'_>,
    caller: Option<&E164>,
    outcome: Outcome,
    wish: Option<Wish>,
) -> Vec<Write> {
    let Some(lead) = scene.lead else { return Vec::new() };
    let is_cancelled = scene.campaign.is_none_or(|campaign| campaign.status == CampaignStatus::Cancelled);
    let (now, state) = (scene.now, &lead.state);
    let after = match wish.filter(|_| outcome.is_answered()) {
        Some(Wish::DoNotCall) => match state {
            // The list forbids whatever follows the call that is up.
            LeadState::InProgress { .. } | LeadState::Skipped { .. } => None,
            LeadState::Pending
            | LeadState::RetryScheduled { .. }
            | LeadState::CallbackScheduled { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Failed => Some(lead.skipped(SkipReason::DoNotCall, now)),
        },
        Some(Wish::CallBack { at }) => match state {
            LeadState::InProgress { .. } | LeadState::Skipped { .. } => None,
            // It would never be kept.
            LeadState::Completed | LeadState::Exhausted | LeadState::Failed if is_cancelled => None,
            LeadState::Pending
            | LeadState::RetryScheduled { .. }
            | LeadState::CallbackScheduled { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Failed => Some(match caller {
                Some(caller) => lead.rescheduled_at(caller, at, now),
                None => lead.rescheduled(at, now),
            }),
        },
        None => return reached(lead, outcome, now),
    };
    after.map(|after| lead.settle(after)).unwrap_or_default()
}

/// A lead that waits is completed once its person was reached. While another call to them is up, that
/// call's miss has nothing to go back to.
fn reached(lead: &Lead, outcome: Outcome, now: Timestamp) -> Vec<Write> {
    if !matches!(outcome, Outcome::Completed | Outcome::Incomplete) {
        return Vec::new();
    }
    match &lead.state {
        LeadState::Pending | LeadState::RetryScheduled { .. } | LeadState::CallbackScheduled { .. } => {
            lead.settle(lead.reached_after_all(outcome, now))
        }
        LeadState::InProgress { before, .. } if before.is_waiting() => {
            let tally =
                Tally::of_move((before, lead.is_attempted), (&LeadState::Completed, lead.is_attempted));
            let count = Write::Count { campaign: lead.id.campaign(), lead: lead.id.clone(), tally };
            vec![Write::UpdateLead(lead.reached_meanwhile(now)), count]
        }
        LeadState::InProgress { .. }
        | LeadState::Completed
        | LeadState::Exhausted
        | LeadState::Skipped { .. }
        | LeadState::Failed => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
