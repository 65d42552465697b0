//! Webhooks of providers of text messages: what became of one of ours, and those that come in.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use carillon_adapters::provider::WebhookAnswer;
use carillon_adapters::sms::webhook;
use carillon_domain::base::ids::{AttemptId, LeadId, WorkspaceId};
use carillon_domain::base::message::{MessageEvent, MessageProvider};
use carillon_domain::calling::outcome::CallUpdate;
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, webhook_secrets_name};
use carillon_runtime::services::call_updates;
use carillon_store::ProviderCall;
use serde::Deserialize;

use crate::events::problem;
use crate::replies;

/// What the address of a status names; it is signed with the rest.
#[derive(Debug, Deserialize)]
pub(crate) struct Subject {
    attempt: AttemptId,
    lead: LeadId,
}

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
    match replies::take(&context, &ws, &message).await {
        Ok(reply) => said(provider, reply.as_deref()),
        Err(error) => {
            tracing::error!(workspace = %ws, error = %Chain(&error), "a message could not be kept");
            problem(StatusCode::SERVICE_UNAVAILABLE, "try again")
        }
    }
}

/// Whose webhook it is, and which of their providers signed it: nothing in it is read before that.
async fn authentic(
    context: &Context,
    (provider, workspace): &(String, String),
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(WorkspaceId, MessageProvider), Response> {
    let Ok(provider) = provider.parse::<MessageProvider>() else {
        let known = MessageProvider::ALL.map(MessageProvider::as_str).join(", ");
        let detail = format!("there is no provider of messages `{provider}`; there is {known}");
        return Err(problem(StatusCode::NOT_FOUND, &detail));
    };
    let Ok(ws) = workspace.parse::<WorkspaceId>() else {
        return Err(problem(StatusCode::UNAUTHORIZED, "the signature can't be checked"));
    };
    let secrets = match context.secrets.get_list(&webhook_secrets_name(&ws, provider)).await {
        Ok(secrets) => secrets,
        Err(error) => {
            tracing::error!(error = %Chain(&error), "the secret store did not answer");
            return Err(problem(StatusCode::SERVICE_UNAVAILABLE, "try again"));
        }
    };
    let secrets: Vec<&str> = secrets.iter().map(|secret| secret.expose()).collect();
    match webhook::verify(provider, headers, &address(context, uri, headers), body, &secrets) {
        Ok(()) => Ok((ws, provider)),
        Err(refusal) => {
            tracing::warn!(workspace = %ws, %refusal, "a webhook was refused");
            Err(problem(StatusCode::UNAUTHORIZED, &refusal.to_string()))
        }
    }
}

/// The address that the provider signed: ours as it is configured, else as the request came.
fn address(context: &Context, uri: &Uri, headers: &HeaderMap) -> String {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    if let Some(public_url) = &context.public_url {
        return format!("{public_url}{path}");
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("https://{host}{path}")
}

fn said(provider: MessageProvider, reply: Option<&str>) -> Response {
    let WebhookAnswer { media_type, body } = webhook::answer(provider, reply);
    ([(header::CONTENT_TYPE, media_type)], body).into_response()
}
