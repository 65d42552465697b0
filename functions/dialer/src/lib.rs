//! Places the calls that the planner claimed, and asks about those that fell silent.

mod ask;
mod order;
mod place;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carillon_adapters::secrets::SecretsError;
use carillon_adapters::voice::InquiryError;
use carillon_domain::base::call::{ProviderCallId, VoiceEvent};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::calling::outcome::CallUpdate;
use carillon_runtime::batch;
use carillon_runtime::context::Context;
use carillon_runtime::messages::{DialMessage, DialTask};
use carillon_runtime::services::call_updates::{self, NewsError};
use carillon_store::{CommitError, ProviderCall, StoreError};

/// An attempt was not seen to; its message comes again, or its claim runs out.
#[derive(Debug, thiserror::Error)]
pub enum DialerError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A transaction was not committed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The secret store did not answer.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The provider could not be asked.
    #[error(transparent)]
    Inquiry(#[from] InquiryError),
    /// What became known could not be written down.
    #[error(transparent)]
    News(#[from] NewsError),
}

/// Handles a batch of dial messages.
pub async fn handle(context: &Context, event: SqsEvent) -> SqsBatchResponse {
    batch::each(event, |message: DialMessage| async move { see_to(context, &message).await }).await
}

/// Sees to one attempt.
///
/// # Errors
/// [`DialerError`]; a call is never placed twice, however often the message comes.
pub async fn see_to(context: &Context, message: &DialMessage) -> Result<(), DialerError> {
    match message.task {
        DialTask::Place => place::place(context, message).await,
        DialTask::Ask => ask::ask(context, message).await,
    }
}

/// The attempt that a message speaks of.
fn call_of(message: &DialMessage) -> ProviderCall {
    ProviderCall {
        attempt: message.attempt.clone(),
        lead: message.lead.clone(),
        number: message.number.clone(),
    }
}

/// Notes under which ids the provider speaks of a call, then takes the events that came before.
///
/// In this order: a webhook that comes in between finds the note; one that came before has left
/// its event.
async fn note_calls(
    context: &Context,
    ws: &WorkspaceId,
    call: &ProviderCall,
    ids: &[ProviderCallId],
    now: Timestamp,
) -> Result<(), DialerError> {
    for id in ids {
        context.store.note_provider_call(ws, id, call, now).await?;
        let early: Vec<VoiceEvent> = context.store.call_trail(ws, id).await?.events;
        for news in early.iter().filter_map(CallUpdate::of) {
            call_updates::apply(context, ws, call, news).await?;
        }
    }
    Ok(())
}
