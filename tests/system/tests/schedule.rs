//! Campaigns that start, run again and end by the calendar, on a virtual clock.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use carillon_domain::policy::retry::RetryPolicy;
use carillon_domain::policy::schedule::{Period, Recurrence};
use carillon_domain::records::campaign::{Campaign, CampaignSpec, CampaignStatus};
use carillon_domain::records::counters::Counter;
use carillon_domain::records::lead::{LeadState, SkipReason};
use carillon_domain::records::workspace::Workspace;
use carillon_local::provider_simulator::audit::{self, CallRecord};
use carillon_local::provider_simulator::call::CallResult;
use carillon_local::provider_simulator::people::Mix;
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Harness, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz::Europe__Berlin as BERLIN;
use serde_json::json;

/// People whose calls end in one way or another, and never for technical reasons.
const PLAIN: Mix = Mix { no_answer: 250, voicemail: 150, busy: 100, ..Mix::TALKERS };

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A system at this time whose caller number has no rate.
async fn start(begin: &str) -> Harness {
    let mut options = Options { hop_ms: 80, ..Options::at(at(begin)) };
    options.network.mix = PLAIN;
    let harness = Harness::start(options).await;
    people::lift_rate(&harness.context, &harness.keys).await;
    harness
}

fn once(harness: &Harness) -> CampaignSpec {
    let retry = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
    CampaignSpec { retry, ..people::spec(&harness.keys) }
}

/// A campaign with so many leads that is to start at this time.
async fn schedule(
    harness: &Harness,
    spec: CampaignSpec,
    part: u8,
    count: usize,
    start_at: Timestamp,
) -> CampaignId {
    let id = people::draft_campaign(&harness.context, &harness.keys, spec).await;
    people::add_leads(&harness.context, &harness.keys, &id, &people::population(part, count, BERLIN)).await;
    let form = json!({"start_at": start_at});
    Api::of(harness).post(&format!("/campaigns/{id}/schedule"), form).await.ok(200);
    id
}

async fn stored(harness: &Harness, id: &CampaignId) -> Campaign {
    let stored = harness.context.store.campaign(&harness.keys.workspace, id).await;
    stored.expect("a table").expect("a campaign")
}

/// Calls by the date and hour on a clock in Berlin.
fn by_hour(calls: &[CallRecord]) -> BTreeMap<String, usize> {
    let mut hours = BTreeMap::new();
    for call in calls {
        let there = call.placed_at.to_utc().with_timezone(&BERLIN);
        *hours.entry(there.format("%a %F %H h").to_string()).or_default() += 1;
    }
    hours
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scheduled_campaign_starts_once_within_a_minute() {
    let mut harness = start("2026-11-23T08:00:30Z").await;
    let start_at = at("2026-11-23T09:17:23.456Z");
    let spec = once(&harness);
    let id = schedule(&harness, spec, 2, 20, start_at).await;
    harness.run_to(start_at.plus_ms(-1)).await;
    assert!(harness.network.calls().is_empty(), "nobody is called before");
    let end = start_at.plus_ms(HOUR_MS);
    assert!(harness.run_until(end, checks::has_ended(&id)).await);
    let campaign = stored(&harness, &id).await;
    let late_ms = campaign.started_at.expect("it started").since_ms(start_at);
    eprintln!("started {late_ms} ms after its time");
    assert!((0..MINUTE_MS).contains(&late_ms), "{late_ms}");
    assert_eq!((campaign.run, harness.network.calls().len()), (1, 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_fell_into_an_outage_is_made_up_for_once() {
    let mut harness = start("2026-11-23T08:00:30Z").await;
    let spec = once(&harness);
    let id = schedule(&harness, spec, 2, 20, at("2026-11-23T09:00:00Z")).await;
    harness.run_to(at("2026-11-23T08:30:00Z")).await;
    // No function runs for three hours.
    let back_at = at("2026-11-23T11:30:00Z");
    harness.context.clock.advance_to(back_at);
    assert!(harness.run_until(back_at.plus_ms(HOUR_MS), checks::has_ended(&id)).await);
    let campaign = stored(&harness, &id).await;
    let late_ms = campaign.started_at.expect("it started").since_ms(back_at);
    eprintln!("started {late_ms} ms after the outage");
    assert!((0..MINUTE_MS).contains(&late_ms), "{late_ms}");
    let calls = harness.network.calls();
    assert_eq!((campaign.run, calls.len()), (1, 20));
    assert_eq!(audit::placed_twice(&calls), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_keep_to_the_clock_on_the_wall_and_take_the_unreached() {
    // Friday; the clocks go back on Sunday the 25th.
    let mut harness = start("2026-10-23T06:00:00Z").await;
    let rule = json!({"frequency": "daily", "every": 3, "at": "09:30", "max_runs": 3, "takes": "unreached"});
    let recurrence: Recurrence = serde_json::from_value(rule).expect("a recurrence");
    let spec = CampaignSpec { recurrence: Some(recurrence), ..once(&harness) };
    let begins = [at("2026-10-23T07:30:00Z"), at("2026-10-26T08:30:00Z"), at("2026-10-29T08:30:00Z")];
    let id = schedule(&harness, spec, 2, 40, begins[0]).await;

    let mut expected: BTreeSet<String> =
        people::population(2, 40, BERLIN).into_iter().map(|(number, _)| number).collect();
    eprintln!("{:<6}{:<28}{:>8}{:>10}", "run", "began", "calls", "reached");
    for (nth, begin) in (1_u32..).zip(begins) {
        // Nothing is due for days: most of their ticks are left out.
        harness.context.clock.advance_to(begin.plus_ms(-2 * HOUR_MS));
        harness.run_to(begin.plus_ms(-1)).await;
        let before = harness.network.calls().len();
        let status = stored(&harness, &id).await.status;
        assert_eq!(status, CampaignStatus::Scheduled { start_at: begin }, "before run {nth}");
        harness.run_to(begin.plus_ms(HOUR_MS)).await;
        let campaign = stored(&harness, &id).await;
        let began_at = campaign.run_began_at.expect("it began");
        let calls = harness.network.calls().split_off(before);
        let called: BTreeSet<String> = calls.iter().map(|call| call.to.clone()).collect();
        assert_eq!((campaign.run, called.len()), (nth, calls.len()), "a run of its own, each once");
        assert!((0..MINUTE_MS).contains(&began_at.since_ms(begin)), "run {nth} began {began_at}");
        assert_eq!(called, expected, "run {nth} takes whom it should");
        let leads = harness.context.store.all_leads(&harness.keys.workspace, &id).await.expect("a table");
        let taken = leads.iter().filter(|lead| called.contains(lead.numbers[0].number.as_str()));
        assert!(taken.clone().all(|lead| lead.attempts == 1), "attempts count from zero");
        assert!(nth == 1 || taken.clone().all(|lead| lead.run == nth), "they are of run {nth}");
        let reached = calls.iter().filter(|call| call.result == CallResult::Talked);
        let reached: BTreeSet<String> = reached.map(|call| call.to.clone()).collect();
        eprintln!("{nth:<6}{:<28}{:>8}{:>10}", began_at.to_string(), calls.len(), reached.len());
        expected.retain(|number| !reached.contains(number));
    }
    assert_eq!(stored(&harness, &id).await.status, CampaignStatus::Completed, "three runs are all");
    harness.context.clock.advance_to(begins[2].plus_ms(3 * DAY_MS));
    harness.run_to(begins[2].plus_ms(3 * DAY_MS + HOUR_MS)).await;
    assert_eq!(stored(&harness, &id).await.run, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_end_of_its_days_the_rest_is_settled() {
    let mut harness = start("2026-11-23T16:30:00Z").await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let day = "2026-11-23".parse().ok();
    let period = Period::new(day, day).expect("a period");
    let retry = RetryPolicy::default();
    let spec = CampaignSpec { period, retry, concurrent_limit: 1, ..people::spec(&keys) };
    let id = people::start_campaign(&context, &keys, spec, &people::population(2, 200, BERLIN)).await;
    let over_at = at("2026-11-23T23:00:00Z");
    harness.run_to(over_at.plus_ms(-1)).await;
    assert_eq!(stored(&harness, &id).await.status, CampaignStatus::Running);
    assert!(harness.run_until(over_at.plus_ms(10 * MINUTE_MS), checks::has_ended(&id)).await);
    let campaign = stored(&harness, &id).await;
    assert_eq!(campaign.status, CampaignStatus::Completed);
    let calls = harness.network.calls();
    let leads = context.store.all_leads(&keys.workspace, &id).await.expect("a table");
    let skipped = LeadState::Skipped { reason: SkipReason::PeriodOver };
    let rest = leads.iter().filter(|lead| lead.state == skipped).count();
    let late_ms = campaign.ended_at.expect("it ended").since_ms(over_at);
    eprintln!("{} calls, {rest} of 200 skipped, completed {late_ms} ms after its days", calls.len());
    assert!(calls.iter().all(|call| call.placed_at < at("2026-11-23T17:00:00Z")), "the hours hold too");
    assert!(rest > 100 && leads.iter().all(|lead| lead.state.is_settled()), "{rest}");
    checks::record_is_true(&harness, &id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_stays_open_waits_for_more() {
    let mut harness = start("2026-11-23T08:00:00Z").await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let spec = CampaignSpec { keep_open: true, ..once(&harness) };
    let id = people::start_campaign(&context, &keys, spec, &people::population(2, 5, BERLIN)).await;
    harness.run_to(at("2026-11-23T11:00:00Z")).await;
    let counters = context.store.counters(&keys.workspace, &id).await.expect("a table");
    assert_eq!((counters.settled(), counters.get(Counter::Leads)), (5, 5));
    assert_eq!(stored(&harness, &id).await.status, CampaignStatus::Running);
    let lead = json!({"phone": "+4930239000001"});
    Api::of(&harness).post(&format!("/campaigns/{id}/leads"), lead).await.ok(201);
    harness.run_to(at("2026-11-23T11:00:10Z")).await;
    assert_eq!(harness.network.calls().len(), 6, "who comes later is called at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_called_on_a_date_that_is_out() {
    let mut harness = start("2026-11-23T16:40:00Z").await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let except_dates = ["2026-11-24".parse().expect("a date")].into();
    let spec = CampaignSpec { except_dates, concurrent_limit: 1, ..once(&harness) };
    let id = people::start_campaign(&context, &keys, spec, &people::population(2, 60, BERLIN)).await;
    assert!(harness.run_until(at("2026-11-27T00:00:00Z"), checks::has_ended(&id)).await);
    let hours = by_hour(&harness.network.calls());
    let on = |day: &str| hours.iter().filter(|(hour, _)| hour.contains(day)).map(|(_, count)| count).sum();
    let (monday, tuesday, wednesday): (usize, usize, usize) =
        (on("2026-11-23"), on("2026-11-24"), on("2026-11-25"));
    assert_eq!((tuesday, monday + wednesday), (0, 60));
    assert!(monday > 0 && wednesday > 0);
}

/// One campaign of the workspace may run at a time.
async fn allow_one(harness: &Harness) {
    let store = &harness.context.store;
    let workspace = store.workspace(&harness.keys.workspace).await.expect("a table").expect("there");
    let limited = Workspace { version: workspace.version + 1, running_limit: 1, ..workspace };
    assert!(store.update_workspace(&limited).await.expect("a table"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_over_the_running_limit_waits_for_another_to_end() {
    let mut harness = start("2026-11-23T08:00:00Z").await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    allow_one(&harness).await;
    let spec = CampaignSpec { concurrent_limit: 2, ..once(&harness) };
    let first =
        people::start_campaign(&context, &keys, spec.clone(), &people::population(2, 40, BERLIN)).await;
    let start_at = at("2026-11-23T08:02:00Z");
    let second = schedule(&harness, spec, 3, 10, start_at).await;
    harness.run_to(start_at.plus_ms(3 * MINUTE_MS)).await;
    assert_eq!(stored(&harness, &second).await.status, CampaignStatus::Scheduled { start_at });
    assert!(harness.run_until(start_at.plus_ms(3 * HOUR_MS), checks::has_ended(&second)).await);
    let ended_at = stored(&harness, &first).await.ended_at.expect("the first ended");
    let started_at = stored(&harness, &second).await.started_at.expect("the second started");
    eprintln!("due {start_at}, the first ended {ended_at}, the second started {started_at}");
    assert!((0..MINUTE_MS).contains(&started_at.since_ms(ended_at)));
    assert_eq!(harness.network.calls().len(), 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lead_of_a_campaign_that_had_completed_waits_until_there_is_room_for_it() {
    let mut harness = start("2026-11-23T08:00:00Z").await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let over =
        people::start_campaign(&context, &keys, once(&harness), &people::population(2, 1, BERLIN)).await;
    assert!(harness.run_until(at("2026-11-23T09:00:00Z"), checks::has_ended(&over)).await);
    allow_one(&harness).await;
    let spec = CampaignSpec { concurrent_limit: 1, ..once(&harness) };
    let busy = people::start_campaign(&context, &keys, spec, &people::population(3, 20, BERLIN)).await;
    let api = Api::of(&harness);
    let new = api.post(&format!("/campaigns/{over}/leads"), json!({"phone": "+4930239000001"})).await.ok(201);
    let waiting = api.get(&format!("/campaigns/{over}")).await.ok(200);
    assert_eq!((&waiting["status"], &waiting["waiting_for"]), (&json!("scheduled"), &json!("running_limit")));
    assert!(harness.run_until(at("2026-11-23T12:00:00Z"), checks::has_ended(&busy)).await);
    assert!(harness.run_until(at("2026-11-23T12:00:00Z"), checks::has_ended(&over)).await);
    let lead =
        api.get(&format!("/campaigns/{over}/leads/{}", new["id"].as_str().expect("an id"))).await.ok(200);
    assert!(lead["attempts"].as_u64() > Some(0), "{lead}");
    assert_eq!(
        api.get(&format!("/campaigns/{over}")).await.ok(200)["run"],
        1,
        "its people are not called anew"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_rests_ends_with_its_days() {
    let mut harness = start("2026-11-23T16:30:00Z").await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let day = "2026-11-23".parse().ok();
    let spec = CampaignSpec { period: Period::new(day, day).expect("a period"), ..once(&harness) };
    let id = people::start_campaign(&context, &keys, spec, &people::population(2, 5, BERLIN)).await;
    Api::of(&harness).command(&format!("/campaigns/{id}/pause")).await.ok(200);
    let over_at = at("2026-11-23T23:00:00Z");
    assert!(harness.run_until(over_at.plus_ms(10 * MINUTE_MS), checks::has_ended(&id)).await);
    let leads = context.store.all_leads(&keys.workspace, &id).await.expect("a table");
    let skipped = LeadState::Skipped { reason: SkipReason::PeriodOver };
    assert!(leads.iter().all(|lead| lead.state == skipped), "{leads:?}");
    assert_eq!(harness.network.calls().len(), 0);
}
