//! Webhooks of providers of text messages: what became of one of ours, and those that come in.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use carillon_adapters::sms::webhook;
use carillon_domain::base::message::{MessageEvent, MessageProvider};
use carillon_domain::calling::outcome::CallUpdate;
use carillon_runtime::batch::Chain;
use carillon_runtime::context::Context;
use carillon_runtime::services::{call_updates, replies};
use carillon_store::ProviderCall;

use crate::events::problem;
use crate::signed_form::{Subject, answered, authentic};

/// Takes what became of a text of ours.
pub(crate) async fn take_status(
    State(context): State<Context>,
    Path(path): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    subject: Result<Query<Subject>, QueryRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (ws, provider) = match authentic(&context, &path, &uri, &headers, &body).await {
        Ok(authentic) => authentic,
        Err(refusal) => return refusal,
    };
    let Ok(Query(Subject { attempt, lead })) = subject else {
        return problem(StatusCode::BAD_REQUEST, "the address names no attempt and lead of ours");
    };
    let Some((number, MessageEvent::Ended(report))) = webhook::parse_status(provider, &body) else {
        return said(provider, None);
    };
    let text = ProviderCall { attempt, lead, number };
    match call_updates::apply(&context, &ws, &text, CallUpdate::MessageEnded(&report)).await {
        Ok(()) => said(provider, None),
        Err(error) => {
            tracing::error!(workspace = %ws, error = %Chain(&error), "a status could not be kept");
            problem(StatusCode::SERVICE_UNAVAILABLE, "try again")
        }
    }
}

/// Takes a text that came in.
pub(crate) async fn take_inbound(
    State(context): State<Context>,
    Path(path): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (ws, provider) = match authentic(&context, &path, &uri, &headers, &body).await {
        Ok(authentic) => authentic,
        Err(refusal) => return refusal,
    };
    let Some(message) = webhook::parse_inbound(provider, &body) else {
        tracing::info!(workspace = %ws, "a message came in that is none from a telephone");
        return said(provider, None);
    };
    match replies::take(&context, &ws, provider, &message).await {
        Ok(answer) => said(provider, answer.as_ref().map(|answer| answer.text.as_str())),
        Err(error) => {
            tracing::error!(workspace = %ws, error = %Chain(&error), "a message could not be kept");
            problem(StatusCode::SERVICE_UNAVAILABLE, "try again")
        }
    }
}

fn said(provider: MessageProvider, reply: Option<&str>) -> Response {
    answered(webhook::answer(provider, reply))
}
