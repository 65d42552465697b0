//! The ways in which a call is not put through, with the codes that carriers use for them.

use serde::{Deserialize, Serialize};

/// Why a call was not put through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    Busy,
    /// It rang until the time for ringing was over.
    NoAnswer,
    Declined,
    NotFound,
    /// The trunk has no room or is broken.
    TrunkDown,
    /// The person's carrier rejects our calls.
    Blocked,
    /// The trunk refuses our credentials.
    Forbidden,
}

impl Failure {
    /// SIP status on a trunk (RFC 3261; 608 is RFC 8688).
    pub const fn sip_code(self) -> u16 {
        match self {
            Self::Busy => 486,
            Self::NoAnswer => 480,
            Self::Declined => 603,
            Self::NotFound => 404,
            Self::TrunkDown => 503,
            Self::Blocked => 608,
            Self::Forbidden => 403,
        }
    }

    /// The words that go with the SIP status.
    pub const fn sip_phrase(self) -> &'static str {
        match self {
            Self::Busy => "Busy here",
            Self::NoAnswer => "Temporarily Unavailable",
            Self::Declined => "Decline",
            Self::NotFound => "Not Found",
            Self::TrunkDown => "Service Unavailable",
            Self::Blocked => "Rejected",
            Self::Forbidden => "Forbidden",
        }
    }

    /// The reason as the provider words it for a trunk.
    pub fn sip_reason(self) -> String {
        let (code, phrase) = (self.sip_code(), self.sip_phrase());
        format!("INVITE failed: sip status: {code}: {phrase} (SIP {code})")
    }

    /// Twilio's `SipResponseCode`: an unanswered call was cancelled, hence 487.
    pub const fn twilio_code(self) -> u16 {
        match self {
            Self::NoAnswer => 487,
            other => other.sip_code(),
        }
    }

    /// Twilio's `CallStatus`.
    pub const fn twilio_status(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Declined | Self::NotFound | Self::TrunkDown | Self::Blocked | Self::Forbidden => "failed",
        }
    }

    /// The provider's `failure_reason`: a closed list of three.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Declined | Self::NotFound | Self::TrunkDown | Self::Blocked | Self::Forbidden => "unknown",
        }
    }

    /// The provider's `call_result`.
    pub const fn call_result(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
            Self::Declined | Self::NotFound | Self::TrunkDown | Self::Blocked | Self::Forbidden => "failed",
        }
    }

    /// The error code of the provider's SIP service.
    pub const fn twirp_code(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Forbidden => "permission_denied",
            Self::Busy | Self::NoAnswer | Self::Declined | Self::TrunkDown | Self::Blocked => "unavailable",
        }
    }
}
