//! Calls that a workspace's own account places: somebody has answered, it is over, a machine was heard.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use carillon_adapters::voice::own_twilio::webhook;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::MessageProvider;
use carillon_domain::records::unread_event::{CarrierForm, FormDoor, FormSubject};
use carillon_runtime::context::Context;
use carillon_runtime::services::answered_calls;

use crate::signed_form::{answered, authentic, nameless, not_kept, taken};

/// The parts of a form's request.
type Form = (Path<(String, String)>, OriginalUri, Result<Query<FormSubject>, QueryRejection>);

/// Connects the agent. Somebody waits on the line: whatever goes wrong, the call ends at once, without a word of the
/// carrier's.
pub(crate) async fn answer(
    State(context): State<Context>,
    form: Form,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match connect(&context, form, &headers, &body).await {
        // Nothing comes of trying again: whoever has answered does not wait.
        Err(refusal) if refusal.status().is_server_error() => answered(webhook::hung_up()),
        Err(refusal) => refusal,
        Ok(Some(twiml)) => answered(webhook::connected(twiml)),
        Ok(None) => answered(webhook::hung_up()),
    }
}

/// What connects the agent, if the call is ours, and up.
async fn connect(
    context: &Context,
    form: Form,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Option<String>, Response> {
    let (ws, _, FormSubject { attempt, lead }) = subject_of(context, form, headers, body).await?;
    let call = answered_calls::call_of(context, &ws, &attempt, &lead).await;
    let Some(call) = call.map_err(|error| not_kept(&ws, &error))? else { return Ok(None) };
    // How it ended is asked later.
    answered_calls::answer(context, &ws, &call).await.map_err(|error| not_kept(&ws, &error))
}

/// Takes how a call ended.
pub(crate) async fn take_status(
    State(context): State<Context>,
    form: Form,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    take(&context, FormDoor::CallStatus, form, &headers, &body).await
}

/// Takes the verdict on who answered.
pub(crate) async fn take_machine(
    State(context): State<Context>,
    form: Form,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    take(&context, FormDoor::Machine, form, &headers, &body).await
}

async fn take(context: &Context, door: FormDoor, form: Form, headers: &HeaderMap, body: &[u8]) -> Response {
    let (ws, carrier, subject) = match subject_of(context, form, headers, body).await {
        Ok(subject) => subject,
        Err(refusal) => return refusal,
    };
    match taken(context, &ws, carrier, &CarrierForm { door, subject: Some(subject) }, body).await {
        Ok(_) => answered(webhook::noted()),
        Err(again) => again,
    }
}

/// Whose form it is, and of which call. Nothing is read before the signature.
async fn subject_of(
    context: &Context,
    (Path(path), OriginalUri(uri), subject): Form,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(WorkspaceId, MessageProvider, FormSubject), Response> {
    let (ws, carrier) = authentic(context, &path, &uri, headers, body).await?;
    let Ok(Query(subject)) = subject else { return Err(nameless()) };
    Ok((ws, carrier, subject))
}
