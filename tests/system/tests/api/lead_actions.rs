//! What somebody does to one lead by hand: it rests, goes on, is done with, or is gone.

use carillon_domain::base::time::{HOUR_MS, MINUTE_MS};
use carillon_domain::reporting::invariants;
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use serde_json::{Value, json};

use crate::api::dropped::campaign;

/// A campaign that runs, with one lead; whoever has a number of the network's table does what it says.
async fn running(phone: &str) -> (Harness, Api, String, String) {
    let network = carillon_local::provider_simulator::NetworkSettings::default();
    let harness = Harness::start(Options { network, ..Options::at(MONDAY_AT_NINE) }).await;
    let api = Api::of(&harness);
    let path = campaign(&api, "DE").await;
    let lead = format!("{path}/leads/{}", api.lead(&path, phone).await);
    (harness, api, path, lead)
}

async fn run_for(harness: &mut Harness, millis: i64) {
    harness.run_to(harness.context.now().plus_ms(millis)).await;
}

async fn counters_are_right(harness: &Harness, path: &str) {
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let id = path.trim_start_matches("/campaigns/").parse().expect("an id");
    let leads = store.all_leads(ws, &id).await.expect("a table");
    let counters = store.counters(ws, &id).await.expect("a table");
    assert_eq!(invariants::counters_agree(&counters, &leads), Ok(()), "{counters:?}");
}

async fn status(api: &Api, path: &str) -> Value {
    api.get(path).await.ok(200)["status"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_lead_is_not_called_and_holds_no_campaign_open() {
    let (mut harness, api, path, lead) = running("+493023100001").await;
    assert_eq!(api.command(&format!("{lead}/suspend")).await.ok(200)["status"], "suspended");
    api.command(&format!("{lead}/suspend")).await.ok(200);
    api.command(&format!("{lead}/restart")).await.problem(409, "lead_not_settled");
    api.command(&format!("{path}/start")).await.ok(200);
    let explained = api.get(&format!("{lead}/explain")).await.ok(200);
    assert_eq!(explained["reasons"][0]["code"], "suspended", "{explained}");
    run_for(&mut harness, 5 * MINUTE_MS).await;
    assert_eq!((status(&api, &path).await, harness.network.calls().len()), (json!("completed"), 0));
    let stats = api.get(&format!("{path}/stats")).await.ok(200);
    assert_eq!((&stats["suspended"], &stats["pending"]), (&json!(1), &json!(0)));
    counters_are_right(&harness, &path).await;

    assert_eq!(api.command(&format!("{lead}/resume")).await.ok(200)["status"], "pending");
    api.command(&format!("{lead}/resume")).await.problem(409, "lead_not_suspended");
    assert_eq!(status(&api, &path).await, "running", "it was completed");
    run_for(&mut harness, 5 * MINUTE_MS).await;
    assert_eq!((status(&api, &lead).await, harness.network.calls().len()), (json!("completed"), 1));
    api.command(&format!("{lead}/suspend")).await.problem(409, "lead_settled");
    counters_are_right(&harness, &path).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lead_that_is_suspended_while_it_rings_rests_once_nobody_answered() {
    let (mut harness, api, path, lead) = running("+493023100003").await;
    api.command(&format!("{path}/start")).await.ok(200);
    run_for(&mut harness, 10_000).await;
    assert_eq!(status(&api, &lead).await, "in_progress");
    assert_eq!(api.command(&format!("{lead}/suspend")).await.ok(200)["status"], "in_progress");
    run_for(&mut harness, 3 * HOUR_MS).await;
    assert_eq!((status(&api, &lead).await, harness.network.calls().len()), (json!("suspended"), 1));
    counters_are_right(&harness, &path).await;
    assert_eq!(api.command(&format!("{lead}/resume")).await.ok(200)["status"], "retry_scheduled");
    run_for(&mut harness, 5 * MINUTE_MS).await;
    assert_eq!(harness.network.calls().len(), 2, "it fell due long ago");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_done_with_is_called_no_more() {
    let (mut harness, api, path, lead) = running("+493023100003").await;
    api.command(&format!("{path}/start")).await.ok(200);
    run_for(&mut harness, 10_000).await;
    assert_eq!(api.command(&format!("{lead}/complete")).await.ok(200)["status"], "in_progress");
    run_for(&mut harness, 2 * HOUR_MS).await;
    assert_eq!(
        (status(&api, &lead).await, status(&api, &path).await),
        (json!("completed"), json!("completed"))
    );
    assert_eq!(harness.network.calls().len(), 1);
    counters_are_right(&harness, &path).await;
    api.post("/do-not-call/do_not_call/numbers", json!({"number": "+493023100099"})).await.ok(201);
    let listed = format!("{path}/leads/{}", api.lead(&path, "+493023100099").await);
    run_for(&mut harness, 5 * MINUTE_MS).await;
    assert_eq!(status(&api, &listed).await, "skipped");
    api.command(&format!("{listed}/complete")).await.problem(409, "lead_settled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_lead_leaves_its_calls_and_may_come_again() {
    let (mut harness, api, path, lead) = running("+493023100003").await;
    api.command(&format!("{path}/start")).await.ok(200);
    run_for(&mut harness, 10_000).await;
    assert_eq!(api.delete(&lead).await.status, 202, "a call is up");
    assert_eq!(api.get(&lead).await.ok(200)["is_leaving"], true);
    api.delete(&lead).await.ok(202);
    run_for(&mut harness, 5 * MINUTE_MS).await;
    api.get(&lead).await.problem(404, "not_found");
    assert_eq!(api.get(&format!("{path}/stats")).await.ok(200)["total"], 0);
    counters_are_right(&harness, &path).await;
    assert_eq!(api.all(&format!("{path}/interactions?show=all")).await.len(), 1);
    assert_eq!(api.all(&format!("{path}/evidence")).await.len(), 1);

    let again = api.lead(&path, "+493023100003").await;
    let fresh = api.get(&format!("{path}/leads/{again}")).await.ok(200);
    assert_eq!((&fresh["status"], &fresh["attempts"]), (&json!("pending"), &json!(0)));
    let waiting = format!("{path}/leads/{}", api.lead(&path, "+493023100004").await);
    api.delete(&waiting).await.ok(204);
    api.delete(&waiting).await.problem(404, "not_found");
    counters_are_right(&harness, &path).await;
}
