//! Calls that somebody asks for.

use crate::campaign::Campaign;
use crate::flight::{CallRequest, Flight};
use crate::lead::{Lead, LeadState};
use crate::time::Timestamp;

/// How long a requested call waits for a slot before it is given up, in milliseconds.
pub const MAX_WAIT_MS: i64 = 10 * crate::time::MINUTE_MS;

/// Why a requested call is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefusal {
    /// A call with this person is up or about to be.
    #[error("a call with this person is in progress")]
    LiveCall,
    /// The same was asked for already and waits.
    #[error("a call with this person is requested already")]
    AlreadyRequested,
    /// It is outside the hours in which anybody may be called.
    #[error("calls are not allowed there now; {}", .next_at.map_or_else(
        || "no allowed moment is in sight".to_owned(),
        |at| format!("the next allowed moment is {at}")))]
    OutsideHours {
        /// When it would be allowed.
        next_at: Option<Timestamp>,
    },
    /// The person does not want to be called.
    #[error("the person is on the do-not-call list")]
    DoNotCall,
    /// The campaign's assistant has no number to call from.
    #[error("the campaign has no caller number")]
    NoCallerNumber,
}

/// Whether a call with this lead may be requested now: in any state of the campaign and for
/// settled leads too, but inside the law's hours and with one live call per person.
///
/// # Errors
/// [`RequestRefusal`] names the reason.
pub fn check(
    lead: &Lead,
    campaign: &Campaign,
    flights: &[Flight],
    requests: &[CallRequest],
    now: Timestamp,
) -> Result<(), RequestRefusal> {
    let is_live = matches!(lead.state, LeadState::InProgress { .. })
        || flights.iter().any(|flight| flight.person.iter().any(|number| lead.numbers.contains(number)));
    if matches!(lead.state, LeadState::Skipped { .. }) {
        return Err(RequestRefusal::DoNotCall);
    }
    if is_live {
        return Err(RequestRefusal::LiveCall);
    }
    if requests.iter().any(|request| request.lead == lead.id) {
        return Err(RequestRefusal::AlreadyRequested);
    }
    let hours = campaign.hours_in(&lead.zone);
    if hours.lawful_until(now).is_none() {
        return Err(RequestRefusal::OutsideHours { next_at: hours.next_lawful(now) });
    }
    Ok(())
}
