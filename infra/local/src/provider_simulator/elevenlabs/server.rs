//! The provider's HTTP interface.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use carillon_domain::base::call::Line;
use serde_json::Value;

use super::PROVIDER;
use super::conversation;
use super::listing::{self, DEFAULT_PAGE_SIZE, Filter, MAX_PAGE_SIZE};
use super::refusal::{self, FieldFault};
use super::request;
use crate::provider_simulator::audio;
use crate::provider_simulator::server::{answer, outage};
use crate::provider_simulator::state::NetworkState;

/// The header that carries the caller's key.
const KEY_HEADER: &str = "xi-api-key";

/// The provider's endpoints.
pub(in crate::provider_simulator) fn router(switchboard: Arc<NetworkState>) -> Router {
    Router::new()
        .route("/v1/convai/twilio/outbound-call", post(twilio_outbound_call))
        .route("/v1/convai/sip-trunk/outbound-call", post(sip_trunk_outbound_call))
        .route("/v1/convai/twilio/register-call", post(register_call))
        .route("/v1/convai/conversations", get(conversations))
        .route("/v1/convai/conversations/{id}", get(conversation))
        .route("/v1/convai/conversations/{id}/audio", get(recording))
        .layer(middleware::from_fn_with_state(Arc::clone(&switchboard), with_key))
        .with_state(switchboard)
}

async fn with_key(State(switchboard): State<Arc<NetworkState>>, request: Request, next: Next) -> Response {
    if let Some(unavailable) = outage(&switchboard, PROVIDER.into()) {
        return unavailable;
    }
    let key = request.headers().get(KEY_HEADER).map(|key| key.as_bytes());
    if key == Some(switchboard.settings.elevenlabs.api_key.as_bytes()) {
        next.run(request).await
    } else {
        (StatusCode::UNAUTHORIZED, Json(refusal::unauthorized())).into_response()
    }
}

async fn twilio_outbound_call(State(switchboard): State<Arc<NetworkState>>, body: Bytes) -> Response {
    outbound_call(&switchboard, Line::Twilio, &body).await
}

async fn sip_trunk_outbound_call(State(switchboard): State<Arc<NetworkState>>, body: Bytes) -> Response {
    outbound_call(&switchboard, Line::SipTrunk, &body).await
}

async fn outbound_call(switchboard: &NetworkState, line: Line, body: &[u8]) -> Response {
    match request::order(line, body) {
        Ok(order) => {
            let answered = switchboard.order(&order).await;
            answer(answered.status, answered.body)
        }
        Err(faults) => unprocessable(&faults),
    }
}

async fn register_call(State(switchboard): State<Arc<NetworkState>>, body: Bytes) -> Response {
    match request::registration(&body).map(|wanted| switchboard.register(&wanted)) {
        Ok(Ok(twiml)) => ([(header::CONTENT_TYPE, "application/xml")], twiml).into_response(),
        Ok(Err(error)) => {
            tracing::error!(%error, "the network's log cannot be written; the agent is not connected");
            answer(500, refusal::from_the_proxy("Internal Server Error"))
        }
        Err(faults) => unprocessable(&faults),
    }
}

async fn conversation(State(switchboard): State<Arc<NetworkState>>, Path(id): Path<String>) -> Response {
    let known = switchboard
        .ask(|exchange, now| exchange.call(PROVIDER, &id).map(|call| conversation::conversation(call, now)));
    match known {
        Some(conversation) => Json(conversation).into_response(),
        None => (StatusCode::NOT_FOUND, Json(refusal::not_found(&id))).into_response(),
    }
}

async fn recording(State(switchboard): State<Arc<NetworkState>>, Path(id): Path<String>) -> Response {
    let recorded = switchboard.ask(|exchange, now| {
        let call = exchange.call(PROVIDER, &id).filter(|call| conversation::has_audio(call, now));
        call.map(audio::recording)
    });
    match recorded {
        Some(bytes) => ([(header::CONTENT_TYPE, audio::MEDIA_TYPE)], bytes).into_response(),
        None => (StatusCode::NOT_FOUND, Json(refusal::not_found(&id))).into_response(),
    }
}

async fn conversations(
    State(switchboard): State<Arc<NetworkState>>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    match filter(&query) {
        Ok(filter) => {
            let page: Value = switchboard.ask(|exchange, now| listing::page(exchange, now, &filter));
            Json(page).into_response()
        }
        Err(fault) => unprocessable(&[fault]),
    }
}

fn filter(query: &HashMap<String, String>) -> Result<Filter, FieldFault> {
    let page_size = whole_number(query, "page_size")?.map_or(Ok(DEFAULT_PAGE_SIZE), |size| {
        let size = usize::try_from(size).ok().filter(|size| (1..=MAX_PAGE_SIZE).contains(size));
        size.ok_or_else(|| {
            query_fault(
                "page_size",
                format!("Input should be between 1 and {MAX_PAGE_SIZE}"),
                "less_than_equal",
            )
        })
    })?;
    Ok(Filter {
        user_id: query.get("user_id").cloned(),
        agent_id: query.get("agent_id").cloned(),
        start_after_secs: whole_number(query, "call_start_after_unix")?,
        start_before_secs: whole_number(query, "call_start_before_unix")?,
        cursor: query.get("cursor").cloned(),
        page_size,
    })
}

fn whole_number(query: &HashMap<String, String>, name: &str) -> Result<Option<i64>, FieldFault> {
    let Some(text) = query.get(name) else { return Ok(None) };
    text.parse()
        .map(Some)
        .map_err(|_| query_fault(name, "Input should be a valid integer".to_owned(), "int_parsing"))
}

fn query_fault(name: &str, message: String, kind: &'static str) -> FieldFault {
    FieldFault { location: vec!["query".to_owned(), name.to_owned()], message, kind }
}

fn unprocessable(faults: &[FieldFault]) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(refusal::unprocessable(faults))).into_response()
}
