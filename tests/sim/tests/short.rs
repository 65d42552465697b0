//! Many calls under faults through the real functions, and none of the invariants breaks.

#![expect(clippy::print_stdout, reason = "says how much was run")]

use carillon_sim::Survey;

/// Calls of a short run. `sim --calls` makes a long one.
const CALLS: usize = 6_000;
/// The first three are long runs. The end is far behind what so many calls take.
const SEEDS: std::ops::Range<u64> = 4..5_000;

#[test]
fn thousands_of_calls_break_nothing() {
    let survey = Survey::of(SEEDS, None, |survey| survey.calls >= CALLS || !survey.breaches.is_empty());
    println!("{survey}");
    assert!(survey.breaches.is_empty(), "{}", survey.breaches[0]);
    assert!(survey.calls >= CALLS);
}
