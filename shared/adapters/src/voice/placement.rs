//! What came of a dial: the one place that decides between "no call", "a call" and "who knows".
//!
//! Calling somebody twice is worse than calling late, so a call counts as not made only where
//! the provider says so or where nothing can have reached it.

use std::error::Error;
use std::time::Duration;

use carillon_domain::base::call::{Outcome, Placement};
use reqwest::StatusCode;

use super::exchange::{Meaning, Wording};

/// How much of a provider's complaint we keep, in characters.
pub(super) const MAX_REASON_CHARS: usize = 300;

pub(super) fn answered(status: StatusCode, body: &[u8], wording: Wording) -> Placement {
    let refused = |outcome| Placement::Refused { outcome, reason: complaint(status, body, wording) };
    if status.is_client_error()
        && let Some(meaning) = (wording.by_code)(body)
    {
        return match meaning {
            Meaning::Congested => Placement::Congested,
            Meaning::Refused(outcome) => refused(outcome),
        };
    }
    match status.as_u16() {
        200..=299 => (wording.placed)(body),
        // Too many concurrent requests, or the system is busy.
        429 => Placement::Congested,
        // Key, payment, permission. With 404 the agent, the caller number or the address is
        // unknown: the settings of the whole campaign, nothing of this lead.
        401..=404 => refused(Outcome::AccountRefused),
        // A proxy's time-out: the request may be under way.
        408 => Placement::Unknown { reason: complaint(status, body, wording) },
        // 400 and 422 above all.
        400..=499 => refused(Outcome::RequestRejected),
        // 502 and 504 come from in between; after 500 and 503 a call may exist as well, for
        // nothing says that the provider had refused before it dialled.
        _ => Placement::Unknown { reason: complaint(status, body, wording) },
    }
}

/// Judges that no answer came, or that it broke off.
pub(super) fn unanswered(error: &reqwest::Error, timeout: Duration) -> Placement {
    if error.is_builder() {
        // The address or the key cannot even be written into a request.
        let reason = format!("the request cannot be made: {}", causes(error));
        Placement::Refused { outcome: Outcome::AccountRefused, reason }
    } else if error.is_connect() {
        let reason = format!("no connection: {}", causes(error));
        Placement::Refused { outcome: Outcome::Failed, reason }
    } else if error.is_timeout() {
        Placement::Unknown { reason: format!("no answer within {} s", timeout.as_secs_f32()) }
    } else {
        Placement::Unknown { reason: format!("connection lost: {}", causes(error)) }
    }
}

/// What the provider complains of, in its words, after the HTTP status.
pub(super) fn complaint(status: StatusCode, body: &[u8], wording: Wording) -> String {
    let words = (wording.complaint)(body).unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned());
    if words.is_empty() {
        format!("HTTP {}", status.as_u16())
    } else {
        format!("HTTP {}: {}", status.as_u16(), cut(&words))
    }
}

/// As much of it as we keep.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(MAX_REASON_CHARS).collect()
}

/// The innermost cause: the outer ones only say that the request failed.
fn causes(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
