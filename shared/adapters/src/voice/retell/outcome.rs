//! From the provider's reasons to our outcomes: the one table.
//!
//! The list is closed and published, but grows: a reason that is not in it is [`Outcome::Error`], which the
//! retry policy decides about.

use carillon_domain::base::call::{Outcome, Turn};

use super::wire::Call;
use crate::voice::talk::{Ending, Talk};

/// The person wants never to be called again.
pub(super) const DO_NOT_CALL: &str = "user_requested_dnc";
/// The person wants to be called back.
pub(super) const CALLBACK: &str = "user_requested_callback";

/// What a reason says of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// The parties were connected, and it ended so: what was said decides.
    Talked(Ending),
    /// It says all there is.
    Is(Outcome),
}

use Meaning::{Is, Talked};

/// Every `disconnection_reason` of the vendor's Python SDK 6.2.13 (`PhoneCallResponse`), with the meaning that
/// its page "Debug call disconnection" gives.
const REASONS: [(&str, Meaning); 39] = [
    ("user_hangup", Talked(Ending::ByPerson)),
    ("agent_hangup", Talked(Ending::ByAgent)),
    ("call_transfer", Talked(Ending::ByAgent)),
    ("transfer_bridged", Talked(Ending::ByAgent)),
    // Somebody of ours ended it by hand, or went on with it.
    ("manual_stopped", Talked(Ending::ByAgent)),
    ("call_take_over", Is(Outcome::Completed)),
    (DO_NOT_CALL, Is(Outcome::Completed)),
    (CALLBACK, Is(Outcome::Completed)),
    ("inactivity", Talked(Ending::CutShort)),
    ("max_duration_reached", Talked(Ending::CutShort)),
    ("transfer_cancelled", Talked(Ending::CutShort)),
    ("voicemail_reached", Talked(Ending::ByMachine)),
    ("ivr_reached", Talked(Ending::ByMachine)),
    ("dial_busy", Is(Outcome::Busy)),
    ("dial_no_answer", Is(Outcome::NoAnswer)),
    ("user_declined", Is(Outcome::Declined)),
    ("invalid_destination", Is(Outcome::InvalidNumber)),
    ("dial_failed", Is(Outcome::Failed)),
    ("sip_routing_error", Is(Outcome::Failed)),
    ("telephony_provider_unavailable", Is(Outcome::Failed)),
    ("registered_call_timeout", Is(Outcome::Failed)),
    ("error_user_not_joined", Is(Outcome::Failed)),
    // Too many calls at once: no attempt at all.
    ("concurrency_limit_reached", Is(Outcome::Failed)),
    ("no_concurrency_fallback", Is(Outcome::Failed)),
    ("marked_as_spam", Is(Outcome::Blocked)),
    ("network_blocked", Is(Outcome::Blocked)),
    // The credentials of the trunk; a scam is what the provider takes our agent for.
    ("telephony_provider_permission_denied", Is(Outcome::AccountRefused)),
    ("scam_detected", Is(Outcome::AccountRefused)),
    ("no_valid_payment", Is(Outcome::AccountRefused)),
    ("credit_exhausted", Is(Outcome::AccountRefused)),
    ("budget_reached", Is(Outcome::AccountRefused)),
    ("error_llm_websocket_open", Is(Outcome::Error)),
    ("error_llm_websocket_lost_connection", Is(Outcome::Error)),
    ("error_llm_websocket_runtime", Is(Outcome::Error)),
    ("error_llm_websocket_corrupt_payload", Is(Outcome::Error)),
    ("error_no_audio_received", Is(Outcome::Error)),
    ("error_asr", Is(Outcome::Error)),
    ("error_retell", Is(Outcome::Error)),
    ("error_unknown", Is(Outcome::Error)),
];

impl Meaning {
    fn of(call: &Call) -> Self {
        let known = |reason: &str| REASONS.iter().find(|(known, _)| *known == reason);
        match (call.disconnection_reason.as_deref(), call.call_status.as_deref()) {
            (Some(reason), _) => known(reason).map_or(Is(Outcome::Error), |(_, meaning)| *meaning),
            (None, Some("ended")) => Talked(Ending::Unclear),
            (None, Some("not_connected")) => Is(Outcome::Failed),
            (None, _) => Is(Outcome::Error),
        }
    }
}

/// What a call that is over came to, by its reason and by these turns.
pub(super) fn of_call(call: &Call, turns: &[Turn]) -> Outcome {
    match Meaning::of(call) {
        Is(outcome) => outcome,
        // Before everything else: a greeting reads like a conversation.
        Talked(_) if call.call_analysis.as_ref().is_some_and(|analysis| analysis.in_voicemail) => {
            Outcome::Voicemail
        }
        Talked(ending) => {
            Talk { turns, is_withheld: false, secs: call.secs(), words_of_person: None, ending }.outcome()
        }
    }
}

/// Whether the parties were connected, as far as the reason tells.
pub(super) fn is_connected(call: &Call) -> bool {
    matches!(Meaning::of(call), Talked(_) | Is(Outcome::Completed))
}

/// Whether the person ended the call; nothing if it is not said.
pub(super) fn is_by_person(call: &Call) -> Option<bool> {
    match Meaning::of(call) {
        Talked(ending) => ending.is_by_person(),
        Is(_) => None,
    }
}

#[cfg(test)]
mod tests;
