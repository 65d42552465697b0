//! A million calls under faults, and none of the invariants breaks.

#![expect(clippy::print_stdout, reason = "says how much was run")]

use carillon_sim::Survey;

/// Calls of a short run.
const CALLS: usize = 1_000_000;
/// More runs than that takes.
const MAX_SEED: u64 = 5_000;

#[test]
fn a_million_calls_break_nothing() {
    let survey = Survey::of(1..MAX_SEED, None, |survey| survey.calls >= CALLS || !survey.breaches.is_empty());
    let Survey { runs, calls, events, faults, breaches } = &survey;
    println!("{runs} runs, {calls} calls, {events} events, {faults} faults");
    assert!(breaches.is_empty(), "{}", breaches[0]);
    assert!(*calls >= CALLS);
}
