//! A bus of Amazon EventBridge.

use std::ops::Range;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use carillon_domain::reporting::events::PublishedEvent;

use super::{ConsumerError, Refused};

/// Most events of one request (limit of the service).
const MAX_BATCH_EVENTS: usize = 10;
/// Most bytes of one request (limit of the service).
const MAX_BATCH_BYTES: usize = 256 * 1024;
/// Bytes that the service counts for the time of an entry.
const TIME_BYTES: usize = 14;
/// Who speaks, for the patterns of rules.
const SOURCE: &str = "carillon";
/// What the service calls failures that pass.
const PASSING: [&str; 3] = ["InternalFailure", "InternalException", "ThrottlingException"];

/// Each event becomes an entry with the event's name as its detail type, and the whole of it as its
/// detail. The bus promises no order: the sequence number does.
#[derive(Debug, Clone)]
pub struct EventBus {
    client: Client,
    name: String,
}

struct Entry {
    index: usize,
    detail_type: &'static str,
    at: DateTime,
    detail: String,
}

impl Entry {
    fn of(index: usize, published: &PublishedEvent) -> Self {
        Self {
            index,
            detail_type: published.event.fact.name(),
            at: DateTime::from_millis(published.event.at.as_millis()),
            detail: serde_json::to_string(published).unwrap_or_default(),
        }
    }

    fn bytes(&self) -> usize {
        TIME_BYTES + SOURCE.len() + self.detail_type.len() + self.detail.len()
    }
}

impl EventBus {
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// Puts events in as few requests as the service allows, one after another; what a request turns down
    /// for a reason that may pass is tried once more.
    pub(super) async fn put(&self, events: &[PublishedEvent]) -> Result<Vec<Refused>, ConsumerError> {
        let entries = events.iter().enumerate().map(|(index, event)| Entry::of(index, event));
        let (fitting, too_large): (Vec<_>, Vec<_>) =
            entries.partition(|entry| entry.bytes() <= MAX_BATCH_BYTES);
        let mut refused: Vec<_> = too_large
            .iter()
            .map(|entry| Refused {
                index: entry.index,
                reason: format!("{} bytes are more than a bus takes", entry.bytes()),
            })
            .collect();
        for range in batches(&fitting) {
            let batch: Vec<_> = fitting[range].iter().collect();
            let failed = self.put_batch(&batch).await?;
            let (passing, lasting): (Vec<_>, Vec<_>) =
                failed.into_iter().partition(|(_, code)| is_passing(code));
            refused.extend(lasting.into_iter().map(refusal));
            if passing.is_empty() {
                continue;
            }
            let again: Vec<_> = passing.into_iter().map(|(entry, _)| entry).collect();
            for (entry, code) in self.put_batch(&again).await? {
                if is_passing(&code) {
                    return Err(self.unavailable(code));
                }
                refused.push(refusal((entry, code)));
            }
        }
        Ok(refused)
    }

    /// Puts a batch; answers with the entries that failed, and why.
    async fn put_batch<'a>(&self, batch: &[&'a Entry]) -> Result<Vec<(&'a Entry, String)>, ConsumerError> {
        let entry = |entry: &&Entry| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.name)
                .source(SOURCE)
                .detail_type(entry.detail_type)
                .detail(&entry.detail)
                .time(entry.at)
                .build()
        };
        let entries = batch.iter().map(entry).collect();
        let answer = self
            .client
            .put_events()
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| self.unavailable(error))?;
        let results = answer.entries.unwrap_or_default();
        if results.len() != batch.len() {
            return Err(self.unavailable("an answer for other events"));
        }
        let failed = |(entry, code): (&&'a Entry, Option<String>)| Some((*entry, code?));
        Ok(batch.iter().zip(results.into_iter().map(|result| result.error_code)).filter_map(failed).collect())
    }

    fn unavailable(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ConsumerError {
        ConsumerError { consumer: format!("the event bus {}", self.name), source: source.into() }
    }
}

fn is_passing(code: &str) -> bool {
    PASSING.contains(&code)
}

fn refusal((entry, reason): (&Entry, String)) -> Refused {
    Refused { index: entry.index, reason }
}

/// Splits entries, in their order, into ranges that one request holds.
fn batches(entries: &[Entry]) -> Vec<Range<usize>> {
    let (mut batches, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (place, entry) in entries.iter().enumerate() {
        if place - start == MAX_BATCH_EVENTS || (place > start && bytes + entry.bytes() > MAX_BATCH_BYTES) {
            batches.push(start..place);
            (start, bytes) = (place, 0);
        }
        bytes += entry.bytes();
    }
    if start < entries.len() {
        batches.push(start..entries.len());
    }
    batches
}

#[cfg(test)]
mod tests;
