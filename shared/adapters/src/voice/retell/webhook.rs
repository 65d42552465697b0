//! What the provider tells us by itself.

use carillon_domain::base::call::VoiceEvent;
use carillon_domain::base::time::Timestamp;
use serde::Deserialize;

use super::wire::Call;
use crate::provider::WebhookError;
use crate::voice::lenient::lenient;
use crate::voice::webhook::of_no_call;

/// Events that change nothing here: what goes on while a call is up, and chats, which we don't hold.
const IGNORED: [&str; 9] = [
    "call_started",
    "transcript_updated",
    "transfer_started",
    "transfer_bridged",
    "transfer_cancelled",
    "transfer_ended",
    "chat_started",
    "chat_ended",
    "chat_analyzed",
];

#[derive(Deserialize)]
struct Webhook {
    #[serde(default, deserialize_with = "lenient")]
    event: String,
    #[serde(default, deserialize_with = "lenient")]
    call: Call,
}

/// Reads an event; `signed_at` stands in where it does not say when it happened.
///
/// Each call has two: `call_ended` at once, and `call_analyzed` some seconds later, which may raise what the
/// first has told, and tells what the person asked for. Both come of calls that never connected, too.
pub(in crate::voice) fn parse(raw_body: &[u8], signed_at: Timestamp) -> Result<VoiceEvent, WebhookError> {
    let Webhook { event, call } = serde_json::from_slice(raw_body)?;
    let is_end = matches!(event.as_str(), "call_ended" | "call_analyzed");
    // Without its time a call-back would be one for a person to settle, and the time then no news.
    let is_half = event == "call_ended" && call.lacks_time_of_callback();
    if is_half || IGNORED.contains(&event.as_str()) {
        return Ok(VoiceEvent::Ignored { event });
    }
    Ok(match call.id() {
        Some(id) if is_end => call.ended(id, signed_at),
        Some(id) => VoiceEvent::Changed { call: id, attempt: call.attempt(), event, told: None },
        None => of_no_call(event, call.attempt()),
    })
}

#[cfg(test)]
mod tests;
