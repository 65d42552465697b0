//! Events of voice providers.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use carillon_adapters::voice::webhook;
use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::unread_event::UnreadEvent;
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, webhook_secrets_name};
use carillon_runtime::services::voice_events::{self, Asking, IntakeError};
use serde_json::json;

/// Takes one event: its signature is checked on the raw body before anything else is looked at.
pub(crate) async fn receive(
    State(context): State<Context>,
    Path((provider, workspace)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(provider) = provider.parse::<VoiceProvider>() else { return unknown_provider(&provider) };
    let Ok(ws) = workspace.parse::<WorkspaceId>() else {
        return problem(StatusCode::UNAUTHORIZED, "the signature can't be checked");
    };
    let secrets = match context.secrets.get_list(&webhook_secrets_name(&ws, provider)).await {
        Ok(secrets) => secrets,
        Err(error) => {
            tracing::error!(error = %Chain(&error), "the secret store did not answer");
            return problem(StatusCode::SERVICE_UNAVAILABLE, "try again");
        }
    };
    let secrets: Vec<&str> = secrets.iter().map(|secret| secret.expose()).collect();
    let signed_at = match webhook::verify_event(provider, &headers, &body, &secrets, context.now()) {
        Ok(signed_at) => signed_at,
        Err(refusal) => {
            tracing::warn!(workspace = %ws, %refusal, "a webhook was refused");
            return problem(StatusCode::UNAUTHORIZED, &refusal.to_string());
        }
    };
    match take(&context, &ws, provider, &body, signed_at).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => {
            tracing::error!(workspace = %ws, error = %Chain(&error), "an event could not be kept");
            problem(StatusCode::SERVICE_UNAVAILABLE, "try again")
        }
    }
}

/// Takes an event of the provider's. What can't be read waits for a person: once it is refused, it never comes again.
async fn take(
    context: &Context,
    ws: &WorkspaceId,
    provider: VoiceProvider,
    body: &[u8],
    signed_at: Timestamp,
) -> Result<(), IntakeError> {
    let unread = voice_events::take(context, ws, provider, (body, signed_at), Asking::Provider).await?;
    if let Some(unread) = unread {
        tracing::warn!(workspace = %ws, cause = ?unread.cause, "a webhook waits for a person");
        let event = UnreadEvent::new(body, provider, unread, context.now());
        context.store.keep_unread_event(ws, &event, body).await?;
    }
    Ok(())
}

pub(crate) fn unknown_provider(given: &str) -> Response {
    let known = VoiceProvider::ALL.map(VoiceProvider::as_str).join(", ");
    let detail = format!("there is no voice provider `{given}`; there is {known}");
    problem(StatusCode::NOT_FOUND, &detail)
}

/// An error as RFC 9457 has it.
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("error");
    let body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail});
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
