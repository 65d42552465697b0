//! Looking after what is in flight.

use super::{PlanningSnapshot, RESEND_AFTER_MS};
use crate::records::active_attempt::{
    ActiveAttempt, ActiveAttemptEvent, ActiveAttemptNext, ActiveAttemptState,
};

/// What the active attempts need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expiry {
    /// Claims whose window is over: they go, and their leads are due as before.
    pub released: Vec<ActiveAttempt>,
    /// Dials that fell silent, with their lease renewed: the provider is to be asked.
    pub asked: Vec<ActiveAttempt>,
    /// Dials that nobody could tell of for too long: their attempts are spent.
    pub given_up: Vec<ActiveAttempt>,
    /// Claims that nobody dialled though their window is open: sent to the dialers again.
    pub resent: Vec<ActiveAttempt>,
}

/// What the active attempts of a workspace need now.
pub fn expiry(snapshot: &PlanningSnapshot) -> Expiry {
    let mut expiry = Expiry::default();
    for active_attempt in &snapshot.active_attempts {
        match active_attempt.on(&ActiveAttemptEvent::Clock, snapshot.now) {
            Ok(ActiveAttemptNext::Release) => expiry.released.push(active_attempt.clone()),
            Ok(ActiveAttemptNext::Ask(state)) => {
                expiry.asked.push(ActiveAttempt { state, ..active_attempt.clone() })
            }
            Ok(ActiveAttemptNext::Stay) if is_overlooked(active_attempt, snapshot) => {
                expiry.resent.push(active_attempt.clone())
            }
            Ok(ActiveAttemptNext::GiveUp) => expiry.given_up.push(active_attempt.clone()),
            Ok(ActiveAttemptNext::Stay | ActiveAttemptNext::Become(_) | ActiveAttemptNext::End) | Err(_) => {}
        }
    }
    expiry
}

/// Whether the dial's message seems lost: its slot came a while ago. Only for as long again, so that
/// a queue that is slow is not filled with more of the same.
fn is_overlooked(active_attempt: &ActiveAttempt, snapshot: &PlanningSnapshot) -> bool {
    match active_attempt.state {
        ActiveAttemptState::Claimed { dial_at, .. } => {
            let waited_ms = snapshot.now.since_ms(dial_at.max(active_attempt.claimed_at));
            (RESEND_AFTER_MS..2 * RESEND_AFTER_MS).contains(&waited_ms)
        }
        ActiveAttemptState::Dialling { .. } => false,
    }
}
