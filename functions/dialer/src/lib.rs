//! Places the calls that the planner claimed, and asks about those that fell silent.

mod ask;
mod error;
mod place;
mod provider_call;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carillon_runtime::batch;
use carillon_runtime::context::Context;
use carillon_runtime::messages::{DialMessage, DialTask};

pub use error::DialerError;

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
