//! When HTTP answers go out: when the clock says so, or when a test does.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use carillon_domain::base::time::Timestamp;
use tokio::sync::watch;

/// HTTP answers that wait until a test lets them go.
pub(super) struct OpenWindows {
    open_until: watch::Sender<Timestamp>,
    held: Mutex<SlotUsage>,
}

#[derive(Default)]
struct SlotUsage {
    next_ticket: u64,
    until: BTreeMap<u64, Timestamp>,
}

/// A place in the gate; whoever goes away, by the gate or not, gives it back.
struct Place<'a> {
    gate: &'a OpenWindows,
    ticket: u64,
}

impl OpenWindows {
    /// A gate that lets go what is due now.
    pub(super) fn open_until(now: Timestamp) -> Self {
        Self { open_until: watch::Sender::new(now), held: Mutex::default() }
    }

    /// Waits until the gate is open for what is due at `at`.
    pub(super) async fn wait(&self, at: Timestamp) {
        let mut open_until = self.open_until.subscribe();
        let _place = self.enter(at);
        // The sender lives as long as this gate.
        let _ = open_until.wait_for(|until| *until >= at).await;
    }

    /// Lets go everything that is due by now.
    pub(super) fn open(&self, now: Timestamp) {
        self.open_until.send_if_modified(|until| {
            let later = now > *until;
            *until = now.max(*until);
            later
        });
    }

    /// How many answers are held.
    pub(super) fn held(&self) -> usize {
        self.lock().until.len()
    }

    /// When the next of them is due.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.lock().until.values().min().copied()
    }

    fn enter(&self, at: Timestamp) -> Place<'_> {
        let mut held = self.lock();
        let ticket = held.next_ticket;
        held.next_ticket += 1;
        held.until.insert(ticket, at);
        Place { gate: self, ticket }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, SlotUsage> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.gate.lock().until.remove(&self.ticket);
    }
}
