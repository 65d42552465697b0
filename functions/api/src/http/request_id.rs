//! Each request has an id: the gateway's, else one of our own. It stands in the answer, in every line that is
//! logged meanwhile, and in the audit log.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use carillon_runtime::context::{Context, RequestId};
use tracing::Instrument;

/// The header that tells a client the id.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");

pub(crate) async fn identify(State(context): State<Context>, mut request: Request, next: Next) -> Response {
    let known = request.extensions().get::<RequestId>().cloned();
    let id = known.unwrap_or_else(|| RequestId(format!("req_{}", hex::encode(context.random.draw()))));
    let span = tracing::info_span!("request", id = id.0);
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
