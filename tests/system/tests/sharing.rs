//! Who gets the next call: campaigns by weight and by priority, and those who go ahead of all, judged by the
//! network's own log.

use std::collections::BTreeMap;

use carillon_domain::base::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::policy::rate_limit::SLOT_MARGIN_MS;
use carillon_domain::policy::retry::RetryPolicy;
use carillon_domain::records::active_attempt::ActiveAttemptState;
use carillon_domain::records::campaign::{CampaignSpec, FirstSubmissionAction};
use carillon_local::provider_simulator::audit::{self, CallRecord};
use carillon_local::provider_simulator::people::Mix;
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz::Europe__Berlin as BERLIN;
use serde_json::json;

/// How far a share may be from its due, in parts of it.
const TOLERANCE: f64 = 0.05;
/// Calls within which shares are counted.
const COUNTED: usize = 320;
/// How soon a call by hand is made, in milliseconds.
const AT_ONCE_MS: i64 = 2 * SECOND_MS;
/// How long a message takes to its function, in milliseconds.
const HOP_MS: i64 = 80;

async fn start(mix: Mix) -> Harness {
    let mut options = Options { hop_ms: HOP_MS, ..Options::at(MONDAY_AT_NINE) };
    options.network.mix = mix;
    Harness::start(options).await
}

/// A campaign that tries everybody once, as many at a time as it may.
fn once(harness: &Harness) -> CampaignSpec {
    let retry = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
    CampaignSpec { retry, concurrent_limit: 1_000, ..people::spec(&harness.keys) }
}

async fn limit_workspace(harness: &Harness, concurrent_limit: u32) {
    let limit = json!({"concurrent_limit": concurrent_limit});
    Api::of(harness).patch("/workspace", limit).await.ok(200);
}

/// Which of the crowds a call went to.
fn part_of(call: &CallRecord) -> u8 {
    call.to.as_bytes()[7] - b'0'
}

/// Runs two campaigns of weights 3 and 1 that never run out of leads; prints and checks their shares.
async fn share_three_to_one(harness: &mut Harness, of: &str) {
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    for (part, weight) in [(2, 3), (3, 1)] {
        let spec = CampaignSpec { weight, ..once(harness) };
        people::start_campaign(&context, &keys, spec, &people::population(part, COUNTED, BERLIN)).await;
    }
    while harness.network.calls().len() < COUNTED {
        harness.step().await;
    }
    let mut dials = BTreeMap::<u8, usize>::new();
    for call in harness.network.calls().iter().take(COUNTED) {
        *dials.entry(part_of(call)).or_default() += 1;
    }
    let ratio = dials[&2] as f64 / dials[&3] as f64;
    eprintln!("{of:<34} weight 3: {:>4}   weight 1: {:>4}   ratio {ratio:.2}", dials[&2], dials[&3]);
    assert!((ratio / 3.0 - 1.0).abs() <= TOLERANCE, "{of}: {dials:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_of_the_workspace_are_shared_by_weight() {
    let mut harness = start(Mix::default()).await;
    people::lift_rate(&harness.context, &harness.keys).await;
    limit_workspace(&harness, 8).await;
    share_three_to_one(&mut harness, "8 lines of a workspace").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rate_of_a_number_is_shared_by_weight() {
    let mut harness = start(Mix::default()).await;
    people::set_rate(&harness.context, &harness.keys, Some(30)).await;
    share_three_to_one(&mut harness, "one caller number, 30 a minute").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_higher_priority_goes_first() {
    let mut harness = start(Mix { transient: 0, ..Mix::default() }).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&context, &keys).await;
    limit_workspace(&harness, 5).await;
    let mut campaigns = Vec::new();
    for (part, priority) in [(2, 1), (3, 9)] {
        let spec = CampaignSpec { priority, ..once(&harness) };
        let population = people::population(part, 60, BERLIN);
        campaigns.push(people::start_campaign(&context, &keys, spec, &population).await);
    }
    let end = MONDAY_AT_NINE.plus_ms(8 * HOUR_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaigns[0])).await);
    let calls = harness.network.calls();
    let placed = |part| calls.iter().filter(move |call| part_of(call) == part).map(|call| call.placed_at);
    let last_high = placed(3).max().expect("calls");
    let first_low = placed(2).min().expect("calls");
    eprintln!("priority 9: {} calls, the last {last_high}; priority 1 from {first_low}", placed(3).count());
    assert_eq!((placed(3).count(), placed(2).count()), (60, 60));
    // The same plan may share out the last slots.
    assert!(last_high <= first_low.plus_ms(SECOND_MS), "{last_high} {first_low}");
}

/// How many calls are up, and how many were placed within the last minute.
fn load(harness: &Harness) -> (usize, usize) {
    let (now, calls) = (harness.context.now(), harness.network.calls());
    let is_up = |call: &&CallRecord| call.known_at.is_none_or(|known_at| known_at > now);
    let is_recent = |call: &&CallRecord| now.since_ms(call.placed_at) < MINUTE_MS;
    (calls.iter().filter(is_up).count(), calls.iter().filter(is_recent).count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_by_hand_is_made_at_once_whatever_is_queued() {
    const QUEUED: usize = 10_000;
    const BY_HAND: usize = 8;
    const LINES: usize = 5;
    const RATE: usize = 5;
    let mut harness = start(Mix::TALKERS).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::set_lanes(&context, &keys, Some(5), Some(1)).await;
    let spec = CampaignSpec { concurrent_limit: 5, ..once(&harness) };
    let population = people::population(2, QUEUED, BERLIN);
    let campaign = people::start_campaign(&context, &keys, spec, &population).await;
    let api = Api::of(&harness);
    let begin = MONDAY_AT_NINE;
    harness.run_to(begin.plus_ms(3 * MINUTE_MS)).await;

    let leads = context.store.all_leads(&keys.workspace, &campaign).await.expect("a table");
    let mut asked_at = Timestamp::default();
    eprintln!("{:<14}{:>10}{:>16}{:>12}", "asked", "lines", "last minute", "after ms");
    for lead in leads.iter().rev().take(BY_HAND) {
        // The lines are busy, and the number has no slot left that the campaign could use. A lane of one
        // call a minute gives its slots a minute and the margin of a slot apart.
        while load(&harness).0 < LINES
            || load(&harness).1 < RATE - 1
            || harness.context.now().since_ms(asked_at) < MINUTE_MS + SLOT_MARGIN_MS
        {
            let next = harness.context.now().plus_ms(SECOND_MS);
            harness.run_to(next).await;
        }
        let (up, recent) = load(&harness);
        asked_at = harness.context.now();
        let form = json!({"leadId": lead.id, "direction": "outbound"});
        api.post("/voice/calls/initiate", form).await.ok(202);
        harness.run_to(asked_at.plus_ms(10 * SECOND_MS)).await;
        let number = lead.numbers[0].number.as_str();
        let calls = harness.network.calls();
        let call = calls.iter().find(|call| call.to == number).expect("it is placed within seconds");
        let after_ms = call.placed_at.since_ms(asked_at);
        eprintln!("{:<14}{up:>10}{recent:>16}{after_ms:>12}", asked_at.to_utc().format("%H:%M:%S%.3f"));
        assert!(after_ms <= AT_ONCE_MS, "{after_ms} ms");
    }
    let calls = harness.network.calls();
    let most = audit::max_in_any_window(&calls, MINUTE_MS);
    assert!(most <= RATE, "the number's rate holds: {most}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_submission_goes_ahead_of_the_queue() {
    let mut harness = start(Mix::default()).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let spec = CampaignSpec {
        first_submission_action: Some(FirstSubmissionAction::Call),
        concurrent_limit: 5,
        ..once(&harness)
    };
    let population = people::population(2, 500, BERLIN);
    let campaign = people::start_campaign(&context, &keys, spec, &population).await;
    let api = Api::of(&harness);
    for round in 1..=5 {
        harness.run_to(MONDAY_AT_NINE.plus_ms(round * 5 * MINUTE_MS + round * 7_301)).await;
        let asked_at = harness.context.now();
        let number = format!("+49302390000{round:02}");
        let lead = json!({"phone": number});
        api.post(&format!("/campaigns/{campaign}/leads"), lead).await.ok(201);
        let (active_attempts, _) = context.store.in_flight(&keys.workspace).await.expect("a table");
        let is_claimed = |active_attempt: &&carillon_domain::records::active_attempt::ActiveAttempt| {
            matches!(active_attempt.state, ActiveAttemptState::Claimed { .. })
        };
        let claimed = active_attempts.iter().filter(is_claimed).count();
        harness.run_to(asked_at.plus_ms(4 * MINUTE_MS)).await;
        let calls = harness.network.calls();
        let call = calls.iter().find(|call| call.to == number).expect("it is called");
        let is_before = |other: &&CallRecord| other.placed_at >= asked_at && other.placed_at < call.placed_at;
        let before = calls.iter().filter(is_before).count();
        let after_ms = call.placed_at.since_ms(asked_at);
        eprintln!(
            "a first submission: {claimed} claimed before, {before} placed before, after {after_ms} ms"
        );
        assert!(before <= claimed, "only what was claimed before goes before");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_submission_is_texted_ahead_of_the_queue_where_a_text_is_the_first_step() {
    let mut harness = start(Mix::default()).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let spec =
        CampaignSpec { first_submission_action: Some(FirstSubmissionAction::Call), ..people::texting(&keys) };
    let campaign = people::start_campaign(&context, &keys, spec, &people::population(2, 500, BERLIN)).await;
    harness.run_to(MONDAY_AT_NINE.plus_ms(2 * MINUTE_MS)).await;
    let (asked_at, number) = (harness.context.now(), "+493023900001");
    let lead = json!({"phone": number});
    Api::of(&harness).post(&format!("/campaigns/{campaign}/leads"), lead).await.ok(201);
    let (active_attempts, _) = context.store.in_flight(&keys.workspace).await.expect("a table");
    harness.run_to(asked_at.plus_ms(2 * MINUTE_MS)).await;
    let texts: Vec<_> =
        harness.messages.messages().into_iter().filter(|text| text.attempt.is_some()).collect();
    let own = texts.iter().find(|text| text.to == number).expect("it is sent");
    let before = texts.iter().filter(|text| text.at >= asked_at && text.at < own.at).count();
    assert!(before <= active_attempts.len(), "{before} of {}", active_attempts.len());
    let waiting = texts.iter().filter(|text| text.at > own.at).count();
    assert!(waiting > 5, "there was a queue");
}
