//! Reads the forms of dial requests.

use std::collections::{BTreeMap, HashMap};

use carillon_domain::base::call::{Line, VoiceProvider};
use serde_json::Value;

use super::Addresses;
use crate::provider_simulator::order::OutboundCall;
use crate::twilio::attempt_in;

/// How long a call rings unless the request says otherwise, in seconds.
const DEFAULT_TIMEOUT_SECS: u16 = 60;
/// The longest that a call may ring, in seconds.
const MAX_TIMEOUT_SECS: u16 = 600;

/// The fields of a form that have a value.
pub(super) fn fields(body: &[u8]) -> HashMap<String, String> {
    form_urlencoded::parse(body).into_owned().filter(|(_, value)| !value.is_empty()).collect()
}

/// The order in a form, or Twilio's code of what is wrong with it.
pub(super) fn order(body: &[u8]) -> Result<OutboundCall, u32> {
    let fields = fields(body);
    let field = |name: &str| fields.get(name).cloned();
    let answer = field("Url").filter(|url| url.starts_with("http")).ok_or(21_205_u32)?;
    let detects = field("MachineDetection");
    let timeout_secs = match field("Timeout") {
        None => DEFAULT_TIMEOUT_SECS,
        Some(text) => text.parse().ok().filter(|secs| *secs <= MAX_TIMEOUT_SECS).ok_or(21_225_u32)?,
    };
    Ok(OutboundCall {
        // Whose agent it will be says its provider, once it is asked for.
        provider: VoiceProvider::ElevenLabs,
        line: Line::OwnTwilio,
        agent_id: String::new(),
        phone_number_id: field("From").ok_or(21_213_u32)?,
        to_number: field("To").ok_or(21_201_u32)?,
        attempt: attempt_in(&answer),
        variables: BTreeMap::new(),
        metadata: Value::Null,
        idempotency_key: None,
        first_message: None,
        language: None,
        ringing_timeout_secs: timeout_secs,
        machine_detection: detects.is_some(),
        // Whoever is told of a machine says what to do.
        on_machine: None,
        addresses: Some(Addresses {
            answer,
            status: field("StatusCallback"),
            machine: field("AsyncAmdStatusCallback"),
            awaits_end_of_greeting: detects.as_deref() == Some("DetectMessageEnd"),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "To=%2B12015550001&From=%2B15017122661&Url=https%3A%2F%2Fx.example%2Fanswer%3Fattempt%3Datt_1%26lead%3Dl\
        &StatusCallback=https%3A%2F%2Fx.example%2Fend%23rc%3D5&Timeout=25";

    #[test]
    fn an_order_has_a_number_a_caller_and_an_address() {
        let read = order(FORM.as_bytes()).expect("an order");
        assert_eq!(
            (read.to_number.as_str(), read.phone_number_id.as_str()),
            ("+12015550001", "+15017122661")
        );
        assert_eq!((read.attempt.as_deref(), read.ringing_timeout_secs), (Some("att_1"), 25));
        assert!(!read.machine_detection);
        for (missing, code) in [("To=", 21_201), ("From=", 21_213), ("Url=", 21_205)] {
            let without = FORM.replacen(missing, "Other=", 1);
            assert_eq!(order(without.as_bytes()), Err(code), "{missing}");
        }
        assert_eq!(order(FORM.replace("Timeout=25", "Timeout=601").as_bytes()), Err(21_225));
    }
}
