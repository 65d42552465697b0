//! Virtual time: what happens next, and when.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

use carillon_domain::base::time::Timestamp;

use crate::job::Delivery;

/// Something that happens at a moment.
#[derive(Debug)]
pub(crate) enum Event {
    Wake(usize),
    /// A function gets something to do.
    Start(Delivery),
    Minute,
    Calm,
}

/// The true time, and what is to come.
#[derive(Debug)]
pub(crate) struct Agenda {
    now: Cell<Timestamp>,
    added: Cell<u64>,
    heap: RefCell<BinaryHeap<Entry>>,
}

impl Agenda {
    /// An empty agenda that starts at a moment.
    pub(crate) fn starting_at(now: Timestamp) -> Self {
        Self { now: Cell::new(now), added: Cell::new(0), heap: RefCell::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// Adds an event, this many milliseconds from now.
    pub(crate) fn add(&self, delay_ms: i64, event: Event) {
        let order = self.added.get();
        self.added.set(order + 1);
        let at = self.now.get().plus_ms(delay_ms.max(0));
        self.heap.borrow_mut().push(Entry { at, order, event });
    }

    /// Goes on to the next event.
    pub(crate) fn next(&self) -> Option<Event> {
        let entry = self.heap.borrow_mut().pop()?;
        self.now.set(entry.at);
        Some(entry.event)
    }

    /// How many events there were.
    pub(crate) fn added(&self) -> u64 {
        self.added.get()
    }
}

#[derive(Debug)]
struct Entry {
    at: Timestamp,
    order: u64,
    event: Event,
}

impl Ord for Entry {
    /// The earliest is the greatest; of the same moment, the one that was added first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}
