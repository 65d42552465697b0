//! The carrier's own log: one JSON line for each message, each refused order, each try of a webhook.

use std::io;
use std::path::Path;

use carillon_domain::base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::message::Message;
use crate::journal::Journal;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// A message was taken, or came from a person.
    Message(Box<Message>),
    /// An order was refused.
    Refused { at: Timestamp, to: String },
    /// A webhook was sent; again at a later moment if it was not taken.
    Tried { at: Timestamp, form: u64, again_at: Option<Timestamp>, taken: bool },
    /// We answered a person at once, in what we answered a webhook with.
    Answered { at: Timestamp, form: u64, from: String, to: String, text: String },
}

/// What the carrier has done, on disk or in memory.
#[derive(Default)]
pub struct MessageLog {
    journal: Journal,
    history: Vec<Entry>,
}

impl MessageLog {
    /// A log that is gone with the process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The log in this file, which is made if need be. A last line that was not finished is cut off.
    ///
    /// # Errors
    /// The file can't be read or written, or holds something else.
    pub fn open(path: &Path) -> io::Result<Self> {
        let (journal, history) = Journal::open(path)?;
        Ok(Self { journal, history })
    }

    /// What happened before the log was opened.
    pub(super) fn take_history(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.history)
    }

    pub(super) fn append(&mut self, entry: &Entry) -> io::Result<()> {
        self.journal.append(entry)
    }
}
