//! Twilio's refusals: a status and a code.

use serde_json::{Value, json};

use crate::provider_simulator::person::Refusal;
use crate::twilio::refusal;

/// The answer to an order that becomes no call; nothing if Twilio makes a call of it all the same.
pub(in crate::provider_simulator) fn refused(refused: Refusal) -> Option<(u16, Value)> {
    match refused {
        Refusal::NotPlaced => None,
        Refusal::Congested => Some(of(429, 20_429)),
        Refusal::Broken => Some((502, from_the_proxy("Bad Gateway"))),
    }
}

/// The caller number is not ours.
pub(in crate::provider_simulator) fn unknown_caller() -> (u16, Value) {
    of(400, 21_210)
}

/// What is to be called is no number.
pub(in crate::provider_simulator) fn not_a_number() -> (u16, Value) {
    of(400, 21_211)
}

/// As many calls are up as the account may have.
pub(in crate::provider_simulator) fn too_many_at_once() -> (u16, Value) {
    of(429, 20_429)
}

/// What somebody before Twilio answers.
pub(in crate::provider_simulator) fn from_the_proxy(words: &str) -> Value {
    json!({"message": words})
}

/// A refusal under this code.
pub(in crate::provider_simulator) fn of(status: u16, code: u32) -> (u16, Value) {
    (status, refusal(status, code))
}
