//! Virtual time: what happens next, and when.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
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
    /// By moment; of the same moment, as they were added.
    queue: RefCell<BTreeMap<(Timestamp, u64), Event>>,
}

impl EventQueue {
    pub(crate) fn starting_at(now: Timestamp) -> Self {
        Self { now: Cell::new(now), added: Cell::new(0), queue: RefCell::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now.get()
    }

    pub(crate) fn add(&self, delay_ms: i64, event: Event) {
        let order = self.added.replace(self.added.get() + 1);
        let at = self.now().plus_ms(delay_ms.max(0));
        self.queue.borrow_mut().insert((at, order), event);
    }

    pub(crate) fn next(&self) -> Option<Event> {
        let ((at, _), event) = self.queue.borrow_mut().pop_first()?;
        self.now.set(at);
        Some(event)
    }

    /// How many events there were.
    pub(crate) fn added(&self) -> u64 {
        self.added.get()
    }
}
