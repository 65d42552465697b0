//! The words of ElevenLabs.

use carillon_domain::base::call::{Outcome, PersonRequest, ProviderCallId, VoiceProvider};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use serde_json::{Value, json};

use super::Over;
use crate::provider::Post;

/// A call is over. One that came about names our attempt; one that did not knows the provider's id alone.
pub(super) fn ended(over: &Over<'_>) -> Post {
    let call = over.call;
    let (kind, data) = match failure(over.told.outcome) {
        Some((reason, sip_code)) => {
            let body = json!({"CallSid": "CA", "SipResponseCode": sip_code});
            let metadata = json!({"type": "twilio", "body": body});
            let data = json!({"conversation_id": call, "failure_reason": reason, "metadata": metadata});
            ("call_initiation_failure", data)
        }
        None => ("post_call_transcription", conversation(over)),
    };
    event(kind, over.at, &data)
}

/// The carrier heard a machine.
pub(in crate::provider) fn machine(leg: &ProviderCallId, at: Timestamp) -> Post {
    event("answering_machine_detection", at, &json!({"call_sid": leg, "answered_by": "machine_start"}))
}

fn event(kind: &str, at: Timestamp, data: &Value) -> Post {
    let body = json!({"type": kind, "event_timestamp": at.as_secs(), "data": data}).to_string();
    Post {
        provider: VoiceProvider::ElevenLabs,
        path: "",
        body,
        insists: false,
        attempt: None,
        asks_about: None,
    }
}

/// Why a call never came about, and the carrier's final answer.
const fn failure(outcome: Outcome) -> Option<(&'static str, u16)> {
    Some(match outcome {
        Outcome::Busy => ("busy", 486),
        Outcome::NoAnswer => ("no-answer", 480),
        Outcome::Declined => ("unknown", 603),
        Outcome::InvalidNumber => ("unknown", 404),
        Outcome::Blocked => ("unknown", 607),
        Outcome::Failed => ("unknown", 503),
        _ => return None,
    })
}

pub(super) fn question(caller: &E164, called: &E164, leg: &str) -> Value {
    json!({"caller_id": caller, "called_number": called, "call_sid": leg, "agent_id": "agent"})
}

fn conversation(over: &Over<'_>) -> Value {
    let (call, told) = (over.call, over.told);
    let turn = |role: &str, message: &str| json!({"role": role, "message": message, "time_in_call_secs": 1});
    let mut transcript = vec![turn("agent", "Hello?")];
    if told.outcome == Outcome::Completed {
        transcript.extend([turn("user", "Yes."), turn("agent", "Good.")]);
    }
    let mut phone_call = json!({});
    if told.outcome == Outcome::Voicemail {
        phone_call["call_result"] = "voicemail".into();
    }
    if let Some((caller, called)) = over.incoming {
        phone_call["direction"] = "inbound".into();
        phone_call["call_sid"] = call.0.replace("conv_", "CA").into();
        phone_call["external_number"] = caller.as_str().into();
        phone_call["agent_number"] = called.as_str().into();
    }
    let is_broken = told.outcome == Outcome::Error;
    let collected = match told.request {
        Some(PersonRequest::DoNotCall) => json!({"do_not_call": {"value": true}}),
        Some(PersonRequest::Callback { at }) => json!({"callback_at": {"value": at.to_string()}}),
        Some(PersonRequest::Unclear | PersonRequest::CallbackWhen { .. }) => {
            json!({"do_not_call": {"value": "not on Mondays"}})
        }
        None => json!({}),
    };
    json!({
        "conversation_id": call,
        "status": if is_broken { "failed" } else { "done" },
        "user_id": over.attempt,
        "transcript": transcript,
        "metadata": {
            "call_duration_secs": told.talk_secs,
            "cost_fiat": f64::from(told.talk_secs) / 1_000.0,
            "termination_reason": "Call ended by remote party",
            "error": is_broken.then(|| json!({"code": 1011, "reason": "broken"})),
            "phone_call": phone_call,
        },
        "analysis": {"data_collection_results": collected},
    })
}
