//! A storm over the real functions breaks none of the invariants, and a planted bug is found.

#![expect(clippy::print_stdout, reason = "says how much was run")]

use carillon_domain::reporting::invariants::Invariant;
use carillon_simulation::{Bug, Survey, run};

#[test]
fn a_storm_breaks_nothing() {
    let survey = Survey::of(1..2, None, |_| false);
    println!("{survey}");
    assert!(survey.breaches.is_empty(), "{}", survey.breaches[0]);
    assert!(survey.calls > 100 && survey.faults > 100);
}

#[test]
fn a_dialer_that_takes_a_lost_race_for_a_lost_reply_is_found() {
    let report = run(1, Some(Bug::LostRaceTakenForLostReply));
    let breach = report.breach.expect("a breach");
    assert_eq!(breach.invariant, Invariant::PlacedOnce, "{}", breach.what);
}
