//! A queue of Amazon SQS.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BoxError;
use aws_sdk_sqs::types::{BatchResultErrorEntry, SendMessageBatchRequestEntry};
use carillon_domain::base::time::SECOND_MS;

use super::batches::batches;
use super::{Message, QueueError, Unsent, check_sizes};

/// One standard queue of Amazon SQS, to send to; Lambda itself receives.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    /// The queue at `url`.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }

    /// Sends in as few requests as SQS allows, one after another; what a request refuses is
    /// tried once more.
    pub(super) async fn send(&self, messages: &[Message]) -> Result<(), QueueError> {
        check_sizes(messages)?;
        let mut unsent = Vec::new();
        for batch in batches(messages) {
            let refused = self.send_batch(messages, batch).await?;
            if !refused.is_empty() {
                let again = refused.into_iter().map(|message| message.index);
                unsent.extend(self.send_batch(messages, again).await?);
            }
        }
        if unsent.is_empty() { Ok(()) } else { Err(QueueError::Unsent { queue: self.name(), unsent }) }
    }

    /// Sends the messages at `indices` in one request and answers with those it refused.
    async fn send_batch(
        &self,
        messages: &[Message],
        indices: impl Iterator<Item = usize>,
    ) -> Result<Vec<Unsent>, QueueError> {
        let entries = indices
            .map(|index| entry(index, &messages[index]))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| self.unavailable(error))?;
        let answer = self
            .client
            .send_message_batch()
            .queue_url(&self.url)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| self.unavailable(error))?;
        answer.failed().iter().map(refusal).collect::<Result<_, _>>().map_err(|error| self.unavailable(error))
    }

    fn unavailable(&self, source: impl Into<BoxError>) -> QueueError {
        QueueError::Unavailable { queue: self.name(), source: source.into() }
    }

    fn name(&self) -> String {
        self.url.rsplit('/').next().unwrap_or_default().to_owned()
    }
}

fn entry(index: usize, message: &Message) -> Result<SendMessageBatchRequestEntry, BoxError> {
    let delay_secs = i32::try_from(message.clipped_delay_ms() / SECOND_MS)?;
    let entry = SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(&message.body)
        .delay_seconds(delay_secs)
        // On a standard queue this makes it fair: who has a backlog holds up nobody else.
        .set_message_group_id(message.group.clone())
        .build()?;
    Ok(entry)
}

fn refusal(entry: &BatchResultErrorEntry) -> Result<Unsent, BoxError> {
    let reason = match entry.message() {
        Some(message) => format!("{}: {message}", entry.code()),
        None => entry.code().to_owned(),
    };
    Ok(Unsent { index: entry.id().parse()?, reason })
}

#[cfg(test)]
mod tests;
