//! Reads the bodies of dial requests, and says what is wrong with them as the provider does.

use std::collections::BTreeMap;

use carillon_domain::base::call::Line;
use serde_json::{Map, Value};

use super::PROVIDER;
use super::refusal::FieldFault;
use crate::provider_simulator::order::{OnMachine, OutboundCall};

/// How long a call rings unless the request says otherwise, in seconds.
const DEFAULT_RINGING_TIMEOUT_SECS: u16 = 60;
/// The longest that a request may let a call ring, in seconds.
const MAX_RINGING_TIMEOUT_SECS: i64 = 999;

/// The order in a request body.
pub(super) fn order(line: Line, body: &[u8]) -> Result<OutboundCall, Vec<FieldFault>> {
    read(line, "agent_phone_number_id", body)
}

/// The agent that is registered for a call of an account of one's own.
pub(super) fn registration(body: &[u8]) -> Result<OutboundCall, Vec<FieldFault>> {
    read(Line::OwnTwilio, "from_number", body)
}

/// What is asked for in a body that names the caller number so.
fn read(line: Line, caller_field: &str, body: &[u8]) -> Result<OutboundCall, Vec<FieldFault>> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| vec![fault(&["0"], &format!("JSON decode error: {error}"), "json_invalid")])?;
    let Value::Object(fields) = body else {
        let message = "Input should be a valid dictionary or object to extract fields from";
        return Err(vec![fault(&[], message, "model_attributes_type")]);
    };
    let mut reader = Reader { faults: vec![] };
    let order = reader.order(line, caller_field, &fields);
    if reader.faults.is_empty() { Ok(order) } else { Err(reader.faults) }
}

/// Collects everything that is wrong.
struct Reader {
    faults: Vec<FieldFault>,
}

impl Reader {
    fn order(&mut self, line: Line, caller_field: &str, fields: &Map<String, Value>) -> OutboundCall {
        let path = ["conversation_initiation_client_data", "conversation_config_override", "agent"];
        let client = self.object(Some(fields), &[], path[0]);
        let overrides = self.object(client, &path[..1], path[1]);
        let agent = self.object(overrides, &path[..2], path[2]);
        let telephony = self.object(Some(fields), &[], "telephony_call_config");
        OutboundCall {
            provider: PROVIDER,
            line,
            agent_id: self.required(fields, "agent_id"),
            phone_number_id: self.required(fields, caller_field),
            to_number: self.required(fields, "to_number"),
            attempt: self.text(client, &path[..1], "user_id"),
            variables: self.variables(client),
            metadata: Value::Null,
            idempotency_key: None,
            first_message: self.text(agent, &path, "first_message"),
            language: self.text(agent, &path, "language"),
            ringing_timeout_secs: self.ringing_timeout_secs(telephony),
            machine_detection: telephony.is_some_and(|config| {
                config.get("twilio_machine_detection").is_some_and(|detection| !detection.is_null())
            }),
            on_machine: telephony.and_then(on_machine),
            addresses: None,
        }
    }

    fn required(&mut self, fields: &Map<String, Value>, name: &str) -> String {
        if !fields.contains_key(name) {
            self.faults.push(fault(&[name], "Field required", "missing"));
        } else if fields[name].is_null() {
            self.faults.push(fault(&[name], "Input should be a valid string", "string_type"));
        }
        self.text(Some(fields), &[], name).unwrap_or_default()
    }

    /// A text that may be missing or null.
    fn text(&mut self, fields: Option<&Map<String, Value>>, path: &[&str], name: &str) -> Option<String> {
        match fields?.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            _ => {
                let location = [path, &[name]].concat();
                self.faults.push(fault(&location, "Input should be a valid string", "string_type"));
                None
            }
        }
    }

    /// An object that may be missing or null.
    fn object<'a>(
        &mut self,
        fields: Option<&'a Map<String, Value>>,
        path: &[&str],
        name: &str,
    ) -> Option<&'a Map<String, Value>> {
        match fields?.get(name)? {
            Value::Object(fields) => Some(fields),
            Value::Null => None,
            _ => {
                let location = [path, &[name]].concat();
                self.faults.push(fault(&location, "Input should be a valid dictionary", "dict_type"));
                None
            }
        }
    }

    fn variables(&mut self, client: Option<&Map<String, Value>>) -> BTreeMap<String, Value> {
        let path = ["conversation_initiation_client_data", "dynamic_variables"];
        let Some(variables) = self.object(client, &path[..1], path[1]) else { return BTreeMap::new() };
        for (name, value) in variables {
            if value.is_array() || value.is_object() {
                let location = [&path[..], &[name]].concat();
                self.faults.push(fault(&location, "Input should be a valid string", "string_type"));
            }
        }
        variables.clone().into_iter().collect()
    }

    fn ringing_timeout_secs(&mut self, telephony: Option<&Map<String, Value>>) -> u16 {
        let location = ["telephony_call_config", "ringing_timeout_secs"];
        let Some(value) =
            telephony.and_then(|config| config.get(location[1])).filter(|value| !value.is_null())
        else {
            return DEFAULT_RINGING_TIMEOUT_SECS;
        };
        match value.as_i64() {
            None => self.faults.push(fault(&location, "Input should be a valid integer", "int_type")),
            Some(secs) if secs < 1 => {
                let message = "Input should be greater than or equal to 1";
                self.faults.push(fault(&location, message, "greater_than_equal"));
            }
            Some(secs) if secs > MAX_RINGING_TIMEOUT_SECS => {
                let message = format!("Input should be less than or equal to {MAX_RINGING_TIMEOUT_SECS}");
                self.faults.push(fault(&location, &message, "less_than_equal"));
            }
            Some(secs) => return u16::try_from(secs).unwrap_or(DEFAULT_RINGING_TIMEOUT_SECS),
        }
        DEFAULT_RINGING_TIMEOUT_SECS
    }
}

/// What is done about a machine as soon as it is heard.
fn on_machine(config: &Map<String, Value>) -> Option<OnMachine> {
    let actions = config.get("twilio_machine_detection")?.get("actions")?.as_array()?;
    let hangs_up = |action: &Value| {
        let answered_by = action["answered_by"].as_array();
        action["action"] == "hang_up"
            && answered_by.is_some_and(|heard| heard.iter().any(|one| one == "machine_start"))
    };
    actions.iter().any(hangs_up).then_some(OnMachine::HangUp)
}

fn fault(location: &[&str], message: &str, kind: &'static str) -> FieldFault {
    let location = ["body"].iter().chain(location).map(|part| (*part).to_owned()).collect();
    FieldFault { location, message: message.to_owned(), kind }
}
