//! Records that can't be told of: kept with the reason in a queue, which hands them to this function
//! again, and then in its dead letters, from where they may be sent again once the cause is mended.

use aws_lambda_events::event::dynamodb::EventRecord;
use carillon_adapters::queue::{MAX_BATCH_BYTES, Message};
use carillon_runtime::context::{Context, body};
use serde::{Deserialize, Serialize};

use crate::error::StreamError;
use crate::publish::Untold;

/// A record and why it was parked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Parked {
    reason: String,
    pub(crate) record: EventRecord,
}

pub(crate) async fn park(
    context: &Context,
    records: &[EventRecord],
    untold: &[Untold],
) -> Result<(), StreamError> {
    let messages: Vec<_> =
        untold.iter().map(|untold| message(&records[untold.place], &untold.reason)).collect();
    for message in &messages {
        tracing::error!(parked = message.body, "a change can't be told of");
    }
    Ok(context.queues.parked.send(&messages).await?)
}

fn message(record: &EventRecord, reason: &str) -> Message {
    let mut parked = Parked { reason: reason.to_owned(), record: record.clone() };
    let whole = body(&parked);
    if whole.len() <= MAX_BATCH_BYTES {
        return Message::now(whole);
    }
    // No queue takes its images: the keys say where to look.
    (parked.record.change.old_image, parked.record.change.new_image) = Default::default();
    Message::now(body(&parked))
}
