//! The question with which a call that comes in begins, and what its answer makes of the call.

use std::collections::BTreeMap;

use carillon_domain::base::call::Line;
use serde_json::{Value, json};

use super::PROVIDER;
use crate::provider_simulator::dialect::Header;
use crate::provider_simulator::incoming::{PersonCalls, RINGING_TIMEOUT_SECS};
use crate::provider_simulator::order::OutboundCall;
use crate::provider_simulator::settings::NetworkSettings;

/// The header in which the network gives its secret, as the owner of an account sets it up.
const SECRET_HEADER: &str = "X-Carillon-Secret";

/// The header that vouches for the question, and its body.
pub(in crate::provider_simulator) fn question(
    settings: &NetworkSettings,
    call: &PersonCalls,
    carrier_id: &str,
) -> (Header, String) {
    let body = json!({
        "caller_id": call.from,
        "agent_id": call.agent_id,
        "called_number": call.to,
        "call_sid": carrier_id,
    });
    ((SECRET_HEADER, settings.elevenlabs.initiation_secret.clone()), body.to_string())
}

/// What the call is to be.
pub(in crate::provider_simulator) fn answered(call: &PersonCalls, answer: &Value) -> OutboundCall {
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let variables: BTreeMap<String, Value> = answer["dynamic_variables"]
        .as_object()
        .map(|variables| variables.clone().into_iter().collect())
        .unwrap_or_default();
    OutboundCall {
        provider: PROVIDER,
        line: Line::Twilio,
        agent_id: call.agent_id.clone(),
        phone_number_id: call.phone_number_id.clone(),
        to_number: call.from.clone(),
        attempt: text("/user_id"),
        variables,
        metadata: Value::Null,
        idempotency_key: None,
        first_message: text("/conversation_config_override/agent/first_message"),
        language: text("/conversation_config_override/agent/language"),
        ringing_timeout_secs: RINGING_TIMEOUT_SECS,
        machine_detection: false,
        on_machine: None,
        addresses: None,
    }
}
