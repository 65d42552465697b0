//! Tells whoever listens what has changed: the table's stream becomes events, and each event a delivery to every
//! endpoint that wants it.
//!
//! Everything here may happen again: an event keeps its id and its number and counts once, and a consumer takes it
//! once, or can tell. A record that can't be told of is parked and stands in nobody's way.

mod analysis;
mod breakdown;
mod deliveries;
mod error;
mod parking;
mod publish;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use carillon_runtime::batch::{self, Chain};
use carillon_runtime::context::Context;

use parking::Parked;

pub use error::StreamError;

/// Handles a batch of the table's stream. If it fails it comes again from its first record on.
pub async fn handle(context: &Context, event: Event) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    if let Err(error) = tell(context, &event.records).await {
        tracing::warn!(records = event.records.len(), error = %Chain(&error), "a batch of changes failed");
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier =
            event.records.first().and_then(|first| first.change.sequence_number.clone());
        response.batch_item_failures.push(failure);
    }
    response
}

/// Handles records that were parked. What still can't be told of becomes a dead letter in the end.
pub async fn replay(context: &Context, event: SqsEvent) -> SqsBatchResponse {
    batch::each(event, |parked: Parked| async move {
        match publish::publish(context, std::slice::from_ref(&parked.record)).await?.pop() {
            None => Ok(()),
            Some(untold) => Err(StreamError::StillParked(untold.reason)),
        }
    })
    .await
}

async fn tell(context: &Context, records: &[EventRecord]) -> Result<(), StreamError> {
    let untold = publish::publish(context, records).await?;
    parking::park(context, records, &untold).await
}
