//! Rates, lanes, rests, ramps and days.

use chrono_tz::Tz;
use proptest::prelude::*;

use super::usage::next_midnight;
use super::*;
use crate::base::channel::Channel;
use crate::base::time::DAY_MS;
use crate::base::zone::zone_of_jiff;
use crate::fixtures;

/// How much later than its slot a call may be placed, by a true clock; sooner, if negative.
fn delay() -> impl Strategy<Value = i64> {
    -MAX_SKEW_MS..=SLOT_WINDOW_MS + MAX_SKEW_MS + MAX_WAY_MS
}

fn at(ms: i64) -> Timestamp {
    fixtures::NOW.plus_ms(ms)
}

/// Whether some 60 seconds hold more than `rate` calls.
fn breaks_rate(mut calls: Vec<Timestamp>, rate: u32) -> bool {
    calls.sort();
    let rate = usize::try_from(rate).expect("small");
    calls.windows(rate + 1).any(|calls| calls[rate].since_ms(calls[0]) < MINUTE_MS)
}

proptest! {
    #[test]
    fn no_minute_ever_holds_more_than_the_rate(
        rate in 1_u32..200,
        delays in prop::collection::vec(delay(), 400),
    ) {
        let mut rate_state = RateState::default();
        let mut calls = Vec::new();
        for delay in delays {
            let slot = rate_state.slot(Timestamp::from_millis(0));
            rate_state.take(slot, Some(rate));
            calls.push(slot.plus_ms(delay));
        }
        prop_assert!(!breaks_rate(calls, rate));
    }

    #[test]
    fn no_minute_holds_more_than_the_rate_whatever_the_lanes(
        rate in 1_u32..60,
        cuts in prop::collection::vec(prop::option::of(0_u32..8), 1..5),
        calls in prop::collection::vec((any::<bool>(), 0_i64..1_500, delay()), 600),
    ) {
        let mut rate_state = RateState::default();
        let mut placed = Vec::new();
        let mut now = at(0);
        let each = calls.len().div_ceil(cuts.len());
        for (part, cut) in calls.chunks(each).zip(cuts) {
            let lanes = Some(Lanes::new(rate, cut));
            for (is_urgent, later_ms, delay_ms) in part {
                now = now.plus_ms(*later_ms);
                let slot = rate_state.slot_in(now, lanes, *is_urgent);
                if slot.at <= now.plus_ms(HORIZON_MS) {
                    rate_state.take_in(slot, lanes);
                    placed.push(slot.at.plus_ms(*delay_ms));
                }
            }
        }
        prop_assert!(placed.len() > usize::try_from(rate.min(20)).expect("small"));
        prop_assert!(!breaks_rate(placed, rate));
    }

    #[test]
    fn an_urgent_call_after_a_quiet_minute_need_not_wait(
        rate in 2_u32..200,
        reserved in 1_u32..10,
        urgent in prop::collection::vec(0_i64..3, 1..5),
    ) {
        let lanes = Some(Lanes::new(rate, Some(reserved)));
        let mut rate_state = RateState::default();
        let mut now = at(0);
        for more_ms in urgent {
            let until = now.plus_ms(MINUTE_MS + SLOT_MARGIN_MS + more_ms);
            while now < until {
                let slot = rate_state.slot_in(now, lanes, false);
                prop_assert_eq!(slot.lane, Lane::Ordinary);
                if slot.at <= now.plus_ms(HORIZON_MS) {
                    rate_state.take_in(slot, lanes);
                } else {
                    now = now.plus_ms(500);
                }
            }
            now = now.max(until);
            let slot = rate_state.slot_in(now, lanes, true);
            prop_assert_eq!(slot.at, now);
            rate_state.take_in(slot, lanes);
        }
    }

    #[test]
    fn a_ramp_grows_when_it_says(limit in 0_u32..2_000, minutes in 0_u32..3_000, running_ms in 0_i64..300_000_000) {
        let reached = ramped_limit(limit, minutes, running_ms);
        prop_assert!(reached <= limit && (reached >= 1 || limit == 0));
        match ms_to_next_step(limit, minutes, running_ms) {
            None => prop_assert_eq!(reached, limit),
            Some(ms) => {
                prop_assert!(ms > 0);
                prop_assert_eq!(ramped_limit(limit, minutes, running_ms + ms - 1), reached);
                prop_assert!(ramped_limit(limit, minutes, running_ms + ms) > reached);
            }
        }
    }

    #[test]
    fn a_day_ends_where_another_library_says(
        zone in prop::sample::select(vec![
            Tz::Europe__Berlin, Tz::America__New_York, Tz::Africa__Cairo, Tz::Asia__Beirut,
            Tz::America__Havana, Tz::Atlantic__Azores, Tz::Australia__Lord_Howe, Tz::Asia__Kolkata,
            Tz::America__Santiago, Tz::Pacific__Kiritimati, Tz::UTC,
        ]),
        now_ms in 1_735_689_600_000_i64..1_798_761_600_000,
    ) {
        let now = jiff::Timestamp::from_millisecond(now_ms).expect("a moment");
        let local = now.to_zoned(zone_of_jiff(zone));
        let tomorrow = local.tomorrow().expect("a day").start_of_day().expect("a day");
        let ours = next_midnight(zone, Timestamp::from_millis(now_ms));
        prop_assert_eq!(ours.as_millis(), tomorrow.timestamp().as_millisecond());
    }
}

#[test]
fn without_a_margin_one_late_call_breaks_the_rate() {
    let spacing = spacing_ms(10, 0);
    let first_late_by = SLOT_WINDOW_MS;
    assert!(10 * spacing - first_late_by < MINUTE_MS);
    assert!(10 * spacing_ms(10, SLOT_MARGIN_MS) - first_late_by >= MINUTE_MS);
}

#[test]
fn only_rates_in_the_middle_keep_something_for_urgent_calls() {
    for (rate, reserved) in [(0, 0), (1, 0), (10, 0), (19, 0), (20, 1), (30, 1), (31, 0), (6_000, 0)] {
        assert_eq!(Lanes::new(rate, None).reserved_per_minute(), reserved, "{rate}");
    }
    assert_eq!(Lanes::new(10, Some(0)).reserved_per_minute(), 0);
    assert_eq!(Lanes::new(10, Some(10)).reserved_per_minute(), 9);
    assert_eq!(Lanes::new(1, Some(1)).reserved_per_minute(), 0);
}

/// Takes the next slot; says which it was, and how far from it the ordinary lane's next is.
fn step(rate_state: &mut RateState, now: Timestamp, lanes: Lanes, is_urgent: bool) -> (Slot, i64) {
    let slot = rate_state.slot_in(now, Some(lanes), is_urgent);
    rate_state.take_in(slot, Some(lanes));
    (slot, rate_state.next_at.since_ms(slot.at))
}

#[test]
fn a_reserved_lane_opens_a_minute_after_it_is_cut() {
    let (whole, cut) = (Lanes::new(10, Some(0)), Lanes::new(10, Some(1)));
    let apart_ms = |rate| spacing_ms(rate, SLOT_MARGIN_MS);
    let mut rate_state = RateState::default();
    assert_eq!(step(&mut rate_state, at(0), whole, false).1, apart_ms(10));
    let second = at(apart_ms(10));
    assert_eq!(
        step(&mut rate_state, second, cut, true),
        (Slot { at: second, lane: Lane::Ordinary }, apart_ms(9))
    );
    let opens_at = at(apart_ms(1));
    assert_eq!(rate_state.slot_in(second, Some(cut), true).at, second.plus_ms(apart_ms(9)));
    step(&mut rate_state, opens_at.plus_ms(-1), cut, false);
    assert_eq!(rate_state.slot_in(opens_at, Some(cut), true), Slot { at: opens_at, lane: Lane::Reserved });
}

#[test]
fn the_ordinary_lane_grows_a_minute_after_the_reserved_one_was_used() {
    let (whole, cut) = (Lanes::new(10, Some(0)), Lanes::new(10, Some(1)));
    let apart_ms = |rate| spacing_ms(rate, SLOT_MARGIN_MS);
    let mut rate_state = RateState::default();
    step(&mut rate_state, at(0), cut, false);
    assert_eq!(step(&mut rate_state, at(1), cut, true).0, Slot { at: at(1), lane: Lane::Reserved });
    let quiet_at = at(1 + 2 * apart_ms(1));
    assert_eq!(step(&mut rate_state, quiet_at.plus_ms(-apart_ms(9)), whole, true).1, apart_ms(9));
    assert_eq!(step(&mut rate_state, quiet_at, whole, false).1, apart_ms(10));
}

#[test]
fn a_burst_of_refusals_is_one_rest() {
    let mut rate_state = RateState::default();
    let now = Timestamp::from_millis(1_000_000);
    for _ in 0..50 {
        rate_state.congest(now);
    }
    assert_eq!(rate_state.rest_until, now.plus_ms(CONGESTION_REST_MS));
    rate_state.congest(rate_state.rest_until);
    assert_eq!(rate_state.rest_until, now.plus_ms(3 * CONGESTION_REST_MS));
}

#[test]
fn both_lanes_rest_when_the_provider_is_full() {
    let lanes = Some(Lanes::new(10, Some(1)));
    let mut rate_state = RateState::default();
    rate_state.congest(at(0));
    for is_urgent in [false, true] {
        assert_eq!(rate_state.slot_in(at(1), lanes, is_urgent).at, at(CONGESTION_REST_MS));
    }
}

#[test]
fn a_refusal_long_after_the_last_one_is_the_first_again() {
    let mut rate_state = RateState::default();
    let mut now = Timestamp::from_millis(1_000_000);
    for _ in 0..10 {
        rate_state.congest(now);
        now = rate_state.rest_until;
    }
    assert_eq!(rate_state.congested, 10);
    let mut again = rate_state.clone();
    again.congest(now.plus_ms(MAX_CONGESTION_REST_MS));
    assert_eq!(again.congested, 11, "it has worked no longer than it rested");
    let later = now.plus_ms(MAX_CONGESTION_REST_MS + 1);
    rate_state.congest(later);
    assert_eq!((rate_state.congested, rate_state.rest_until), (1, later.plus_ms(CONGESTION_REST_MS)));
}

#[test]
fn whoever_worked_for_longer_than_it_rested_rests_as_at_first() {
    let mut rate_state = RateState::default();
    let mut now = at(0);
    for _ in 0..20 {
        rate_state.congest(now);
        assert_eq!(rate_state.rest_until, now.plus_ms(CONGESTION_REST_MS));
        now = rate_state.rest_until.plus_ms(CONGESTION_REST_MS + 1);
    }
}

#[test]
fn among_many_calls_one_that_is_refused_is_no_cause_to_rest() {
    let number = "+493023125099".parse().expect("a number");
    let mut rate_state = RateState::default();
    let calls = |rate_state: &mut RateState, count| (0..count).for_each(|_| rate_state.count(&number, at(0)));
    calls(&mut rate_state, CALLS_PER_REFUSAL);
    rate_state.congest(at(0));
    assert_eq!((rate_state.rest_until, rate_state.congested), (Timestamp::default(), 0));
    calls(&mut rate_state, CALLS_PER_REFUSAL - 1);
    rate_state.congest(at(1));
    assert_eq!(rate_state.rest_until, at(1 + CONGESTION_REST_MS), "the second of a few");
}

#[test]
fn a_ramp_is_even() {
    let steps = [0, 1, 2, 3, 4, 5].map(|minute| ramped_limit(5, 4, minute * MINUTE_MS));
    assert_eq!(steps, [1, 2, 3, 4, 5, 5]);
    assert_eq!((ramped_limit(5, 0, 0), ramped_limit(5, 4, -1)), (5, 1));
    assert_eq!(ms_to_next_step(5, 4, 90 * SECOND_MS), Some(30 * SECOND_MS));
}

#[test]
fn what_was_used_counts_for_the_day_of_the_numbers_place() {
    let number = "+493023125099".parse().expect("a number");
    let mut rate_state = RateState::default();
    rate_state.count(&number, fixtures::NOW);
    rate_state.count(&number, fixtures::NOW);
    let midnight = at(12 * HOUR_MS); // it is noon
    assert_eq!(rate_state.resets_at, midnight.plus_ms(MAX_SKEW_MS));
    assert_eq!(rate_state.used_today(midnight), 2);
    assert_eq!(rate_state.used_today(rate_state.resets_at), 0);
    rate_state.count(&number, rate_state.resets_at);
    assert_eq!((rate_state.used, rate_state.resets_at), (1, midnight.plus_ms(MAX_SKEW_MS + DAY_MS)));
    rate_state.uncount(&number, fixtures::NOW);
    assert_eq!(rate_state.used, 1, "that was another day");
    rate_state.count(&number, midnight.plus_ms(MINUTE_MS));
    for _ in 0..3 {
        rate_state.uncount(&number, midnight.plus_ms(HOUR_MS));
        assert_eq!(rate_state.used, 1, "once, however often a lost reply has it tried again");
    }
    rate_state.uncount(&number, midnight.plus_ms(HOUR_MS + 1));
    assert_eq!(rate_state.used, 0);
}

#[test]
fn a_number_of_no_place_has_the_day_of_utc() {
    let number = "+88213312345".parse().expect("a number");
    let ends_at = RateState::default().day_ends_at(&number, fixtures::NOW);
    assert_eq!(ends_at.as_millis() % DAY_MS, MAX_SKEW_MS);
}

#[test]
fn what_is_idle_is_forgotten_but_for_what_it_used_today() {
    let id = fixtures::caller_number(1).id;
    let number = fixtures::caller_number(1);
    let mut rate_states = RateStates::default();
    let mut rate_state = RateState::default();
    rate_state.take_in(Slot { at: at(0), lane: Lane::Ordinary }, Lanes::of(&number, Channel::Call));
    rate_state.count(&number.number, at(0));
    rate_states.numbers.insert(id.clone(), rate_state.clone());
    rate_states
        .campaigns
        .insert(fixtures::campaign_id(), RateState { last_at: at(0), ..RateState::default() });
    rate_states.forget_idle(at(MAX_CONGESTION_REST_MS));
    assert_eq!((&rate_states.numbers[&id], rate_states.campaigns.len()), (&rate_state, 1));
    rate_states.forget_idle(at(HOUR_MS));
    let used = RateState { used: 1, resets_at: rate_state.resets_at, ..RateState::default() };
    assert_eq!((&rate_states.numbers[&id], rate_states.campaigns.len()), (&used, 0));
    rate_states.forget_idle(at(13 * HOUR_MS));
    assert!(rate_states.numbers.is_empty());
}

#[test]
fn a_breaker_outlives_its_campaigns_rest() {
    let mut rate_state = RateState { last_at: at(0), ..RateState::default() };
    rate_state.breaker.note_claim(&fixtures::attempt(1), at(0));
    let mut rate_states = RateStates::default();
    rate_states.campaigns.insert(fixtures::campaign_id(), rate_state);
    rate_states.forget_idle(at(BREAKER_MEMORY_MS));
    assert_eq!(rate_states.campaigns.len(), 1);
    rate_states.forget_idle(at(BREAKER_MEMORY_MS + 1));
    assert!(rate_states.campaigns.is_empty());
}

#[test]
fn what_is_new_takes_no_room() {
    let mut rate_states = RateStates::default();
    rate_states
        .campaigns
        .insert(fixtures::campaign_id(), RateState { last_at: at(0), ..RateState::default() });
    let stored = serde_json::to_value(&rate_states).expect("json");
    let rate_state = serde_json::json!({"last_at": at(0).to_string()});
    let campaigns = serde_json::json!({fixtures::campaign_id().to_string(): rate_state});
    assert_eq!(stored, serde_json::json!({"numbers": {}, "campaigns": campaigns}));
    assert_eq!(serde_json::from_value::<RateStates>(stored).expect("rate states"), rate_states);
}
