//! What came of a dial: the one place that decides between "no call", "a call" and "who knows".
//!
//! Calling somebody twice is worse than calling late, so a call counts as not made only where
//! the provider says so or where nothing can have reached it.

use std::error::Error;
use std::time::Duration;

use carillon_domain::base::call::{Outcome, Placement};
use reqwest::StatusCode;
use serde::Deserialize;

use super::report::call_id;
use super::wire::{OutboundCallAnswer, lenient};

/// How much of a provider's complaint we keep, in characters.
const MAX_REASON_CHARS: usize = 300;

pub(super) fn answered(status: StatusCode, body: &[u8]) -> Placement {
    match status.as_u16() {
        200..=299 => placed(body),
        // Too many concurrent requests, or the system is busy.
        429 => Placement::Congested,
        // Key, payment, permission. With 404 the agent, the caller number or the address is
        // unknown: the settings of the whole campaign, nothing of this lead.
        401..=404 => refused(Outcome::AccountRefused, status, body),
        // A proxy's time-out: the request may be under way.
        408 => unknown(status, body),
        // 400 and 422 above all.
        400..=499 => refused(Outcome::RequestRejected, status, body),
        // 502 and 504 come from in between; after 500 and 503 a call may exist as well, for
        // nothing says that the provider had refused before it dialled.
        _ => unknown(status, body),
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

/// Judges a 2xx answer. A call that we have no id of is one that we cannot follow, only ask for.
fn placed(body: &[u8]) -> Placement {
    let answer: OutboundCallAnswer = match serde_json::from_slice(body) {
        Ok(answer) => answer,
        Err(error) => return Placement::Unknown { reason: format!("unreadable answer: {error}") },
    };
    let message = answer.message.unwrap_or_default();
    let ids = [&answer.conversation_id, &answer.call_sid, &answer.sip_call_id];
    let calls: Vec<_> = ids.into_iter().filter_map(|id| call_id([id])).collect();
    if !answer.success && calls.is_empty() {
        return Placement::Refused { outcome: Outcome::Failed, reason: cut(&message) };
    }
    // A refusal that names a conversation is a call that was made and failed, as a trunk's does
    // when the person is busy: what became of it is told by the webhook, or when asked.
    if calls.is_empty() {
        return Placement::Unknown { reason: format!("success without an id: {}", cut(&message)) };
    }
    Placement::Accepted { calls }
}

fn refused(outcome: Outcome, status: StatusCode, body: &[u8]) -> Placement {
    Placement::Refused { outcome, reason: complaint(status, body) }
}

fn unknown(status: StatusCode, body: &[u8]) -> Placement {
    Placement::Unknown { reason: complaint(status, body) }
}

/// An error's own forms: `{"detail": …}` with a text, with a status and a message, or with a
/// list of what is wrong where.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Complaint {
    #[serde(deserialize_with = "lenient")]
    detail: Option<Detail>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Detail {
    Text(String),
    Faults(Vec<Fault>),
    Status {
        #[serde(default)]
        status: String,
        #[serde(default)]
        message: String,
    },
}

#[derive(Debug, Deserialize)]
struct Fault {
    #[serde(default, deserialize_with = "lenient")]
    loc: Vec<serde_json::Value>,
    #[serde(default)]
    msg: String,
}

/// What the provider complains of, in its words, after the HTTP status.
pub(super) fn complaint(status: StatusCode, body: &[u8]) -> String {
    let words = match serde_json::from_slice::<Complaint>(body).unwrap_or_default().detail {
        Some(Detail::Text(text)) => text,
        Some(Detail::Status { status, message }) => {
            [status, message].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ")
        }
        Some(Detail::Faults(faults)) => faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; "),
        None => String::from_utf8_lossy(body).trim().to_owned(),
    };
    if words.is_empty() {
        format!("HTTP {}", status.as_u16())
    } else {
        format!("HTTP {}: {}", status.as_u16(), cut(&words))
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place: Vec<String> = self
            .loc
            .iter()
            .map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned))
            .collect();
        write!(f, "{}: {}", place.join("."), self.msg)
    }
}

fn cut(text: &str) -> String {
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

#[cfg(test)]
mod tests;
