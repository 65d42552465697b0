//! What an edit would change, before it is made.

use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{DAY_MS, HOUR_MS};
use carillon_domain::records::lead::{Lead, LeadState};
use carillon_domain::transaction::{Transaction, Write};
use carillon_system_tests::api::Api;
use carillon_system_tests::people::{add_leads, people};
use chrono_tz::Tz;
use serde_json::{Value, json};

mod kept;

/// Seven leads, of whom two were called twice and wait until tomorrow.
async fn campaign(api: &Api) -> (String, Vec<Lead>) {
    let path = api.campaign().await;
    let id: CampaignId = path.trim_start_matches("/campaigns/").parse().expect("an id");
    add_leads(&api.context, &api.keys, &id, &people(7, Tz::Europe__Berlin)).await;
    let (store, ws) = (&api.context.store, &api.keys.workspace);
    let due_at = api.context.now().plus_ms(DAY_MS + HOUR_MS);
    for lead in store.all_leads(ws, &id).await.expect("a table").into_iter().take(2) {
        let state = LeadState::RetryScheduled { due_at };
        let after = Lead { version: lead.version + 1, attempts: 2, state, ..lead.clone() };
        store.commit(ws, &Transaction::of(Write::UpdateLead { before: lead, after })).await.expect("a table");
    }
    let leads = store.all_leads(ws, &id).await.expect("a table");
    (path, leads)
}

async fn seen(api: &Api, path: &str, changes: Value) -> Value {
    api.post(&format!("{path}/preview"), changes).await.ok(200)
}

#[tokio::test]
async fn a_saturday_moves_those_who_wait_for_monday() {
    let api = Api::start().await;
    api.advance_ms(5 * DAY_MS);
    let (path, leads) = campaign(&api).await;
    let with = json!({"hours": {"saturday": [{"from": "10:00", "to": "16:00"}]}});
    let preview = seen(&api, &path, with.clone()).await;
    // On Saturday noon; the retries fall due on Sunday.
    assert_eq!(preview["moves"], json!({"stays": 2, "earlier": 5}));
    let fresh = preview["groups"].as_array().expect("groups").iter().find(|group| group["class"] == "fresh");
    let fresh = fresh.expect("a group");
    assert_eq!((&fresh["zone"], &fresh["jurisdiction"]), (&json!("Europe/Berlin"), &json!("DE")));
    assert_eq!(
        fresh["next_before"], "2026-11-30T08:00:00.250Z",
        "a little later, so that every clock agrees"
    );
    assert_eq!(fresh["next_after"], "2026-11-28T11:00:00.000Z");
    let mut named: Vec<String> = serde_json::from_value(preview["samples"]["earlier"].clone()).expect("ids");
    named.sort();
    let mut own: Vec<_> = leads[2..].iter().map(|lead| lead.id.to_string()).collect();
    own.sort();
    assert_eq!(named, own);

    api.patch(&path, with).await.ok(200);
    let back = seen(&api, &path, json!({"hours": {"saturday": null}})).await;
    assert_eq!(back["moves"], json!({"stays": 2, "later": 5}));
}

#[tokio::test]
async fn fewer_attempts_and_a_shorter_period_end_some() {
    let api = Api::start().await;
    let (path, leads) = campaign(&api).await;
    let before = api.get(&path).await.ok(200);
    let fewer = seen(&api, &path, json!({"retry": {"max_attempts": 2}})).await;
    assert_eq!(fewer["moves"], json!({"stays": 5, "exhausted": 2}));
    assert!(fewer["notes"].to_string().contains("keep their time"));
    let shorter = seen(&api, &path, json!({"period": {"end": "2026-11-23"}})).await;
    assert_eq!(shorter["moves"], json!({"stays": 5, "period_over": 2}));
    assert_eq!(seen(&api, &path, json!({})).await["moves"], json!({"stays": 7}));

    assert_eq!(api.get(&path).await.ok(200), before, "nothing is saved");
    let id = path.trim_start_matches("/campaigns/").parse().expect("an id");
    let after = api.context.store.all_leads(&api.keys.workspace, &id).await.expect("a table");
    assert_eq!(after, leads);
}

#[tokio::test]
async fn a_preview_is_refused_as_the_edit_would_be() {
    let api = Api::start().await;
    let (path, _) = campaign(&api).await;
    let url = format!("{path}/preview");
    for (body, field) in [
        (json!({"nonsense": 1}), "nonsense"),
        (json!({"retry": {"max_attempts": 21}}), "retry.max_attempts"),
        (json!({"hours": {"monday": 1}}), "hours.monday"),
    ] {
        let refused = api.post(&url, body.clone()).await.faults(422, "invalid_fields");
        assert_eq!(refused, api.patch(&path, body).await.faults(422, "invalid_fields"));
        assert_eq!(refused, [field]);
    }
    api.command(&format!("{path}/start")).await.ok(200);
    assert_eq!(seen(&api, &path, json!({"name": "B"})).await["moves"], json!({"stays": 7}));
    api.command(&format!("{path}/cancel")).await.ok(200);
    api.post(&url, json!({"name": "B"})).await.problem(409, "action_not_allowed");
}
