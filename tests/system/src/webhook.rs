//! Webhooks that a test makes by hand.

use axum::body::Body;
use axum::http::Request;
use carillon_domain::base::time::Timestamp;
use carillon_local::provider_simulator::audit::CallRecord;
use carillon_local::provider_simulator::elevenlabs::{PROVIDER, signature};
use carillon_runtime::context::webhook_path;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::harness::Harness;

/// The signature that the provider makes.
pub fn sign(secret: &str, at: Timestamp, body: &str) -> String {
    signature::sign(secret, at.as_secs(), body)
}

/// Sends a webhook to the workspace of a system; answers with status and body.
pub async fn post(harness: &Harness, signature: Option<String>, body: String) -> (u16, Value) {
    post_to(harness, &webhook_path(&harness.keys.workspace, PROVIDER), signature, body).await
}

/// Tells of the end of a call in which two turns were said, with this analysis.
pub async fn tell_of_end(harness: &Harness, call: &CallRecord, analysis: &Value) {
    let now = harness.context.now();
    let body = json!({"type": "post_call_transcription", "event_timestamp": now.as_secs(), "data": {
        "agent_id": "agent_1", "conversation_id": call.call, "status": "done", "user_id": call.attempt,
        "transcript": [
            {"role": "agent", "message": "Hello. Is this a good moment?", "time_in_call_secs": 0},
            {"role": "user", "message": "Not now.", "time_in_call_secs": 5},
        ],
        "metadata": {"call_duration_secs": 12, "termination_reason": "end_call tool was called.",
            "phone_call": {"type": "twilio", "call_result": "answered"}},
        "analysis": analysis,
    }})
    .to_string();
    let (status, answer) = post(harness, Some(sign("wsec_local", now, &body)), body).await;
    assert_eq!(status, 200, "{answer}");
}

/// Sends a webhook to a path.
pub async fn post_to(harness: &Harness, path: &str, signature: Option<String>, body: String) -> (u16, Value) {
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some(signature) = signature {
        request = request.header(signature::HEADER, signature);
    }
    let router = carillon_webhooks::router(harness.context.clone());
    let response =
        router.oneshot(request.body(Body::from(body)).expect("a request")).await.expect("an answer");
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or_default())
}
