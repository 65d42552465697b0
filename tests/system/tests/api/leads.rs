//! Leads: create, find, change.

use carillon_domain::records::campaign::Command;
use carillon_runtime::services::lifecycle;
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

/// The numbers of a lead, in order.
fn values(lead: &Value) -> Vec<&str> {
    let phones = lead["phones"].as_array().expect("numbers").iter();
    phones.map(|phone| phone["value"].as_str().expect("a number")).collect()
}

#[tokio::test]
async fn a_number_is_enough_in_any_usual_form() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let lead = api.post(&format!("{path}/leads"), json!({"phone": " (030) 90 18-20 "})).await.ok(201);
    let expected = json!({
        "id": lead["id"], "campaign_id": path.trim_start_matches("/campaigns/"), "status": "pending",
        "status_reason": null, "status_message": null, "overwrites": {}, "disposition": null, "is_test": false, "is_leaving": false,
        "phone": "+4930901820",
        "phones": [{"value": "+4930901820", "label": null, "name": null, "variables": {}, "overwrites": {},
            "status": "untried", "last_attempt": null}], "step": 1, "run": 1, "consent": null, "jurisdiction": "DE",
        "name": null, "email": null, "company": null, "timezone": null, "tags": [], "variables": {},
        "zone": "Europe/Berlin", "zone_source": "prefix", "attempts": 0, "next_attempt_at": null,
        "last_attempt": null, "judged_call": null, "source": null, "contact_id": null, "callback": null,
        "created_at": "2026-11-23T11:00:00.000Z", "updated_at": "2026-11-23T11:00:00.000Z",
    });
    assert_eq!(lead, expected);
    assert_eq!(api.get(&format!("{path}/leads/{}", lead.id())).await.ok(200), lead);
    assert_eq!(api.get(&format!("{path}/stats")).await.ok(200)["total"], 1);
}

#[tokio::test]
async fn everything_that_is_sent_is_kept() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let form = json!({
        "phone": "+14155550123", "secondary_phones": ["030 901821", "+14155550123"], "name": " Ana Example ",
        "email": "ana@example.com", "company": "Acme", "timezone": "america/new_york", "tags": ["vip"],
        "variables": {"order": "A-1"},
        "consent": {"source": "order form", "at": "2026-11-01T09:00:00.000Z", "channel": "web", "proof": null},
    });
    let lead = api.post(&format!("{path}/leads"), form).await.ok(201);
    assert_eq!(values(&lead), ["+14155550123", "+4930901821"]);
    assert_eq!((&lead["name"], &lead["email"]), (&json!("Ana Example"), &json!("ana@example.com")));
    assert_eq!((&lead["zone"], &lead["zone_source"]), (&json!("America/New_York"), &json!("lead")));
    assert_eq!((&lead["timezone"], &lead["tags"]), (&json!("America/New_York"), &json!(["vip"])));
    assert_eq!(lead["variables"], json!({"order": "A-1"}));
    assert_eq!((&lead["jurisdiction"], &lead["consent"]["source"]), (&json!("US-CA"), &json!("order form")));
}

#[tokio::test]
async fn the_same_number_is_one_lead_however_it_is_written() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let id = api.lead(&path, "030 901820").await;
    for phone in ["030 901820", "+49 30 901820", "0049 (30) 901820"] {
        let problem = api.post(&format!("{path}/leads"), json!({"phone": phone})).await;
        assert_eq!(problem.problem(409, "lead_exists")["existing_id"], id);
    }
    assert_eq!(api.get(&format!("{path}/stats")).await.ok(200)["total"], 1);
    // In another campaign the same person is another lead.
    let other = api.campaign().await;
    assert_ne!(api.lead(&other, "030 901820").await, id);
}

#[tokio::test]
async fn all_faults_are_told_at_once_and_by_name() {
    let api = Api::start().await;
    let path = format!("{}/leads", api.campaign().await);
    let form = json!({"phone": "030 901820", "secondary_phones": ["+49 30 901821", "12"], "email": "ana",
        "timezone": "EST", "tags": [""], "variables": {"order id": "7"}});
    let mut faults = api.post(&path, form).await.faults(422, "invalid_fields");
    faults.sort();
    assert_eq!(faults, ["email", "secondary_phones[1]", "tags", "timezone", "variables.order id"]);
    for phone in ["", "hello", "+37080012345678901", "999"] {
        assert_eq!(api.post(&path, json!({"phone": phone})).await.faults(422, "invalid_fields"), ["phone"]);
    }
}

#[tokio::test]
async fn nobody_agrees_in_the_future() {
    let api = Api::start().await;
    let path = format!("{}/leads", api.campaign().await);
    let form = |at: &str| json!({"phone": "030 901820", "consent": {"source": "form", "at": at}});
    let ahead = api.post(&path, form("2026-11-23T11:01:01Z")).await;
    assert_eq!(ahead.faults(422, "invalid_fields"), ["consent.at"]);
    // Another clock may be a little ahead.
    let lead = api.post(&path, form("2026-11-23T11:01:00Z")).await.ok(201).id();
    let change = json!({"consent": {"source": "form", "at": "2062-11-23T11:00:00Z"}});
    assert_eq!(
        api.patch(&format!("{path}/{lead}"), change).await.faults(422, "invalid_fields"),
        ["consent.at"]
    );
}

#[tokio::test]
async fn a_change_keeps_what_it_leaves_out_and_finds_the_zone_anew() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let form = json!({"phone": "030 901820", "name": "Ana", "email": "ana@example.com", "tags": ["x"]});
    let before = api.post(&format!("{path}/leads"), form).await.ok(201);
    let lead = format!("{path}/leads/{}", before.id());
    let change = json!({"name": null, "timezone": "Asia/Tokyo", "secondary_phones": ["030 901821"],
        "variables": {"a": "1"}, "phone": "+4930901820"});
    let after = api.patch(&lead, change).await.ok(200);
    assert_eq!((&after["name"], &after["email"]), (&json!(null), &before["email"]));
    assert_eq!((&after["zone"], &after["zone_source"]), (&json!("Asia/Tokyo"), &json!("lead")));
    assert_eq!(values(&after), ["+4930901820", "+4930901821"]);
    assert_eq!(api.get(&lead).await.ok(200), after);
    let back = api.patch(&lead, json!({"timezone": null, "variables": {"a": null}})).await.ok(200);
    assert_eq!((&back["zone"], &back["zone_source"]), (&json!("Europe/Berlin"), &json!("prefix")));
    assert_eq!(back["variables"], json!({}));

    for (change, field) in [(json!({"status": "completed"}), "status"), (json!({"email": "ana"}), "email")] {
        assert_eq!(api.patch(&lead, change).await.faults(422, "invalid_fields"), [field]);
    }
}

#[tokio::test]
async fn a_new_lead_puts_the_planner_to_work_if_the_campaign_runs() {
    let api = Api::start().await;
    let path = api.campaign().await;
    api.lead(&path, "030 901820").await;
    assert_eq!(api.hints(), 0, "a draft waits");
    api.command(&format!("{path}/start")).await.ok(200);
    let hints = api.hints();
    api.advance_ms(5);
    api.lead(&path, "030 901821").await;
    assert!(api.hints() > hints);
    let state = api.context.store.plan_state(&api.keys.workspace).await.expect("a table").expect("a plan");
    assert_eq!(state.work_added_at, api.context.now());
}

#[tokio::test]
async fn a_new_lead_reopens_a_completed_campaign_and_not_a_cancelled_one() {
    let api = Api::start().await;
    let (path, ws) = (api.campaign().await, api.keys.workspace.clone());
    let id = path.trim_start_matches("/campaigns/").parse().expect("an id");
    api.command(&format!("{path}/start")).await.ok(200);
    for command in [Command::BeginCompletion, Command::Complete] {
        lifecycle::apply(&api.context, &ws, &id, command).await.expect("it completes");
    }
    api.lead(&path, "030 901820").await;
    let reopened = api.get(&path).await.ok(200);
    assert_eq!((&reopened["status"], &reopened["ended_at"]), (&json!("running"), &json!(null)));

    api.command(&format!("{path}/cancel")).await.ok(200);
    let refused = api.post(&format!("{path}/leads"), json!({"phone": "030 901821"})).await;
    refused.problem(409, "action_not_allowed");
}
