//! How this provider answers a dial, and how it complains.

use carillon_domain::base::call::{Outcome, Placement};
use serde::Deserialize;

use super::wire::OutboundCallAnswer;
use crate::voice::exchange::Wording;
use crate::voice::lenient::{call_id, lenient};
use crate::voice::placement::cut;

pub(super) const WORDING: Wording = Wording { placed, complaint, by_code: |_| None };

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

fn complaint(body: &[u8]) -> Option<String> {
    let Complaint { detail } = serde_json::from_slice(body).ok()?;
    Some(match detail? {
        Detail::Text(text) => text,
        Detail::Status { status, message } => {
            [status, message].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ")
        }
        Detail::Faults(faults) => faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; "),
    })
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

#[cfg(test)]
mod tests;
