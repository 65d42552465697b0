//! The provider's error bodies, in the words of its API reference.

use serde_json::{Value, json};

use crate::provider_simulator::person::Refusal;

/// The form of every error.
pub(in crate::provider_simulator) fn error(message: &str) -> Value {
    json!({"status": "error", "message": message})
}

/// 400: the request is not of the endpoint's form, and where.
pub(in crate::provider_simulator) fn bad_request(fault: &str) -> (u16, Value) {
    (400, error(&format!("Invalid request format, please check API reference. {fault}")))
}

/// 401: no key, or a wrong one.
pub(super) fn unauthorized() -> (u16, Value) {
    (401, error("API key is missing or invalid."))
}

/// 402: nobody pays for the call.
pub(super) fn unpaid() -> (u16, Value) {
    (402, error("Trial has ended, please add payment method."))
}

/// 404: there is no such call.
pub(super) fn not_found() -> (u16, Value) {
    (404, error("The requested resource was not found."))
}

/// 422: an agent or a number that the request names is not there.
pub(in crate::provider_simulator) fn unknown_asset() -> (u16, Value) {
    (422, error("Cannot find requested asset under given api key."))
}

/// 429: too many requests, or too many calls at once.
pub(in crate::provider_simulator) fn rate_limited() -> (u16, Value) {
    (429, error("Account rate limited, please throttle your requests."))
}

/// The answer to an order that becomes no call; nothing where it is taken all the same.
pub(in crate::provider_simulator) fn refused(refusal: Refusal) -> Option<(u16, Value)> {
    match refusal {
        Refusal::NotPlaced => None,
        Refusal::Congested => Some(rate_limited()),
        Refusal::Broken => Some((502, error("Bad Gateway"))),
    }
}
