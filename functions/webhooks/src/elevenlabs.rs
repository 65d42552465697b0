//! Events of ElevenLabs.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use carillon_adapters::voice::elevenlabs::{signature, webhook};
use carillon_domain::base::ids::WorkspaceId;
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, webhook_secrets_name};
use serde_json::json;

use crate::attempt_lookup;

/// Takes one event: its signature is checked on the raw body before anything else is looked at.
pub(crate) async fn receive(
    State(context): State<Context>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(ws) = workspace.parse::<WorkspaceId>() else {
        return problem(StatusCode::UNAUTHORIZED, "the signature can't be checked");
    };
    let secrets = match context.secrets.get_list(&webhook_secrets_name(&ws)).await {
        Ok(secrets) => secrets,
        Err(error) => {
            tracing::error!(error = %Chain(&error), "the secret store did not answer");
            return problem(StatusCode::SERVICE_UNAVAILABLE, "try again");
        }
    };
    let secrets: Vec<&str> = secrets.iter().map(|secret| secret.expose()).collect();
    let given = headers.get(signature::HEADER).and_then(|value| value.to_str().ok());
    if let Err(refusal) = signature::verify(given, &body, &secrets, context.now()) {
        tracing::warn!(workspace = %ws, %refusal, "a webhook was refused");
        return problem(StatusCode::UNAUTHORIZED, &refusal.to_string());
    }
    let event = match webhook::parse(&body) {
        Ok(event) => event,
        Err(error) => return problem(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    match attempt_lookup::take(&context, &ws, &event).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => {
            tracing::error!(workspace = %ws, error = %Chain(&error), "an event could not be kept");
            problem(StatusCode::SERVICE_UNAVAILABLE, "try again")
        }
    }
}

/// An error as RFC 9457 has it.
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("error");
    let body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail});
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
