//! The provider's error bodies.

use carillon_domain::base::call::Line;
use serde_json::{Value, json};

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

/// 429: all the calls that the plan allows are up.
pub(super) fn too_many_concurrent(limit: usize) -> Value {
    let message = format!(
        "Too many concurrent requests. Your current subscription is associated with a maximum of {limit} \
         concurrent requests (running in parallel)."
    );
    detail("rate_limit_error", "too_many_concurrent_requests", &message)
}

/// 429: the provider has too much to do.
pub(super) fn system_busy() -> Value {
    detail("rate_limit_error", "system_busy", "Our services are experiencing high levels of traffic.")
}

/// 502 and 504 come from a proxy before the provider.
pub(super) fn from_the_proxy(words: &str) -> Value {
    json!({"detail": words})
}

/// 200, but no call: `conversation_id` is there if the provider got as far as that.
pub(super) fn not_placed(line: Line, message: &str, conversation_id: Option<&str>) -> Value {
    placement(line, false, message, conversation_id, None)
}

/// 200: the answer of the two endpoints, which differ in the name of the carrier's id.
pub(super) fn placement(
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
