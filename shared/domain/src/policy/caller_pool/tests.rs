//! Which number a call is made from.

use proptest::prelude::*;

use super::*;
use crate::base::time::{HOUR_MS, MAX_SKEW_MS, MINUTE_MS};
use crate::fixtures::{self, NOW};
use crate::policy::circuit_breaker::Probe;
use crate::policy::rate_limit::{CONGESTION_REST_MS, Lane, SLOT_MARGIN_MS, spacing_ms};

fn number(n: u8, text: &str) -> CallerNumber {
    let number = text.parse().expect("a number");
    CallerNumber { number, rate_limit_per_minute: None, ..fixtures::caller_number(n) }
}

fn berlin(n: u8) -> CallerNumber {
    number(n, "+493023125099")
}

fn pool(numbers: &[CallerNumber]) -> Vec<Candidate<'_>> {
    numbers.iter().map(|number| Candidate { number, in_flight: 0 }).collect()
}

fn criteria(callee: &E164) -> Criteria<'_> {
    Criteria {
        now: NOW,
        channel: Channel::Call,
        not_before: NOW,
        callee,
        selection: Selection::RoundRobin,
        local_presence: false,
        again: None,
        only: None,
        is_urgent: false,
    }
}

fn callee() -> E164 {
    fixtures::number(1)
}

/// The ids of the numbers of so many calls, one after the other.
fn calls(
    count: usize,
    criteria: &Criteria,
    numbers: &[CallerNumber],
    rate_states: &mut RateStates,
) -> Vec<CallerNumberId> {
    let one = |_| {
        let pick = pick(criteria, &pool(numbers), rate_states).expect("a number");
        pick.take(rate_states, criteria.now);
        pick.caller.id.clone()
    };
    (0..count).map(one).collect()
}

/// A pace whose breaker just opened.
fn broken() -> RateState {
    let mut rate_state = RateState::default();
    rate_state.breaker.on_plan(NOW, 0, Probe::Over);
    for n in 0..5 {
        rate_state.breaker.note_claim(&fixtures::attempt(n), NOW);
    }
    rate_state.breaker.on_plan(NOW, 5, Probe::Over);
    rate_state
}

#[test]
fn calls_go_round_even_at_one_moment() {
    let numbers = [berlin(1), berlin(2), berlin(3)];
    let callee = callee();
    let chosen = calls(7, &criteria(&callee), &numbers, &mut RateStates::default());
    let expected = [0, 1, 2, 0, 1, 2, 0].map(|place: usize| numbers[place].id.clone());
    assert_eq!(chosen, expected);
}

#[test]
fn the_least_used_number_goes_first_whoever_rested() {
    let numbers = [berlin(1), berlin(2)];
    let callee = callee();
    let mut rate_states = RateStates::default();
    calls(3, &Criteria { only: Some(&numbers[0].id), ..criteria(&callee) }, &numbers, &mut rate_states);
    let later =
        Criteria { now: NOW.plus_ms(MINUTE_MS), selection: Selection::LeastUsed, ..criteria(&callee) };
    let chosen = calls(3, &later, &numbers, &mut rate_states);
    assert!(chosen.iter().all(|id| *id == numbers[1].id), "{chosen:?}");
}

#[test]
fn the_slot_that_comes_first_wins() {
    let numbers = [fixtures::caller_number(1), fixtures::caller_number(2)];
    let mut rate_states = RateStates::default();
    let callee = callee();
    calls(1, &criteria(&callee), &numbers, &mut rate_states);
    let pick = pick(&criteria(&callee), &pool(&numbers), &rate_states).expect("a number");
    assert_eq!((&pick.caller.id, pick.slot.at), (&numbers[1].id, NOW));
}

#[test]
fn a_near_number_is_preferred_as_long_as_it_is_free() {
    let far = number(1, "+442079460999");
    let country = number(2, "+13125550123");
    let area = number(3, "+12125550123");
    let canada = number(4, "+14165550123");
    let numbers = [far, canada, country, area];
    let callee: E164 = "+12125550199".parse().expect("a number");
    let near = Criteria { local_presence: true, ..criteria(&callee) };
    let mut busy: Vec<CallerNumberId> = Vec::new();
    for expected in [&numbers[3], &numbers[2], &numbers[0], &numbers[1]] {
        let mut rate_states = RateStates::default();
        for id in &busy {
            // The slot is in reach, but for the last one.
            let next_at = NOW.plus_ms(HORIZON_MS + 1);
            rate_states.numbers.insert(id.clone(), RateState { next_at, ..RateState::default() });
        }
        let pick = pick(&near, &pool(&numbers), &rate_states).expect("a number");
        assert_eq!(pick.caller.number, expected.number);
        busy.push(expected.id.clone());
    }
    let mut rate_states = RateStates::default();
    let next_at = NOW.plus_ms(HORIZON_MS);
    rate_states.numbers.insert(numbers[3].id.clone(), RateState { next_at, ..RateState::default() });
    let waits = pick(&near, &pool(&numbers), &rate_states).expect("a number");
    assert_eq!((&waits.caller.number, waits.slot.at), (&numbers[3].number, next_at));
    let anywhere = pick(&criteria(&callee), &pool(&numbers), &rate_states).expect("a number");
    assert_eq!(anywhere.caller.number, numbers[0].number);
}

#[test]
fn the_same_number_is_waited_for_and_replaced_if_it_is_gone_or_done_for_the_day() {
    let numbers = [fixtures::caller_number(1), fixtures::caller_number(2)];
    let callee = callee();
    let again = Criteria { again: Some(&numbers[1].id), ..criteria(&callee) };
    let mut rate_states = RateStates::default();
    let chosen = calls(2, &again, &numbers, &mut rate_states);
    assert_eq!(chosen, [numbers[1].id.clone(), numbers[1].id.clone()]);
    let until = NOW.plus_ms(2 * spacing_ms(10, SLOT_MARGIN_MS));
    assert_eq!(pick(&again, &pool(&numbers), &rate_states), Err(NoCaller::Rate { until }));
    let gone = pick(&again, &pool(&numbers[..1]), &rate_states).expect("another");
    assert_eq!(gone.caller.id, numbers[0].id);
    let mut done = numbers.clone();
    done[1].daily_cap = Some(2);
    let stands_in = pick(&again, &pool(&done), &rate_states).expect("another");
    assert_eq!(stands_in.caller.id, numbers[0].id);
    let only = Criteria { only: Some(&numbers[1].id), ..again };
    assert!(matches!(pick(&only, &pool(&done), &rate_states), Err(NoCaller::DailyCap { .. })));
}

#[test]
fn the_chosen_number_is_the_only_one() {
    let numbers = [berlin(1), berlin(2)];
    let callee = callee();
    let only = Criteria { only: Some(&numbers[1].id), again: Some(&numbers[0].id), ..criteria(&callee) };
    let chosen = pick(&only, &pool(&numbers), &RateStates::default()).expect("a number");
    assert_eq!(chosen.caller.id, numbers[1].id);
    assert_eq!(pick(&only, &pool(&numbers[..1]), &RateStates::default()), Err(NoCaller::None));
    assert_eq!(pick(&criteria(&callee), &[], &RateStates::default()), Err(NoCaller::None));
}

#[test]
fn an_urgent_call_uses_the_lane_that_is_kept_for_it() {
    let numbers = [CallerNumber { reserved_per_minute: Some(1), ..fixtures::caller_number(1) }];
    let callee = callee();
    let mut rate_states = RateStates::default();
    calls(2, &criteria(&callee), &numbers, &mut rate_states);
    let now = NOW.plus_ms(MINUTE_MS);
    let ordinary = Criteria { now, ..criteria(&callee) };
    calls(1, &ordinary, &numbers, &mut rate_states);
    let slot = |criteria: &Criteria, rate_states: &RateStates| {
        pick(criteria, &pool(&numbers), rate_states).map(|pick| pick.slot)
    };
    let now = now.plus_ms(SLOT_MARGIN_MS);
    let (ordinary, urgent) = (Criteria { now, ..ordinary }, Criteria { now, is_urgent: true, ..ordinary });
    assert!(slot(&ordinary, &rate_states).is_ok_and(|slot| slot.at > now));
    assert_eq!(slot(&urgent, &rate_states), Ok(Slot { at: now, lane: Lane::Reserved }));
    // The campaign's own pace holds it back until the other lane is free as well.
    let later = NOW.plus_ms(MINUTE_MS + SLOT_MARGIN_MS + HORIZON_MS);
    let held = Criteria { not_before: later, ..urgent };
    assert_eq!(slot(&held, &rate_states), Ok(Slot { at: later, lane: Lane::Ordinary }));
}

#[test]
fn each_refusal_has_its_name_and_its_end() {
    let callee = callee();
    let refused = |number: CallerNumber, in_flight, rate_state: RateState, criteria: Criteria| {
        let rate_states =
            RateStates { numbers: [(number.id.clone(), rate_state)].into(), ..RateStates::default() };
        pick(&criteria, &[Candidate { number: &number, in_flight }], &rate_states).expect_err("refused")
    };
    let free = criteria(&callee);
    let full = CallerNumber { concurrent_limit: Some(2), ..berlin(1) };
    assert_eq!(refused(full, 2, RateState::default(), free), NoCaller::Busy);
    let until = NOW.plus_ms(HORIZON_MS + 1);
    let rate_state = RateState { next_at: until, ..RateState::default() };
    assert_eq!(refused(berlin(1), 0, rate_state, free), NoCaller::Rate { until });
    let held = Criteria { not_before: until, ..free };
    assert_eq!(refused(berlin(1), 0, RateState::default(), held), NoCaller::Rate { until });
    let mut rate_state = RateState::default();
    rate_state.congest(NOW);
    rate_state.congest(NOW.plus_ms(CONGESTION_REST_MS));
    let until = NOW.plus_ms(3 * CONGESTION_REST_MS);
    assert_eq!(refused(berlin(1), 0, rate_state, free), NoCaller::Resting { until });
    let until = NOW.plus_ms(MINUTE_MS);
    assert_eq!(refused(berlin(1), 0, broken(), free), NoCaller::CircuitBreaker { until: Some(until) });
    let mut probing = broken();
    probing.breaker.note_claim(&fixtures::attempt(9), until);
    assert_eq!(
        refused(berlin(1), 0, probing, Criteria { now: until, ..free }),
        NoCaller::CircuitBreaker { until: None }
    );
}

#[test]
fn a_day_holds_no_more_calls_than_its_cap() {
    let capped = [CallerNumber { daily_cap: Some(2), ..berlin(1) }];
    let callee = callee();
    let mut rate_states = RateStates::default();
    calls(2, &criteria(&callee), &capped, &mut rate_states);
    let until = NOW.plus_ms(12 * HOUR_MS + MAX_SKEW_MS);
    let at = |now, rate_states: &RateStates| {
        pick(&Criteria { now, not_before: now, ..criteria(&callee) }, &pool(&capped), rate_states)
    };
    assert_eq!(at(NOW, &rate_states), Err(NoCaller::DailyCap { until }));
    assert_eq!(at(until.plus_ms(-1), &rate_states), Err(NoCaller::DailyCap { until }));
    assert!(at(until, &rate_states).is_ok());
    // A call that might be placed on either day waits for the next.
    let last = until.plus_ms(-LAST_CALL_MS);
    assert!(at(last, &RateStates::default()).is_ok());
    assert_eq!(at(last.plus_ms(1), &RateStates::default()), Err(NoCaller::DailyCap { until }));
}

#[test]
fn of_several_refusals_the_one_that_ends_first_is_told() {
    let numbers = [CallerNumber { concurrent_limit: Some(0), ..berlin(1) }, berlin(2), berlin(3)];
    let callee = callee();
    let mut rate_states = RateStates::default();
    rate_states.numbers.insert(numbers[1].id.clone(), broken());
    let pick_of = |count: usize, rate_states: &RateStates| {
        pick(&criteria(&callee), &pool(&numbers[..count]), rate_states)
    };
    assert_eq!(pick_of(1, &rate_states), Err(NoCaller::Busy));
    assert_eq!(
        pick_of(2, &rate_states),
        Err(NoCaller::CircuitBreaker { until: Some(NOW.plus_ms(MINUTE_MS)) })
    );
    let until = NOW.plus_ms(HORIZON_MS + 1);
    rate_states.numbers.insert(numbers[2].id.clone(), RateState { next_at: until, ..RateState::default() });
    assert_eq!(pick_of(3, &rate_states), Err(NoCaller::Rate { until }));
}

#[test]
fn an_urgent_call_is_no_probe_if_another_number_is_free() {
    let numbers = [berlin(1), berlin(2)];
    let callee = callee();
    let now = NOW.plus_ms(MINUTE_MS);
    let mut rate_states = RateStates::default();
    rate_states.numbers.insert(numbers[0].id.clone(), broken());
    let of = |is_urgent| {
        pick(&Criteria { now, is_urgent, ..criteria(&callee) }, &pool(&numbers), &rate_states)
            .expect("a number")
    };
    assert_eq!((of(false).caller, of(false).permission), (&numbers[0], Permission::AsProbe));
    assert_eq!((of(true).caller, of(true).permission), (&numbers[1], Permission::Freely));
}

fn any_pace() -> impl Strategy<Value = RateState> {
    let ahead = || (-20_000_i64..20_000).prop_map(|ms| NOW.plus_ms(ms));
    (ahead(), ahead(), ahead(), 0_u32..5).prop_map(|(next_at, last_at, rest_until, used)| {
        let resets_at = NOW.plus_ms(HOUR_MS);
        RateState { next_at, last_at, rest_until, used, resets_at, ..RateState::default() }
    })
}

proptest! {
    #[test]
    fn a_pick_keeps_every_limit_and_a_refusal_means_that_nobody_could(
        states in prop::collection::vec((any_pace(), 0_usize..4, 1_u32..4, 1_u32..6), 1..6),
        local_presence in any::<bool>(),
        is_urgent in any::<bool>(),
    ) {
        let numbers: Vec<_> = states.iter().zip(1..).map(|((_, _, most, cap), n)| CallerNumber {
            concurrent_limit: Some(*most),
            daily_cap: Some(*cap),
            ..number(n, if n % 2 == 0 { "+442079460999" } else { "+493023125099" })
        }).collect();
        let rate_states = RateStates {
            numbers: numbers.iter().zip(&states).map(|(one, (rate_state, ..))| (one.id.clone(), rate_state.clone())).collect(),
            ..RateStates::default()
        };
        let pool: Vec<_> = numbers.iter().zip(&states)
            .map(|(number, (_, in_flight, ..))| Candidate { number, in_flight: *in_flight }).collect();
        let free_at: Vec<_> = states.iter().filter(|(rate_state, in_flight, most, cap)| {
            *in_flight < usize::try_from(*most).expect("small") && rate_state.used < *cap
        }).map(|(rate_state, ..)| NOW.max(rate_state.next_at).max(rate_state.rest_until)).collect();
        let callee = callee();
        match pick(&Criteria { local_presence, is_urgent, ..criteria(&callee) }, &pool, &rate_states) {
            Ok(pick) => {
                prop_assert!(free_at.contains(&pick.slot.at) && pick.slot.at <= NOW.plus_ms(HORIZON_MS));
                prop_assert!(local_presence || free_at.iter().all(|at| pick.slot.at <= *at));
            }
            Err(refusal) => {
                prop_assert!(free_at.iter().all(|at| *at > NOW.plus_ms(HORIZON_MS)), "{refusal:?}");
                prop_assert!(free_at.is_empty() || refusal.until().is_some());
            }
        }
    }
}

#[test]
fn the_number_of_the_call_before_does_not_hold_a_text_up_that_it_cannot_send() {
    let (voice, mut texts) = (berlin(1), berlin(2));
    texts.sms = Some(fixtures::sms_sender());
    let (callee, numbers) = (callee(), [voice, texts]);
    let again = Some(&numbers[0].id);
    let criteria = Criteria { channel: Channel::Sms, again, ..criteria(&callee) };
    let picked = pick(&criteria, &pool(&numbers), &RateStates::default()).expect("the other");
    assert_eq!(picked.caller.id, numbers[1].id);
}
