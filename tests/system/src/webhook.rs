//! Webhooks that a test makes by hand.

use axum::body::Body;
use axum::http::Request;
use carillon_domain::base::time::Timestamp;
use carillon_local::provider_simulator::{PROVIDER, signature};
use carillon_runtime::context::webhook_path;
use serde_json::Value;
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

/// The same to another path.
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
