//! Calls that people make to us: the question with which one begins, then its course.

use std::collections::BTreeMap;

use carillon_domain::base::call::Line;
use carillon_domain::base::time::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::log::Entry;
use super::order::OutboundCall;
use super::person::{Behaviour, WebhookFate};
use super::settings::NetworkSettings;
use super::webhook_schedule;
use crate::draw::Draw;

/// The header in which the network gives its secret, as the owner of an account sets it up.
pub(super) const SECRET_HEADER: &str = "X-Carillon-Secret";
/// How long a call from a person could have rung, in seconds; it is answered at once.
const RINGING_TIMEOUT_SECS: u16 = 60;

/// Somebody calls one of our numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonCalls {
    pub from: String,
    pub to: String,
    /// The provider's id of our number.
    pub phone_number_id: String,
    /// The provider's id of the assistant that takes the call.
    pub agent_id: String,
    pub behaviour: Behaviour,
}

/// The question with which a call begins, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The carrier's id of the call.
    pub call_sid: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// What the network asks when somebody calls.
pub(super) fn question(settings: &NetworkSettings, now: Timestamp, call: &PersonCalls) -> Question {
    let moment = now.as_millis().to_string();
    let mut draw = Draw::keyed(settings.seed, &["person calls", &call.from, &moment]);
    let call_sid = format!("CA{}", draw.text(b"0123456789abcdef", 32));
    let body = json!({
        "caller_id": call.from,
        "agent_id": call.agent_id,
        "called_number": call.to,
        "call_sid": call_sid,
    });
    Question {
        call_sid,
        headers: vec![
            ("Content-Type", "application/json".to_owned()),
            (SECRET_HEADER, settings.initiation_secret.clone()),
        ],
        body: body.to_string(),
    }
}

/// The course of a call whose question was answered so; without an answer the assistant speaks as it
/// is set up.
pub(super) fn connect(
    settings: &NetworkSettings,
    now: Timestamp,
    call: &PersonCalls,
    call_sid: &str,
    answer: &Value,
) -> Entry {
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let variables: BTreeMap<String, Value> = answer["dynamic_variables"]
        .as_object()
        .map(|variables| variables.clone().into_iter().collect())
        .unwrap_or_default();
    let order = OutboundCall {
        line: Line::Twilio,
        agent_id: call.agent_id.clone(),
        phone_number_id: call.phone_number_id.clone(),
        to_number: call.from.clone(),
        user_id: text("/user_id"),
        variables,
        first_message: text("/conversation_config_override/agent/first_message"),
        language: text("/conversation_config_override/agent/language"),
        ringing_timeout_secs: RINGING_TIMEOUT_SECS,
        machine_detection: false,
    };
    let mut draw = Draw::keyed(settings.seed, &["connected", call_sid]);
    let mut planned = Call::plan(settings, now, &order, call.behaviour, &mut draw);
    planned.carrier_id = call_sid.to_owned();
    planned.from_number.clone_from(&call.to);
    planned.is_incoming = true;
    let posts = webhook_schedule::posts(settings, &planned, WebhookFate::ByFlags);
    Entry::Placed { call: Box::new(planned), posts }
}
