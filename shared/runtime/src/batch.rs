//! Batches of queue messages, in which each message succeeds or fails alone.

use std::future::Future;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use serde::de::DeserializeOwned;

/// Handles each message of a batch; those that fail come back, the others do not.
///
/// A message that can't be read is not worth another try, yet must not be lost: it fails too, and
/// after its last receive it lies in the dead-letter queue.
pub async fn each<M, E, F>(event: SqsEvent, handle: impl Fn(M) -> F) -> SqsBatchResponse
where
    M: DeserializeOwned,
    E: std::error::Error,
    F: Future<Output = Result<(), E>>,
{
    let mut response = SqsBatchResponse::default();
    for record in event.records {
        let id = record.message_id.unwrap_or_default();
        let body = record.body.unwrap_or_default();
        let failed = match serde_json::from_str::<M>(&body) {
            Err(error) => {
                tracing::error!(message = %id, %error, "a message can't be read");
                true
            }
            Ok(message) => match handle(message).await {
                Ok(()) => false,
                Err(error) => {
                    tracing::warn!(message = %id, error = %Chain(&error), "a message failed");
                    true
                }
            },
        };
        if failed {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
    }
    response
}

/// An error with its causes, on one line.
pub struct Chain<'a>(pub &'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
