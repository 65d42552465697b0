//! A breaker over its life, and against made-up traffic.

use proptest::prelude::*;

use super::*;
use crate::base::time::SECOND_MS;
use crate::fixtures::{NOW, attempt};

fn at(ms: i64) -> Timestamp {
    NOW.plus_ms(ms)
}

/// A breaker after so many claims of which so many failed.
fn after(claims: u8, failures: u64) -> CircuitBreaker {
    let mut breaker = CircuitBreaker::default();
    breaker.on_plan(NOW, 100, Probe::Over);
    for n in 0..claims {
        breaker.note_claim(&attempt(n), NOW);
    }
    breaker.on_plan(NOW, 100 + failures, Probe::Over);
    breaker
}

fn is_open(breaker: &CircuitBreaker) -> bool {
    matches!(breaker.state(), BreakerState::Open { .. })
}

#[test]
fn it_opens_at_half_of_the_calls_and_not_below_the_minimum() {
    for (claims, failures, opens) in [
        (4, 4, false),
        (5, 4, false),
        (5, 5, true),
        (10, 5, true),
        (11, 5, false),
        (20, 9, false),
        (20, 10, true),
    ] {
        assert_eq!(is_open(&after(claims, failures)), opens, "{failures} of {claims}");
    }
}

#[test]
fn failures_from_before_it_looked_count_for_nothing() {
    let mut breaker = CircuitBreaker::default();
    for n in 0..5 {
        breaker.note_claim(&attempt(n), NOW);
    }
    assert_eq!(breaker.on_plan(NOW, 1_000, Probe::Over), None);
    assert_eq!(breaker.allows(NOW), Ok(Permission::Freely));
    assert_eq!(breaker.on_plan(NOW, 1_005, Probe::Over), Some(BreakerChange::Opened));
}

#[test]
fn more_failures_than_calls_are_of_older_calls() {
    let mut breaker = after(2, 50);
    for n in 0..3 {
        breaker.note_claim(&attempt(n), NOW);
    }
    assert_eq!(breaker.on_plan(NOW, 152, Probe::Over), None);
    assert_eq!(breaker.on_plan(NOW, 153, Probe::Over), Some(BreakerChange::Opened));
}

#[test]
fn a_failure_after_its_half_is_held_against_its_half() {
    let mut breaker = after(20, 0);
    breaker.note_claim(&attempt(1), at(HALF_MS));
    assert_eq!(breaker.on_plan(at(HALF_MS), 110, Probe::Over), None, "10 of 21");
    // With the next half the calls of the first no longer count, nor do their failures.
    for n in 0..19 {
        breaker.note_claim(&attempt(n), at(2 * HALF_MS));
    }
    let mut failing = breaker.clone();
    assert_eq!(failing.on_plan(at(2 * HALF_MS), 111, Probe::Over), Some(BreakerChange::Opened), "11 of 20");
    assert_eq!(breaker.on_plan(at(2 * HALF_MS), 110, Probe::Over), None, "good calls don't open it");
}

#[test]
fn it_is_open_for_a_minute_and_then_lets_one_probe_through() {
    let mut breaker = after(5, 5);
    assert_eq!(breaker.allows(at(MIN_OPEN_MS - 1)), Err(Some(at(MIN_OPEN_MS))));
    assert_eq!(breaker.allows(at(MIN_OPEN_MS)), Ok(Permission::AsProbe));
    breaker.note_claim(&attempt(9), at(MIN_OPEN_MS));
    assert_eq!(breaker.allows(at(2 * MIN_OPEN_MS)), Err(None));
    assert_eq!(breaker.probe(), Some(&attempt(9)));
    // A failure meanwhile may be the probe's, whose active attempt was read before it ended.
    assert_eq!(breaker.on_plan(at(MIN_OPEN_MS), 106, Probe::Flying), None);
    let mut failed = breaker.clone();
    assert_eq!(failed.on_plan(at(MIN_OPEN_MS), 106, Probe::Over), Some(BreakerChange::Opened));
    assert_eq!(failed.open_until(), Some(at(3 * MIN_OPEN_MS)));
    assert_eq!(breaker.on_plan(at(MIN_OPEN_MS), 105, Probe::Over), Some(BreakerChange::Closed));
    assert_eq!(breaker.allows(at(MIN_OPEN_MS)), Ok(Permission::Freely));
}

#[test]
fn late_failures_do_not_keep_it_open() {
    let mut breaker = after(5, 5);
    assert_eq!(breaker.on_plan(at(1), 200, Probe::Over), None);
    breaker.note_claim(&attempt(9), at(MIN_OPEN_MS));
    assert_eq!(breaker.on_plan(at(MIN_OPEN_MS), 200, Probe::Over), Some(BreakerChange::Closed));
}

#[test]
fn a_probe_that_was_not_dialled_proves_nothing() {
    let mut breaker = after(5, 5);
    breaker.note_claim(&attempt(9), at(MIN_OPEN_MS));
    breaker.note_release(&attempt(8));
    assert_eq!(breaker.allows(at(MIN_OPEN_MS)), Err(None));
    breaker.note_release(&attempt(9));
    assert_eq!(breaker.on_plan(at(MIN_OPEN_MS), 105, Probe::Over), None);
    assert_eq!(breaker.allows(at(MIN_OPEN_MS)), Ok(Permission::AsProbe));
}

#[test]
fn a_probe_that_vanished_before_it_was_dialled_closes_nothing() {
    let mut breaker = after(5, 5);
    breaker.note_claim(&attempt(9), at(MIN_OPEN_MS));
    assert_eq!(breaker.on_plan(at(MIN_OPEN_MS), 105, Probe::NotMade), None);
    assert_eq!(breaker.allows(at(MIN_OPEN_MS)), Ok(Permission::AsProbe));
}

#[test]
fn a_call_by_hand_that_came_to_nothing_ends_no_rest() {
    let mut breaker = after(5, 5);
    breaker.note_claim(&attempt(9), at(1));
    breaker.note_release(&attempt(9));
    assert_eq!(breaker.allows(at(2)), Err(Some(at(MIN_OPEN_MS))));
}

#[test]
fn it_stays_open_longer_each_time_and_is_hopeless_in_the_end() {
    let mut breaker = after(5, 5);
    let mut now = NOW;
    let mut minutes = Vec::new();
    for failures in 106..113 {
        let until = breaker.open_until().expect("open");
        minutes.push(until.since_ms(now) / MINUTE_MS);
        assert_eq!(breaker.is_hopeless(), breaker.openings() >= MAX_OPENINGS);
        now = until;
        breaker.note_claim(&attempt(1), now);
        assert!(!breaker.is_hopeless(), "the probe may mend it");
        breaker.on_plan(now, failures, Probe::Over);
    }
    assert_eq!(minutes, [1, 2, 4, 8, 16, 30, 30]);
}

#[test]
fn one_good_probe_ends_no_row_but_half_a_window_does() {
    let mut breaker = after(5, 5);
    breaker.note_claim(&attempt(9), at(MIN_OPEN_MS));
    breaker.on_plan(at(MIN_OPEN_MS), 105, Probe::Over);
    assert_eq!(breaker.openings(), 1);
    for n in 0..=10 {
        breaker.note_claim(&attempt(n), at(MIN_OPEN_MS + i64::from(n) * HALF_MS / 10));
    }
    assert_eq!(breaker.openings(), 0);
}

#[test]
fn it_is_stored_small_and_read_back() {
    let mut breaker = after(5, 5);
    let json = serde_json::json!({
        "seen": 105, "openings": 1, "state": {"name": "open", "until": at(MIN_OPEN_MS).to_string()},
    });
    assert_eq!(serde_json::to_value(&breaker).expect("json"), json);
    breaker.note_claim(&attempt(9), at(MIN_OPEN_MS));
    for breaker in [CircuitBreaker::default(), after(3, 1), breaker] {
        let json = serde_json::to_string(&breaker).expect("json");
        assert_eq!(serde_json::from_str::<CircuitBreaker>(&json).expect("a breaker"), breaker);
    }
}

/// A call of the made-up traffic.
struct Call {
    attempt: AttemptId,
    ends_at: Timestamp,
    fails: bool,
    is_probe: bool,
}

/// Calls that come and go, some of which fail.
#[derive(Default)]
struct Traffic {
    breaker: CircuitBreaker,
    calls: Vec<Call>,
    claimed: u64,
    failed: u64,
}

impl Traffic {
    /// Ends calls, lets the breaker look, and claims up to `wanted` more. Says whether it opened.
    fn plan(&mut self, now: Timestamp, wanted: u8, lasts_ms: i64, fails: bool) -> bool {
        let flying = |probe: &AttemptId, calls: &[Call]| calls.iter().any(|call| call.attempt == *probe);
        self.failed +=
            u64::try_from(self.calls.iter().filter(|call| call.ends_at <= now && call.fails).count())
                .expect("small");
        self.calls.retain(|call| call.ends_at > now);
        let is_flying = self.breaker.probe().is_some_and(|probe| flying(probe, &self.calls));
        let probe = if is_flying { Probe::Flying } else { Probe::Over };
        let change = self.breaker.on_plan(now, self.failed, probe);
        for _ in 0..wanted {
            let Ok(permission) = self.breaker.allows(now) else { break };
            let mut entropy = [0; 10];
            entropy[..8].copy_from_slice(&self.claimed.to_be_bytes());
            let attempt = AttemptId::new(now, entropy);
            self.breaker.note_claim(&attempt, now);
            self.claimed += 1;
            let is_probe = permission == Permission::AsProbe;
            self.calls.push(Call { attempt, ends_at: now.plus_ms(lasts_ms), fails, is_probe });
        }
        change == Some(BreakerChange::Opened)
    }
}

/// What happens at one plan: how much later it is, how many calls are wanted, how long they
/// last, whether they fail.
fn steps() -> impl Strategy<Value = Vec<(i64, u8, i64, bool)>> {
    let step = (0..90 * SECOND_MS, 0_u8..8, 1..10 * MINUTE_MS, any::<bool>());
    prop::collection::vec(step, 1..200)
}

proptest! {
    #[test]
    fn no_two_probes_fly_and_nothing_opens_it_below_the_minimum(steps in steps()) {
        let mut traffic = Traffic::default();
        let (mut now, mut failed_before) = (NOW, 0);
        for (later_ms, wanted, lasts_ms, fails) in steps {
            now = now.plus_ms(later_ms);
            let was_probing = traffic.breaker.probe().is_some();
            if traffic.plan(now, wanted, lasts_ms, fails) {
                let needed = if was_probing { 1 } else { u64::from(MIN_FAILURES) };
                prop_assert!(traffic.failed - failed_before >= needed);
                failed_before = traffic.failed;
            }
            prop_assert!(traffic.calls.iter().filter(|call| call.is_probe).count() <= 1);
            if let Some(probe) = traffic.breaker.probe() {
                prop_assert!(traffic.calls.iter().any(|call| call.attempt == *probe));
            }
        }
    }

    #[test]
    fn it_closes_once_calls_go_through_and_is_opened_by_none_of_them(steps in steps()) {
        let mut traffic = Traffic::default();
        let mut now = NOW;
        for (later_ms, wanted, lasts_ms, fails) in steps {
            now = now.plus_ms(later_ms);
            traffic.plan(now, wanted, lasts_ms, fails);
        }
        // The last failures come in, the longest opening ends, the probe lands.
        for _ in 0..3 {
            now = now.plus_ms(MAX_OPEN_MS);
            traffic.plan(now, 1, MINUTE_MS, false);
        }
        prop_assert_eq!(traffic.breaker.allows(now), Ok(Permission::Freely));
        for _ in 0..50 {
            now = now.plus_ms(20 * SECOND_MS);
            prop_assert!(!traffic.plan(now, 3, MINUTE_MS, false));
        }
        prop_assert_eq!(traffic.breaker.openings(), 0);
    }

    #[test]
    fn it_opens_soon_when_everything_fails(before in 0_u8..100) {
        let mut traffic = Traffic::default();
        let mut now = NOW;
        for _ in 0..before {
            now = now.plus_ms(10 * SECOND_MS);
            traffic.plan(now, 1, MINUTE_MS, false);
        }
        let opened = (0..40).any(|_| {
            now = now.plus_ms(10 * SECOND_MS);
            traffic.plan(now, 1, SECOND_MS, true)
        });
        prop_assert!(opened);
    }
}
