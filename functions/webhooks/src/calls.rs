//! Calls that a workspace's own account places: somebody has answered, it is over, a machine was heard.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use carillon_adapters::voice::own_twilio::webhook::{self, LegState, Machine};
use carillon_domain::base::call::VoicemailOrder;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::MessageProvider;
use carillon_domain::calling::outcome::CallUpdate;
use carillon_runtime::batch::Chain;
use carillon_runtime::context::{Context, provider_key_name};
use carillon_runtime::services::answered_calls::{self, AnsweredCallError};
use carillon_runtime::services::call_updates;
use carillon_store::ProviderCall;

use crate::events::problem;
use crate::signed_form::{Subject, answered, authentic};

/// The parts of a form's request.
type Form = (Path<(String, String)>, OriginalUri, Result<Query<Subject>, QueryRejection>);

/// Connects the agent. Somebody waits on the line: whatever goes wrong, the call ends at once, without a word of the
/// carrier's.
pub(crate) async fn answer(
    State(context): State<Context>,
    form: Form,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = match call_of(&context, form, &headers, &body).await {
        Ok((ws, _, call)) => call.map(|call| (ws, call)),
        // Nothing comes of trying again: whoever has answered does not wait.
        Err(refusal) if refusal.status().is_server_error() => return answered(webhook::hung_up()),
        Err(refusal) => return refusal,
    };
    let Some((ws, call)) = call else { return answered(webhook::hung_up()) };
    match answered_calls::answer(&context, &ws, &call).await {
        Ok(Some(twiml)) => answered(webhook::connected(twiml)),
        Ok(None) => answered(webhook::hung_up()),
        Err(error) => {
            // How it ended is asked later.
            tracing::error!(workspace = %ws, error = %Chain(&error), "a call that was answered was not connected");
            answered(webhook::hung_up())
        }
    }
}

/// Takes how a call ended. What came of one that was answered knows the agent's provider, who is asked.
pub(crate) async fn take_status(
    State(context): State<Context>,
    form: Form,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (ws, call) = match call_of(&context, form, &headers, &body).await {
        Ok((ws, _, Some(call))) => (ws, call),
        Ok((_, _, None)) => return answered(webhook::noted()),
        Err(refusal) => return refusal,
    };
    let state = webhook::parse_status(&body);
    let update = match &state {
        Some(LegState::Ended(report)) => CallUpdate::Ended(report),
        Some(LegState::Answered) => CallUpdate::Changed,
        Some(LegState::Up) | None => return answered(webhook::noted()),
    };
    match call_updates::apply(&context, &ws, &call, update).await {
        Ok(()) => answered(webhook::noted()),
        Err(error) => not_kept(&ws, &error),
    }
}

/// Takes the verdict on who answered, and does about a machine what the campaign wants.
pub(crate) async fn take_machine(
    State(context): State<Context>,
    form: Form,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (ws, carrier, call) = match call_of(&context, form, &headers, &body).await {
        Ok((ws, carrier, Some(call))) => (ws, carrier, call),
        Ok((_, _, None)) => return answered(webhook::noted()),
        Err(refusal) => return refusal,
    };
    let Some(machine) = webhook::parse_machine(&body) else { return answered(webhook::noted()) };
    match met_machine(&context, &ws, carrier, &call, &machine).await {
        Ok(()) => answered(webhook::noted()),
        Err(error) => not_kept(&ws, &error),
    }
}

async fn met_machine(
    context: &Context,
    ws: &WorkspaceId,
    carrier: MessageProvider,
    call: &ProviderCall,
    machine: &Machine,
) -> Result<(), AnsweredCallError> {
    let heard = CallUpdate::MachineDetected { is_fax: machine.is_fax };
    call_updates::apply(context, ws, call, heard).await?;
    // A call that is over needs no end.
    let Ok(order) = answered_calls::order_of(context, ws, call).await? else { return Ok(()) };
    let end = match &order.on_voicemail {
        Some(VoicemailOrder::Say(_)) if machine.is_fax => &VoicemailOrder::HangUp,
        // It would be said into the greeting.
        Some(VoicemailOrder::Say(_)) if !machine.is_listening => return Ok(()),
        Some(end) => end,
        None => return Ok(()),
    };
    let Some(credentials) = context.secrets.get(&provider_key_name(ws, carrier)).await? else {
        return Ok(());
    };
    // Once, however often it is told: a message that is begun anew is worse than an agent who talks to a machine.
    if !context.store.claim_answer(ws, &call.attempt, context.now()).await? {
        return Ok(());
    }
    if let Err(error) = context.voice.end_call(credentials.expose(), &machine.call, &order, end).await {
        tracing::warn!(attempt = %call.attempt, error = %Chain(&error), "a machine was not hung up on");
    }
    Ok(())
}

/// Whose form it is, and of which call; none if that is not this workspace's. Nothing is read before the signature.
async fn call_of(
    context: &Context,
    (Path(path), OriginalUri(uri), subject): Form,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(WorkspaceId, MessageProvider, Option<ProviderCall>), Response> {
    let (ws, carrier) = authentic(context, &path, &uri, headers, body).await?;
    let Ok(Query(Subject { attempt, lead })) = subject else {
        return Err(problem(StatusCode::BAD_REQUEST, "the address names no attempt and lead of ours"));
    };
    match answered_calls::call_of(context, &ws, &attempt, &lead).await {
        Ok(call) => Ok((ws, carrier, call)),
        Err(error) => Err(not_kept(&ws, &error)),
    }
}

fn not_kept(ws: &WorkspaceId, error: &dyn std::error::Error) -> Response {
    tracing::error!(workspace = %ws, error = %Chain(error), "what a carrier told of a call could not be kept");
    problem(StatusCode::SERVICE_UNAVAILABLE, "try again")
}
