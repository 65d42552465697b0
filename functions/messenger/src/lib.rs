//! Sends the texts that the planner claimed, and asks about those of which nothing is heard.

mod ask;
mod error;
mod send;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carillon_runtime::batch;
use carillon_runtime::context::Context;
use carillon_runtime::messages::{DialMessage, DialTask};

pub use error::MessengerError;

/// Handles a batch of dial messages.
pub async fn handle(context: &Context, event: SqsEvent) -> SqsBatchResponse {
    batch::each(event, |message: DialMessage| async move { see_to(context, &message).await }).await
}

/// Sees to one attempt.
///
/// # Errors
/// [`MessengerError`]; a text is never sent twice, however often the message comes.
pub async fn see_to(context: &Context, message: &DialMessage) -> Result<(), MessengerError> {
    match message.task {
        DialTask::Place => send::send(context, message).await,
        DialTask::Ask => ask::ask(context, message).await,
    }
}
