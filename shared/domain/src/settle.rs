//! The one way in which an attempt ends, whoever brings the news.

use crate::call::{CallReport, Consequence, Outcome, Placement};
use crate::campaign::Campaign;
use crate::flight::{Flight, FlightEvent, FlightNext};
use crate::ids::AttemptId;
use crate::interaction::Interaction;
use crate::lead::{Lead, LeadState};
use crate::pacing::CONGESTION_REST_MS;
use crate::retry::Next;
use crate::tally::{Counter, Tally};
use crate::time::Timestamp;
use crate::write::{Stage, Transaction, Write};

/// What was read about an attempt of which there is news.
#[derive(Debug, Clone)]
pub struct SettleScene<'a> {
    /// The moment it is.
    pub now: Timestamp,
    /// The attempt that the news is about.
    pub attempt: &'a AttemptId,
    /// The flight of its number, whoever's that is by now.
    pub flight: Option<&'a Flight>,
    /// The lead.
    pub lead: Option<&'a Lead>,
    /// The campaign.
    pub campaign: Option<&'a Campaign>,
    /// The interaction that records the attempt.
    pub interaction: Option<&'a Interaction>,
}

/// What follows from the news.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settlement {
    /// To be committed; empty if nothing changes.
    pub transaction: Transaction,
    /// A slot became free: look at the workspace.
    pub is_slot_free: bool,
    /// The campaign must pause: the provider refuses us.
    pub is_account_refused: bool,
    /// The caller number must rest: the provider is full.
    pub is_congested: bool,
}

impl<'a> SettleScene<'a> {
    /// The attempt's own flight, if it still flies.
    fn live(&self) -> Option<&'a Flight> {
        self.flight.filter(|flight| flight.attempt == *self.attempt && flight.dialled_at().is_some())
    }

    /// The lead, and what it came from, if this attempt is the one that is in progress.
    fn in_progress(&self) -> Option<(&'a Lead, &'a LeadState)> {
        let lead = self.lead?;
        match &lead.state {
            LeadState::InProgress { attempt, before } if attempt == self.attempt => Some((lead, before)),
            LeadState::InProgress { .. }
            | LeadState::Pending
            | LeadState::RetryScheduled { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Skipped { .. }
            | LeadState::Failed => None,
        }
    }
}

/// The attempt is over, as the provider says.
pub fn ended(scene: &SettleScene<'_>, report: &CallReport) -> Settlement {
    match scene.live() {
        Some(flight) => end(scene, flight, report),
        None => late(scene, report),
    }
}

/// The end transaction: flight gone, lead's next state, interaction, counters.
fn end(scene: &SettleScene<'_>, flight: &Flight, report: &CallReport) -> Settlement {
    let now = scene.now;
    let outcome = scene.interaction.map_or(report.outcome, |interaction| interaction.judged(report.outcome));
    let mut transaction = Transaction::of(remove(flight));
    let mut tally = Tally::default();
    if let (Some((lead, before)), Some(campaign)) = (scene.in_progress(), scene.campaign) {
        let next = campaign.spec.retry.after(outcome, lead.attempts, lead.taken_back, now);
        let after = lead.ended(before, outcome, next, now);
        tally.move_lead(before, &after.state);
        let is_counted = !matches!(next, Next::Retry { counted: false, .. });
        tally.add(Counter::Attempted, i64::from(is_counted && after.attempts == 1));
        transaction.push(Write::UpdateLead(after));
    }
    if let Some(interaction) = scene.interaction {
        let after = interaction.ended(report, now);
        count_end(&mut tally, outcome, &after);
        transaction.push(Write::UpdateInteraction(after));
    }
    if !tally.is_empty() {
        transaction.push(Write::Count {
            campaign: flight.campaign.clone(),
            lead: flight.lead.clone(),
            tally,
        });
    }
    Settlement {
        transaction,
        is_slot_free: true,
        is_account_refused: outcome.consequence() == Consequence::AccountFault,
        is_congested: false,
    }
}

/// News of an attempt that flies no more: the record may rise, never fall; the lead only if that
/// was its last attempt and the person turns out to have been reached.
fn late(scene: &SettleScene<'_>, report: &CallReport) -> Settlement {
    let Some(interaction) = scene.interaction.filter(|record| record.is_raised_by(report.outcome)) else {
        return Settlement::default();
    };
    let now = scene.now;
    let after = interaction.ended(report, now);
    let outcome = interaction.judged(report.outcome);
    let mut tally = Tally::default();
    if let Some(recorded) = interaction.outcome {
        tally.add(Counter::Ended(recorded), -1);
        tally.add(Counter::TalkSecs, -i64::from(interaction.duration_secs));
        tally.add(Counter::CostMicros, -cost(interaction));
    }
    count_end(&mut tally, outcome, &after);
    let mut transaction = Transaction::of(Write::UpdateInteraction(after));
    if let Some(lead) = scene.lead.filter(|lead| is_reached_after_all(lead, scene.attempt, outcome)) {
        let reached = lead.reached_after_all(outcome, now);
        tally.move_lead(&lead.state, &reached.state);
        transaction.push(Write::UpdateLead(reached));
    }
    if !tally.is_empty() {
        transaction.push(Write::Count {
            campaign: interaction.campaign.clone(),
            lead: interaction.lead.clone(),
            tally,
        });
    }
    Settlement { transaction, ..Settlement::default() }
}

fn is_reached_after_all(lead: &Lead, attempt: &AttemptId, outcome: Outcome) -> bool {
    let was_last = lead.last.as_ref().is_some_and(|last| last.attempt == *attempt);
    let is_open = match lead.state {
        LeadState::Pending | LeadState::RetryScheduled { .. } | LeadState::Exhausted | LeadState::Failed => {
            true
        }
        LeadState::InProgress { .. } | LeadState::Completed | LeadState::Skipped { .. } => false,
    };
    was_last && is_open && matches!(outcome, Outcome::Completed | Outcome::Incomplete)
}

fn count_end(tally: &mut Tally, outcome: Outcome, after: &Interaction) {
    tally.add(Counter::Ended(outcome), 1);
    tally.add(Counter::TalkSecs, i64::from(after.duration_secs));
    tally.add(Counter::CostMicros, cost(after));
}

fn cost(interaction: &Interaction) -> i64 {
    interaction.cost_micros.and_then(|micros| i64::try_from(micros).ok()).unwrap_or_default()
}

fn remove(flight: &Flight) -> Write {
    Write::RemoveFlight {
        number: flight.number.clone(),
        attempt: flight.attempt.clone(),
        stage: Stage::Dialling,
    }
}

/// The provider's answer to the dial itself.
pub fn placed(scene: &SettleScene<'_>, placement: &Placement) -> Settlement {
    match placement {
        Placement::Accepted { .. } | Placement::Unknown { .. } => Settlement::default(),
        Placement::Refused { outcome, reason } => ended(scene, &CallReport::bare(*outcome, reason.clone())),
        Placement::Congested => congested(scene),
    }
}

/// The provider was full: no call was made, so none is counted, and the caller number rests.
fn congested(scene: &SettleScene<'_>) -> Settlement {
    let Some(flight) = scene.live() else { return Settlement::default() };
    let now = scene.now;
    let mut transaction = Transaction::of(remove(flight));
    if let Some((lead, before)) = scene.in_progress() {
        let after = lead.congested(before, now.plus_ms(CONGESTION_REST_MS), now);
        let mut tally = Tally::default();
        tally.move_lead(before, &after.state);
        transaction.push(Write::UpdateLead(after));
        if !tally.is_empty() {
            transaction.push(Write::Count {
                campaign: flight.campaign.clone(),
                lead: flight.lead.clone(),
                tally,
            });
        }
    }
    if let Some(interaction) = scene.interaction {
        transaction.push(Write::UpdateInteraction(interaction.refused("provider congested", now)));
    }
    Settlement { transaction, is_slot_free: true, is_congested: true, ..Settlement::default() }
}

/// The provider says that the call is still up.
pub fn still_up(scene: &SettleScene<'_>) -> Settlement {
    follow(scene, &FlightEvent::StillUp)
}

/// The provider has never heard of the attempt.
pub fn not_found(scene: &SettleScene<'_>) -> Settlement {
    follow(scene, &FlightEvent::NotFound)
}

/// Nobody could be asked about the attempt for too long: it is spent.
pub fn overdue(scene: &SettleScene<'_>) -> Settlement {
    follow(scene, &FlightEvent::Clock)
}

fn follow(scene: &SettleScene<'_>, event: &FlightEvent) -> Settlement {
    let Some(flight) = scene.live() else { return Settlement::default() };
    match flight.on(event, scene.now) {
        Ok(FlightNext::GiveUp) => end(scene, flight, &CallReport::bare(Outcome::Unheard, "no result")),
        Ok(FlightNext::Become(state)) => Settlement {
            transaction: Transaction::of(Write::Renew(Flight { state, ..flight.clone() })),
            ..Settlement::default()
        },
        Ok(FlightNext::Stay | FlightNext::Ask(_) | FlightNext::Release | FlightNext::End) | Err(_) => {
            Settlement::default()
        }
    }
}

/// The carrier heard a machine.
///
/// While the call is up this is noted and decides at its end. Afterwards the record is corrected;
/// the lead is not called again on the word of a machine detector alone.
pub fn machine_detected(scene: &SettleScene<'_>) -> Settlement {
    let Some(interaction) = scene.interaction.filter(|record| !record.machine_detected) else {
        return Settlement::default();
    };
    let mut after = interaction.clone();
    after.version += 1;
    after.machine_detected = true;
    let mut transaction = Transaction::default();
    if let Some(recorded) = interaction.outcome.filter(|outcome| outcome.is_answered()) {
        let outcome = after.judged(recorded);
        after.outcome = Some(outcome);
        after.status = crate::interaction::InteractionStatus::of(outcome);
        let mut tally = Tally::default();
        tally.add(Counter::Ended(recorded), -1);
        tally.add(Counter::Ended(outcome), 1);
        if !tally.is_empty() {
            transaction.push(Write::Count {
                campaign: interaction.campaign.clone(),
                lead: interaction.lead.clone(),
                tally,
            });
        }
    }
    transaction.push(Write::UpdateInteraction(after));
    Settlement { transaction, ..Settlement::default() }
}
