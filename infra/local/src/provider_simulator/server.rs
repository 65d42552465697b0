//! The HTTP interfaces of all providers at one address: their paths differ.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde_json::Value;

use super::dialect::{self, Dialect};
use super::state::NetworkState;
use super::{elevenlabs, retell, twilio};

/// The endpoints that the network has.
pub(super) fn router(switchboard: &Arc<NetworkState>) -> Router {
    elevenlabs::server::router(Arc::clone(switchboard))
        .merge(retell::server::router(Arc::clone(switchboard)))
        .merge(twilio::server::router(Arc::clone(switchboard)))
}

/// What is answered by whoever is out of order, if they are.
pub(super) fn outage(switchboard: &NetworkState, dialect: Dialect) -> Option<Response> {
    let is_out = switchboard.settings.is_out(dialect, switchboard.clock.now());
    is_out.then(|| answer(503, dialect::from_the_proxy(dialect, "Service Unavailable")))
}

/// An answer of this status.
pub(super) fn answer(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(body)).into_response()
}
