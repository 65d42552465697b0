//! Batches of queue messages, in which each message succeeds or fails alone.

use std::collections::HashMap;
use std::future::Future;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use serde::de::DeserializeOwned;

/// Handles each message of a batch; those that fail come back, the others do not. What is there several times,
/// word for word, is handled once.
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
    let mut handled = HashMap::<String, bool>::new();
    for record in event.records {
        let id = record.message_id.unwrap_or_default();
        let body = record.body.unwrap_or_default();
        let failed = match handled.get(&body) {
            Some(failed) => *failed,
            None => {
                let failed = has_failed(&id, &body, &handle).await;
                handled.insert(body, failed);
                failed
            }
        };
        if failed {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
    }
    response
}

/// Handles one message; says whether it failed.
async fn has_failed<M, E, F>(id: &str, body: &str, handle: impl Fn(M) -> F) -> bool
where
    M: DeserializeOwned,
    E: std::error::Error,
    F: Future<Output = Result<(), E>>,
{
    match serde_json::from_str::<M>(body) {
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
    }
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use aws_lambda_events::event::sqs::SqsMessage;

    use super::*;

    #[tokio::test]
    async fn the_same_message_is_handled_once_and_fails_as_one() {
        let mut event = SqsEvent::default();
        for (id, body) in [("a", "1"), ("b", "2"), ("c", "1"), ("d", "2"), ("e", "no number")] {
            let mut message = SqsMessage::default();
            (message.message_id, message.body) = (Some(id.to_owned()), Some(body.to_owned()));
            event.records.push(message);
        }
        let handled = RefCell::new(Vec::new());
        let response = each(event, |number: u32| {
            handled.borrow_mut().push(number);
            async move { if number == 2 { Err(std::fmt::Error) } else { Ok(()) } }
        })
        .await;
        assert_eq!(handled.into_inner(), [1, 2]);
        let failed: Vec<_> =
            response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
        assert_eq!(failed, ["b", "d", "e"]);
    }
}
