//! Calls of a workspace's own account that somebody has answered: whose they are, and what is said in them.

use carillon_adapters::provider::InquiryError;
use carillon_adapters::secrets::{Secret, SecretsError};
use carillon_domain::base::call::{CallOrder, CallReport, Outcome};
use carillon_domain::base::ids::{AttemptId, InteractionId, LeadId, WorkspaceId};
use carillon_domain::calling::dial::{AnsweredCall, NotConnected, connect};
use carillon_domain::calling::outcome::CallUpdate;
use carillon_store::{ProviderCall, StoreError, VoiceKeys};

use crate::batch::Chain;
use crate::context::{Context, provider_key_name};
use crate::services::call_updates::{self, NewsError};

/// A call that was answered could not be seen to.
#[derive(Debug, thiserror::Error)]
pub enum AnsweredCallError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret store did not answer.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// What became known could not be written down.
    #[error(transparent)]
    News(#[from] NewsError),
}

/// The call of an attempt, if it is this workspace's and this lead's.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn call_of(
    context: &Context,
    ws: &WorkspaceId,
    attempt: &AttemptId,
    lead: &LeadId,
) -> Result<Option<ProviderCall>, StoreError> {
    let record = context.store.interaction(ws, &InteractionId::of(attempt)).await?;
    let record = record.filter(|record| record.lead == *lead);
    Ok(record.and_then(|record| {
        Some(ProviderCall { attempt: attempt.clone(), lead: record.lead, number: record.number? })
    }))
}

/// What was ordered for a call that is up, made again of what is stored.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn order_of(
    context: &Context,
    ws: &WorkspaceId,
    call: &ProviderCall,
) -> Result<Result<CallOrder, NotConnected>, StoreError> {
    let Some(live) = context.store.active_attempt(ws, &call.number).await? else {
        return Ok(Err(NotConnected::NotUp));
    };
    let voice = VoiceKeys { assistant: &live.assistant, caller_number: &live.caller_number, person: &[] };
    let around = context.store.attempt_context(ws, call, Some(voice)).await?;
    Ok(connect(&AnsweredCall {
        attempt: &call.attempt,
        active_attempt: around.active_attempt.as_ref(),
        lead: around.lead.as_ref(),
        campaign: around.campaign.as_ref(),
        workspace: around.voice.workspace.as_ref(),
        assistant: around.voice.assistant.as_ref(),
        caller_number: around.voice.caller_number.as_ref(),
    }))
}

/// Has the agent connected to a call that somebody has answered: what the carrier is to be answered; none if it is to hang
/// up. An attempt whose agent can't be had ends as an error that says so.
///
/// # Errors
/// [`AnsweredCallError`]: then it is to hang up, too, and the attempt is asked about later.
pub async fn answer(
    context: &Context,
    ws: &WorkspaceId,
    call: &ProviderCall,
) -> Result<Option<String>, AnsweredCallError> {
    let (outcome, why) = match order_of(context, ws, call).await? {
        Ok(order) => match key_of_agent(context, ws, &order).await? {
            Some(key) => match context.voice.register(key.expose(), &order).await {
                Ok(twiml) => return Ok(Some(twiml)),
                Err(error) => (outcome_of(&error), Chain(&error).to_string()),
            },
            None => (Outcome::AccountRefused, format!("there is no key for {}", order.provider)),
        },
        Err(NotConnected::NoConversation(why)) => (Outcome::Error, why.code().name().to_owned()),
        Err(NotConnected::NotUp) => return Ok(None),
    };
    tracing::warn!(attempt = %call.attempt, why, "somebody has answered, and nobody was connected");
    let report = CallReport::bare(outcome, format!("the agent was not connected: {why}"));
    call_updates::apply(context, ws, call, CallUpdate::Ended(&report)).await?;
    Ok(None)
}

/// What it says of the call that its agent can't be had: whoever is called next would be hung up on, too, where the
/// account or the request is refused, so the campaign pauses as it does after a dial that is refused so.
fn outcome_of(error: &InquiryError) -> Outcome {
    match error {
        InquiryError::Refused { status: 401..=404, .. } | InquiryError::BadCredentials => {
            Outcome::AccountRefused
        }
        InquiryError::Refused { status: 408 | 429, .. } => Outcome::Error,
        InquiryError::Refused { status: 400..=499, .. } | InquiryError::NoAgent => Outcome::RequestRejected,
        _ => Outcome::Error,
    }
}

async fn key_of_agent(
    context: &Context,
    ws: &WorkspaceId,
    order: &CallOrder,
) -> Result<Option<Secret>, SecretsError> {
    context.secrets.get(&provider_key_name(ws, order.provider)).await
}
