//! What keeps campaigns from doing harm: credits, breakers, caps, opt-outs; judged by the network's own log.

use std::collections::BTreeMap;

use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::policy::circuit_breaker::{MAX_OPEN_MS, MIN_FAILURES};
use carillon_domain::policy::retry::RetryPolicy;
use carillon_domain::records::active_attempt::ActiveAttemptState;
use carillon_domain::records::campaign::{CampaignSpec, CampaignStatus, PauseReason};
use carillon_local::provider_simulator::audit::CallRecord;
use carillon_local::provider_simulator::people::Mix;
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz::{self, America__New_York as NEW_YORK, Europe__Berlin as BERLIN};
use serde_json::json;

const NOBODY: Mix = Mix { no_answer: 1_000, ..Mix::TALKERS };

/// A system whose caller number has no rate.
async fn start(mix: Mix, magic_numbers: bool) -> Harness {
    let mut options = Options { hop_ms: 80, ..Options::at(MONDAY_AT_NINE) };
    (options.network.mix, options.network.magic_numbers) = (mix, magic_numbers);
    let harness = Harness::start(options).await;
    people::lift_rate(&harness.context, &harness.keys).await;
    harness
}

/// Forty people of a part of town whose numbers mean nothing special to the network.
fn ordinary(part: u8) -> Vec<(String, Tz)> {
    people::population(part, 140, BERLIN).split_off(100)
}

async fn status(harness: &Harness, id: &CampaignId) -> CampaignStatus {
    let stored = harness.context.store.campaign(&harness.keys.workspace, id).await;
    stored.expect("a table").expect("a campaign").status
}

/// The moments at which each number was dialled.
fn by_person(calls: &[CallRecord]) -> BTreeMap<String, Vec<Timestamp>> {
    let mut dialled = BTreeMap::<_, Vec<_>>::new();
    for call in calls {
        dialled.entry(call.to.clone()).or_default().push(call.placed_at);
    }
    dialled
}

/// The most calls to one person within any time of this length.
fn most_within(calls: &[CallRecord], window_ms: i64) -> usize {
    let of_person = |moments: &Vec<Timestamp>| {
        let within =
            |from: Timestamp| moments.iter().filter(|at| (0..window_ms).contains(&at.since_ms(from))).count();
        moments.iter().map(|from| within(*from)).max().unwrap_or_default()
    };
    by_person(calls).values().map(of_person).max().unwrap_or_default()
}

/// What a call costs by the network's tariff, in millionths of a US dollar: 8 cents a minute, to a
/// hundredth of a cent.
fn cost_micros(call: &CallRecord) -> i64 {
    let talk_secs = call.answered_at.map_or(0, |answered_at| call.ended_at.since_ms(answered_at) / SECOND_MS);
    (talk_secs as f64 * 800.0 / 60.0).round() as i64 * 100
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn campaigns_pause_when_credits_run_out_and_go_on_after_a_top_up() {
    let mut harness = start(Mix { transient: 0, ..Mix::default() }, false).await;
    let (context, keys, api) = (harness.context.clone(), harness.keys.clone(), Api::of(&harness));
    api.post("/credits/top-ups", json!({"amount_usd": 3.0})).await.ok(201);
    api.patch("/workspace", json!({"low_credits_usd": 1.0})).await.ok(200);
    let mut campaigns = Vec::new();
    for part in [2, 3] {
        let population = people::population(part, 60, BERLIN);
        campaigns.push(people::start_campaign(&context, &keys, people::spec(&keys), &population).await);
    }
    harness.run_to(MONDAY_AT_NINE.plus_ms(2 * HOUR_MS)).await;
    let low = CampaignStatus::Paused { reason: PauseReason::LowCredits };
    for campaign in &campaigns {
        assert_eq!(status(&harness, campaign).await, low);
    }
    let paused = api.get("/credits").await.ok(200);
    let before = harness.network.calls();
    let last = before.iter().map(|call| call.placed_at).max().expect("calls");
    eprintln!("paused after {} calls, the last at {last}: {paused}", before.len());
    assert!(last < harness.context.now().plus_ms(-HOUR_MS), "nobody is called while they rest");
    api.command(&format!("/campaigns/{}/resume", campaigns[0])).await.problem(409, "low_credits");

    api.post("/credits/top-ups", json!({"amount_usd": 100.0})).await.ok(201);
    for campaign in &campaigns {
        api.command(&format!("/campaigns/{campaign}/resume")).await.ok(200);
    }
    for campaign in &campaigns {
        let end = MONDAY_AT_NINE.plus_ms(9 * HOUR_MS);
        assert!(harness.run_until(end, checks::has_ended(campaign)).await);
    }
    let calls = harness.network.calls();
    let cost: i64 = calls.iter().map(cost_micros).sum();
    let credits = context.store.credits(&keys.workspace).await.expect("a table");
    eprintln!("{} calls cost {cost}, booked {} millionths of a dollar", calls.len(), credits.spent_micros);
    assert_eq!(credits.spent_micros, cost);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_whose_calls_all_fail_rests_and_the_campaign_is_paused() {
    let mut harness = start(Mix::default(), true).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    // Whoever ends in 0022 is behind a carrier that rejects us.
    let population: Vec<(String, Tz)> =
        (0..300).map(|n| (format!("+4930{:05}0022", 23_000 + n), BERLIN)).collect();
    let campaign = people::start_campaign(&context, &keys, people::spec(&keys), &population).await;
    harness.run_to(MONDAY_AT_NINE.plus_ms(3 * HOUR_MS)).await;
    let calls = harness.network.calls();
    let placed: Vec<i64> =
        calls.iter().map(|call| call.placed_at.since_ms(MONDAY_AT_NINE) / SECOND_MS).collect();
    eprintln!("every call fails; placed after seconds {placed:?}");
    let paused = CampaignStatus::Paused { reason: PauseReason::TooManyFailures };
    assert_eq!(status(&harness, &campaign).await, paused);
    let (burst, probes): (Vec<i64>, Vec<i64>) = placed.iter().partition(|at| **at < 60);
    let failures = usize::try_from(MIN_FAILURES).expect("small");
    assert!((failures..=10).contains(&burst.len()), "as many failures, and what was up by then: {burst:?}");
    assert!((4..=5).contains(&probes.len()), "one at a time: {probes:?}");
    assert!(probes.windows(2).all(|pair| pair[1] - pair[0] >= 115), "ever more rarely: {probes:?}");

    // The carrier lets us through again, as far as these people go.
    let others = ordinary(3);
    people::add_leads(&context, &keys, &campaign, &others).await;
    Api::of(&harness).command(&format!("/campaigns/{campaign}/resume")).await.ok(200);
    harness.run_to(MONDAY_AT_NINE.plus_ms(4 * HOUR_MS)).await;
    let resumed = harness.network.calls().len() - calls.len();
    eprintln!("{resumed} calls in the hour after it was resumed, while the first 300 still fail");
    assert!((1..=20).contains(&resumed), "{resumed}");

    // With nobody left behind that carrier, the next probe closes the number's breaker.
    Api::of(&harness).command(&format!("/campaigns/{campaign}/cancel")).await.ok(200);
    let good = ordinary(4);
    let begin = harness.context.now();
    let campaign = people::start_campaign(&context, &keys, people::spec(&keys), &good).await;
    harness.run_to(begin.plus_ms(2 * HOUR_MS)).await;
    let calls = harness.network.calls();
    let of_good = |call: &&CallRecord| good.iter().any(|(number, _)| *number == call.to);
    let called = by_person(&calls.iter().filter(of_good).cloned().collect::<Vec<_>>());
    let first_min = called.values().flatten().min().expect("a call").since_ms(begin) / MINUTE_MS;
    eprintln!("{} of {} good people called, the first after {first_min} minutes", called.len(), good.len());
    assert!(first_min <= MAX_OPEN_MS / MINUTE_MS, "{first_min}");
    assert_eq!(called.len(), good.len());
    let held =
        context.store.campaign(&keys.workspace, &campaign).await.expect("a table").expect("a campaign");
    assert!(!matches!(held.status, CampaignStatus::Paused { .. }), "{:?}", held.status);
}

/// Runs a campaign to its end, so many hours of each day: all that is due later waits for the next.
async fn run_by_days(harness: &mut Harness, campaign: &CampaignId, hours: i64) {
    let begin = harness.context.now();
    while !status(harness, campaign).await.is_ended() {
        harness.run_to(harness.context.now().plus_ms(hours * HOUR_MS)).await;
        harness.context.clock.advance_to(harness.context.now().plus_ms((24 - hours) * HOUR_MS));
        assert!(harness.context.now() < begin.plus_ms(60 * DAY_MS), "it ends");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_budget_holds_over_campaigns() {
    let mut harness = start(NOBODY, false).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let budget = json!({"contact_budget": {"max": 2, "per_days": 7}});
    Api::of(&harness).patch("/workspace", budget).await.ok(200);
    let retry = RetryPolicy { max_attempts: 3, delay_minutes: 20, ..RetryPolicy::default() };
    let spec = CampaignSpec { retry, ..people::spec(&keys) };
    let population = people::population(2, 12, BERLIN);
    let mut campaigns = Vec::new();
    for _ in 0..2 {
        campaigns.push(people::start_campaign(&context, &keys, spec.clone(), &population).await);
    }
    for campaign in &campaigns {
        run_by_days(&mut harness, campaign, 1).await;
    }
    let calls = harness.network.calls();
    let most = most_within(&calls, 7 * DAY_MS);
    let total = by_person(&calls).values().map(Vec::len).max().unwrap_or_default();
    eprintln!("{} calls to 12 people: {total} to one in all, {most} in any 7 days", calls.len());
    assert_eq!((most, total), (2, 6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_in_florida_is_called_more_than_three_times_a_day() {
    let mut harness = start(NOBODY, false).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let retry = RetryPolicy { max_attempts: 6, delay_minutes: 30, ..RetryPolicy::default() };
    let spec = CampaignSpec { retry, time_zone: NEW_YORK, ..people::spec(&keys) };
    let population: Vec<(String, Tz)> =
        (0..10).map(|n| (format!("+1305234{:04}", 5_000 + n), NEW_YORK)).collect();
    let campaign = people::start_campaign(&context, &keys, spec, &population).await;
    // Nine there.
    harness.context.clock.advance_to(MONDAY_AT_NINE.plus_ms(6 * HOUR_MS));
    run_by_days(&mut harness, &campaign, 2).await;
    let calls = harness.network.calls();
    let most = most_within(&calls, DAY_MS);
    eprintln!("{} calls to 10 people in Florida, at most {most} in any 24 hours", calls.len());
    assert_eq!((most, calls.len()), (3, 60));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_of_the_workspace_holds_from_the_answer_on() {
    let mut harness = start(NOBODY, false).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let retry = RetryPolicy { max_attempts: 3, delay_minutes: 20, ..RetryPolicy::default() };
    let spec = CampaignSpec { retry, ..people::spec(&keys) };
    let campaign = people::start_campaign(&context, &keys, spec, &people::population(2, 30, BERLIN)).await;
    harness.run_to(MONDAY_AT_NINE.plus_ms(MINUTE_MS)).await;
    let (active_attempts, _) = context.store.in_flight(&keys.workspace).await.expect("a table");
    assert!(!active_attempts.is_empty(), "calls are under way when the rule comes");
    // From ten to eleven in Berlin, and one attempt in two days.
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let hours: BTreeMap<_, _> = days.map(|day| (day, json!([{"from": "10:00", "to": "11:00"}]))).into();
    let rule = json!({"id": "own-de", "jurisdiction": "DE", "version": "2026-11-01", "hours": hours,
        "caps": [{"max": 1, "per_hours": 48}]});
    Api::of(&harness).patch("/workspace", json!({"rules": [rule]})).await.ok(200);
    let since = harness.context.now();
    assert!(harness.run_until(since.plus_ms(9 * DAY_MS), checks::has_ended(&campaign)).await);

    let calls = harness.network.calls();
    let (before, after): (Vec<_>, Vec<_>) = calls.iter().partition(|call| call.placed_at <= since);
    let outside: Vec<_> = after
        .iter()
        // Nine to ten in UTC: it is winter.
        .filter(|call| call.placed_at.as_millis() % DAY_MS / HOUR_MS != 9)
        .map(|call| call.placed_at)
        .collect();
    let most = most_within(&calls, 2 * DAY_MS);
    eprintln!("{} calls before the rule, {} after it, {most} in any 48 hours", before.len(), after.len());
    assert_eq!(outside, Vec::<Timestamp>::new());
    assert!(!before.is_empty());
    assert_eq!((most, calls.len()), (1, 90));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_opts_out_is_not_dialled_from_the_answer_on() {
    let mut harness = start(Mix::default(), false).await;
    let (context, keys, api) = (harness.context.clone(), harness.keys.clone(), Api::of(&harness));
    people::set_rate(&context, &keys, Some(20)).await;
    let population = people::population(2, 150, BERLIN);
    let retry = RetryPolicy { max_attempts: 2, ..RetryPolicy::default() };
    let spec = CampaignSpec { retry, concurrent_limit: 20, ..people::spec(&keys) };
    let campaign = people::start_campaign(&context, &keys, spec, &population).await;
    let mut opted_out = BTreeMap::new();
    let mut claimed = 0;
    for round in 0..40 {
        harness.run_to(MONDAY_AT_NINE.plus_ms(MINUTE_MS + round * 7_300)).await;
        // One who is claimed and about to be dialled, if there is one; and one who waits.
        let (active_attempts, _) = context.store.in_flight(&keys.workspace).await.expect("a table");
        let next = active_attempts
            .iter()
            .find(|active_attempt| matches!(active_attempt.state, ActiveAttemptState::Claimed { .. }));
        claimed += usize::from(next.is_some());
        let waiting = &population[149 - usize::try_from(round).expect("small")].0;
        for number in next.map(|active_attempt| active_attempt.number.to_string()).iter().chain([waiting]) {
            let listed = api.post("/do-not-call/do_not_call/numbers", json!({"number": number})).await;
            assert!(matches!(listed.status, 200 | 201), "{}", listed.text);
            opted_out.insert(number.clone(), harness.context.now());
        }
    }
    let end = MONDAY_AT_NINE.plus_ms(9 * HOUR_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaign)).await);
    let calls = harness.network.calls();
    let late = calls.iter().filter(|call| opted_out.get(&call.to).is_some_and(|at| call.placed_at > *at));
    eprintln!("{} opted out, {claimed} of them while claimed; {} calls", opted_out.len(), calls.len());
    assert_eq!(late.collect::<Vec<_>>(), Vec::<&CallRecord>::new());
    assert!(claimed >= 5, "{claimed}");
}
