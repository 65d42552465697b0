//! Calls that somebody asks for.

use crate::base::subscriber::Subscriber;
use crate::base::time::Timestamp;
use crate::compliance::eligibility::{Question, Refusal};
use crate::records::active_attempt::{ActiveAttempt, CallRequest};
use crate::records::lead::LeadState;

/// Why a requested call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestRefusal {
    /// A call with this person is up or about to be.
    LiveCall,
    /// The same was asked for already and waits.
    AlreadyRequested,
    /// The person may not be called now, by anybody.
    Refused(Refusal),
}

/// Whether a call may be requested now: in any state of the campaign and for settled leads too, but
/// with one live call per person, inside the law's hours and caps and the contact budget, and never
/// to who does not want it. `question` is one about a manual call.
///
/// # Errors
/// [`RequestRefusal`] names the reason.
pub fn check(
    question: &Question<'_>,
    active_attempts: &[ActiveAttempt],
    requests: &[CallRequest],
    now: Timestamp,
) -> Result<(), RequestRefusal> {
    let lead = question.lead;
    let is_live = matches!(lead.state, LeadState::InProgress { .. })
        || active_attempts
            .iter()
            .any(|active_attempt| Subscriber::in_common(&active_attempt.person, lead.phones()));
    if is_live {
        return Err(RequestRefusal::LiveCall);
    }
    let is_theirs = |request: &CallRequest| {
        request.lead == lead.id || Subscriber::in_common(&request.person, lead.phones())
    };
    if requests.iter().any(is_theirs) {
        return Err(RequestRefusal::AlreadyRequested);
    }
    question.answer(now, now).map(drop).map_err(RequestRefusal::Refused)
}
