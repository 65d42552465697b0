//! Why a call ended, in the provider's closed list.

use crate::provider_simulator::call::Call;
use crate::provider_simulator::failure::Failure;
use crate::provider_simulator::person::{Behaviour, Ending, Wish};

/// The `disconnection_reason` of a call that is over.
pub(super) const fn of(call: &Call) -> &'static str {
    match call.behaviour {
        Behaviour::Talks { ending: Ending::Agent, .. } => "agent_hangup",
        Behaviour::Talks { ending: Ending::Person, .. } | Behaviour::HangsUp { .. } => "user_hangup",
        Behaviour::Asks { wish: Wish::NeverToBeCalled, .. } => "user_requested_dnc",
        Behaviour::Asks { wish: Wish::CallBack(_), .. } => "user_requested_callback",
        Behaviour::KeepsSilent { .. } => "inactivity",
        Behaviour::Voicemail { .. } => "voicemail_reached",
        Behaviour::Breaks { .. } => "error_retell",
        Behaviour::Fails { failure, .. } => of_failure(failure),
    }
}

const fn of_failure(failure: Failure) -> &'static str {
    match failure {
        Failure::Busy => "dial_busy",
        Failure::NoAnswer => "dial_no_answer",
        Failure::Declined => "user_declined",
        Failure::NotFound => "invalid_destination",
        Failure::TrunkDown => "telephony_provider_unavailable",
        Failure::Blocked => "network_blocked",
        Failure::Forbidden => "telephony_provider_permission_denied",
    }
}
