//! Doing something to many leads at once: what is asked for, what is told of each, and how it is stopped.

use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

async fn leads(api: &Api, path: &str, count: usize) -> Vec<String> {
    let mut leads = Vec::new();
    for n in 0..count {
        let form =
            json!({"phone": format!("+49302310{n:04}"), "name": format!("Person {n}"), "tags": ["new"]});
        leads.push(api.post(&format!("{path}/leads"), form).await.ok(201).id());
    }
    leads
}

/// The job once it is over, and its results.
async fn done(api: &Api, path: &str, form: Value) -> (Value, Vec<Value>) {
    let answer = api.post(&format!("{path}/leads/bulk"), form).await;
    let place = answer.header("location").trim_start_matches("/api/v1").to_owned();
    let job = answer.ok(202);
    assert_eq!((place.as_str(), &job["status"]), (format!("/jobs/{}", job.id()).as_str(), &json!("queued")));
    api.do_jobs().await;
    (api.get(&place).await.ok(200), api.all(&format!("{place}/results?limit=7")).await)
}

#[tokio::test]
async fn each_lead_is_answered_for_itself() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let ids = leads(&api, &path, 4).await;
    let (other, stranger) = (api.campaign().await, "+4930901820");
    let stranger = api.lead(&other, stranger).await;
    api.command(&format!("{path}/leads/{}/complete", ids[1])).await.ok(200);
    let named = json!([ids[0], ids[1], stranger, ids[0]]);
    let (job, results) = done(&api, &path, json!({"action": "suspend", "lead_ids": named})).await;
    assert_eq!(job["status"], "completed");
    assert_eq!(job["counts"], json!({"done": 1, "refused": 2, "total": 3}), "twice is once");
    let told = |result: &Value| {
        (result["lead_id"].clone(), result["status"].clone(), result["refusal"]["code"].clone())
    };
    let told: Vec<_> = results.iter().map(told).collect();
    let none = json!(null);
    assert_eq!(
        told,
        [
            (json!(ids[0]), json!("suspended"), none.clone()),
            (json!(ids[1]), none.clone(), json!("lead_settled")),
            (json!(stranger), none, json!("not_found")),
        ]
    );
    let refused = api.all(&format!("/jobs/{}/results?outcome=refused&limit=1", job.id())).await;
    assert_eq!(refused, results[1..]);
    let entries = api.all(&format!("/audit?resource={}", path.trim_start_matches("/campaigns/"))).await;
    let entry = entries.iter().find(|entry| entry["operation"] == "bulk_leads").expect("an entry");
    assert_eq!(entry["changes"]["action"]["after"], "suspend");
}

#[tokio::test]
async fn a_filter_finds_what_the_list_finds() {
    let api = Api::start_telling().await;
    let path = api.campaign().await;
    leads(&api, &path, 25).await;
    let (job, results) =
        done(&api, &path, json!({"action": "suspend", "filter": {"search": "person 1", "tag": "new"}})).await;
    assert_eq!((results.len(), &job["counts"]["done"]), (11, &json!(11)));
    assert_eq!(job["filter"], json!({"search": "person 1", "tag": "new"}));
    api.tell_changes().await;
    assert_eq!(api.all(&format!("{path}/leads?status=suspended")).await.len(), 11);
    for (form, count) in [
        (json!({"action": "resume", "filter": {"status": "suspended"}}), 11),
        (json!({"action": "set_tags", "tags": ["a", "b"], "filter": {}}), 25),
        (json!({"action": "remove_tags", "tags": ["a"], "filter": {"tag": "a"}}), 25),
        (json!({"action": "reschedule", "at": "2026-11-24T09:00:00Z", "filter": {"search": "person 2"}}), 6),
        (json!({"action": "restart", "filter": {"outcome": "no_answer"}}), 0),
        (json!({"action": "remove", "filter": {"status": "callback_scheduled"}}), 6),
    ] {
        let (job, results) = done(&api, &path, form.clone()).await;
        assert_eq!((results.len(), &job["counts"]["done"]), (count, &json!(count)), "{form}");
    }
    let left = api.all(&format!("{path}/leads")).await;
    assert!(left.len() == 19 && left.iter().all(|lead| lead["tags"] == json!(["b"])), "{left:?}");
    assert_eq!(api.get(&format!("{path}/stats")).await.ok(200)["total"], 19);
}

#[tokio::test]
async fn a_job_that_is_cancelled_does_nothing_more() {
    let api = Api::start_telling().await;
    let path = api.campaign().await;
    leads(&api, &path, 200).await;
    let form = json!({"action": "suspend", "filter": {}});
    let job = format!("/jobs/{}", api.post(&format!("{path}/leads/bulk"), form).await.ok(202).id());
    assert!(api.do_job(api.context.now()).await, "one step");
    let running = api.get(&job).await.ok(200);
    assert_eq!((&running["status"], &running["counts"]["done"]), (&json!("running"), &json!(90)));
    let cancelled = api.command(&format!("{job}/cancel")).await.ok(200);
    assert_eq!(cancelled["status"], "cancelled");
    api.do_jobs().await;
    assert_eq!(api.get(&job).await.ok(200), cancelled);
    api.tell_changes().await;
    assert_eq!(api.all(&format!("{path}/leads?status=suspended")).await.len(), 90);
    assert_eq!(api.all(&format!("{job}/results")).await.len(), 90);
    assert_eq!(api.command(&format!("{job}/cancel")).await.ok(200), cancelled, "again");
    assert_eq!(api.all("/jobs?status=cancelled&kind=leads").await, [cancelled]);
    assert_eq!(api.all("/jobs?status=running").await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let api = Api::start().await;
    let path = format!("{}/leads/bulk", api.campaign().await);
    for (form, fields) in [
        (json!({"action": "suspend"}), vec!["lead_ids"]),
        (json!({"action": "suspend", "lead_ids": []}), vec!["lead_ids"]),
        (json!({"action": "suspend", "filter": {}, "at": "2026-11-24T09:00:00Z"}), vec!["at"]),
        (json!({"action": "reschedule", "filter": {}}), vec!["at"]),
        (json!({"action": "reschedule", "filter": {}, "at": "2020-11-24T09:00:00Z"}), vec!["at"]),
        (json!({"action": "set_tags", "filter": {}}), vec!["tags"]),
        (json!({"action": "add_tags", "filter": {}, "tags": [""]}), vec!["tags[0]"]),
        (json!({"action": "set_consent", "filter": {}}), vec!["consent"]),
        (json!({"action": "explode", "filter": {}}), vec!["action"]),
        (json!({"action": "suspend", "filter": {"stauts": "pending"}}), vec!["filter.stauts"]),
    ] {
        assert_eq!(api.post(&path, form.clone()).await.faults(422, "invalid_fields"), fields, "{form}");
    }
    api.get("/jobs/job_00000000000000000000000000").await.problem(404, "not_found");
    api.get("/jobs?cursor=x").await.problem(400, "invalid_query");
}
