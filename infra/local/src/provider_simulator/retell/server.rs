//! The provider's HTTP interface.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;

use super::{PROVIDER, listing, phone_call, refusal, request};
use crate::provider_simulator::audio;
use crate::provider_simulator::server::{answer, outage};
use crate::provider_simulator::state::NetworkState;

/// The provider's endpoints.
pub(in crate::provider_simulator) fn router(switchboard: Arc<NetworkState>) -> Router {
    Router::new()
        .route("/v2/create-phone-call", post(create_phone_call))
        .route("/v2/get-call/{id}", get(get_call))
        .route("/v3/list-calls", post(list_calls))
        .layer(middleware::from_fn_with_state(Arc::clone(&switchboard), with_key))
        .route("/recordings/{file}", get(recording))
        .with_state(switchboard)
}

async fn with_key(State(switchboard): State<Arc<NetworkState>>, request: Request, next: Next) -> Response {
    if let Some(unavailable) = outage(&switchboard, PROVIDER.into()) {
        return unavailable;
    }
    let given = request.headers().get(AUTHORIZATION).and_then(|given| given.to_str().ok());
    let key = given.and_then(|given| given.strip_prefix("Bearer "));
    if key == Some(&switchboard.settings.retell.api_key) {
        next.run(request).await
    } else {
        say(refusal::unauthorized())
    }
}

async fn create_phone_call(State(switchboard): State<Arc<NetworkState>>, body: Bytes) -> Response {
    match request::order(&body) {
        Ok(_) if !switchboard.settings.retell.has_paid => say(refusal::unpaid()),
        Ok(order) => {
            let answered = switchboard.order(&order).await;
            answer(answered.status, answered.body)
        }
        Err(fault) => say(refusal::bad_request(&fault)),
    }
}

async fn get_call(State(switchboard): State<Arc<NetworkState>>, Path(id): Path<String>) -> Response {
    let known = switchboard
        .ask(|exchange, now| exchange.call(PROVIDER, &id).map(|call| phone_call::as_it_stands(call, now)));
    say(known.map_or_else(refusal::not_found, |call| (200, call)))
}

/// Who has the link may have the recording.
async fn recording(State(switchboard): State<Arc<NetworkState>>, Path(file): Path<String>) -> Response {
    let id = file.strip_suffix(".mp3").unwrap_or(&file);
    let recorded = switchboard.ask(|exchange, now| {
        let call =
            exchange.call(PROVIDER, id).filter(|call| call.answered_at.is_some() && call.ended_at <= now);
        call.map(audio::recording)
    });
    match recorded {
        Some(bytes) => ([(CONTENT_TYPE, audio::MEDIA_TYPE)], bytes).into_response(),
        None => say(refusal::not_found()),
    }
}

async fn list_calls(State(switchboard): State<Arc<NetworkState>>, body: Bytes) -> Response {
    match listing::question(&body) {
        Ok(question) => answer(200, switchboard.ask(|exchange, now| listing::page(exchange, now, &question))),
        Err(fault) => say(refusal::bad_request(&fault)),
    }
}

fn say((status, body): (u16, Value)) -> Response {
    answer(status, body)
}
