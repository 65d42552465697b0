//! The limits of caller numbers and the ramp of a campaign, judged by the network's own log.

use std::collections::BTreeMap;

use carillon_domain::base::ids::CallerNumberId;
use carillon_domain::base::time::{DAY_MS, MINUTE_MS, Timestamp};
use carillon_domain::policy::caller_pool::Selection;
use carillon_domain::policy::retry::RetryPolicy;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_local::provider_simulator::audit::{self, CallRecord};
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz::Europe__Berlin as BERLIN;
use serde_json::{Value, json};

async fn start() -> Harness {
    Harness::start(Options { hop_ms: 80, ..Options::at(MONDAY_AT_NINE) }).await
}

/// A caller number with these limits; answers with its id.
async fn add_number(harness: &Harness, nth: u32, limits: Value) -> CallerNumberId {
    let mut form = json!({
        "number": format!("+49302312510{nth}"),
        "phone_number_id": format!("phnum_9{nth}"),
        "rate_limit_per_minute": null,
    });
    for (name, value) in limits.as_object().expect("fields") {
        form[name] = value.clone();
    }
    Api::of(harness).post("/caller-numbers", form).await.ok(201).id().parse().expect("an id")
}

/// A campaign that tries everybody once, from these numbers.
fn spec(harness: &Harness, numbers: &[CallerNumberId], selection: Selection) -> CampaignSpec {
    CampaignSpec {
        retry: RetryPolicy { max_attempts: 1, ..RetryPolicy::default() },
        caller_number_ids: numbers.to_vec(),
        caller_selection: selection,
        concurrent_limit: 20,
        ..people::spec(&harness.keys)
    }
}

/// Runs a campaign with so many leads until it has ended; answers with its calls.
async fn run(harness: &mut Harness, spec: CampaignSpec, part: u8, count: usize) -> Vec<CallRecord> {
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let before = harness.network.calls().len();
    let population = people::population(part, count, BERLIN);
    let campaign = people::start_campaign(&context, &keys, spec, &population).await;
    let end = harness.context.now().plus_ms(10 * DAY_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaign)).await);
    harness.network.calls().split_off(before)
}

fn by_number(calls: &[CallRecord]) -> BTreeMap<String, Vec<CallRecord>> {
    let mut sorted = BTreeMap::<_, Vec<_>>::new();
    for call in calls {
        sorted.entry(call.phone_number_id.clone()).or_default().push(call.clone());
    }
    sorted
}

fn counts(calls: &[CallRecord]) -> BTreeMap<String, usize> {
    by_number(calls).into_iter().map(|(number, calls)| (number, calls.len())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_number_keeps_its_own_limit_of_calls_at_once() {
    let mut harness = start().await;
    let two = add_number(&harness, 1, json!({"concurrent_limit": 2})).await;
    let three = add_number(&harness, 2, json!({"concurrent_limit": 3})).await;
    let spec = spec(&harness, &[two, three], Selection::RoundRobin);
    let calls = run(&mut harness, spec, 2, 120).await;
    let at_once: BTreeMap<_, _> =
        by_number(&calls).into_iter().map(|(id, calls)| (id, audit::max_concurrent(&calls))).collect();
    eprintln!("most at once: {at_once:?} over {:?} calls", counts(&calls));
    assert_eq!(at_once, [("phnum_91".to_owned(), 2), ("phnum_92".to_owned(), 3)].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daily_cap_holds_on_each_day() {
    let mut harness = start().await;
    let capped = add_number(&harness, 1, json!({"daily_cap": 20})).await;
    let spec = spec(&harness, &[capped], Selection::RoundRobin);
    let calls = run(&mut harness, spec, 2, 50).await;
    let mut by_day = BTreeMap::<String, usize>::new();
    for call in &calls {
        let there = call.placed_at.to_utc().with_timezone(&BERLIN);
        *by_day.entry(there.format("%F").to_string()).or_default() += 1;
    }
    eprintln!("calls by day, at most 20: {by_day:?}");
    assert!(by_day.len() >= 3, "{by_day:?}");
    assert!(by_day.values().all(|count| *count <= 20), "{by_day:?}");
    let full = by_day.values().filter(|count| **count == 20).count();
    assert!(full >= 2, "what is allowed is used: {by_day:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_take_turns() {
    let mut harness = start().await;
    let mut numbers = Vec::new();
    for nth in 1..=3 {
        numbers.push(add_number(&harness, nth, json!({})).await);
    }
    let round_robin = spec(&harness, &numbers, Selection::RoundRobin);
    let calls = run(&mut harness, round_robin, 2, 90).await;
    let shared = counts(&calls);
    eprintln!("round robin: {shared:?}");
    let (least, most) = (shared.values().min(), shared.values().max());
    assert!(most.expect("calls") - least.expect("calls") <= 1, "{shared:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_least_used_number_catches_up() {
    let mut harness = start().await;
    let mut numbers = Vec::new();
    for nth in 1..=3 {
        numbers.push(add_number(&harness, nth, json!({})).await);
    }
    let alone = spec(&harness, &numbers[..1], Selection::LeastUsed);
    let first = run(&mut harness, alone, 2, 30).await.len();
    let together = spec(&harness, &numbers, Selection::LeastUsed);
    let calls = run(&mut harness, together, 3, 60).await;
    let (early, _) = calls.split_at(2 * first - 4);
    eprintln!("the first alone: {first}; then {:?}, of the first calls {:?}", counts(&calls), counts(early));
    assert!(!counts(early).contains_key("phnum_91"), "the others first: {:?}", counts(early));
    let all = counts(&harness.network.calls());
    let (least, most) = (all.values().min(), all.values().max());
    assert!(most.expect("calls") - least.expect("calls") <= 1, "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_ramps_up_step_by_step() {
    const LIMIT: usize = 20;
    const RAMP_MINUTES: i64 = 20;
    let mut harness = start().await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&context, &keys).await;
    let minutes = u32::try_from(RAMP_MINUTES).expect("small");
    let spec = CampaignSpec { ramp_up_minutes: minutes, ..spec(&harness, &[], Selection::RoundRobin) };
    let begin = harness.context.now();
    people::start_campaign(&context, &keys, spec, &people::population(2, 600, BERLIN)).await;
    harness.run_to(begin.plus_ms((RAMP_MINUTES + 3) * MINUTE_MS)).await;
    let calls = harness.network.calls();
    let up_at =
        |at: Timestamp| calls.iter().filter(|call| call.placed_at <= at && call.ended_at > at).count();
    let allowed_at = |at: Timestamp| {
        let gone_ms = at.since_ms(begin).min(RAMP_MINUTES * MINUTE_MS);
        1 + usize::try_from(gone_ms).expect("later") * (LIMIT - 1)
            / usize::try_from(RAMP_MINUTES * MINUTE_MS).expect("positive")
    };
    let mut busiest = 0;
    for call in &calls {
        let (up, allowed) = (up_at(call.placed_at), allowed_at(call.placed_at));
        busiest = busiest.max(up);
        assert!(up <= allowed, "{up} at once, {allowed} allowed at {}", call.placed_at);
    }
    eprintln!("{:>8}{:>10}{:>10}", "minute", "allowed", "at once");
    for minute in (1..=21).step_by(4) {
        let from = begin.plus_ms(minute * MINUTE_MS);
        let most = (0..60).map(|sec| up_at(from.plus_ms(sec * 1_000))).max().unwrap_or_default();
        eprintln!("{minute:>8}{:>10}{most:>10}", allowed_at(from));
        assert!(most + 1 >= allowed_at(from), "what is allowed is used in minute {minute}");
    }
    assert_eq!(busiest, LIMIT);
}
