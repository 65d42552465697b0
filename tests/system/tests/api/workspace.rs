//! The workspace: its settings, and the limit on campaigns that run at once.

use carillon_domain::base::ids::WorkspaceId;
use carillon_system_tests::api::Api;
use serde_json::{Value, json};

/// Sets how many campaigns may run at once, as the plan does.
async fn allow_running(api: &Api, running_limit: u32) {
    let store = &api.context.store;
    let mut workspace = store.workspace(&api.keys.workspace).await.expect("a table").expect("a workspace");
    workspace.version += 1;
    workspace.running_limit = running_limit;
    assert!(store.update_workspace(&workspace).await.expect("a table"));
}

async fn running(api: &Api) -> Value {
    api.get("/workspace").await.ok(200)["running"].clone()
}

#[tokio::test]
async fn a_new_workspace_has_the_usual_limits_and_no_budget() {
    let api = Api::start().await;
    let expected = json!({
        "id": api.keys.workspace, "name": "Acme", "concurrent_limit": 1_000, "running_limit": 100,
        "running": 0, "contact_budget": null, "allowed_number_classes": [], "low_credits_usd": null, "test_number_id": null,
        "tariffs": [], "rules": [],
        "created_at": "2026-11-23T11:00:00.000Z",
    });
    assert_eq!(api.get("/workspace").await.ok(200), expected);
}

#[tokio::test]
async fn a_patch_keeps_what_it_does_not_name_and_clears_what_is_null() {
    let api = Api::start().await;
    let before = api.get("/workspace").await.ok(200);
    let hints = api.hints();
    let change = json!({"name": " Acme Ltd ", "concurrent_limit": 10_000, "low_credits_usd": 12.345678,
        "contact_budget": {"max": 32, "per_days": 90}});
    let after = api.patch("/workspace", change).await.ok(200);
    assert_eq!((&after["name"], &after["concurrent_limit"]), (&json!("Acme Ltd"), &json!(10_000)));
    assert_eq!(after["contact_budget"], json!({"max": 32, "per_days": 90}));
    assert_eq!(after["low_credits_usd"], 12.345678);
    assert_eq!((&after["id"], &after["running_limit"]), (&before["id"], &before["running_limit"]));
    assert_eq!(api.get("/workspace").await.ok(200), after);
    assert!(api.hints() > hints, "the planner hears of it");

    // What is not named inside stays as well.
    let after = api.patch("/workspace", json!({"contact_budget": {"max": 1}})).await.ok(200);
    assert_eq!(after["contact_budget"], json!({"max": 1, "per_days": 90}));
    let cleared = json!({"contact_budget": null, "low_credits_usd": null});
    let after = api.patch("/workspace", cleared).await.ok(200);
    assert_eq!((&after["contact_budget"], &after["low_credits_usd"]), (&Value::Null, &Value::Null));
    assert_eq!(after["name"], "Acme Ltd");
}

#[tokio::test]
async fn what_can_not_be_is_refused_by_name() {
    let api = Api::start().await;
    let before = api.get("/workspace").await.ok(200);
    for (change, field) in [
        (json!({"name": " "}), "name"),
        (json!({"name": null}), "name"),
        (json!({"concurrent_limit": 0}), "concurrent_limit"),
        (json!({"concurrent_limit": 10_001}), "concurrent_limit"),
        (json!({"running_limit": 5}), "running_limit"),
        (json!({"running": 5}), "running"),
        (json!({"contact_budget": {"max": 3}}), "contact_budget.per_days"),
        (json!({"contact_budget": {"max": 0, "per_days": 1}}), "contact_budget.max"),
        (json!({"contact_budget": {"max": 33, "per_days": 1}}), "contact_budget.max"),
        (json!({"contact_budget": {"max": 1, "per_days": 0}}), "contact_budget.per_days"),
        (json!({"contact_budget": {"max": 1, "per_days": 91}}), "contact_budget.per_days"),
        (json!({"low_credits_usd": -0.01}), "low_credits_usd"),
        (json!({"low_credits_usd": 0.0000001}), "low_credits_usd"),
        (json!({"low_credits_usd": "5"}), "low_credits_usd"),
        (json!({"tariffs": [{"channel": "fax", "usd": 1}]}), "tariffs[0].channel"),
        (json!({"tariffs": [{"channel": "call", "country": "EN", "usd": 1}]}), "tariffs[0].country"),
        (json!({"tariffs": [{"channel": "call", "usd": 0.0000001}]}), "tariffs[0].usd"),
        (json!({"tariffs": [{"channel": "call", "usd": 1}, {"channel": "call", "usd": 2}]}), "tariffs[1]"),
    ] {
        assert_eq!(api.patch("/workspace", change).await.faults(422, "invalid_fields"), [field]);
    }
    assert_eq!(api.get("/workspace").await.ok(200), before);
}

#[tokio::test]
async fn a_key_shows_its_own_workspace_only() {
    let api = Api::start().await;
    let ws = WorkspaceId::new(api.context.now(), [5; 10]);
    let (key, record) = carillon_api::first_api_key(&ws, [8; 32], "other", api.context.now());
    api.context.store.create_api_key(&ws, &record).await.expect("a table");
    api.post("/credits/top-ups", json!({"amount_usd": 5})).await.ok(201);
    let stranger = api.with_key(&key);
    stranger.get("/workspace").await.problem(404, "not_found");
    assert_eq!(stranger.get("/credits").await.ok(200)["balance_usd"], 0.0);
    assert!(stranger.all("/credits/top-ups").await.is_empty());
}

#[tokio::test]
async fn a_refusal_says_how_many_run_and_how_many_may() {
    let api = Api::start().await;
    allow_running(&api, 2).await;
    let paths = [api.campaign().await, api.campaign().await, api.campaign().await];
    for (place, path) in paths[..2].iter().enumerate() {
        api.command(&format!("{path}/start")).await.ok(200);
        assert_eq!(running(&api).await, place + 1);
    }
    // The plan was changed to a smaller one; what runs goes on.
    allow_running(&api, 1).await;
    let problem = api.command(&format!("{}/start", paths[2])).await.problem(409, "too_many_running");
    let detail = problem["detail"].as_str().expect("a text");
    assert!(detail.contains("2 campaigns run") && detail.contains("no more than 1 may"), "{detail}");
    assert_eq!(api.get(&paths[2]).await.ok(200)["status"], "draft");
    // Creating is never limited, and a pause makes room.
    api.campaign().await;
    api.command(&format!("{}/pause", paths[0])).await.ok(200);
    api.command(&format!("{}/start", paths[2])).await.problem(409, "too_many_running");
    api.command(&format!("{}/cancel", paths[1])).await.ok(200);
    api.command(&format!("{}/start", paths[2])).await.ok(200);
    api.command(&format!("{}/resume", paths[0])).await.problem(409, "too_many_running");
    assert_eq!(running(&api).await, 1);
}

#[tokio::test]
async fn of_two_starts_at_once_one_wins_the_last_place() {
    for round in 0..8 {
        let api = Api::start().await;
        allow_running(&api, 1).await;
        let (one, other) = (api.campaign().await, api.campaign().await);
        let (one, other) = (format!("{one}/start"), format!("{other}/start"));
        let (one, other) = tokio::join!(api.command(&one), api.command(&other));
        let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
        assert_eq!(won.ok(200)["status"], "running", "{round}");
        lost.problem(409, "too_many_running");
        assert_eq!(running(&api).await, 1);
        assert_eq!(api.all("/campaigns?status=running").await.len(), 1);
    }
}

#[tokio::test]
async fn a_campaign_that_falls_due_over_the_limit_waits_and_says_so() {
    let api = Api::start().await;
    allow_running(&api, 1).await;
    let ws = &api.keys.workspace;
    let (first, second) = (api.campaign().await, api.campaign().await);
    api.command(&format!("{first}/start")).await.ok(200);
    let start = json!({"start_at": "2026-11-23T11:00:10Z"});
    let scheduled = api.post(&format!("{second}/schedule"), start).await.ok(200);
    assert_eq!(scheduled["waiting_for"], Value::Null);
    assert_eq!(api.get(&second).await.ok(200)["waiting_for"], Value::Null);

    api.advance_ms(10_000);
    carillon_planner::plan(&api.context, ws).await.expect("a plan");
    let waiting = api.get(&second).await.ok(200);
    assert_eq!((&waiting["status"], &waiting["waiting_for"]), (&json!("scheduled"), &json!("running_limit")));
    let listed = api.all("/campaigns?sort=created_at").await;
    let told: Vec<_> = listed.iter().map(|campaign| (&campaign["id"], &campaign["waiting_for"])).collect();
    assert!(told.contains(&(&waiting["id"], &json!("running_limit"))), "{told:?}");
    assert_eq!(told.iter().filter(|(_, waiting_for)| waiting_for.is_null()).count(), 1);
    // It is tried again, but not without a pause.
    let state = api.context.store.plan_state(ws).await.expect("a table").expect("a state");
    assert_eq!(state.wake_at.map(|at| at.since_ms(api.context.now()) > 1_000), Some(true));

    api.command(&format!("{first}/pause")).await.ok(200);
    carillon_planner::plan(&api.context, ws).await.expect("a plan");
    let started = api.get(&second).await.ok(200);
    assert_eq!((&started["status"], &started["waiting_for"]), (&json!("running"), &Value::Null));
}
