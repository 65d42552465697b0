//! Index queries that see the table as it was some writes ago.
//!
//! Every read of the engine is consistent; a global secondary index of DynamoDB is not. So a second engine, in
//! memory, starts as a copy of the table and follows it by running the same writes in the same order, later.
//! What it answers is a state that the table really was in.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::{env, fs, process};

use dynoxide::{Database, DynoxideError};

use super::dispatch::{self, Answer, Operation};

/// How many write requests an index may lag behind its table.
pub const LAG_WRITES: usize = 32;

/// How many write requests wait in memory before the copy follows without being asked.
const MAX_WAITING_WRITES: usize = 1024;

/// The copy of one table, once a query asked for a stale answer.
#[derive(Default)]
pub(super) struct LaggingCopy(RwLock<Option<Mutex<Follower>>>);

impl LaggingCopy {
    /// Runs a request that may write, and has the copy follow it later.
    pub(super) fn write(&self, db: &Database, operation: Operation, body: &[u8]) -> Answer {
        // Without a copy writes share the lock. With one they come in singly: the copy's order is the table's.
        let copy = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(follower) = copy.as_ref() else { return dispatch::run(db, operation, body) };
        let mut follower = follower.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = dispatch::run(db, operation, body);
        if answer.is_success() {
            follower.note(Step::Request(operation, body.to_vec()), operation.changes_table());
        }
        answer
    }

    /// Removes expired items, and has the copy do so later.
    pub(super) fn sweep(&self, db: &Database) -> Result<usize, DynoxideError> {
        let copy = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(follower) = copy.as_ref() else { return db.sweep_ttl() };
        let mut follower = follower.lock().unwrap_or_else(PoisonError::into_inner);
        let swept = db.sweep_ttl()?;
        follower.note(Step::Sweep, false);
        Ok(swept)
    }

    /// Answers a query of an index as of [`LAG_WRITES`] writes ago. Starts the copy when there is none.
    pub(super) fn query(&self, db: &Database, operation: Operation, body: &[u8]) -> Answer {
        if let Some(answer) = self.query_copy(operation, body) {
            return answer;
        }
        match self.start(db) {
            Ok(()) => dispatch::run(db, operation, body),
            Err(error) => error.into(),
        }
    }

    fn query_copy(&self, operation: Operation, body: &[u8]) -> Option<Answer> {
        let copy = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut follower = copy.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        follower.follow(LAG_WRITES);
        Some(dispatch::run(&follower.db, operation, body))
    }

    fn start(&self, db: &Database) -> Result<(), DynoxideError> {
        // The lock is exclusive: no write happens between the copy and its being noted here.
        let mut copy = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if copy.is_none() {
            *copy = Some(Mutex::new(Follower { db: copy_of(db)?, waiting: VecDeque::new() }));
        }
        Ok(())
    }
}

struct Follower {
    db: Database,
    waiting: VecDeque<Step>,
}

enum Step {
    Request(Operation, Vec<u8>),
    Sweep,
}

impl Follower {
    fn note(&mut self, step: Step, at_once: bool) {
        self.waiting.push_back(step);
        if at_once {
            self.follow(0);
        } else if self.waiting.len() > MAX_WAITING_WRITES {
            self.follow(LAG_WRITES);
        }
    }

    fn follow(&mut self, lag_writes: usize) {
        let due = self.waiting.len().saturating_sub(lag_writes);
        for step in self.waiting.drain(..due) {
            let failure = match step {
                Step::Request(operation, body) => {
                    let answer = dispatch::run(&self.db, operation, &body);
                    (!answer.is_success()).then(|| String::from_utf8_lossy(&answer.body).into_owned())
                }
                Step::Sweep => self.db.sweep_ttl().err().map(|error| error.to_string()),
            };
            // Only the repeat of a transaction whose token is older than the copy can fail here; it changed
            // nothing in the table either.
            if let Some(failure) = failure {
                tracing::debug!(failure, "the lagging copy skipped a write");
            }
        }
    }
}

/// A copy of the whole engine in memory, by way of a file in the system's temporary folder.
fn copy_of(db: &Database) -> Result<Database, DynoxideError> {
    static COPIES: AtomicU64 = AtomicU64::new(0);

    let number = COPIES.fetch_add(1, Ordering::Relaxed);
    let file = RemovedFile(env::temp_dir().join(format!("carillon-lag-{}-{number}.sqlite", process::id())));
    let path = file.0.to_str().ok_or_else(|| {
        DynoxideError::InternalServerError("the temporary folder is not named in Unicode".to_owned())
    })?;
    db.vacuum_into(path)?;
    let copy = Database::memory()?;
    copy.restore_from(path)?;
    Ok(copy)
}

/// A file that is gone when this is.
struct RemovedFile(PathBuf);

impl Drop for RemovedFile {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, which empties its temporary folder.
        let _ = fs::remove_file(&self.0);
    }
}
