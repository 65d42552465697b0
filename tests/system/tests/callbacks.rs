//! Call-backs, and what else people ask for in a call, as the provider's data collection tells it: to be called back, or never again.

use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::policy::retry::RetryPolicy;
use carillon_local::provider_simulator::audit::CallRecord;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use carillon_system_tests::webhook::tell_of_end;
use chrono_tz::Tz::Europe__Berlin as BERLIN;
use serde_json::{Value, json};

/// How long after the moment a call-back still counts as kept, in milliseconds.
const WINDOW_MS: i64 = 10 * MINUTE_MS;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A call to the only lead of a campaign that allows one attempt and long gaps, told of by hand.
async fn first_call() -> (Harness, CampaignId, CallRecord) {
    let mut options = Options { hop_ms: 80, ..Options::at(MONDAY_AT_NINE) };
    options.network.faults.lose_permille = 1_000;
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let retry = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
    let spec = carillon_domain::records::campaign::CampaignSpec {
        retry,
        min_gap_minutes: 24 * 60,
        ..people::spec(&keys)
    };
    let campaign = people::start_campaign(&context, &keys, spec, &people::population(2, 1, BERLIN)).await;
    while harness.network.calls().is_empty() {
        harness.step().await;
    }
    harness.run_to(harness.context.now().plus_ms(20 * SECOND_MS)).await;
    let call = harness.network.calls().remove(0);
    (harness, campaign, call)
}

/// Tells of the end of a call in which this was collected.
async fn tell(harness: &Harness, call: &CallRecord, collected: Value) {
    tell_of_end(harness, call, &json!({ "data_collection_results": collected })).await;
}

fn callback(moment: &str) -> Value {
    json!({"callback_at": {"data_collection_id": "callback_at", "value": moment, "rationale": "They said so."}})
}

/// When the second call is placed, if it is by `end`.
async fn second_call(harness: &mut Harness, end: Timestamp) -> Option<Timestamp> {
    while harness.context.now() < end && harness.network.calls().len() < 2 {
        harness.step().await;
    }
    harness.network.calls().get(1).map(|call| call.placed_at)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_is_made_at_the_moment_that_was_asked_for() {
    let (mut harness, _, call) = first_call().await;
    tell(&harness, &call, callback("2026-11-23T11:37:20+01:00")).await;
    let asked = at("2026-11-23T10:37:20Z");
    let placed_at = second_call(&mut harness, asked.plus_ms(HOUR_MS)).await.expect("a call-back");
    eprintln!("asked for {asked}, placed {placed_at}");
    assert!((0..WINDOW_MS).contains(&placed_at.since_ms(asked)));
    assert_eq!(harness.network.calls()[1].to, call.to);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_back_outside_the_hours_is_made_when_they_open() {
    for (asked, opens) in [
        ("2026-11-23T20:00:00+01:00", "2026-11-24T08:00:00Z"),
        ("2026-11-24T06:30:00+01:00", "2026-11-24T08:00:00Z"),
    ] {
        let (mut harness, _, call) = first_call().await;
        tell(&harness, &call, callback(asked)).await;
        let opens_at = at(opens);
        let placed_at = second_call(&mut harness, opens_at.plus_ms(HOUR_MS)).await.expect("a call-back");
        eprintln!("asked for {asked}, hours open {opens_at}, placed {placed_at}");
        assert!((0..WINDOW_MS).contains(&placed_at.since_ms(opens_at)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_back_that_an_outage_missed_is_made_after_it() {
    let (mut harness, _, call) = first_call().await;
    tell(&harness, &call, callback("2026-11-23T10:00:00Z")).await;
    harness.run_to(at("2026-11-23T09:30:00Z")).await;
    let back_at = at("2026-11-23T12:00:00Z");
    harness.context.clock.advance_to(back_at);
    let placed_at = second_call(&mut harness, back_at.plus_ms(HOUR_MS)).await.expect("a call-back");
    eprintln!("back at {back_at}, placed {placed_at}");
    assert!((0..MINUTE_MS).contains(&placed_at.since_ms(back_at)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moment_without_an_offset_is_one_of_the_persons_clock() {
    let (harness, campaign, call) = first_call().await;
    tell(&harness, &call, callback("2026-11-24 15:00")).await;
    let leads = harness.context.store.all_leads(&harness.keys.workspace, &campaign).await.expect("a table");
    assert_eq!(leads[0].due().map(|(_, due_at)| due_at), Some(at("2026-11-24T14:00:00Z")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_waits_for_a_person() {
    for collected in [json!({"do_not_call": {"value": "only in the mornings"}}), callback("some other time")]
    {
        let (harness, campaign, call) = first_call().await;
        tell(&harness, &call, collected.clone()).await;
        let (store, ws) = (&harness.context.store, &harness.keys.workspace);
        let lead = store.all_leads(ws, &campaign).await.expect("a table").remove(0);
        assert_eq!(json!(lead.state), json!({"name": "skipped", "reason": "unclear_wish"}), "{collected}");
        let api = carillon_system_tests::api::Api::of(&harness);
        let path = format!("/do-not-call/unclear_wishes/numbers/{}", call.to);
        let listed = api.get(&path).await.ok(200);
        let words = listed["reason"].as_str().expect("the words");
        assert!(collected.to_string().contains(words), "{listed}");
        let form = json!({"leadId": lead.id, "direction": "outbound"});
        api.post("/voice/calls/initiate", form).await.problem(409, "do_not_call");
        // Somebody has looked at it: the same event again opens nothing.
        api.delete(&format!("{path}?reason=asked")).await.ok(204);
        tell(&harness, &call, collected).await;
        api.get(&path).await.problem(404, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_is_not_undone_by_the_same_event() {
    let (harness, _, call) = first_call().await;
    let collected = json!({"item_01": {"name": "Do Not Call", "value": "ja"}});
    tell(&harness, &call, collected.clone()).await;
    let api = carillon_system_tests::api::Api::of(&harness);
    let path = format!("/do-not-call/do_not_call/numbers/{}", call.to);
    assert_eq!(api.get(&path).await.ok(200)["source"], "call");
    api.delete(&format!("{path}?reason=mistake")).await.ok(204);
    tell(&harness, &call, collected).await;
    api.get(&path).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_says_never_again_is_listed() {
    let (harness, campaign, call) = first_call().await;
    tell(&harness, &call, json!({"do_not_call": {"value": true}})).await;
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let leads = store.all_leads(ws, &campaign).await.expect("a table");
    assert_eq!(leads[0].state.name(), "skipped");
    let api = carillon_system_tests::api::Api::of(&harness);
    let listed = api.get(&format!("/do-not-call/do_not_call/numbers/{}", call.to)).await.ok(200);
    assert_eq!(listed["source"], "call");
    let form = json!({"leadId": leads[0].id, "direction": "outbound"});
    api.post("/voice/calls/initiate", form).await.problem(409, "do_not_call");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_assistant_noted_is_shown_and_found() {
    for (collected, status, disposition) in [
        (json!({"lead_status": {"value": "Qualified"}}), "qualified", "qualified"),
        (json!({"disqualified": {"value": true}}), "disqualified", "disqualified"),
        (json!({"follow_up": {"value": "yes"}}), "follow_up", "contacted"),
        (json!({"qualified": {"value": true}, "do_not_call": {"value": true}}), "dnc", "dnc"),
        (callback("2026-11-23T20:00:00+01:00"), "scheduled_callback", "scheduled_callback"),
    ] {
        let (harness, campaign, call) = first_call().await;
        tell(&harness, &call, collected.clone()).await;
        let api = carillon_system_tests::api::Api::of(&harness);
        let found = api.all(&format!("/campaigns/{campaign}/interactions?status={status}")).await;
        assert_eq!(found.len(), 1, "{collected}");
        assert_eq!((&found[0]["status"], &found[0]["outcome"]), (&json!(status), &json!("completed")));
        let leads = api.all(&format!("/campaigns/{campaign}/leads")).await;
        assert_eq!(leads[0]["disposition"], disposition, "{collected}");
    }
}
