//! The last look before a call: the dialler decides again on what is stored now.

use crate::campaign::Campaign;
use crate::flight::{DialCause, Flight, FlightEvent, FlightNext, FlightRefusal, FlightState};
use crate::ids::AttemptId;
use crate::interaction::Interaction;
use crate::lead::{Lead, SkipReason};
use crate::tally::Tally;
use crate::time::Timestamp;
use crate::write::{Stage, Transaction, Write};

/// What the dialler read.
#[derive(Debug, Clone)]
pub struct DialScene<'a> {
    /// The moment it is.
    pub now: Timestamp,
    /// The attempt that its message names.
    pub attempt: &'a AttemptId,
    /// This run of the dialler.
    pub run: &'a str,
    /// The flight of the number.
    pub flight: Option<&'a Flight>,
    /// The lead.
    pub lead: Option<&'a Lead>,
    /// The campaign.
    pub campaign: Option<&'a Campaign>,
    /// The interaction, if there is one already: a call by hand.
    pub interaction: Option<&'a Interaction>,
}

/// What the dialler does.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DialRefusal {
    /// The slot is over.
    #[error("its slot was over")]
    SlotOver,
    /// The lead is gone.
    #[error("the lead is gone")]
    LeadGone,
    /// The lead is not due.
    #[error("the lead is not due any more")]
    NotDue,
    /// The person's numbers are not what they were.
    #[error("the person's numbers have changed")]
    NumbersChanged,
    /// The campaign does not run.
    #[error("the campaign does not run")]
    CampaignNotRunning,
    /// No attempts are left.
    #[error("no attempts are left")]
    NoAttemptsLeft,
    /// It is outside the hours.
    #[error("it is outside the calling hours")]
    OutsideHours,
    /// The person does not want to be called.
    #[error("the person does not want to be called")]
    DoNotCall,
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
        Err(FlightRefusal::TooLate) => return refuse(scene, flight, DialRefusal::SlotOver),
        Ok(_) | Err(FlightRefusal::AlreadyDialled | FlightRefusal::NotDialled) => {
            return DialDecision::Stale;
        }
    };
    let lead = match check(scene, flight) {
        Ok(lead) => lead,
        Err(reason) => return refuse(scene, flight, reason),
    };
    let flight = Flight { state, ..flight.clone() };
    DialDecision::Dial { transaction: dial_transaction(scene, &flight, lead), flight: Box::new(flight) }
}

/// Whether the lead may still be dialled: everything that could have changed since the claim.
fn check<'a>(scene: &DialScene<'a>, flight: &Flight) -> Result<&'a Lead, DialRefusal> {
    let lead = scene.lead.ok_or(DialRefusal::LeadGone)?;
    let campaign = scene.campaign.ok_or(DialRefusal::CampaignNotRunning)?;
    // The flight keeps all numbers of its person from being dialled: it has to know them all.
    if lead.numbers != flight.person {
        return Err(DialRefusal::NumbersChanged);
    }
    let hours = campaign.hours_in(&lead.zone);
    let closes_at = match flight.cause {
        DialCause::Manual => hours.lawfully_closes_after(scene.now, scene.now),
        DialCause::Retry | DialCause::Fresh => {
            check_turn(scene, campaign, lead)?;
            hours.closes_after(scene.now, scene.now)
        }
    };
    if closes_at.is_some() { Ok(lead) } else { Err(DialRefusal::OutsideHours) }
}

/// Whether it is still the lead's turn in its campaign.
fn check_turn(scene: &DialScene<'_>, campaign: &Campaign, lead: &Lead) -> Result<(), DialRefusal> {
    if !campaign.status.is_running() {
        Err(DialRefusal::CampaignNotRunning)
    } else if !lead.is_due(scene.now) {
        Err(DialRefusal::NotDue)
    } else if lead.attempts >= campaign.spec.retry.max_attempts {
        Err(DialRefusal::NoAttemptsLeft)
    } else {
        Ok(())
    }
}

fn dial_transaction(scene: &DialScene<'_>, flight: &Flight, lead: &Lead) -> Transaction {
    let mut writes =
        vec![Write::Dial(flight.clone()), Write::UpdateLead(lead.dialled(&flight.attempt, scene.now))];
    writes.extend(lead.numbers.iter().map(|number| Write::NoteAttempt {
        number: number.clone(),
        attempt: flight.attempt.clone(),
        lead: lead.id.clone(),
        at: scene.now,
    }));
    let dialled = Interaction::dialled(flight, scene.now);
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

/// Takes a claimed flight away; the lead was never touched. A call by hand ends as an error that
/// says why.
fn refuse(scene: &DialScene<'_>, flight: &Flight, reason: DialRefusal) -> DialDecision {
    let mut transaction = Transaction::of(Write::RemoveFlight {
        number: flight.number.clone(),
        attempt: flight.attempt.clone(),
        stage: Stage::Claimed,
    });
    if let Some(requested) = scene.interaction {
        transaction.push(Write::UpdateInteraction(requested.refused(&reason.to_string(), scene.now)));
    }
    DialDecision::Refuse { transaction, reason }
}

/// Settles a lead whose number is on a do-not-call list, and takes its claim away.
pub fn suppress(scene: &DialScene<'_>) -> DialDecision {
    let (Some(flight), Some(lead)) = (scene.flight, scene.lead) else { return DialDecision::Stale };
    let decision = refuse(scene, flight, DialRefusal::DoNotCall);
    match decision {
        DialDecision::Refuse { mut transaction, reason } if !lead.state.is_settled() => {
            let settled = lead.skipped(SkipReason::DoNotCall, scene.now);
            let mut tally = Tally::default();
            tally.move_lead(&lead.state, &settled.state);
            transaction.push(Write::UpdateLead(settled));
            transaction.push(Write::Count {
                campaign: flight.campaign.clone(),
                lead: lead.id.clone(),
                tally,
            });
            DialDecision::Refuse { transaction, reason }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, NOW};
    use crate::lead::LeadState;

    struct Case {
        flight: Flight,
        lead: Lead,
        campaign: Campaign,
    }

    fn case() -> Case {
        let (campaign, lead) = (fixtures::campaign(), fixtures::lead(1));
        Case { flight: fixtures::claimed(&lead, NOW), lead, campaign }
    }

    fn decide_at(case: &Case, now: Timestamp) -> DialDecision {
        decide(&DialScene {
            now,
            attempt: &case.flight.attempt,
            run: "run",
            flight: Some(&case.flight),
            lead: Some(&case.lead),
            campaign: Some(&case.campaign),
            interaction: None,
        })
    }

    fn refusal(case: &Case) -> Option<DialRefusal> {
        match decide_at(case, NOW) {
            DialDecision::Refuse { reason, .. } => Some(reason),
            DialDecision::Dial { .. } | DialDecision::Wait { .. } | DialDecision::Stale => None,
        }
    }

    #[test]
    fn a_due_lead_is_dialled_in_one_transaction() {
        let case = case();
        let DialDecision::Dial { transaction, flight } = decide_at(&case, NOW) else {
            panic!("a due lead inside its hours is dialled");
        };
        assert_eq!(flight.dialled_at(), Some(NOW));
        let [Write::Dial(_), Write::UpdateLead(lead), Write::NoteAttempt { .. }, Write::OpenInteraction(_)] =
            transaction.0.as_slice()
        else {
            panic!("flight, lead, number and interaction: {transaction:?}");
        };
        assert_eq!((lead.attempts, lead.version), (1, case.lead.version + 1));
    }

    #[test]
    fn whatever_changed_since_the_claim_is_seen() {
        let mut settled = case();
        settled.lead.state = LeadState::Completed;
        assert_eq!(refusal(&settled), Some(DialRefusal::NotDue));

        let mut paused = case();
        paused.campaign = paused
            .campaign
            .apply(crate::campaign::Command::Cancel, NOW)
            .expect("a running campaign can be cancelled");
        assert_eq!(refusal(&paused), Some(DialRefusal::CampaignNotRunning));

        let mut used_up = case();
        used_up.lead.attempts = 3;
        assert_eq!(refusal(&used_up), Some(DialRefusal::NoAttemptsLeft));

        let mut corrected = case();
        corrected.lead.numbers = vec![fixtures::number(99)];
        assert_eq!(refusal(&corrected), Some(DialRefusal::NumbersChanged));
    }

    #[test]
    fn another_attempts_message_changes_nothing() {
        let case = case();
        let other = fixtures::attempt(77);
        let decision = decide(&DialScene {
            now: NOW,
            attempt: &other,
            run: "run",
            flight: Some(&case.flight),
            lead: Some(&case.lead),
            campaign: Some(&case.campaign),
            interaction: None,
        });
        assert_eq!(decision, DialDecision::Stale);
    }

    #[test]
    fn a_slot_is_waited_for_and_not_used_late() {
        let case = case();
        assert_eq!(decide_at(&case, NOW.plus_ms(-5)), DialDecision::Wait { slot_at: NOW });
        assert!(matches!(
            decide_at(&case, NOW.plus_ms(2_001)),
            DialDecision::Refuse { reason: DialRefusal::SlotOver, .. }
        ));
    }
}
