//! Carries the changes of the table to the stream function, and shows what came of it.

use std::path::PathBuf;

use carillon_adapters::consumers::{Consumer, EventLog};
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_local::TABLE;
use carillon_local::table::{ChangeFeed, EmbeddedTable};
use carillon_local::wiring::PARKED;
use serde_json::Value;

use crate::harness::{Delivery, Harness};
use crate::scratch::Scratch;
use crate::spent::Reading;

/// How long changes are gathered, in milliseconds.
const WINDOW_MS: i64 = SECOND_MS;
/// Most changes of a batch.
const BATCH: usize = 100;
/// The sizes of batches that are repeated, in turn.
const SIZES: [usize; 5] = [BATCH, 7, 33, 1, 64];

pub(crate) struct Stream {
    changes: ChangeFeed,
    scratch: Scratch,
    delivery: Delivery,
    carried_at: Timestamp,
    batches: usize,
}

impl Stream {
    pub(crate) fn open(table: &EmbeddedTable, scratch: Scratch, delivery: Delivery, now: Timestamp) -> Self {
        let changes = table.changes(TABLE).expect("a table on file");
        Self { changes, scratch, delivery, carried_at: now, batches: 0 }
    }

    fn path(&self) -> PathBuf {
        self.scratch.path().join("events.jsonl")
    }

    pub(crate) fn log(&self) -> Consumer {
        Consumer::EventLog(EventLog::open(&self.path()).expect("a file"))
    }
}

impl Harness {
    /// Hands over what has changed, once the window is over.
    pub(crate) async fn carry_changes(&mut self) {
        let now = self.context.now();
        if self.stream.as_ref().is_some_and(|stream| now.since_ms(stream.carried_at) >= WINDOW_MS) {
            self.tell_all().await;
        }
    }

    /// Hands over all that has changed.
    pub async fn tell_all(&mut self) {
        let Some(mut stream) = self.stream.take() else { return };
        stream.carried_at = self.context.now();
        let before = Reading::take(&self.table);
        loop {
            let is_repeated = stream.delivery == Delivery::Repeated;
            let size = if is_repeated { SIZES[stream.batches % SIZES.len()] } else { BATCH };
            let batch = stream.changes.next(size).expect("a table");
            if batch.records.is_empty() {
                break;
            }
            stream.batches += 1;
            let times = if is_repeated && stream.batches.is_multiple_of(2) { 2 } else { 1 };
            for _ in 0..times {
                let response = carillon_stream::handle(&self.context, batch.clone()).await;
                assert_eq!(response.batch_item_failures, []);
            }
            // The function was done, and nobody heard of it: its changes come again, in another batch.
            if !(is_repeated && stream.batches.is_multiple_of(3)) {
                stream.changes.told(&batch).expect("a table");
            }
        }
        self.stream = Some(stream);
        self.note("stream", before);
    }

    /// The messages about changes that can't be told of.
    pub fn parked(&self) -> Vec<String> {
        let queue = self.queues.queue(PARKED.name, PARKED.max_receives);
        let received = queue.receive(10, 1).expect("a queue");
        received.into_iter().map(|message| message.body).collect()
    }

    /// The events so far, as the log has them.
    pub fn events(&self) -> Vec<Value> {
        let path = self.stream.as_ref().expect("a stream").path();
        let text = std::fs::read_to_string(path).expect("a file");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}
