//! A seed tells the same story every time.

use carillon_sim::{Bug, run, trace};

/// One whose run is short.
const SEED: u64 = 10;

#[test]
fn a_seed_is_the_same_run_every_time() {
    let (first, told) = trace(SEED, None);
    assert!(told.len() > 1_000);
    assert_eq!(told, trace(SEED, None).1);
    let untold = run(SEED, None);
    assert_eq!((first.events, first.calls, first.faults), (untold.events, untold.calls, untold.faults));
    assert_ne!(run(SEED + 1, None).events, first.events, "another seed is another run");
}

#[test]
fn a_breach_tells_who_where_and_what_led_to_it() {
    let report = run(1, Some(Bug::EffectBeforeWrite));
    let breach = report.breach.expect("the bug is found");
    let text = breach.to_string();
    assert!(text.starts_with("V6 no dial after what forbids it is broken, seed 1, "), "{text}");
    assert!(breach.story.iter().any(|line| line.contains("Claimed")), "{text}");
}
