//! Queues of one machine, with the semantics of SQS and delays to the millisecond.

mod memory;
mod sqlite;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use carillon_domain::base::time::{DAY_MS, Timestamp};
use rusqlite::Connection;
use tokio::sync::Notify;

use super::{Message, QueueError, check_sizes};
use crate::clock::Clock;

/// How long dead letters are kept, in milliseconds: 14 days, the longest that SQS keeps any.
const DEAD_RETENTION_MS: i64 = 14 * DAY_MS;

/// All queues of this machine: one SQLite file, or nothing but memory.
///
/// What a queue in a file has taken survives the end of the process, however it ends. Calls are made
/// where they stand, without a thread of their own: each takes some hundred microseconds with a file.
#[derive(Debug, Clone)]
pub struct LocalQueues {
    rows: Arc<Mutex<dyn Rows>>,
    clock: Clock,
    queues: Arc<Mutex<BTreeMap<String, LocalQueue>>>,
}

impl LocalQueues {
    /// Opens the file at `path`, or makes it.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`] if it can't be opened or is no file of queues.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, QueueError> {
        let opened = Connection::open(path).and_then(sqlite::prepare);
        let connection = opened.map_err(|source| unavailable(&path.display().to_string(), source))?;
        Ok(Self::over(connection, clock))
    }

    /// Queues that are gone with this value: for tests and simulations, where the same calls at the same
    /// times get the same answers.
    pub fn in_memory(clock: Clock) -> Self {
        Self::over(memory::Memory::default(), clock)
    }

    fn over(rows: impl Rows + 'static, clock: Clock) -> Self {
        Self { rows: Arc::new(Mutex::new(rows)), clock, queues: Arc::default() }
    }

    /// The queue called `name`, always the same one. `max_receives` is how often a message is
    /// handed out before it is a dead letter; the first call decides it.
    pub fn queue(&self, name: &str, max_receives: u32) -> LocalQueue {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || LocalQueue {
            name: name.into(),
            max_receives,
            rows: Arc::clone(&self.rows),
            clock: self.clock.clone(),
            changed: Arc::default(),
        };
        queues.entry(name.to_owned()).or_insert_with(make).clone()
    }

    /// Takes back what was handed out, uncounted: for a process that has just started and knows that
    /// nobody else receives from this file. Says how many messages that were.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`].
    pub fn reclaim(&self) -> Result<usize, QueueError> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.reclaim(self.clock.now()).map_err(|source| unavailable("all", source))
    }

    /// Makes everyone who waits in [`LocalQueue::ready`] look again: for whoever has put the
    /// clock forward.
    pub fn wake(&self) {
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.values().for_each(|queue| queue.changed.notify_waiters());
    }
}

/// One queue of [`LocalQueues`].
#[derive(Debug, Clone)]
pub struct LocalQueue {
    name: Arc<str>,
    max_receives: u32,
    rows: Arc<Mutex<dyn Rows>>,
    clock: Clock,
    changed: Arc<Notify>,
}

/// A message in the hands of a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message's id, the same at every delivery.
    pub id: String,
    /// Names this delivery; needed to delete or release.
    pub receipt: String,
    pub body: String,
    /// How often it was handed out, this time included.
    pub receive_count: u32,
    pub sent_at: Timestamp,
}

/// A message that was handed out too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The id that the message had.
    pub id: String,
    pub body: String,
    /// How often it was handed out.
    pub receive_count: u32,
    pub sent_at: Timestamp,
    /// When it was given up.
    pub died_at: Timestamp,
}

/// How many messages a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    pub visible: u64,
    pub delayed: u64,
    /// In the hands of a receiver.
    pub in_flight: u64,
    pub dead: u64,
}

impl LocalQueue {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Puts all `messages` into the queue, or none of them.
    ///
    /// # Errors
    /// [`QueueError::TooLarge`], [`QueueError::Unavailable`].
    pub fn send(&self, messages: &[Message]) -> Result<(), QueueError> {
        check_sizes(messages)?;
        self.with(|rows| rows.send(&self.name, messages, self.clock.now()))?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Takes up to `max` visible messages, the longest visible first, and hides each for
    /// `visibility_ms` (at least one). Those that were handed out `max_receives` times
    /// before become dead letters instead.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`].
    pub fn receive(&self, max: u32, visibility_ms: i64) -> Result<Vec<Received>, QueueError> {
        let now = self.clock.now();
        let lease = Lease { now, until: now.plus_ms(visibility_ms.max(1)), max_receives: self.max_receives };
        self.with(|rows| rows.receive(&self.name, max, lease))
    }

    /// Removes a message for good; `false` if the delivery is not its latest one any more.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`].
    pub fn delete(&self, receipt: &str) -> Result<bool, QueueError> {
        self.with(|rows| rows.delete(&self.name, receipt))
    }

    /// Gives a message back, to be visible after `delay_ms`; `false` if the delivery is not
    /// its latest one any more.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`].
    pub fn release(&self, receipt: &str, delay_ms: i64) -> Result<bool, QueueError> {
        let visible_at = self.clock.now().plus_ms(delay_ms.max(0));
        let released = self.with(|rows| rows.release(&self.name, receipt, visible_at))?;
        if released {
            self.changed.notify_waiters();
        }
        Ok(released)
    }

    /// Gives a message back as if it had not been handed out, to be visible at once; `false` if the delivery is not its
    /// latest one any more.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`].
    pub fn put_back(&self, receipt: &str) -> Result<bool, QueueError> {
        let now = self.clock.now();
        let is_back = self.with(|rows| rows.put_back(&self.name, receipt, now))?;
        if is_back {
            self.changed.notify_waiters();
        }
        Ok(is_back)
    }

    /// When the next message is visible, those in flight included: a moment that has come if
    /// one can be had now, `None` if the queue is empty.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`].
    pub fn next_visible_at(&self) -> Result<Option<Timestamp>, QueueError> {
        self.with(|rows| rows.next_visible_at(&self.name))
    }

    /// Waits until a message is visible. On a manual clock only a change of the queue or
    /// [`LocalQueues::wake`] makes it look again.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`].
    pub async fn ready(&self) -> Result<(), QueueError> {
        loop {
            // Made before looking, so that no change in between is missed.
            let changed = self.changed.notified();
            match self.next_visible_at()? {
                Some(at) if at <= self.clock.now() => return Ok(()),
                Some(at) if !matches!(self.clock, Clock::Manual(_)) => tokio::select! {
                    biased;
                    () = changed => {}
                    () = self.clock.sleep_until(at) => {}
                },
                _ => changed.await,
            }
        }
    }

    /// How many messages there are.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`].
    pub fn depth(&self) -> Result<Depth, QueueError> {
        self.with(|rows| rows.depth(&self.name, self.clock.now()))
    }

    /// Up to `max` dead letters, the oldest first.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`].
    pub fn dead_letters(&self, max: u32) -> Result<Vec<DeadLetter>, QueueError> {
        self.with(|rows| rows.dead_letters(&self.name, max))
    }

    /// Sends up to `max` dead letters again, the oldest first, as new messages with a receive
    /// count of zero; answers how many.
    ///
    /// # Errors
    /// [`QueueError::Unavailable`].
    pub fn redrive(&self, max: u32) -> Result<usize, QueueError> {
        let moved = self.with(|rows| rows.redrive(&self.name, max, self.clock.now()))?;
        self.changed.notify_waiters();
        Ok(moved)
    }

    fn with<T>(&self, work: impl FnOnce(&mut dyn Rows) -> rusqlite::Result<T>) -> Result<T, QueueError> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut *rows).map_err(|source| unavailable(&self.name, source))
    }
}

/// The terms on which messages are handed out.
#[derive(Debug, Clone, Copy)]
struct Lease {
    now: Timestamp,
    until: Timestamp,
    max_receives: u32,
}

/// Where messages lie. Each call is done as a whole or not at all.
trait Rows: Debug + Send {
    fn send(&mut self, queue: &str, messages: &[Message], now: Timestamp) -> rusqlite::Result<()>;
    fn receive(&mut self, queue: &str, max: u32, lease: Lease) -> rusqlite::Result<Vec<Received>>;
    fn delete(&mut self, queue: &str, receipt: &str) -> rusqlite::Result<bool>;
    fn release(&mut self, queue: &str, receipt: &str, visible_at: Timestamp) -> rusqlite::Result<bool>;
    fn put_back(&mut self, queue: &str, receipt: &str, now: Timestamp) -> rusqlite::Result<bool>;
    fn reclaim(&mut self, now: Timestamp) -> rusqlite::Result<usize>;
    fn next_visible_at(&mut self, queue: &str) -> rusqlite::Result<Option<Timestamp>>;
    fn depth(&mut self, queue: &str, now: Timestamp) -> rusqlite::Result<Depth>;
    fn dead_letters(&mut self, queue: &str, max: u32) -> rusqlite::Result<Vec<DeadLetter>>;
    fn redrive(&mut self, queue: &str, max: u32, now: Timestamp) -> rusqlite::Result<usize>;
}

/// The receipt of a message's latest delivery.
fn receipt(id: i64, receive_count: u32) -> String {
    format!("{id}.{receive_count}")
}

/// The message and the receive count that a receipt names.
fn delivery(receipt: &str) -> Option<(i64, u32)> {
    let (id, receive_count) = receipt.split_once('.')?;
    Some((id.parse().ok()?, receive_count.parse().ok()?))
}

fn unavailable(queue: &str, source: rusqlite::Error) -> QueueError {
    QueueError::Unavailable { queue: queue.to_owned(), source: Box::new(source) }
}
