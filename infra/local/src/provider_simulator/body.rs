//! The bodies of webhooks.

use carillon_domain::base::call::Line;
use carillon_domain::base::time::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::conversation::conversation;
use super::failure::Failure;
use super::person::Behaviour;
use super::settings::NetworkSettings;
use super::webhook_schedule::{WebhookKind, verdict_at};

/// The account that all simulated Twilio numbers belong to.
const ACCOUNT_SID: &str = "AC00000000000000000000000000000000";

/// What a webhook says: the same for each of its copies and each time it is tried.
pub(super) fn body(settings: &NetworkSettings, call: &Call, kind: WebhookKind) -> String {
    let (at, data) = match kind {
        WebhookKind::PostCallTranscription => (call.settled_at, conversation(call, call.settled_at)),
        WebhookKind::CallInitiationFailure => (call.settled_at, initiation_failure(call)),
        WebhookKind::AnsweringMachineDetection => (verdict_at(settings, call), machine_detection(call)),
    };
    json!({"type": kind.name(), "event_timestamp": at.as_secs(), "data": data}).to_string()
}

fn initiation_failure(call: &Call) -> Value {
    let failure = call.failure().unwrap_or(Failure::TrunkDown);
    let metadata = match call.order.line {
        Line::Twilio | Line::OwnTwilio => json!({"type": "twilio", "body": twilio_body(call, failure)}),
        Line::SipTrunk => json!({"type": "sip", "body": sip_body(call, failure)}),
    };
    json!({
        "agent_id": call.order.agent_id,
        "conversation_id": call.conversation_id,
        "failure_reason": failure.reason(),
        "metadata": metadata,
    })
}

/// The parameters of Twilio's status callback, all of them strings.
fn twilio_body(call: &Call, failure: Failure) -> Value {
    let (to, from) = (&call.order.to_number, &call.from_number);
    json!({
        "Called": to,
        "To": to,
        "ToCity": "",
        "ToState": "",
        "ToZip": "",
        "ToCountry": "US",
        "CalledCity": "",
        "CalledState": "",
        "CalledZip": "",
        "CalledCountry": "US",
        "Caller": from,
        "From": from,
        "FromCity": "RAYMOND",
        "FromState": "WA",
        "FromZip": "98631",
        "FromCountry": "US",
        "CallerCity": "RAYMOND",
        "CallerState": "WA",
        "CallerZip": "98631",
        "CallerCountry": "US",
        "Direction": "outbound-api",
        "Timestamp": rfc2822(call.ended_at),
        "CallbackSource": "call-progress-events",
        "SipResponseCode": failure.twilio_code().to_string(),
        "SequenceNumber": "2",
        "CallSid": call.carrier_id,
        "AccountSid": ACCOUNT_SID,
        "ApiVersion": "2010-04-01",
        "CallStatus": failure.twilio_status(),
        "Duration": "0",
        "CallDuration": "0",
    })
}

fn rfc2822(at: Timestamp) -> String {
    at.to_utc().to_rfc2822()
}

fn sip_body(call: &Call, failure: Failure) -> Value {
    json!({
        "from_number": call.from_number,
        "to_number": call.order.to_number,
        "sip_status_code": failure.sip_code(),
        "error_reason": failure.sip_reason(),
        "call_sid": call.carrier_id,
        "sip_status": failure.sip_phrase(),
        "twirp_code": failure.twirp_code(),
    })
}

/// The shape is not documented by the provider; these are the fields that integrators read.
fn machine_detection(call: &Call) -> Value {
    let answered_by = match call.behaviour {
        Behaviour::Voicemail { .. } => "machine_start",
        Behaviour::KeepsSilent { .. } => "unknown",
        _ => "human",
    };
    json!({
        "agent_id": call.order.agent_id,
        "conversation_id": call.conversation_id,
        "call_sid": call.carrier_id,
        "answered_by": answered_by,
    })
}
