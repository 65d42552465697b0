//! Webhooks: which a call has, what they say, and when they are sent again.

use carillon_domain::base::time::Timestamp;
use serde_json::json;

use super::phone_call;
use crate::provider_simulator::call::Call;
use crate::provider_simulator::webhook_schedule::WebhookKind;

/// When the tries of one webhook are made, in seconds after the first.
const TRIES_AT_SECS: [i64; 4] = [0, 10, 20, 30];

/// The webhooks that tell of a call, each with its moment: one that nobody picked up has not started, but ended.
pub(in crate::provider_simulator) fn of_call(call: &Call) -> Vec<(WebhookKind, Timestamp)> {
    let started = call.answered_at.map(|at| (WebhookKind::CallStarted, at));
    let over = [(WebhookKind::CallEnded, call.ended_at), (WebhookKind::CallAnalyzed, call.settled_at)];
    started.into_iter().chain(over).collect()
}

/// What a webhook says: the call as it stood then.
pub(in crate::provider_simulator) fn body(call: &Call, kind: WebhookKind) -> String {
    let at = match kind {
        WebhookKind::CallStarted => call.answered_at.unwrap_or(call.ended_at),
        WebhookKind::CallEnded => call.ended_at,
        _ => call.settled_at,
    };
    let mut shown = phone_call::as_it_stands(call, at);
    if let (WebhookKind::CallEnded, Some(shown)) = (kind, shown.as_object_mut()) {
        // In haste it is there at once; the event is without all the same.
        shown.remove("call_analysis");
    }
    json!({"event": kind.name(), "call": shown}).to_string()
}

/// Whatever is not taken with a status of success is tried three more times.
pub(in crate::provider_simulator) fn tries_at_secs(status: Option<u16>) -> Option<&'static [i64]> {
    (!matches!(status, Some(200..=299))).then_some(&TRIES_AT_SECS)
}
