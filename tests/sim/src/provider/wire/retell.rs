//! The words of Retell.

use carillon_domain::base::call::{Outcome, PersonRequest, VoiceProvider};
use carillon_domain::base::phone::E164;
use serde_json::{Value, json};

use super::Over;
use crate::provider::{Post, Told};

/// US cents in a second of talk.
const CENTS_PER_SEC: f64 = 0.1;

/// A call is over, and then analyzed. Both name our attempt, whether it connected or not.
pub(super) fn ended(over: &Over<'_>) -> Post {
    let told = over.told;
    let mut call = json!({
        "call_id": over.call,
        "call_status": status(told.outcome),
        "disconnection_reason": reason(told),
        "end_timestamp": over.at.as_millis(),
        "duration_ms": 1_000 * u64::from(told.talk_secs),
        "transcript_object": transcript(told.outcome),
        "direction": "outbound",
    });
    if let Some(attempt) = over.attempt {
        call["metadata"] = json!({"attempt_id": attempt});
    }
    if told.cost_micros().is_some() {
        call["call_cost"] = json!({"combined_cost": f64::from(told.talk_secs) * CENTS_PER_SEC});
    }
    if let Some((caller, called)) = over.incoming {
        call["direction"] = "inbound".into();
        call["from_number"] = caller.as_str().into();
        call["to_number"] = called.as_str().into();
        call["telephony_identifier"] = json!({"twilio_call_sid": over.call.0.replace("call_", "CA")});
    }
    let event = if over.is_last { "call_analyzed" } else { "call_ended" };
    if over.is_last {
        call["call_analysis"] = json!({
            "in_voicemail": told.outcome == Outcome::Voicemail,
            "custom_analysis_data": collected(told.request),
        });
    }
    let body = json!({"event": event, "call": call}).to_string();
    Post { provider: VoiceProvider::Retell, path: "", body, insists: false, attempt: None, asks_about: None }
}

pub(super) fn question(caller: &E164, called: &E164) -> Value {
    let call = json!({"agent_id": "agent", "from_number": caller, "to_number": called});
    json!({"event": "call_inbound", "call_inbound": call})
}

const fn status(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Error => "error",
        Outcome::Completed | Outcome::Incomplete | Outcome::Voicemail => "ended",
        _ => "not_connected",
    }
}

fn reason(told: &Told) -> &'static str {
    match (told.outcome, told.request) {
        (_, Some(PersonRequest::DoNotCall)) => "user_requested_dnc",
        (_, Some(_)) => "user_requested_callback",
        (Outcome::Completed, None) => "agent_hangup",
        (Outcome::Incomplete, None) => "inactivity",
        (Outcome::Voicemail, None) => "voicemail_reached",
        (Outcome::Busy, None) => "dial_busy",
        (Outcome::NoAnswer, None) => "dial_no_answer",
        (Outcome::Declined, None) => "user_declined",
        (Outcome::InvalidNumber, None) => "invalid_destination",
        (Outcome::Blocked, None) => "network_blocked",
        (Outcome::Failed, None) => "dial_failed",
        (_, None) => "error_retell",
    }
}

fn transcript(outcome: Outcome) -> Vec<Value> {
    let said = |role: &str, words: &str| json!({"role": role, "content": words, "words": []});
    match outcome {
        Outcome::Completed => vec![said("agent", "Hello?"), said("user", "Yes."), said("agent", "Good.")],
        Outcome::Incomplete => vec![said("agent", "Hello?")],
        _ => Vec::new(),
    }
}

/// What the analysis has found out that the person wants.
fn collected(request: Option<PersonRequest>) -> Value {
    match request {
        Some(PersonRequest::DoNotCall) => json!({"do_not_call": true}),
        Some(PersonRequest::Callback { at }) => json!({"callback_at": at.to_string()}),
        Some(PersonRequest::Unclear | PersonRequest::CallbackWhen { .. }) => {
            json!({"do_not_call": "not on Mondays"})
        }
        None => json!({}),
    }
}
