//! Reads the bodies of dial requests, and says what is wrong with them as the provider does.

use std::collections::BTreeMap;

use carillon_domain::base::call::Line;
use serde_json::{Map, Value};

use super::{ATTEMPT, PROVIDER};
use crate::provider_simulator::order::{OnMachine, OutboundCall};

/// How long a call rings unless the request says otherwise, in milliseconds.
const DEFAULT_RINGING_MS: i64 = 30_000;
/// How long a request may let a call ring, in milliseconds.
const RINGING_MS: std::ops::RangeInclusive<i64> = 5_000..=300_000;

type Fields = Map<String, Value>;

/// The order in a request body, or the first thing that is wrong with it.
pub(super) fn order(body: &[u8]) -> Result<OutboundCall, String> {
    let body: Value = serde_json::from_slice(body).map_err(|_| "body must be JSON".to_owned())?;
    let fields = body.as_object().ok_or("body must be object")?;
    let overrides = object(Some(fields), "body", "agent_override")?;
    let agent = object(overrides, "body/agent_override", "agent")?;
    let llm = object(overrides, "body/agent_override", "retell_llm")?;
    let metadata = object(Some(fields), "body", "metadata")?;
    let from_number = required(fields, "from_number")?;
    if !from_number.starts_with('+') {
        return Err("body/from_number must be a number in E.164 format".to_owned());
    }
    Ok(OutboundCall {
        provider: PROVIDER,
        // Whatever it is, the provider answers before it rings.
        line: Line::Twilio,
        agent_id: text(Some(fields), "body", "override_agent_id")?
            .ok_or("No outbound agent id set up for phone number.")?,
        phone_number_id: from_number,
        to_number: required(fields, "to_number")?,
        attempt: metadata.and_then(|metadata| metadata.get(ATTEMPT)?.as_str()).map(str::to_owned),
        variables: variables(fields)?,
        metadata: metadata.cloned().map_or(Value::Null, Value::Object),
        idempotency_key: text(Some(fields), "body", "idempotency_key")?,
        first_message: text(llm, "body/agent_override/retell_llm", "begin_message")?,
        language: language(agent)?,
        ringing_timeout_secs: ringing_timeout_secs(agent)?,
        machine_detection: on_machine(agent)?.is_some(),
        on_machine: on_machine(agent)?,
        addresses: None,
    })
}

fn required(fields: &Fields, name: &str) -> Result<String, String> {
    text(Some(fields), "body", name)?.ok_or_else(|| format!("body must have required property '{name}'"))
}

/// A text that may be missing.
fn text(fields: Option<&Fields>, path: &str, name: &str) -> Result<Option<String>, String> {
    match fields.and_then(|fields| fields.get(name)) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{path}/{name} must be string")),
    }
}

/// An object that may be missing.
fn object<'a>(fields: Option<&'a Fields>, path: &str, name: &str) -> Result<Option<&'a Fields>, String> {
    match fields.and_then(|fields| fields.get(name)) {
        None => Ok(None),
        Some(Value::Object(fields)) => Ok(Some(fields)),
        Some(_) => Err(format!("{path}/{name} must be object")),
    }
}

/// The variables, all of them texts.
fn variables(fields: &Fields) -> Result<BTreeMap<String, Value>, String> {
    let name = "retell_llm_dynamic_variables";
    let Some(variables) = object(Some(fields), "body", name)? else { return Ok(BTreeMap::new()) };
    match variables.iter().find(|(_, value)| !value.is_string()) {
        Some((variable, _)) => Err(format!("body/{name}/{variable} must be string")),
        None => Ok(variables.clone().into_iter().collect()),
    }
}

/// The language is a locale such as `de-DE` or `es-419`, or `multi`.
fn language(agent: Option<&Fields>) -> Result<Option<String>, String> {
    let path = "body/agent_override/agent";
    let Some(language) = text(agent, path, "language")? else { return Ok(None) };
    let is_locale = language.split_once('-').is_some_and(|(language, region)| {
        let is_region = region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase())
            || region.len() == 3 && region.bytes().all(|byte| byte.is_ascii_digit());
        (2..=3).contains(&language.len())
            && language.bytes().all(|byte| byte.is_ascii_lowercase())
            && is_region
    });
    if is_locale || language == "multi" {
        Ok(Some(language))
    } else {
        Err(format!("{path}/language must be equal to one of the allowed values"))
    }
}

fn ringing_timeout_secs(agent: Option<&Fields>) -> Result<u16, String> {
    let path = "body/agent_override/agent/ring_duration_ms";
    let ringing_ms = match agent.and_then(|agent| agent.get("ring_duration_ms")) {
        None => DEFAULT_RINGING_MS,
        Some(value) => value.as_i64().ok_or_else(|| format!("{path} must be integer"))?,
    };
    if !RINGING_MS.contains(&ringing_ms) {
        return Err(format!("{path} must be >= {} and <= {}", RINGING_MS.start(), RINGING_MS.end()));
    }
    Ok(u16::try_from(ringing_ms / 1_000).unwrap_or(u16::MAX))
}

/// What is done about a machine, if one is listened for; what a prompt or a transfer would lead to ends here.
fn on_machine(agent: Option<&Fields>) -> Result<Option<OnMachine>, String> {
    let path = "body/agent_override/agent/voicemail_option";
    // Null switches it off.
    let option = agent.and_then(|agent| agent.get("voicemail_option")).filter(|option| !option.is_null());
    let Some(option) = option else { return Ok(None) };
    match option.pointer("/action/type").and_then(Value::as_str) {
        Some("static_text") => {
            let text = option.pointer("/action/text").and_then(Value::as_str);
            let text = text.ok_or_else(|| format!("{path}/action must have required property 'text'"))?;
            Ok(Some(OnMachine::Say(text.to_owned())))
        }
        Some("hangup" | "prompt" | "bridge_transfer") => Ok(Some(OnMachine::HangUp)),
        _ => Err(format!("{path}/action/type must be equal to one of the allowed values")),
    }
}
