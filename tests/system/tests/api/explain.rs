//! Why nobody is called, who holds the slots, and what dials rested on; the planner is the oracle.

use std::sync::LazyLock;

use carillon_domain::base::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use carillon_domain::calling::dial::{DialContext, DialDecision, decide};
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::transaction::Transaction;
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

mod campaigns;
mod evidence;
mod slots;

/// A campaign with these settings that runs with one lead.
async fn running(api: &Api, settings: Value, lead: Value) -> (String, String) {
    let path = api.campaign().await;
    api.patch(&path, settings).await.ok(200);
    let lead = api.post(&format!("{path}/leads"), lead).await.ok(201).id();
    api.command(&format!("{path}/start")).await.ok(200);
    (path, lead)
}

fn in_berlin() -> Value {
    json!({"phone": "030 901820"})
}

async fn explained(api: &Api, path: &str, lead: &str) -> Value {
    api.get(&format!("{path}/leads/{lead}/explain")).await.ok(200)
}

/// The codes of the reasons; the description of the API names each.
fn codes(explanation: &Value) -> Vec<&str> {
    static DESCRIPTION: LazyLock<Value> =
        LazyLock::new(|| serde_json::to_value(carillon_api::openapi()).expect("a description"));
    let described = DESCRIPTION["components"]["schemas"]["ReasonCode"]["enum"].as_array().expect("codes");
    let reasons = explanation["reasons"].as_array().expect("reasons").iter();
    let codes = reasons.map(|reason| {
        assert!(described.contains(&reason["code"]), "{reason}");
        reason["code"].as_str().expect("a code")
    });
    codes.collect()
}

async fn plan(api: &Api) {
    carillon_planner::plan(&api.context, &api.keys.workspace).await.expect("a plan");
}

async fn active_attempts(api: &Api) -> Vec<ActiveAttempt> {
    api.context.store.in_flight(&api.keys.workspace).await.expect("a table").0
}

/// The explanation; a plan that is made right after has to agree with it.
async fn agreed(api: &Api, path: &str, lead: &str) -> Value {
    let before = active_attempts(api).await.len();
    let explanation = explained(api, path, lead).await;
    plan(api).await;
    let after = active_attempts(api).await;
    let is_claimed =
        after.len() > before && after.iter().any(|active_attempt| active_attempt.lead.as_str() == lead);
    assert_eq!(explanation["is_callable_now"], is_claimed, "{explanation}");
    assert_eq!(explanation["is_callable_now"], codes(&explanation).is_empty(), "{explanation}");
    explanation
}

/// Decides about every claim as the dialers do, and commits that; no provider hears of it, so what is
/// dialled stays so.
async fn dial(api: &Api) {
    api.advance_ms(SECOND_MS);
    let (store, ws, now) = (&api.context.store, &api.keys.workspace, api.context.now());
    for active_attempt in
        active_attempts(api).await.iter().filter(|active_attempt| active_attempt.dialled_at().is_none())
    {
        let lead = store.lead(ws, &active_attempt.lead).await.expect("a table");
        let campaign = store.campaign(ws, &active_attempt.campaign).await.expect("a table");
        let workspace = store.workspace_and_credits(ws).await.expect("a table").0.expect("a workspace");
        let assistant = store.assistant(ws, &active_attempt.assistant).await.expect("a table");
        let caller = store.caller_number(ws, &active_attempt.caller_number).await.expect("a table");
        let records = store.number_records(ws, &active_attempt.person).await.expect("a table");
        let snapshot = DialContext {
            now,
            attempt: &active_attempt.attempt,
            run: "test",
            active_attempt: Some(active_attempt),
            lead: lead.as_ref(),
            campaign: campaign.as_ref(),
            workspace: Some(&workspace),
            rules: &workspace.rulebook(),
            assistant: assistant.as_ref(),
            caller_number: caller.as_ref(),
            records: &records,
            interaction: None,
        };
        match decide(&snapshot) {
            DialDecision::Dial { transaction, .. } | DialDecision::Refuse { transaction, .. } => {
                store.commit(ws, &transaction).await.expect("a table");
            }
            DialDecision::Wait { .. } | DialDecision::Stale => {}
        }
    }
}

/// Takes back what nobody has dialled.
async fn release(api: &Api) {
    for active_attempt in active_attempts(api).await {
        let release = Transaction::release_claim(&active_attempt);
        api.context.store.commit(&api.keys.workspace, &release).await.expect("a table");
    }
}

fn campaign_of(path: &str) -> &str {
    path.trim_start_matches("/campaigns/")
}

#[tokio::test]
async fn a_lead_that_is_due_is_callable_and_is_called() {
    let api = Api::start().await;
    let (path, lead) = running(&api, json!({}), in_berlin()).await;
    let explanation = agreed(&api, &path, &lead).await;
    assert_eq!(codes(&explanation), Vec::<&str>::new());
    assert_eq!(explanation["next_possible_at"], explanation["at"]);
    let ahead = json!({"requested_calls": 0, "campaign_ids": [], "next_campaign_id": campaign_of(&path),
        "leads": 0, "is_more": false});
    assert_eq!(explanation["ahead"], ahead);
    assert_eq!(codes(&explained(&api, &path, &lead).await), ["claimed"]);
    dial(&api).await;
    let up = agreed(&api, &path, &lead).await;
    assert_eq!((codes(&up), &up["next_possible_at"]), (vec!["in_progress"], &json!(null)));
}

#[tokio::test]
async fn outside_the_hours_it_waits_for_the_morning_and_is_called_then() {
    let api = Api::start().await;
    let (path, lead) = running(&api, json!({}), in_berlin()).await;
    api.advance_ms(8 * HOUR_MS);
    let explanation = agreed(&api, &path, &lead).await;
    let reason = &explanation["reasons"][0];
    assert_eq!((&reason["code"], &reason["lasts"]), (&json!("outside_hours"), &json!("until")));
    assert_eq!(reason["until"], "2026-11-24T08:00:00.000Z");
    assert_eq!(reason["details"], json!({"time_zones": ["Europe/Berlin"]}));
    // A second later, so that every clock agrees.
    assert_eq!(explanation["next_possible_at"], "2026-11-24T08:00:00.250Z");

    let zone = &api.get(&format!("{path}/explain")).await.ok(200)["zones"][0];
    assert_eq!((&zone["is_open"], &zone["due"]), (&json!(false), &json!(1)));
    assert_eq!(zone["opens_at"], explanation["next_possible_at"]);
    assert_eq!((&zone["closed"]["by"], &zone["closed"]["place"]), (&json!("hours"), &json!("Europe/Berlin")));
    assert!(zone["closed"]["message"].as_str().is_some_and(|why| why.contains("Europe/Berlin")), "{zone}");

    api.context.clock.advance_to("2026-11-24T08:00:01Z".parse().expect("a time"));
    assert_eq!(agreed(&api, &path, &lead).await["is_callable_now"], true);
}

#[tokio::test]
async fn a_number_that_may_be_anywhere_in_russia_needs_a_time_zone() {
    let api = Api::start().await;
    let path = api.campaign().await;
    // Toll-free numbers are of no city: from Moscow to Almaty, and the campaign calls for 90 minutes.
    let morning = json!([{"from": "09:00", "to": "10:30"}]);
    let hours = json!({"monday": morning, "tuesday": morning, "wednesday": null, "thursday": null,
        "friday": null});
    api.patch(&path, json!({"hours": hours})).await.ok(200);
    let lead = api.lead(&path, "+7 800 555 35 35").await;
    api.command(&format!("{path}/start")).await.ok(200);
    let explanation = agreed(&api, &path, &lead).await;
    let reason = &explanation["reasons"][0];
    assert_eq!(
        (codes(&explanation), &explanation["next_possible_at"]),
        (vec!["no_common_hour"], &json!(null))
    );
    assert_eq!(reason["lasts"], "until_changed");
    let zones = reason["details"]["time_zones"].as_array().expect("zones");
    assert!(zones.contains(&json!("Europe/Moscow")), "{reason}");
    let words = reason["message"].as_str().expect("words");
    assert!(words.contains(&format!("any of {} time zones", zones.len())), "{words}");
    assert!(words.contains("set the lead's time zone, or widen the campaign's hours"), "{words}");
    assert_eq!(codes(&api.get(&format!("{path}/explain")).await.ok(200)), ["never_open"]);

    api.patch(&format!("{path}/leads/{lead}"), json!({"timezone": "Europe/Moscow"})).await.ok(200);
    let explanation = agreed(&api, &path, &lead).await;
    // Tuesday, 09:00 in Moscow.
    assert_eq!(explanation["next_possible_at"], "2026-11-24T06:00:00.250Z");
}

#[tokio::test]
async fn who_is_on_a_list_is_not_called_and_the_list_is_named() {
    let api = Api::start().await;
    let (path, lead) = running(&api, json!({}), in_berlin()).await;
    api.post("/do-not-call/do_not_call/numbers", json!({"number": "+4930901820"})).await.ok(201);
    let explanation = agreed(&api, &path, &lead).await;
    let listed = explanation["reasons"].as_array().expect("reasons").iter();
    let listed = listed.clone().find(|reason| reason["code"] == "do_not_call").expect("the list");
    assert_eq!(listed["details"], json!({"list": "do_not_call", "phone": "+4930901820"}));
    assert_eq!((&listed["lasts"], &explanation["next_possible_at"]), (&json!("until_changed"), &json!(null)));
}

#[tokio::test]
async fn who_was_called_often_enough_waits_and_is_told_until_when() {
    let api = Api::start().await;
    api.patch("/workspace", json!({"contact_budget": {"max": 1, "per_days": 1}})).await.ok(200);
    let (first, lead) = running(&api, json!({}), in_berlin()).await;
    assert_eq!(agreed(&api, &first, &lead).await["is_callable_now"], true);
    dial(&api).await;
    let (path, lead) = running(&api, json!({}), in_berlin()).await;
    let explanation = agreed(&api, &path, &lead).await;
    assert_eq!(codes(&explanation), ["capped", "person_busy"]);
    let capped = &explanation["reasons"][0];
    assert_eq!(capped["details"]["cap"], json!({"max": 1, "per_minutes": 1440, "source": "budget"}));
    assert_eq!(capped["until"], "2026-11-24T11:00:08.000Z");
    assert_eq!(explanation["next_possible_at"], capped["until"]);
}

#[tokio::test]
async fn who_is_in_a_call_of_another_campaign_waits_for_its_end() {
    let api = Api::start().await;
    let (first, there) = running(&api, json!({"name": "Spring"}), in_berlin()).await;
    plan(&api).await;
    dial(&api).await;
    let (path, lead) = running(&api, json!({}), in_berlin()).await;
    let explanation = agreed(&api, &path, &lead).await;
    let reason = &explanation["reasons"][0];
    assert_eq!((&reason["code"], &reason["lasts"]), (&json!("person_busy"), &json!("until_free")));
    let who = json!({"phone": "+4930901820", "campaign_id": campaign_of(&first), "lead_id": there});
    assert_eq!(reason["details"], who);
    assert!(reason["message"].as_str().is_some_and(|words| words.contains("\"Spring\"")), "{reason}");
}

#[tokio::test]
async fn who_stands_before_a_lead_is_counted() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let mut leads = Vec::new();
    for n in 0..4 {
        leads.push(api.lead(&path, &format!("030 90182{n}")).await);
        api.advance_ms(1);
    }
    api.command(&format!("{path}/start")).await.ok(200);
    let of_campaign = api.get(&format!("{path}/explain")).await.ok(200);
    assert_eq!((&of_campaign["is_calling_now"], &of_campaign["zones"][0]["due"]), (&json!(true), &json!(4)));
    for (place, lead) in leads.iter().enumerate() {
        let ahead = explained(&api, &path, lead).await["ahead"].clone();
        assert_eq!((&ahead["leads"], &ahead["is_more"]), (&json!(place), &json!(false)), "{ahead}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_explained() {
    let api = Api::start().await;
    let (path, lead) = running(&api, json!({}), in_berlin()).await;
    let other = api.campaign().await;
    for there in [
        format!("{other}/leads/{lead}/explain"),
        format!("{path}/leads/{}/explain", lead.replace(|c: char| c.is_ascii_digit(), "7")),
        format!("{}/explain", path.replace(|c: char| c.is_ascii_digit(), "7")),
        format!("/slots?campaign_id={}", campaign_of(&path).replace(|c: char| c.is_ascii_digit(), "7")),
    ] {
        api.get(&there).await.problem(404, "not_found");
    }
    assert_eq!(api.get("/slots?campaign_id=7").await.faults(400, "invalid_query"), ["campaign_id"]);
    assert_eq!(api.get("/slots?limit=7").await.faults(400, "invalid_query"), ["limit"]);
}

#[tokio::test]
async fn at_any_hour_of_a_week_the_planner_agrees() {
    let api = Api::start().await;
    let (path, lead) = running(&api, json!({}), json!({"phone": "+14155550123"})).await;
    let mut callable = 0;
    for _ in 0..24 * 7 {
        let explanation = agreed(&api, &path, &lead).await;
        callable += usize::from(explanation["is_callable_now"] == true);
        release(&api).await;
        api.advance_ms(HOUR_MS);
    }
    // Five days of nine hours; at the first and the last moment the clocks may disagree.
    assert_eq!(callable, 5 * 8);
}
