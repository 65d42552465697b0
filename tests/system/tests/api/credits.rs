//! Credits: what was paid in, what was spent, and what follows when little is left.

use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::records::campaign::{Command, PauseReason};
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::services::lifecycle;
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

async fn top_up(api: &Api, usd: f64) -> Value {
    api.post("/credits/top-ups", json!({"amount_usd": usd})).await.ok(201)
}

/// Books what a call to the nth lead has cost.
async fn charge(api: &Api, n: u32, micros: i64) {
    let campaign = CampaignId::new(api.context.now(), [1; 10]);
    let number = format!("+4930231250{n:02}").parse().expect("a number");
    let lead = LeadId::derive(&campaign, &number);
    let charge = Transaction::of(Write::Charge { lead, micros });
    api.context.store.commit(&api.keys.workspace, &charge).await.expect("a table");
}

async fn set_threshold(api: &Api, usd: f64) {
    api.patch("/workspace", json!({"low_credits_usd": usd})).await.ok(200);
}

fn id_of(path: &str) -> CampaignId {
    path.trim_start_matches("/campaigns/").parse().expect("an id")
}

#[tokio::test]
async fn the_balance_is_what_was_paid_in_less_what_was_spent() {
    let api = Api::start().await;
    let nothing = json!({"balance_usd": 0.0, "topped_up_usd": 0.0, "spent_usd": 0.0,
        "low_credits_usd": null, "is_low": false});
    assert_eq!(api.get("/credits").await.ok(200), nothing);
    top_up(&api, 10.0).await;
    top_up(&api, 0.000001).await;
    let mut spent = 0;
    for n in 0..40 {
        let micros = i64::from(n) * 1_003 + 7;
        charge(&api, n, micros).await;
        spent += micros;
    }
    // A correction downwards.
    charge(&api, 3, -1_000).await;
    spent -= 1_000;
    let credits = api.get("/credits").await.ok(200);
    let micros = |field: &str| (credits[field].as_f64().expect("a number") * 1e6).round() as i64;
    assert_eq!(micros("topped_up_usd"), 10_000_001);
    assert_eq!(micros("spent_usd"), spent);
    assert_eq!(micros("balance_usd"), 10_000_001 - spent);
    let stored = api.context.store.credits(&api.keys.workspace).await.expect("a table");
    assert_eq!(stored.spent_micros, spent);
}

#[tokio::test]
async fn low_means_under_the_threshold() {
    let api = Api::start().await;
    top_up(&api, 5.0).await;
    set_threshold(&api, 5.0).await;
    let credits = api.get("/credits").await.ok(200);
    assert_eq!((&credits["is_low"], &credits["low_credits_usd"]), (&json!(false), &json!(5.0)));
    charge(&api, 1, 1).await;
    assert_eq!(api.get("/credits").await.ok(200)["is_low"], true);
}

#[tokio::test]
async fn top_ups_are_listed_the_latest_first() {
    let api = Api::start().await;
    let mut ids = Vec::new();
    for n in 1..=5 {
        let form = json!({"amount_usd": f64::from(n) / 100.0, "note": format!(" Invoice {n} ")});
        let booked = api.post("/credits/top-ups", form).await.ok(201);
        let expected = json!({"id": booked["id"], "amount_usd": f64::from(n) / 100.0,
            "note": format!("Invoice {n}"), "created_at": api.context.now()});
        assert_eq!(booked, expected);
        ids.push(booked.id());
        api.advance_ms(1);
    }
    ids.reverse();
    for query in ["", "?limit=1", "?limit=2", "?limit=5"] {
        let listed = api.all(&format!("/credits/top-ups{query}")).await;
        assert_eq!(listed.iter().map(HasId::id).collect::<Vec<_>>(), ids, "{query}");
    }
    let page = api.get("/credits/top-ups?limit=2").await.ok(200);
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    api.get(&format!("/campaigns?cursor={cursor}")).await.problem(400, "invalid_query");
}

#[tokio::test]
async fn an_amount_is_a_positive_number_of_dollars() {
    let api = Api::start().await;
    for amount in
        [json!(0), json!(-1), json!(1_000_000.01), json!(1e300), json!(0.0000001), json!("5"), json!(null)]
    {
        let answer = api.post("/credits/top-ups", json!({"amount_usd": amount})).await;
        assert_eq!(answer.faults(422, "invalid_fields"), ["amount_usd"], "{amount}");
    }
    let answer = api.post("/credits/top-ups", json!({"amount_usd": 1, "note": "x".repeat(201)})).await;
    assert_eq!(answer.faults(422, "invalid_fields"), ["note"]);
    assert!(api.all("/credits/top-ups").await.is_empty());
    assert_eq!(api.get("/credits").await.ok(200)["topped_up_usd"], 0.0);
}

#[tokio::test]
async fn nothing_starts_on_low_credits_and_a_top_up_lets_it_go_on() {
    let api = Api::start().await;
    let (draft, paused) = (api.campaign().await, api.campaign().await);
    api.command(&format!("{paused}/start")).await.ok(200);
    let pause = Command::Pause { reason: PauseReason::LowCredits };
    lifecycle::apply(&api.context, &api.keys.workspace, &id_of(&paused), pause).await.expect("it pauses");
    top_up(&api, 7.5).await;
    charge(&api, 1, 3_250_000).await;
    set_threshold(&api, 5.0).await;
    for command in [format!("{draft}/start"), format!("{paused}/resume")] {
        let problem = api.command(&command).await.problem(409, "low_credits");
        let detail = problem["detail"].as_str().expect("a text");
        assert!(detail.contains("4.250000") && detail.contains("5.000000"), "{detail}");
    }
    assert_eq!(api.get(&draft).await.ok(200)["status"], "draft");
    // Still too little.
    top_up(&api, 0.749999).await;
    api.command(&format!("{draft}/start")).await.problem(409, "low_credits");
    top_up(&api, 0.000001).await;
    let rests = api.get(&paused).await.ok(200);
    assert_eq!((&rests["status"], &rests["status_reason"]), (&json!("paused"), &json!("low_credits")));
    api.command(&format!("{draft}/start")).await.ok(200);
    api.command(&format!("{paused}/resume")).await.ok(200);
}

#[tokio::test]
async fn without_a_threshold_nothing_waits_for_credits() {
    let api = Api::start().await;
    charge(&api, 1, 9_000_000).await;
    let path = api.campaign().await;
    api.command(&format!("{path}/start")).await.ok(200);
    assert_eq!(api.get("/credits").await.ok(200)["balance_usd"], -9.0);
}

#[tokio::test]
async fn a_campaign_that_falls_due_on_low_credits_starts_after_a_top_up() {
    let api = Api::start().await;
    set_threshold(&api, 1.0).await;
    let (ws, path) = (&api.keys.workspace, api.campaign().await);
    let start = json!({"start_at": "2026-11-23T11:00:10Z"});
    api.post(&format!("{path}/schedule"), start).await.ok(200);
    api.advance_ms(10_000);
    carillon_planner::plan(&api.context, ws).await.expect("a plan");
    let waiting = api.get(&path).await.ok(200);
    assert_eq!((&waiting["status"], &waiting["waiting_for"]), (&json!("scheduled"), &json!("low_credits")));
    let hints = api.hints();
    top_up(&api, 1.0).await;
    assert!(api.hints() > hints, "the planner hears of it");
    carillon_planner::plan(&api.context, ws).await.expect("a plan");
    let started = api.get(&path).await.ok(200);
    assert_eq!((&started["status"], &started["waiting_for"]), (&json!("running"), &Value::Null));
}

#[tokio::test]
async fn a_new_lead_reopens_its_campaign_on_low_credits_too() {
    let api = Api::start().await;
    let path = api.campaign().await;
    api.command(&format!("{path}/start")).await.ok(200);
    for command in [Command::BeginCompletion, Command::Complete] {
        lifecycle::apply(&api.context, &api.keys.workspace, &id_of(&path), command)
            .await
            .expect("it completes");
    }
    set_threshold(&api, 1.0).await;
    api.lead(&path, "030 901820").await;
    assert_eq!(api.get(&path).await.ok(200)["status"], "running");
}
