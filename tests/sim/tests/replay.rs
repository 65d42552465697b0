//! A seed tells the same story every time.

use carillon_sim::{Bug, run, trace};

#[test]
fn a_seed_is_the_same_run_every_time() {
    for seed in [3, 11] {
        let (first, told) = trace(seed, None);
        let (second, told_again) = trace(seed, None);
        assert!(told.len() > 1_000);
        assert_eq!(told, told_again);
        let untold = run(seed, None);
        assert_eq!([first.events, first.events], [second.events, untold.events]);
        assert_eq!([first.calls, first.calls], [second.calls, untold.calls]);
        assert_eq!([first.faults, first.faults], [second.faults, untold.faults]);
    }
}

#[test]
fn seeds_differ() {
    let runs: Vec<_> = (1..6).map(|seed| run(seed, None).events).collect();
    assert!(runs.windows(2).all(|pair| pair[0] != pair[1]), "{runs:?}");
}

#[test]
fn a_breach_tells_who_where_and_what_led_to_it() {
    let report = run(1, Some(Bug::EffectBeforeWrite));
    let breach = report.breach.expect("the bug is found");
    let text = breach.to_string();
    assert!(text.starts_with("V6 no dial after what forbids it is broken, seed 1, "), "{text}");
    assert!(breach.story.iter().any(|line| line.contains("claim")), "{text}");
}
