//! Settled leads, begun anew by hand.

use carillon_domain::base::time::MINUTE_MS;
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use serde_json::{Value, json};

use crate::api::dropped::campaign;

const LIST: &str = "/do-not-call/do_not_call/numbers";

/// A campaign that runs, and its leads; each number is put on the list first, so that they are skipped.
async fn listed(phones: &[&str]) -> (Harness, Api, String, Vec<String>) {
    let mut harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let api = Api::of(&harness);
    let path = campaign(&api, "DE").await;
    let mut leads = Vec::new();
    for phone in phones {
        api.post(LIST, json!({"number": phone})).await.ok(201);
        leads.push(api.lead(&path, phone).await);
    }
    api.command(&format!("{path}/start")).await.ok(200);
    harness.run_to(MONDAY_AT_NINE.plus_ms(3 * MINUTE_MS)).await;
    for lead in &leads {
        let lead = api.get(&format!("{path}/leads/{lead}")).await.ok(200);
        assert_eq!((&lead["status"], &lead["status_reason"]), (&json!("skipped"), &json!("do_not_call")));
    }
    assert_eq!(api.get(&path).await.ok(200)["status"], "completed");
    (harness, api, path, leads)
}

async fn unlist(api: &Api, number: &str) {
    api.delete(&format!("{LIST}/{number}?reason=by+mistake")).await.ok(204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_listed_by_mistake_is_called_once_that_is_taken_back() {
    let (mut harness, api, path, leads) = listed(&["+493023125001"]).await;
    let lead = format!("{path}/leads/{}", leads[0]);
    let restart = format!("{lead}/restart");
    let refused = api.command(&restart).await.problem(409, "do_not_call");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("do_not_call")), "{refused}");
    unlist(&api, "+493023125001").await;
    assert_eq!(api.get(&lead).await.ok(200)["status"], "skipped", "by hand alone");
    api.command(&restart).await.problem(409, "reason_missing");
    let restarted = api.command(&format!("{restart}?reason=asked+us+by+mail")).await.ok(200);
    assert_eq!((&restarted["status"], &restarted["attempts"]), (&json!("pending"), &json!(0)));
    api.command(&restart).await.problem(409, "lead_not_settled");
    assert_eq!(api.get(&path).await.ok(200)["status"], "running", "it was completed");
    harness.run_to(harness.context.now().plus_ms(3 * MINUTE_MS)).await;
    assert_eq!(harness.network.calls().len(), 1);
    let entries = api.all("/audit").await;
    let entry = entries.iter().find(|entry| entry["operation"] == "restart_lead").expect("an entry");
    assert_eq!(entry["reason"], "asked us by mail");
    let evidence = api.all(&format!("{path}/evidence")).await;
    let reasons: Vec<_> = evidence.iter().filter_map(|entry| find(entry, "restart_reason")).collect();
    assert_eq!(reasons, [json!("asked us by mail")], "{evidence:?}");
}

/// What has this name, however deep it lies.
fn find(value: &Value, name: &str) -> Option<Value> {
    let object = value.as_object()?;
    object.get(name).cloned().or_else(|| object.values().find_map(|inner| find(inner, name)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_each_is_answered_for_itself() {
    let (mut harness, api, path, leads) = listed(&["+493023125001", "+493023125002", "+493023125003"]).await;
    let (other, restart) = (campaign(&api, "DE").await, format!("{path}/leads/restart"));
    let stranger = api.lead(&other, "+493023125009").await;
    unlist(&api, "+493023125001").await;
    unlist(&api, "+493023125003").await;
    let ids = json!({"lead_ids": [leads[0], leads[1], leads[2], stranger], "reason": "by mistake"});
    let answer = api.post(&restart, ids).await.ok(200);
    let told = |result: &Value| (result["status"].clone(), result["refusal"]["code"].clone());
    let results: Vec<_> = answer["results"].as_array().expect("results").iter().map(told).collect();
    let (pending, none) = (json!("pending"), json!(null));
    assert_eq!(
        results,
        [
            (pending.clone(), none.clone()),
            (none.clone(), json!("do_not_call")),
            (pending, none.clone()),
            (none, json!("not_found")),
        ]
    );
    let stats = api.get(&format!("{path}/stats")).await.ok(200);
    assert_eq!(stats["total"], 3);
    harness.run_to(harness.context.now().plus_ms(3 * MINUTE_MS)).await;
    assert_eq!(harness.network.calls().len(), 2);
    for ids in [json!([]), json!(vec![&leads[0]; 101])] {
        assert_eq!(
            api.post(&restart, json!({"lead_ids": ids})).await.faults(422, "invalid_fields"),
            ["lead_ids"]
        );
    }
}

#[tokio::test]
async fn nobody_is_begun_anew_whose_campaign_calls_nobody_any_more() {
    let api = Api::start().await;
    let path = campaign(&api, "DE").await;
    let lead = api.lead(&path, "030 23125001").await;
    api.command(&format!("{path}/start")).await.ok(200);
    api.command(&format!("{path}/cancel")).await.ok(200);
    api.command(&format!("{path}/leads/{lead}/restart")).await.problem(409, "action_not_allowed");
    api.post(&format!("{path}/leads/restart"), json!({"lead_ids": [lead]}))
        .await
        .problem(409, "action_not_allowed");
}
