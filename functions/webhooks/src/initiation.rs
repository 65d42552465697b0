//! A voice provider asks what the conversation of a call that comes in begins with.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use carillon_adapters::voice::webhook;
use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::ids::WorkspaceId;
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, initiation_secret_name};
use carillon_runtime::services::inbound_calls;

use crate::events::{problem, unknown_provider};

/// Answers one question: its secret is checked before anything else is looked at. Somebody waits on
/// the line, so whatever else is wrong, the answer is one with which the call can go on.
pub(crate) async fn answer(
    State(context): State<Context>,
    Path((provider, workspace)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(provider) = provider.parse::<VoiceProvider>() else { return unknown_provider(&provider) };
    let Ok(ws) = workspace.parse::<WorkspaceId>() else {
        return problem(StatusCode::NOT_FOUND, "there is no such workspace");
    };
    if let Some(refusal) = refuse(&context, &ws, provider, &headers, &body).await {
        return refusal;
    }
    match inbound_calls::answer(&context, &ws, &webhook::parse_question(provider, &body)).await {
        Ok(Some((attempt, script))) => {
            Json(webhook::answer(provider, Some((&attempt, &script)))).into_response()
        }
        Ok(None) => Json(webhook::answer(provider, None)).into_response(),
        Err(error) => {
            // Its end is still found by its number.
            tracing::error!(workspace = %ws, error = %Chain(&error), "a call that came in was not linked");
            Json(webhook::answer(provider, None)).into_response()
        }
    }
}

/// Why whoever asks is not to be told.
async fn refuse(
    context: &Context,
    ws: &WorkspaceId,
    provider: VoiceProvider,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Response> {
    match context.secrets.get(&initiation_secret_name(ws, provider)).await {
        Ok(Some(secret)) => {
            let asked = webhook::verify_question(provider, headers, body, secret.expose(), context.now());
            let refusal = asked.err()?;
            tracing::warn!(workspace = %ws, %refusal, "a question about a call was refused");
            Some(problem(StatusCode::UNAUTHORIZED, &refusal.to_string()))
        }
        Ok(None) => Some(match context.store.workspace(ws).await {
            Ok(None) => problem(StatusCode::NOT_FOUND, "there is no such workspace"),
            Ok(Some(_)) | Err(_) => {
                problem(StatusCode::UNAUTHORIZED, "the workspace has set no initiation_secret")
            }
        }),
        Err(error) => {
            tracing::error!(error = %Chain(&error), "the secret store did not answer");
            Some(problem(StatusCode::SERVICE_UNAVAILABLE, "try again"))
        }
    }
}
