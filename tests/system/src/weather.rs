//! Faults by seed, for the table and for the queues.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use carillon_local::table::{Interceptor, TableCall, Verdict};

use crate::harness::{Fate, Post};

/// How often what goes wrong, in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rates {
    /// A request is throttled.
    pub throttle: u64,
    /// A write meets another transaction.
    pub conflict: u64,
    /// A write happens and its reply is lost.
    pub lose_reply: u64,
    /// An index answers as it stood before.
    pub stale: u64,
    /// A message is lost.
    pub lose: u64,
    /// A message comes twice.
    pub double: u64,
    /// A function is killed in the middle.
    pub kill: u64,
}

/// Weather that a seed draws; it can be stilled.
#[derive(Debug)]
pub struct Weather {
    rates: Rates,
    state: Mutex<u64>,
    is_still: AtomicBool,
}

impl Weather {
    /// The weather of a seed.
    pub fn new(seed: u64, rates: Rates) -> Self {
        Self { rates, state: Mutex::new(seed), is_still: AtomicBool::new(false) }
    }

    /// Nothing goes wrong from now on.
    pub fn still(&self) {
        self.is_still.store(true, Ordering::SeqCst);
    }

    /// A number below a thousand (SplitMix64).
    fn draw(&self) -> u64 {
        let mut state = self.state.lock().expect("no draw panics");
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % 1_000
    }

    /// Which of these faults is drawn, if any.
    fn pick<T: Copy>(&self, faults: &[(u64, T)]) -> Option<T> {
        if self.is_still.load(Ordering::SeqCst) {
            return None;
        }
        let drawn = self.draw();
        let mut reach = 0;
        faults.iter().find_map(|(rate, fault)| {
            reach += rate;
            (drawn < reach).then_some(*fault)
        })
    }
}

impl Interceptor for Weather {
    fn before(&self, call: &TableCall<'_>) -> Verdict {
        let rates = self.rates;
        let is_write = !matches!(call.operation, "GetItem" | "Query" | "BatchGetItem");
        let is_index = call.request.get("IndexName").is_some();
        let faults = [
            (rates.throttle, Verdict::Throttle),
            (if is_write { rates.conflict } else { 0 }, Verdict::Conflict),
            (if is_write { rates.lose_reply } else { 0 }, Verdict::LoseReply),
            (if is_index { rates.stale } else { 0 }, Verdict::StaleIndex),
        ];
        self.pick(&faults).unwrap_or(Verdict::Pass)
    }
}

impl Post for Weather {
    fn fate(&self, _queue: &str, _body: &str) -> Fate {
        let rates = self.rates;
        self.pick(&[(rates.lose, Fate::Lost), (rates.double, Fate::Doubled), (rates.kill, Fate::Killed)])
            .unwrap_or(Fate::Arrives)
    }
}
