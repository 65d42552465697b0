//! The last look before a call: the dialer decides again on what is stored now.

use crate::campaign::Campaign;
use crate::eligibility::{self, Question, Refusal, Verdict};
use crate::evidence::{Evidence, RefusalRecord};
use crate::flight::{Flight, FlightEvent, FlightNext, FlightRefusal, FlightState};
use crate::ids::AttemptId;
use crate::interaction::Interaction;
use crate::lead::Lead;
use crate::number_record::{LatestAttempt, NumberRecord};
use crate::plan;
use crate::rules::Rulebook;
use crate::time::Timestamp;
use crate::workspace::Workspace;
use crate::write::{Stage, Transaction, Write};

/// What the dialer read.
#[derive(Debug, Clone)]
pub struct DialScene<'a> {
    /// The moment it is.
    pub now: Timestamp,
    /// The attempt that its message names.
    pub attempt: &'a AttemptId,
    /// This run of the dialer.
    pub run: &'a str,
    /// The flight of the number.
    pub flight: Option<&'a Flight>,
    /// The lead.
    pub lead: Option<&'a Lead>,
    /// The campaign.
    pub campaign: Option<&'a Campaign>,
    /// The workspace.
    pub workspace: Option<&'a Workspace>,
    /// The rules that hold in it.
    pub rules: &'a Rulebook,
    /// What is known of the person's numbers.
    pub records: &'a [NumberRecord],
    /// The interaction, if there is one already: a call by hand.
    pub interaction: Option<&'a Interaction>,
}

/// What the dialer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialDecision {
    /// Commit this, then place the call.
    Dial {
        /// The dial transaction.
        transaction: Transaction,
        /// The flight as it will be.
        flight: Box<Flight>,
    },
    /// Wait for the slot.
    Wait {
        /// Until then.
        slot_at: Timestamp,
    },
    /// Commit this and place nothing.
    Refuse {
        /// Takes the flight away.
        transaction: Transaction,
        /// Why.
        reason: DialRefusal,
    },
    /// The message is out of date: nothing to do.
    Stale,
}

/// Why a claimed call is not placed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialRefusal {
    /// The slot is over.
    #[error("its slot was over")]
    SlotOver,
    /// The lead, its campaign or the workspace is gone.
    #[error("the lead is gone")]
    LeadGone,
    /// The person's numbers are not what they were.
    #[error("the person's numbers have changed")]
    NumbersChanged,
    /// The person may not be called any more.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Decides about one claimed call.
pub fn decide(scene: &DialScene<'_>) -> DialDecision {
    let Some(flight) = scene.flight.filter(|flight| flight.attempt == *scene.attempt) else {
        return DialDecision::Stale;
    };
    let dial = FlightEvent::Dial { by: scene.run.to_owned() };
    let state = match flight.on(&dial, scene.now) {
        Ok(FlightNext::Become(state)) => state,
        Err(FlightRefusal::TooEarly) => return wait_for(flight, scene.now),
        // As if its window had run out unseen: a call that was asked for waits again.
        Err(FlightRefusal::TooLate) => {
            let (transaction, reason) = (plan::release(flight), DialRefusal::SlotOver);
            return DialDecision::Refuse { transaction, reason };
        }
        Ok(_) | Err(FlightRefusal::AlreadyDialled | FlightRefusal::NotDialled) => {
            return DialDecision::Stale;
        }
    };
    let question = match question(scene, flight) {
        Ok(question) => question,
        Err(reason) => return refuse(scene, flight, reason),
    };
    match question.answer(scene.now, scene.now) {
        Err(refusal) => refuse(scene, flight, refusal.into()),
        Ok(_) => {
            let flight = Flight { state, ..flight.clone() };
            let transaction = dial_transaction(scene, &flight, &question);
            DialDecision::Dial { transaction, flight: Box::new(flight) }
        }
    }
}

/// What is to be asked again before the dial: everything may have changed since the claim.
fn question<'a>(scene: &DialScene<'a>, flight: &Flight) -> Result<Question<'a>, DialRefusal> {
    let (Some(lead), Some(campaign), Some(workspace)) = (scene.lead, scene.campaign, scene.workspace) else {
        return Err(DialRefusal::LeadGone);
    };
    // The flight keeps all numbers of its person from being dialled: it has to know them all.
    if lead.numbers != flight.person {
        return Err(DialRefusal::NumbersChanged);
    }
    let (rules, records, cause) = (scene.rules, scene.records, flight.cause);
    Ok(Question { lead, campaign, workspace, rules, records, cause })
}

fn dial_transaction(scene: &DialScene<'_>, flight: &Flight, question: &Question<'_>) -> Transaction {
    let lead = question.lead;
    let mut writes = vec![Write::Dial(flight.clone()), Write::UpdateLead(lead.dialled(flight, scene.now))];
    let latest = LatestAttempt { attempt: flight.attempt.clone(), lead: lead.id.clone() };
    let called = |record: &NumberRecord| Write::UpdateNumber(record.called(latest.clone(), scene.now));
    writes.extend(scene.records.iter().map(called));
    let evidence = Some(Evidence::of(question, scene.now));
    let dialled = Interaction { evidence, ..Interaction::dialled(flight, scene.now) };
    writes.push(match scene.interaction {
        None => Write::OpenInteraction(dialled),
        Some(requested) => {
            Write::UpdateInteraction(Interaction { version: requested.version + 1, ..dialled })
        }
    });
    Transaction(writes)
}

fn wait_for(flight: &Flight, now: Timestamp) -> DialDecision {
    match flight.state {
        FlightState::Claimed { slot_at, .. } => DialDecision::Wait { slot_at },
        FlightState::Dialling { .. } => DialDecision::Wait { slot_at: now },
    }
}

/// Takes a claimed flight away. The lead stays as it was, unless it is to be settled or put off. A
/// call by hand ends as an error that says why.
fn refuse(scene: &DialScene<'_>, flight: &Flight, reason: DialRefusal) -> DialDecision {
    let mut transaction = Transaction::of(Write::RemoveFlight {
        number: flight.number.clone(),
        attempt: flight.attempt.clone(),
        stage: Stage::Claimed,
    });
    if let Some(requested) = scene.interaction {
        transaction.push(Write::UpdateInteraction(requested.refused(&reason.to_string(), scene.now)));
    }
    if let (DialRefusal::Refused(refusal), Ok(question)) = (&reason, question(scene, flight)) {
        if let Verdict::Become(lead) = eligibility::consequence(&question, refusal, scene.now) {
            transaction.0.extend(question.lead.settle(*lead));
        }
        let attempt = Some(flight.attempt.clone());
        let record = RefusalRecord::of(&question, refusal, attempt, scene.now);
        transaction.push(Write::NoteRefusal(record));
    }
    DialDecision::Refuse { transaction, reason }
}

#[cfg(test)]
mod tests;
