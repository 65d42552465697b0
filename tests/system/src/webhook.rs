//! Webhooks that a test makes by hand.

use axum::body::Body;
use axum::http::Request;
use carillon_domain::base::time::Timestamp;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use tower::ServiceExt;

use crate::harness::Harness;

/// The provider's recipe: HMAC-SHA256 over `t.body` with the secret as it is, in hexadecimal.
pub fn sign(secret: &str, at: Timestamp, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length will do");
    mac.update(format!("{}.{body}", at.as_secs()).as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={},v0={hex}", at.as_secs())
}

/// Sends a webhook to the workspace of a system; answers with status and body.
pub async fn post(harness: &Harness, signature: Option<String>, body: String) -> (u16, Value) {
    let path = format!("/api/v1/webhooks/elevenlabs/{}", harness.keys.workspace);
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some(signature) = signature {
        request = request.header("ElevenLabs-Signature", signature);
    }
    let router = carillon_webhooks::router(harness.calm.clone());
    let response =
        router.oneshot(request.body(Body::from(body)).expect("a request")).await.expect("an answer");
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or_default())
}
