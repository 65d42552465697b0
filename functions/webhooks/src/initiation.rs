//! ElevenLabs asks what the conversation of a call that comes in begins with.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use carillon_adapters::voice::elevenlabs::initiation;
use carillon_domain::base::ids::WorkspaceId;
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, initiation_secret_name};

use crate::elevenlabs::problem;
use crate::inbound;

/// Answers one question: its secret is checked before anything else is looked at. Somebody waits on
/// the line, so whatever else is wrong, the answer is one with which the call can go on.
pub(crate) async fn answer(
    State(context): State<Context>,
    Path(workspace): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(ws) = workspace.parse::<WorkspaceId>() else {
        return problem(StatusCode::NOT_FOUND, "there is no such workspace");
    };
    if let Some(refusal) = refuse(&context, &ws, &headers).await {
        return refusal;
    }
    match inbound::answer(&context, &ws, &initiation::parse(&body)).await {
        Ok(Some((attempt, script))) => Json(initiation::answer(&attempt, &script)).into_response(),
        Ok(None) => Json(initiation::anonymous()).into_response(),
        Err(error) => {
            // Its end is still found by its number.
            tracing::error!(workspace = %ws, error = %Chain(&error), "a call that came in was not linked");
            Json(initiation::anonymous()).into_response()
        }
    }
}

/// Why whoever asks is not to be told.
async fn refuse(context: &Context, ws: &WorkspaceId, headers: &HeaderMap) -> Option<Response> {
    let given = headers.get(initiation::HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match context.secrets.get(&initiation_secret_name(ws)).await {
        Ok(Some(secret)) if initiation::is_ours(given, secret.expose()) => None,
        Ok(Some(_)) => {
            tracing::warn!(workspace = %ws, "a question about a call was refused");
            Some(problem(StatusCode::UNAUTHORIZED, "the secret in X-Carillon-Secret is not the workspace's"))
        }
        Ok(None) => Some(match context.store.workspace(ws).await {
            Ok(None) => problem(StatusCode::NOT_FOUND, "there is no such workspace"),
            Ok(Some(_)) | Err(_) => {
                problem(StatusCode::UNAUTHORIZED, "the workspace has no secret for X-Carillon-Secret")
            }
        }),
        Err(error) => {
            tracing::error!(error = %Chain(&error), "the secret store did not answer");
            Some(problem(StatusCode::SERVICE_UNAVAILABLE, "try again"))
        }
    }
}
