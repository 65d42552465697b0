//! The network's own log: one JSON line for each call, each refused dial, each try of a webhook.
//!
//! A line reaches the operating system before the HTTP answer goes out, so it outlives the death
//! of the process; on the next start the network takes its calls up where the log leaves them.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use carillon_domain::base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::audit::CallRecord;
use super::call::Call;
use super::person::Refusal;
use super::webhook_schedule::{Post, WebhookId};
use crate::journal::Journal;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub(super) enum Entry {
    /// A call was made; these webhooks will tell of it.
    Placed { call: Box<Call>, posts: Vec<Post> },
    /// A call goes on otherwise than it was to; these webhooks are to be sent then.
    Changed { call: Box<Call>, posts: Vec<Post> },
    /// A number was dialled and no call was made.
    Refused {
        at: Timestamp,
        to_number: String,
        #[serde(alias = "user_id")]
        attempt: Option<String>,
        refusal: Refusal,
    },
    /// A webhook was sent; no status if nobody answered.
    Tried { id: WebhookId, at: Timestamp, status: Option<u16> },
}

/// What the network has done, on disk or in memory.
#[derive(Default)]
pub struct NetworkLog {
    journal: Journal,
    history: Vec<Entry>,
    records: Vec<CallRecord>,
    /// Where each call stands in `records`.
    places: HashMap<String, usize>,
}

impl NetworkLog {
    /// A log that is gone with the process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The log in this file, which is made if need be. A last line that was not finished is cut
    /// off: nobody was told of it.
    ///
    /// # Errors
    /// The file can't be read or written, or holds something else.
    pub fn open(path: &Path) -> io::Result<Self> {
        let (journal, history) = Journal::open(path)?;
        Ok(Self { journal, ..Self::of(history) })
    }

    /// The calls in a log file that may be in use.
    ///
    /// # Errors
    /// The file can't be read, or holds something else.
    pub fn read_calls(path: &Path) -> io::Result<Vec<CallRecord>> {
        Ok(Self::of(Journal::read(path)?).records)
    }

    fn of(history: Vec<Entry>) -> Self {
        let mut log = Self::in_memory();
        history.iter().for_each(|entry| log.keep(entry));
        Self { history, ..log }
    }

    /// Every call, in the order of placing.
    pub fn calls(&self) -> &[CallRecord] {
        &self.records
    }

    /// What happened before the log was opened.
    pub(super) fn take_history(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.history)
    }

    /// Writes a line and hands it to the operating system.
    pub(super) fn append(&mut self, entry: &Entry) -> io::Result<()> {
        self.journal.append(entry)?;
        self.keep(entry);
        Ok(())
    }

    /// Notes that a webhook is on its way.
    pub(super) fn sent(&mut self, id: &WebhookId, at: Timestamp) {
        let record = self.places.get(&id.call).and_then(|place| self.records.get_mut(*place));
        if let Some(record) = record.filter(|_| id.kind.is_final()) {
            record.known_at.get_or_insert(at);
        }
    }

    fn keep(&mut self, entry: &Entry) {
        match entry {
            Entry::Placed { call, .. } => {
                self.places.insert(call.id.clone(), self.records.len());
                self.records.push(CallRecord::of(call));
            }
            Entry::Changed { call, .. } => {
                let record = self.places.get(&call.id).and_then(|place| self.records.get_mut(*place));
                if let Some(record) = record {
                    *record = CallRecord { known_at: record.known_at, ..CallRecord::of(call) };
                }
            }
            Entry::Refused { .. } => {}
            Entry::Tried { id, at, .. } => self.sent(id, *at),
        }
    }
}
