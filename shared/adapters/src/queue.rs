//! Queues of hints: SQS, or its stand-in on this machine.
//!
//! Both deliver at least once and in no promised order. The table holds the truth, so a
//! message that is lost, doubled or late costs time, never correctness.
#![cfg_attr(
    not(any(feature = "aws", feature = "local")),
    allow(unused_variables, reason = "no queue to call")
)]

#[cfg(any(test, feature = "aws"))]
mod batches;
#[cfg(feature = "local")]
mod local;
#[cfg(feature = "aws")]
mod sqs;

use std::error::Error;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use carillon_domain::base::time::SECOND_MS;

#[cfg(feature = "local")]
pub use local::{DeadLetter, Depth, LocalQueue, LocalQueues, Received};
#[cfg(feature = "aws")]
pub use sqs::SqsQueue;

/// Longest body, and longest batch of bodies together, in bytes (SQS).
pub const MAX_BATCH_BYTES: usize = 256 * 1024;
/// Longest delay of a message, in milliseconds: 15 minutes (SQS).
pub const MAX_DELAY_MS: i64 = 900 * SECOND_MS;

/// Where one kind of message goes.
#[derive(Debug, Clone)]
pub enum Queue {
    /// A queue of Amazon SQS.
    #[cfg(feature = "aws")]
    Sqs(SqsQueue),
    /// A queue in a file of this machine.
    #[cfg(feature = "local")]
    Local(LocalQueue),
    /// One that a test keeps.
    Custom(Arc<dyn Outbox>),
}

/// Where messages go that somebody else delivers.
pub trait Outbox: Debug + Send + Sync {
    fn send<'a>(&'a self, messages: &'a [Message]) -> Sending<'a>;
}

/// Messages on their way into a queue.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), QueueError>> + Send + 'a>>;

impl Queue {
    /// Sends all `messages`; once this answers `Ok` they outlive a crash of the sender.
    ///
    /// # Errors
    /// [`QueueError::TooLarge`] before anything is sent; [`QueueError::Unsent`] names the
    /// messages that were refused twice while the rest was sent; after
    /// [`QueueError::Unavailable`] any of them may have been sent.
    pub async fn send(&self, messages: &[Message]) -> Result<(), QueueError> {
        match *self {
            #[cfg(feature = "aws")]
            Self::Sqs(ref queue) => queue.send(messages).await,
            #[cfg(feature = "local")]
            Self::Local(ref queue) => queue.send(messages),
            Self::Custom(ref queue) => queue.send(messages).await,
        }
    }
}

/// Something to put into a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What the receiver gets, at most [`MAX_BATCH_BYTES`].
    pub body: String,
    /// How long the queue holds it back, clipped to 0–[`MAX_DELAY_MS`]. SQS counts whole
    /// seconds, rounded down: who must not be early waits for the rest itself.
    pub delay_ms: i64,
    /// Whose it is, where a queue is to be fair to several: one who has many waits for nobody but itself.
    pub group: Option<String>,
}

impl Message {
    /// A message to deliver at once.
    pub fn now(body: impl Into<String>) -> Self {
        Self::after(0, body)
    }

    /// A message to deliver after `delay_ms`.
    pub fn after(delay_ms: i64, body: impl Into<String>) -> Self {
        Self { body: body.into(), delay_ms, group: None }
    }

    /// The same as one of a group.
    #[must_use]
    pub fn of_group(self, group: impl ToString) -> Self {
        Self { group: Some(group.to_string()), ..self }
    }

    /// The delay that a queue can keep.
    #[cfg(any(test, feature = "aws", feature = "local"))]
    fn clipped_delay_ms(&self) -> i64 {
        self.delay_ms.clamp(0, MAX_DELAY_MS)
    }
}

/// Why messages are not in the queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// A body is longer than [`MAX_BATCH_BYTES`]; nothing was sent.
    #[error("message {index} has {bytes} bytes, more than a queue takes")]
    TooLarge {
        /// Its place among the messages of this call.
        index: usize,
        bytes: usize,
    },
    /// The queue refused some messages, also the second time; it took all the others.
    #[error("queue {queue} refused {} messages, the first one {}", unsent.len(), first(unsent))]
    Unsent { queue: String, unsent: Vec<Unsent> },
    /// The queue did not answer, or not to our request.
    #[error("queue {queue} is not available")]
    Unavailable { queue: String, source: Box<dyn Error + Send + Sync> },
}

/// A message that a queue refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// Its place among the messages of this call.
    pub index: usize,
    pub reason: String,
}

fn first(unsent: &[Unsent]) -> &str {
    unsent.first().map_or("", |message| &message.reason)
}

/// Refuses a body that no queue takes.
#[cfg(any(test, feature = "aws", feature = "local"))]
fn check_sizes(messages: &[Message]) -> Result<(), QueueError> {
    match messages.iter().position(|message| message.body.len() > MAX_BATCH_BYTES) {
        Some(index) => Err(QueueError::TooLarge { index, bytes: messages[index].body.len() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_clipped_to_what_queues_keep() {
        let kept = |delay_ms| Message::after(delay_ms, "").clipped_delay_ms();
        assert_eq!([-1, 0, 1_999, 900_000, 900_001].map(kept), [0, 0, 1_999, 900_000, 900_000]);
    }

    #[test]
    fn a_body_over_the_limit_is_named() {
        let fits = Message::now("x".repeat(MAX_BATCH_BYTES));
        let over = Message::now("x".repeat(MAX_BATCH_BYTES + 1));
        check_sizes(std::slice::from_ref(&fits)).expect("fits exactly");
        let refused = check_sizes(&[fits, over]).expect_err("one byte too many");
        assert!(matches!(refused, QueueError::TooLarge { index: 1, bytes } if bytes == MAX_BATCH_BYTES + 1));
    }

    #[test]
    fn refused_messages_are_counted_and_the_first_reason_is_told() {
        let unsent = vec![
            Unsent { index: 3, reason: "ServiceUnavailable".to_owned() },
            Unsent { index: 7, reason: "InternalError".to_owned() },
        ];
        let error = QueueError::Unsent { queue: "dials".to_owned(), unsent };
        assert_eq!(error.to_string(), "queue dials refused 2 messages, the first one ServiceUnavailable");
    }
}
