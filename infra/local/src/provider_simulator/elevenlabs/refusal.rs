//! The provider's error bodies.

use carillon_domain::base::call::Line;
use serde_json::{Value, json};

use crate::provider_simulator::call::Call;
use crate::provider_simulator::person::Refusal;

/// What is wrong with one field of a request (FastAPI's shape).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldFault {
    pub(super) location: Vec<String>,
    pub(super) message: String,
    pub(super) kind: &'static str,
}

/// 422: the request is not of the endpoint's form.
pub(super) fn unprocessable(faults: &[FieldFault]) -> Value {
    let detail: Vec<Value> = faults
        .iter()
        .map(|fault| json!({"loc": fault.location, "msg": fault.message, "type": fault.kind}))
        .collect();
    json!({"detail": detail})
}

/// 401: no key, or a wrong one.
pub(super) fn unauthorized() -> Value {
    detail("authentication_error", "invalid_api_key", "Invalid API key")
}

/// 404: an id that means nothing here.
pub(super) fn not_found(id: &str) -> Value {
    detail("not_found", "document_not_found", &format!("Document with id {id} not found."))
}

/// The answer to an order that became a call. On a trunk the caller waits until the person picks
/// up, so it already says why nobody did; its conversation exists all the same.
pub(in crate::provider_simulator) fn accepted(call: &Call) -> (u16, Value) {
    let (line, id) = (call.order.line, call.id.as_str());
    let body = match call.failure().filter(|_| line == Line::SipTrunk) {
        Some(failure) => not_placed(line, &failure.sip_reason(), Some(id)),
        None => placement(line, true, "Success", Some(id), Some(&call.carrier_id)),
    };
    (200, body)
}

/// The answer to an order that becomes no call.
pub(in crate::provider_simulator) fn refused(line: Line, refusal: Refusal) -> (u16, Value) {
    match refusal {
        Refusal::NotPlaced => (200, not_placed(line, "Trunk rejected the call", None)),
        Refusal::Congested => (429, system_busy()),
        Refusal::Broken => (502, from_the_proxy("Bad Gateway")),
    }
}

/// The caller number is not ours.
pub(in crate::provider_simulator) fn unknown_caller(phone_number_id: &str) -> (u16, Value) {
    (404, not_found(phone_number_id))
}

/// What is to be called is no number.
pub(in crate::provider_simulator) fn not_a_number(line: Line, to_number: &str) -> (u16, Value) {
    let message = format!("The phone number you are attempting to call, {to_number}, is not valid.");
    (200, not_placed(line, &message, None))
}

/// All the calls that the plan allows are up.
pub(in crate::provider_simulator) fn too_many_at_once(limit: usize) -> (u16, Value) {
    let message = format!(
        "Too many concurrent requests. Your current subscription is associated with a maximum of {limit} \
         concurrent requests (running in parallel)."
    );
    (429, detail("rate_limit_error", "too_many_concurrent_requests", &message))
}

/// 429: the provider has too much to do.
fn system_busy() -> Value {
    detail("rate_limit_error", "system_busy", "Our services are experiencing high levels of traffic.")
}

/// 502 and 504 come from a proxy before the provider.
pub(in crate::provider_simulator) fn from_the_proxy(words: &str) -> Value {
    json!({"detail": words})
}

/// 200, but no call: `conversation_id` is there if the provider got as far as that.
fn not_placed(line: Line, message: &str, conversation_id: Option<&str>) -> Value {
    placement(line, false, message, conversation_id, None)
}

/// 200: the answer of the two endpoints, which differ in the name of the carrier's id.
fn placement(
    line: Line,
    success: bool,
    message: &str,
    conversation_id: Option<&str>,
    carrier_id: Option<&str>,
) -> Value {
    let mut body = json!({"success": success, "message": message, "conversation_id": conversation_id});
    let carrier_field = match line {
        Line::Twilio | Line::OwnTwilio => "callSid",
        Line::SipTrunk => "sip_call_id",
    };
    body[carrier_field] = json!(carrier_id);
    body
}

fn detail(kind: &str, status: &str, message: &str) -> Value {
    json!({"detail": {"type": kind, "code": status, "message": message, "status": status}})
}
