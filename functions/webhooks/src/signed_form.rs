//! Forms that a carrier signs with the address that they come to: of texts, and of calls that our own account places.

use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use carillon_adapters::provider::WebhookAnswer;
use carillon_adapters::sms::webhook;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::MessageProvider;
use carillon_domain::records::unread_event::{CarrierForm, UnreadEvent};
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, webhook_secrets_name};
use carillon_runtime::services::carrier_forms::{self, Taken};
use carillon_runtime::services::voice_events::Asking;

use crate::events::problem;

/// Whose webhook it is, and which of their providers signed it: nothing in it is read before that.
pub(crate) async fn authentic(
    context: &Context,
    (provider, workspace): &(String, String),
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(WorkspaceId, MessageProvider), Response> {
    let by_webhook = |provider: &MessageProvider| !provider.is_in_our_account();
    let Some(provider) = provider.parse::<MessageProvider>().ok().filter(by_webhook) else {
        let known: Vec<&str> =
            MessageProvider::ALL.iter().filter(|one| by_webhook(one)).map(|one| one.as_str()).collect();
        let known = known.join(", ");
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

pub(crate) fn answered(WebhookAnswer { media_type, body }: WebhookAnswer) -> Response {
    ([(header::CONTENT_TYPE, media_type)], body).into_response()
}

/// Takes a form. What nobody can read waits for a person: once it is answered, it never comes again.
///
/// # Errors
/// The answer by which it comes again.
pub(crate) async fn taken(
    context: &Context,
    ws: &WorkspaceId,
    provider: MessageProvider,
    form: &CarrierForm,
    body: &[u8],
) -> Result<Taken, Response> {
    let taken = carrier_forms::take(context, ws, provider, form, body, Asking::Provider).await;
    let taken = taken.map_err(|error| not_kept(ws, &error))?;
    if let Taken::Unread(unread) = &taken {
        tracing::warn!(workspace = %ws, door = ?form.door, "a form waits for a person");
        let event = UnreadEvent::new(body, provider, unread.clone(), context.now());
        let kept = context.store.keep_unread_event(ws, &event, body).await;
        kept.map_err(|error| not_kept(ws, &error))?;
    }
    Ok(taken)
}

/// The answer to a form whose address is none of ours.
pub(crate) fn nameless() -> Response {
    problem(StatusCode::BAD_REQUEST, "the address names no attempt and lead of ours")
}

pub(crate) fn not_kept(ws: &WorkspaceId, error: &dyn std::error::Error) -> Response {
    tracing::error!(workspace = %ws, error = %Chain(error), "what a carrier told could not be kept");
    problem(StatusCode::SERVICE_UNAVAILABLE, "try again")
}
