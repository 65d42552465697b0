//! From a payload to what a function gets.

use std::path::PathBuf;

use aws_lambda_events::encodings::Body;
use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::event::sqs::SqsEvent;
use axum::Router;
use axum::body::to_bytes;
use axum::http::{Request, header};
use carillon_domain::base::time::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

/// Longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// When a message was first handed out, in milliseconds.
const RECEIVED_AT: &str = "ApproximateFirstReceiveTimestamp";

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

/// A payload as one of Lambda's types.
pub(crate) fn read<T: DeserializeOwned>(name: &str) -> T {
    let text = std::fs::read_to_string(folder().join(name)).expect("a file");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A batch of a queue, and when it was handed out.
pub(crate) fn batch(name: &str) -> (SqsEvent, Timestamp) {
    let event: SqsEvent = read(name);
    let received_at = event.records[0].attributes[RECEIVED_AT].parse().expect("a number");
    (event, Timestamp::from_millis(received_at))
}

/// What the messages of a batch carry.
pub(crate) fn bodies<T: DeserializeOwned>(event: &SqsEvent) -> Vec<T> {
    let texts = event.records.iter().map(|record| record.body.as_deref().expect("a body"));
    texts.map(|text| serde_json::from_str(text).expect("a message")).collect()
}

/// A request as `lambda_http` makes it of a payload of the HTTP API, and when it came.
pub(crate) fn request(name: &str) -> (Request<Body>, Timestamp) {
    let event: ApiGatewayV2httpRequest = read(name);
    let host = event.headers[header::HOST].to_str().expect("a name");
    let path = event.raw_path.as_deref().expect("a path");
    let query = event.raw_query_string.filter(|query| !query.is_empty());
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let text = event.body.as_deref().unwrap_or_default();
    let body = Body::from_maybe_encoded(event.is_base64_encoded, text);
    assert_eq!(event.headers[header::CONTENT_LENGTH], body.len().to_string(), "{name}");
    let mut request = Request::new(body);
    *request.uri_mut() = format!("https://{host}{path}{query}").parse().expect("an address");
    *request.method_mut() = event.request_context.http.method;
    *request.headers_mut() = event.headers;
    (request, Timestamp::from_millis(event.request_context.time_epoch))
}

/// Sends the request of a payload; answers with the status and the body, if that is JSON.
pub(crate) async fn send(router: Router, name: &str) -> (u16, Value) {
    let response = router.oneshot(request(name).0).await.expect("a router answers");
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), MAX_ANSWER_BYTES).await.expect("a body");
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}
