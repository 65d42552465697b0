//! Calling back, and schedules that recur.

use carillon_domain::base::time::DAY_MS;
use carillon_system_tests::api::Api;
use serde_json::json;

#[tokio::test]
async fn a_lead_is_called_back_at_a_moment() {
    let api = Api::start_telling().await;
    let path = api.campaign().await;
    let lead = api.lead(&path, "030 901820").await;
    let url = format!("{path}/leads/{lead}/reschedule");
    let back = api.post(&url, json!({"at": "2026-11-24T10:00:00Z"})).await.ok(200);
    assert_eq!(
        (&back["status"], &back["next_attempt_at"]),
        (&json!("callback_scheduled"), &json!("2026-11-24T10:00:00.000Z"))
    );
    assert_eq!(api.get(&format!("{path}/stats")).await.ok(200)["callback_scheduled"], 1);
    api.tell_changes().await;
    let listed = api.get(&format!("{path}/leads?status=callback_scheduled")).await.ok(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));

    api.post(&url, json!({"at": "2027-11-24T10:00:00Z"})).await.problem(422, "invalid_fields");
    api.post(&url, json!({})).await.problem(422, "invalid_fields");
    api.post("/do-not-call/do_not_call/numbers", json!({"number": "+4930901820"})).await.ok(201);
    api.post(&url, json!({"at": "2026-11-24T10:00:00Z"})).await.problem(409, "do_not_call");
}

#[tokio::test]
async fn a_call_back_lies_ahead_and_within_the_period() {
    let api = Api::start().await;
    let path = api.campaign().await;
    api.patch(&path, json!({"period": {"end": "2026-11-24"}, "time_zone": "Europe/Berlin"})).await.ok(200);
    let url = format!("{path}/leads/{}/reschedule", api.lead(&path, "030 901820").await);
    for at in ["2026-11-23T10:58:59Z", "2020-11-23T11:00:00Z", "2026-11-24T23:00:00Z"] {
        let answer = api.post(&url, json!({"at": at})).await;
        assert_eq!(answer.faults(422, "invalid_fields"), ["at"], "{at}");
    }
    // What has just passed is now.
    for (at, due_at) in [
        ("2026-11-23T10:59:00Z", "2026-11-23T11:00:00.000Z"),
        ("2026-11-24T22:59:59Z", "2026-11-24T22:59:59.000Z"),
    ] {
        assert_eq!(api.post(&url, json!({"at": at})).await.ok(200)["next_attempt_at"], due_at);
    }
}

#[tokio::test]
async fn nobody_on_a_list_that_counts_is_called_back() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let (lead, listed) = (api.lead(&path, "030 901820").await, json!({"number": "+4930901820"}));
    let url = format!("{path}/leads/{lead}/reschedule");
    let again = json!({"at": "2026-11-24T10:00:00Z"});
    // It does not count here yet.
    api.put("/do-not-call/partners", json!(null)).await.ok(201);
    api.post("/do-not-call/partners/numbers", listed).await.ok(201);
    api.post(&url, again.clone()).await.ok(200);
    let before = api.get(&format!("{path}/leads/{lead}")).await.ok(200);
    api.patch(&path, json!({"suppression_lists": ["partners"]})).await.ok(200);
    let problem = api.post(&url, again).await.problem(409, "do_not_call");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("partners")), "{problem}");
    assert_eq!(api.get(&format!("{path}/leads/{lead}")).await.ok(200), before);
}

#[tokio::test]
async fn a_recurrence_that_is_over_is_refused() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let until = |date: &str| json!({"recurrence": {"frequency": "daily", "at": "09:30", "until": date}});
    let past = api.patch(&path, until("2026-11-22")).await;
    assert_eq!(past.faults(422, "invalid_fields"), ["recurrence.until"]);
    api.patch(&path, until("2026-11-23")).await.ok(200);
    // Today's run was at 09:30 UTC; the day itself is not over.
    let schedule = format!("{path}/schedule");
    assert_eq!(api.post(&schedule, json!({})).await.faults(422, "invalid_fields"), ["recurrence"]);
    let tomorrow = api.post(&schedule, json!({"start_at": "2026-11-24T09:30:00Z"})).await;
    assert_eq!(tomorrow.faults(422, "invalid_fields"), ["recurrence.until"]);
    api.advance_ms(DAY_MS);
    for (command, body) in [("schedule", json!({})), ("start", json!(null))] {
        let answer = api.post(&format!("{path}/{command}"), body).await;
        assert_eq!(answer.faults(422, "invalid_fields"), ["recurrence.until"], "{command}");
    }
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
