//! The HTTP interfaces of all providers at one address: their paths differ.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use carillon_domain::base::call::VoiceProvider;
use serde_json::Value;

use super::state::NetworkState;
use super::{dialect, elevenlabs, retell};

/// The endpoints that the network has.
pub(super) fn router(switchboard: &Arc<NetworkState>) -> Router {
    elevenlabs::server::router(Arc::clone(switchboard)).merge(retell::server::router(Arc::clone(switchboard)))
}

/// What a provider answers that is out of order, if it is.
pub(super) fn outage(switchboard: &NetworkState, provider: VoiceProvider) -> Option<Response> {
    let is_out = switchboard.settings.is_out(provider, switchboard.clock.now());
    is_out.then(|| answer(503, dialect::from_the_proxy(provider, "Service Unavailable")))
}

/// An answer of this status.
pub(super) fn answer(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(body)).into_response()
}
