//! Sends events to the endpoints that customers have given, until they take them.
//!
//! An endpoint may get a delivery again, under the same id: a courier that dies between its answer and our record of it
//! has told nobody.

mod deliver;
mod error;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carillon_runtime::batch;
use carillon_runtime::context::Context;
use carillon_runtime::messages::DeliveryMessage;

pub use error::CourierError;

/// Handles a batch of messages.
pub async fn handle(context: &Context, event: SqsEvent) -> SqsBatchResponse {
    batch::each(event, |message: DeliveryMessage| async move { deliver::deliver(context, &message).await })
        .await
}
