//! Faults by seed, for the table and for the queues.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use carillon_domain::base::rng::SplitMix64;
use carillon_local::table::{Interceptor, TableCall, Verdict};
use serde_json::Value;

use crate::harness::{Post, Projection};
use crate::kill::Cut;

/// How often what goes wrong, in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rates {
    pub throttle: u64,
    /// A write meets another transaction.
    pub conflict: u64,
    /// A write happens and its reply is lost.
    pub lose_reply: u64,
    /// An index answers as it stood before.
    pub stale: u64,
    pub lose: u64,
    pub double: u64,
    /// A function is killed in the middle.
    pub kill: u64,
}

/// Within how many of its requests to the table a function is killed: runs differ in length.
const REACHES: [u64; 3] = [3, 6, 12];

/// Weather that a seed draws; it can be stilled.
///
/// What becomes of a request depends on the seed, on what it asks for, and on how often that was asked before: not
/// on the order in which requests to different places come. So a seed can be run again.
#[derive(Debug)]
pub struct Weather {
    seed: u64,
    rates: Rates,
    /// How often each thing was drawn.
    drawn: Mutex<HashMap<u64, u64>>,
    is_still: AtomicBool,
}

impl Weather {
    /// The weather of a seed.
    pub fn new(seed: u64, rates: Rates) -> Self {
        Self { seed, rates, drawn: Mutex::default(), is_still: AtomicBool::new(false) }
    }

    /// Nothing goes wrong from now on.
    pub fn still(&self) {
        self.is_still.store(true, Ordering::SeqCst);
    }

    /// The next number that belongs to a thing of this kind and key.
    fn draw(&self, kind: &str, key: &str) -> u64 {
        let thing =
            [kind, "\n", key].iter().flat_map(|part| part.bytes()).fold(mix(self.seed), |hash, byte| {
                // FNV-1a.
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let mut drawn = self.drawn.lock().expect("no draw panics");
        let count = drawn.entry(thing).or_default();
        *count += 1;
        mix(mix(thing).wrapping_add(*count))
    }

    /// Which of these faults, each with its rate, a drawn number stands for, if any.
    fn pick<T: Copy>(&self, drawn: u64, faults: &[(u64, T)]) -> Option<T> {
        if self.is_still.load(Ordering::SeqCst) {
            return None;
        }
        let mut reach = 0;
        faults.iter().find_map(|(rate, fault)| {
            reach += rate;
            (drawn % 1_000 < reach).then_some(*fault)
        })
    }
}

/// Spreads a number over all its bits.
const fn mix(number: u64) -> u64 {
    SplitMix64::new(number).next_bits()
}

/// What a request is about, in one order: the keys of its items, or what a query looks for.
fn places(request: &Value) -> String {
    let mut found = Vec::new();
    match request.get("ExpressionAttributeValues") {
        Some(sought) if request.get("Key").is_none() => texts(sought, &mut found),
        _ => keys(request, &mut found),
    }
    found.sort_unstable();
    found.join("\n")
}

/// The keys in it, wherever they stand; the parameters of a statement begin with one.
fn keys(value: &Value, found: &mut Vec<String>) {
    let text = |name: &str| value.get(name).and_then(|text| text["S"].as_str());
    match (text("pk"), text("sk"), value) {
        (Some(pk), Some(sk), _) => found.push(format!("{pk} {sk}")),
        (.., Value::Object(parts)) => match parts.get("Parameters") {
            Some(parameters) => texts(parameters, found),
            None => parts.values().for_each(|part| keys(part, found)),
        },
        (.., Value::Array(parts)) => parts.iter().for_each(|part| keys(part, found)),
        _ => {}
    }
}

/// The texts in it, wherever they stand.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Object(parts) => parts.values().for_each(|part| texts(part, found)),
        Value::Array(parts) => parts.iter().for_each(|part| texts(part, found)),
        _ => {}
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
        let drawn = self.draw(call.operation, &places(call.request));
        self.pick(drawn, &faults).unwrap_or(Verdict::Pass)
    }
}

impl Post for Weather {
    fn fate(&self, function: &str, body: &str) -> Projection {
        let (rates, drawn) = (self.rates, self.draw(function, body));
        let [reach, nth, is_done] = [1, 2, 3].map(|part| mix(drawn.wrapping_add(part)));
        let reach = REACHES[usize::try_from(reach % 3).expect("small")];
        let nth = u32::try_from(1 + nth % reach).expect("small");
        let cut = Cut { nth, is_done: is_done.is_multiple_of(2) };
        let faults = [
            (rates.lose, Projection::Lost),
            (rates.double, Projection::Doubled),
            (rates.kill, Projection::Killed(cut)),
        ];
        self.pick(drawn, &faults).unwrap_or(Projection::Arrives)
    }
}
