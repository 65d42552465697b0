//! Weather at the table: writes that are refused, and replies that are lost.

use std::sync::atomic::{AtomicUsize, Ordering};

use carillon_local::table::{Interceptor, TableCall, Verdict};

/// Lets some writes through, refuses one, keeps back the reply to the next, and so on.
#[derive(Debug)]
pub struct Storm {
    calm: usize,
    writes: AtomicUsize,
}

impl Storm {
    /// With so many writes that go well between two faults and the next two.
    pub fn after(calm: usize) -> Self {
        Self { calm, writes: AtomicUsize::default() }
    }
}

impl Interceptor for Storm {
    fn before(&self, call: &TableCall<'_>) -> Verdict {
        if !matches!(call.operation, "TransactWriteItems" | "PutItem" | "UpdateItem" | "DeleteItem") {
            return Verdict::Pass;
        }
        match self.writes.fetch_add(1, Ordering::Relaxed) % (self.calm + 2) {
            place if place < self.calm => Verdict::Pass,
            place if place == self.calm => Verdict::Throttle,
            _ => Verdict::LoseReply,
        }
    }
}
