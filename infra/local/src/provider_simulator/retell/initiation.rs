//! The question with which a call that comes in begins (`call_inbound`), and what its answer makes of the call.

use std::collections::BTreeMap;

use carillon_domain::base::call::Line;
use serde_json::{Value, json};

use super::{ATTEMPT, PROVIDER};
use crate::provider_simulator::incoming::{PersonCalls, RINGING_TIMEOUT_SECS};
use crate::provider_simulator::order::OutboundCall;

/// The question's body, which is signed as events are. The call has no id as yet.
pub(in crate::provider_simulator) fn question(call: &PersonCalls) -> String {
    let call = json!({"agent_id": call.agent_id, "from_number": call.from, "to_number": call.to});
    json!({"event": "call_inbound", "call_inbound": call}).to_string()
}

/// What the call is to be.
pub(in crate::provider_simulator) fn answered(call: &PersonCalls, answer: &Value) -> OutboundCall {
    let said = &answer["call_inbound"];
    let text = |pointer: &str| said.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let variables: BTreeMap<String, Value> = said["dynamic_variables"]
        .as_object()
        .map(|variables| variables.clone().into_iter().collect())
        .unwrap_or_default();
    OutboundCall {
        provider: PROVIDER,
        line: Line::Twilio,
        agent_id: text("/override_agent_id").unwrap_or_else(|| call.agent_id.clone()),
        phone_number_id: call.phone_number_id.clone(),
        to_number: call.from.clone(),
        attempt: said["metadata"][ATTEMPT].as_str().map(str::to_owned),
        variables,
        metadata: said["metadata"].clone(),
        idempotency_key: None,
        first_message: text("/agent_override/retell_llm/begin_message"),
        language: text("/agent_override/agent/language"),
        ringing_timeout_secs: RINGING_TIMEOUT_SECS,
        machine_detection: false,
        on_machine: None,
        addresses: None,
    }
}
