//! Learns from the providers what became of calls and texts, and what people reply.
//!
//! A workspace's provider signs with that workspace's secret: the path names the workspace, the
//! signature proves it. An answer of 200 means that the event is safe. Two routes are questions: what
//! a conversation begins with when somebody calls us, and what is done when somebody answers a call of our own account.

mod calls;
mod events;
mod initiation;
mod messages;
mod signed_form;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use carillon_runtime::context::Context;

/// Largest event that is read, in bytes: what a Lambda function can take.
pub const MAX_BODY_BYTES: usize = 6 << 20;

/// The routes of the providers' webhooks.
pub fn router(context: Context) -> Router {
    Router::new()
        .route("/api/v1/webhooks/{provider}/{workspace}", post(events::receive))
        .route("/api/v1/webhooks/{provider}/{workspace}/calls/answer", post(calls::answer))
        .route("/api/v1/webhooks/{provider}/{workspace}/calls/machine", post(calls::take_machine))
        .route("/api/v1/webhooks/{provider}/{workspace}/calls/status", post(calls::take_status))
        .route("/api/v1/webhooks/{provider}/{workspace}/initiation", post(initiation::answer))
        .route("/api/v1/webhooks/{provider}/{workspace}/messages", post(messages::take_inbound))
        .route("/api/v1/webhooks/{provider}/{workspace}/status", post(messages::take_status))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(context)
}
