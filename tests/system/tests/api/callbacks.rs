//! Calling back, and schedules that recur.

use carillon_system_tests::api::Api;
use serde_json::json;

#[tokio::test]
async fn a_lead_is_called_back_at_a_moment() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let lead = api.lead(&path, "030 901820").await;
    let url = format!("{path}/leads/{lead}/reschedule");
    let back = api.post(&url, json!({"at": "2026-11-24T10:00:00Z"})).await.ok(200);
    assert_eq!(
        (&back["status"], &back["next_attempt_at"]),
        (&json!("callback_scheduled"), &json!("2026-11-24T10:00:00.000Z"))
    );
    assert_eq!(api.get(&format!("{path}/stats")).await.ok(200)["callback_scheduled"], 1);
    let listed = api.get(&format!("{path}/leads?status=callback_scheduled")).await.ok(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));

    api.post(&url, json!({"at": "2027-11-24T10:00:00Z"})).await.problem(422, "invalid_fields");
    api.post(&url, json!({})).await.problem(422, "invalid_fields");
    api.post("/do-not-call/do_not_call/numbers", json!({"number": "+4930901820"})).await.ok(201);
    api.post(&url, json!({"at": "2026-11-24T10:00:00Z"})).await.problem(409, "do_not_call");
}

#[tokio::test]
async fn a_campaign_that_recurs_knows_its_first_run_by_itself() {
    let api = Api::start().await;
    let path = api.campaign().await;
    api.post(&format!("{path}/schedule"), json!({})).await.problem(422, "invalid_fields");
    let every_day = json!({"frequency": "daily", "at": "09:30", "takes": "unreached"});
    let period = json!({"start": "2026-12-01"});
    let zone = "America/New_York";
    api.patch(&path, json!({"recurrence": every_day, "period": period, "time_zone": zone})).await.ok(200);
    let scheduled = api.post(&format!("{path}/schedule"), json!({})).await.ok(200);
    assert_eq!(scheduled["start_at"], "2026-12-01T14:30:00.000Z");
    assert_eq!(scheduled["next_run_at"], scheduled["start_at"]);
    assert_eq!(scheduled["run"], 0);
}
