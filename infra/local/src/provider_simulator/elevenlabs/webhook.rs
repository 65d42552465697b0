//! Webhooks: which a call has, what they say, and when they are sent again.

use carillon_domain::base::call::Line;
use carillon_domain::base::time::Timestamp;
use serde_json::{Map, Value, json};

use super::conversation::conversation;
use crate::draw::Draw;
use crate::provider_simulator::call::Call;
use crate::provider_simulator::failure::Failure;
use crate::provider_simulator::person::Behaviour;
use crate::provider_simulator::settings::NetworkSettings;
use crate::provider_simulator::twilio;
use crate::provider_simulator::webhook_schedule::WebhookKind;

/// The account that all simulated Twilio numbers belong to.
const ACCOUNT_SID: &str = "AC00000000000000000000000000000000";
/// When the tries of one webhook are made, in seconds after the first.
const TRIES_AT_SECS: [i64; 5] = [0, 30, 120, 480, 1_800];

/// The webhooks that tell of a call, each with its moment.
pub(in crate::provider_simulator) fn of_call(
    settings: &NetworkSettings,
    call: &Call,
) -> Vec<(WebhookKind, Timestamp)> {
    let kind = match call.failure() {
        Some(_) => WebhookKind::CallInitiationFailure,
        None => WebhookKind::PostCallTranscription,
    };
    let mut webhooks = vec![(kind, call.settled_at)];
    let detects = settings.elevenlabs.machine_detection_events
        && call.order.machine_detection
        && call.order.line == Line::Twilio;
    if detects && call.answered_at.is_some() {
        webhooks.push((WebhookKind::AnsweringMachineDetection, verdict_at(settings, call)));
    }
    webhooks
}

/// The carrier listens for some seconds; its verdict may come after the call has ended.
fn verdict_at(settings: &NetworkSettings, call: &Call) -> Timestamp {
    let mut draw = Draw::keyed(settings.seed, &["verdict", &call.id]);
    call.answered_at.unwrap_or(call.ended_at).plus_ms(draw.between(2_500..=5_000))
}

/// A transcription alone is tried again, and on these only; any other refusal is final.
pub(in crate::provider_simulator) fn tries_at_secs(
    settings: &NetworkSettings,
    kind: WebhookKind,
    status: Option<u16>,
) -> Option<&'static [i64]> {
    let is_tried_again = settings.elevenlabs.retry_enabled
        && kind == WebhookKind::PostCallTranscription
        && matches!(status, None | Some(408 | 429 | 500..=599));
    is_tried_again.then_some(&TRIES_AT_SECS)
}

/// What a webhook says.
pub(in crate::provider_simulator) fn body(
    settings: &NetworkSettings,
    call: &Call,
    kind: WebhookKind,
) -> String {
    let (at, data) = match kind {
        WebhookKind::CallInitiationFailure => (call.settled_at, initiation_failure(call)),
        WebhookKind::AnsweringMachineDetection => (verdict_at(settings, call), machine_detection(call)),
        _ => (call.settled_at, conversation(call, call.settled_at)),
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
        "conversation_id": call.id,
        "failure_reason": failure.reason(),
        "metadata": metadata,
    })
}

/// The parameters of Twilio's status callback, all of them strings.
fn twilio_body(call: &Call, failure: Failure) -> Value {
    let fields = twilio::webhook::ended(ACCOUNT_SID, call, Some(failure));
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect::<Map<_, _>>()
        .into()
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
        "conversation_id": call.id,
        "call_sid": call.carrier_id,
        "answered_by": answered_by,
    })
}
