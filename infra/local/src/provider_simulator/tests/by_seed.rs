//! The seed decides everything, and the exchange keeps its limits.

use std::num::NonZeroU32;

use super::{START, at_retell, order, parsed, rest};
use crate::provider_simulator::calls::{Answer, Delivery, Exchange};
use crate::provider_simulator::settings::NetworkSettings;
use crate::provider_simulator::{elevenlabs, retell};

/// Two hundred people, each dialled twice.
fn history(seed: u64) -> (Vec<Answer>, Vec<Delivery>) {
    let mut exchange = Exchange::new(NetworkSettings { seed, max_concurrent: 1_000, ..Default::default() });
    let mut answers = Vec::new();
    for n in 0..400_i64 {
        let order = order(&format!("+1212555{}", 2_000 + n % 200));
        answers.push(exchange.place(START.plus_ms(n * 1_000), &order));
    }
    (answers, rest(&mut exchange))
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let (answers, deliveries) = history(7);
    assert_eq!((answers, deliveries.clone()), history(7));
    assert_ne!(deliveries, history(8).1);
}

#[test]
fn webhooks_come_in_the_order_of_time() {
    let (answers, deliveries) = history(7);
    assert!(deliveries.is_sorted_by_key(|delivery| delivery.due_at));
    let made =
        answers.iter().filter(|answer| answer.body["conversation_id"].is_string() || answer.status == 504);
    assert_eq!(deliveries.len(), made.count(), "one webhook for each call");
}

#[test]
fn the_plan_limits_the_calls_that_are_up() {
    let mut exchange = Exchange::new(NetworkSettings { max_concurrent: 2, ..Default::default() });
    let status = |exchange: &mut Exchange, at_ms: i64, prefix: u32| {
        exchange.place(START.plus_ms(at_ms), &order(&format!("+1{prefix}5550001"))).status
    };
    assert_eq!(status(&mut exchange, 0, 201), 200);
    assert_eq!(status(&mut exchange, 1_000, 202), 200);
    let refused = exchange.place(START.plus_ms(2_000), &order("+12035550001"));
    assert_eq!(refused.status, 429);
    assert_eq!(refused.body["detail"]["status"], "too_many_concurrent_requests");
    // The first call rings 5 s and talks 30 s.
    assert_eq!(status(&mut exchange, 34_999, 203), 429);
    assert_eq!(status(&mut exchange, 35_000, 203), 200);
}

#[test]
fn each_account_has_its_own_room() {
    let mut exchange = Exchange::new(NetworkSettings { max_concurrent: 1, ..Default::default() });
    assert_eq!(exchange.place(START, &order("+12015550001")).status, 200);
    assert_eq!(exchange.place(START, &order("+12025550001")).status, 429);
    assert_eq!(exchange.place(START, &at_retell("+12035550001")).status, 201);
    assert_eq!(exchange.place(START, &at_retell("+12045550001")).status, 429);
}

#[test]
fn a_refusal_for_want_of_room_is_no_dial() {
    let mut exchange = Exchange::new(NetworkSettings { max_concurrent: 1, ..Default::default() });
    exchange.place(START, &order("+12015550001"));
    for _ in 0..3 {
        assert_eq!(exchange.place(START, &order("+12025550012")).status, 429);
    }
    rest(&mut exchange);
    exchange.place(START.plus_ms(60_000), &order("+12025550012"));
    let first_dial = parsed(&rest(&mut exchange)[0].body);
    assert_eq!(first_dial["data"]["failure_reason"], "no-answer");
}

#[test]
fn only_our_own_numbers_may_call() {
    let callers = [("phnum_2".to_owned(), "+15017122661".to_owned())];
    let settings = NetworkSettings { caller_numbers: callers.into(), ..Default::default() };
    let mut exchange = Exchange::new(settings);
    let answer = exchange.place(START, &order("+12015550001"));
    assert_eq!((answer.status, answer.body["detail"]["status"].as_str()), (404, Some("document_not_found")));
    let mut known = order("+12015550002");
    known.phone_number_id = "phnum_2".to_owned();
    exchange.place(START, &known);
    let body = parsed(&rest(&mut exchange)[0].body);
    assert_eq!(body["data"]["metadata"]["body"]["From"], "+15017122661");
}

#[test]
fn a_conversation_goes_through_its_states() {
    let mut exchange = Exchange::new(NetworkSettings::default());
    let answer = exchange.place(START, &order("+12015550001"));
    let id = answer.body["conversation_id"].as_str().expect("an id").to_owned();
    let at = |ms: i64| {
        let call = exchange.call(elevenlabs::PROVIDER, &id).expect("known");
        elevenlabs::conversation::conversation(call, START.plus_ms(ms))
    };
    assert_eq!(at(0)["status"], "initiated");
    assert_eq!(at(5_000)["status"], "in-progress");
    assert_eq!(at(5_000)["analysis"], serde_json::Value::Null);
    assert_eq!(at(35_000)["status"], "processing");
    assert_eq!(at(40_000)["status"], "done");
    assert_eq!(exchange.calls_of(elevenlabs::PROVIDER, Some("att_12015550001")).count(), 1);
    assert_eq!(exchange.calls_of(elevenlabs::PROVIDER, Some("att_0")).count(), 0);
    assert!(exchange.call(retell::PROVIDER, &id).is_none());
}

#[test]
fn in_haste_a_call_is_over_in_a_part_of_its_time() {
    let spans = |haste| {
        let haste = NonZeroU32::new(haste).expect("not zero");
        let mut exchange = Exchange::new(NetworkSettings { haste, ..Default::default() });
        exchange.place(START, &order("+12125552000"));
        let call = exchange.calls_of(elevenlabs::PROVIDER, None).next().expect("a call");
        [call.ended_at, call.settled_at].map(|at| at.since_ms(START))
    };
    for (usual_ms, hasty_ms) in spans(1).into_iter().zip(spans(10)) {
        assert!((usual_ms - 10 * hasty_ms).abs() <= 20, "{usual_ms} beside {hasty_ms}");
        assert!(hasty_ms > 0);
    }
}
