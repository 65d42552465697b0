//! A million calls under faults find nothing broken; a planted bug is found.

use carillon_sim::{Bug, Survey};

/// Calls of the run that has to find nothing.
const CALLS: usize = 1_000_000;
/// Seeds that are more than enough for so many calls.
const SEEDS: u64 = 2_000;
/// Seeds within which each bug has to be found.
const SEEDS_FOR_A_BUG: u64 = 80;

#[test]
fn a_million_calls_break_nothing() {
    let survey = Survey::of(1..SEEDS, None, |survey| survey.calls >= CALLS || !survey.breaches.is_empty());
    for breach in &survey.breaches {
        eprintln!("{breach}");
    }
    eprintln!("{} runs, {} calls, {} faults", survey.runs, survey.calls, survey.faults);
    assert!(survey.breaches.is_empty());
    assert!(survey.calls >= CALLS);
}

/// The bugs that are looked for in every test run.
const BUGS: [Bug; 10] = [
    Bug::NoVersionCheck,
    Bug::EffectBeforeWrite,
    Bug::NoEpochCheck,
    Bug::GuessWhenLeaseIsOver,
    Bug::WebhookNotFenced,
    Bug::DialDoesNotLook,
    Bug::PauseBeforeRevoke,
    Bug::RateWithoutMargin,
    Bug::OverlapAllowed,
    Bug::LostReplyTakenForLostRace,
];

#[test]
fn every_planted_bug_is_found() {
    for bug in BUGS {
        let survey = Survey::of(1..SEEDS_FOR_A_BUG, Some(bug), |survey| !survey.breaches.is_empty());
        let Some(breach) = survey.breaches.first() else {
            panic!("{bug} was not found in {} runs", survey.runs)
        };
        eprintln!("{bug}: {} after {} runs, seed {}", breach.invariant, survey.runs, breach.seed);
    }
}

#[test]
fn a_seed_is_the_same_run_each_time() {
    let once = Survey::of(7..8, None, |_| false);
    let again = Survey::of(7..8, None, |_| false);
    assert_eq!((once.calls, once.events, once.faults), (again.calls, again.events, again.faults));
}
