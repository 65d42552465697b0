//! Virtual time: what happens next, and when.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::task::Waker;

use carillon_domain::base::ids::CallerNumberId;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_store::table::ItemWrite;

use crate::executor::{Delivery, Invocation};

/// Something that happens at a moment.
#[derive(Debug)]
pub(crate) enum Event {
    /// A request of an invocation has arrived, or its sleep is over.
    Resume(Invocation, Waker),
    Invoke(Delivery),
    /// Writes are done that were acknowledged before.
    Write(Vec<ItemWrite>),
    /// Somebody calls one of our numbers.
    Ring {
        ws: usize,
        caller: E164,
        called: CallerNumberId,
    },
    Minute,
    Calm,
}

/// The true time, and what is to come.
#[derive(Debug)]
pub(crate) struct EventQueue {
    now: Cell<Timestamp>,
    added: Cell<u64>,
    heap: RefCell<BinaryHeap<Entry>>,
}

impl EventQueue {
    pub(crate) fn starting_at(now: Timestamp) -> Self {
        Self { now: Cell::new(now), added: Cell::new(0), heap: RefCell::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now.get()
    }

    pub(crate) fn add(&self, delay_ms: i64, event: Event) {
        let order = self.added.get();
        self.added.set(order + 1);
        let at = self.now.get().plus_ms(delay_ms.max(0));
        self.heap.borrow_mut().push(Entry { at, order, event });
    }

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
