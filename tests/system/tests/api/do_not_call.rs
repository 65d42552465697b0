//! Do-not-call lists.

mod imports;
mod lists;

use axum::body::Body;
use axum::http::Request;
use carillon_adapters::queue::Queue;
use carillon_domain::base::ids::{LeadId, WorkspaceId};
use carillon_domain::base::time::SECOND_MS;
use carillon_domain::policy::do_not_call::{ListName, Listing};
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::counters::Counter;
use carillon_domain::records::lead::{Lead, LeadState};
use carillon_domain::transaction::{Transaction, Write};
use carillon_local::workers;
use carillon_system_tests::api::{Answer, Api, HasId};
use serde_json::{Value, json};

const NUMBERS: &str = "/do-not-call/do_not_call/numbers";
const IMPORT: &str = "/do-not-call/do_not_call/import";
const EXPORT: &str = "/do-not-call/do_not_call/export";
const MINUTE_MS: i64 = 60 * SECOND_MS;

async fn import(api: &Api, path: &str, csv: impl Into<Body>) -> Answer {
    let request = Request::post(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {}", api.keys.api_key))
        .header("content-type", "text/csv; charset=utf-8")
        .body(csv.into());
    api.send(request.expect("a request")).await
}

async fn stored(api: &Api, lead: &str) -> Lead {
    let id: LeadId = lead.parse().expect("an id");
    api.context.store.lead(&api.keys.workspace, &id).await.expect("a table").expect("a lead")
}

async fn state(api: &Api, lead: &str) -> &'static str {
    stored(api, lead).await.state.name()
}

async fn active_attempts(api: &Api) -> Vec<ActiveAttempt> {
    api.context.store.in_flight(&api.keys.workspace).await.expect("a table").0
}

async fn plan(api: &Api) {
    carillon_planner::plan(&api.context, &api.keys.workspace).await.expect("a plan");
}

/// Hands the dialers whatever waits for them; says how many messages that were.
async fn dial(api: &Api) -> usize {
    api.advance_ms(SECOND_MS);
    let Queue::Local(queue) = &api.context.queues.dial else { panic!("these tests keep local queues") };
    let batch = queue.receive(10, MINUTE_MS).expect("a queue");
    for received in &batch {
        let event = workers::event(std::slice::from_ref(received));
        let response = carillon_dialer::handle(&api.context, event).await;
        assert_eq!(response.batch_item_failures.len(), 0);
    }
    batch.len()
}

/// A campaign that runs with one lead, whose call is claimed.
async fn claimed(api: &Api, phone: &str) -> (String, String) {
    let campaign = api.campaign().await;
    let lead = api.lead(&campaign, phone).await;
    api.command(&format!("{campaign}/start")).await.ok(200);
    plan(api).await;
    assert_eq!(active_attempts(api).await.len(), 1);
    (campaign, lead)
}

#[tokio::test]
async fn a_number_is_listed_once_however_it_is_written() {
    let api = Api::start().await;
    let form = json!({"number": "+49 (0)30 901820", "reason": " asked us to ", "source": "letter"});
    let listed = api.post(NUMBERS, form).await.ok(201);
    let expected = json!({"number": "+4930901820", "list": "do_not_call", "source": "letter",
        "reason": "asked us to", "listed_at": "2026-11-23T11:00:00.000Z"});
    assert_eq!(listed, expected);
    api.advance_ms(MINUTE_MS);
    let again = json!({"number": "030 901820", "default_country": "DE", "reason": "another"});
    assert_eq!(api.post(NUMBERS, again).await.ok(200), expected);
    assert_eq!(api.get(&format!("{NUMBERS}/+4930901820")).await.ok(200), expected);
    assert_eq!(api.get(&format!("{NUMBERS}/%2B4930901820")).await.ok(200), expected);
    assert_eq!(api.all(NUMBERS).await, [expected]);

    api.delete(&format!("{NUMBERS}/+4930901820?reason=mistake")).await.ok(204);
    api.delete(&format!("{NUMBERS}/+4930901820?reason=mistake")).await.problem(404, "not_found");
    api.get(&format!("{NUMBERS}/+4930901820")).await.problem(404, "not_found");
    assert_eq!(api.all(NUMBERS).await, [] as [Value; 0]);
    let anew = api.post(NUMBERS, json!({"number": "+4930901820"})).await.ok(201);
    assert_eq!((&anew["source"], &anew["reason"]), (&json!("api"), &json!(null)));
}

#[tokio::test]
async fn what_is_claimed_is_taken_away_before_the_answer() {
    let api = Api::start().await;
    let (campaign, lead) = claimed(&api, "030 901820").await;
    let hints = api.hints();
    api.post(NUMBERS, json!({"number": "+4930901820"})).await.ok(201);
    assert!(api.hints() > hints);
    assert_eq!(active_attempts(&api).await, []);
    assert_eq!(state(&api, &lead).await, "skipped");
    let id = campaign.trim_start_matches("/campaigns/").parse().expect("an id");
    let counters = api.context.store.counters(&api.keys.workspace, &id).await.expect("a table");
    assert_eq!(counters.get(Counter::Skipped), 1);

    // The dialer's message is still under way.
    assert_eq!(dial(&api).await, 1);
    assert_eq!(stored(&api, &lead).await.attempts, 0);
    plan(&api).await;
    assert_eq!(api.get(&campaign).await.ok(200)["status"], "completed");

    // Nothing that was settled comes back.
    api.delete(&format!("{NUMBERS}/+4930901820?reason=mistake")).await.ok(204);
    plan(&api).await;
    assert_eq!(state(&api, &lead).await, "skipped");
}

#[tokio::test]
async fn the_record_alone_keeps_a_claimed_number_from_being_dialled() {
    let api = Api::start().await;
    let (_, lead) = claimed(&api, "030 901820").await;
    // As if the run that listed it had died at once.
    let ws = &api.keys.workspace;
    let number = "+4930901820".parse().expect("a number");
    let records = api.context.store.number_records(ws, &[number]).await.expect("a table");
    let listing = Listing { at: api.context.now(), source: "test".into(), reason: None };
    let listed = Write::UpdateNumber(records[0].listed(ListName::do_not_call(), listing));
    api.context.store.commit(ws, &Transaction::of(listed)).await.expect("a table");
    assert_eq!((active_attempts(&api).await.len(), dial(&api).await), (1, 1));
    let lead = stored(&api, &lead).await;
    assert_eq!((lead.attempts, lead.state.name()), (0, "skipped"));
}

#[tokio::test]
async fn a_call_that_is_up_goes_on_and_is_the_last() {
    let api = Api::start().await;
    let (_, lead) = claimed(&api, "030 901820").await;
    let before = stored(&api, &lead).await;
    let active_attempt = active_attempts(&api).await.remove(0);
    let after = before.dialled(&active_attempt, api.context.now());
    let ws = &api.keys.workspace;
    let update = Transaction::of(Write::UpdateLead { before, after });
    api.context.store.commit(ws, &update).await.expect("a table");
    api.post(NUMBERS, json!({"number": "+4930901820"})).await.ok(201);
    assert!(matches!(stored(&api, &lead).await.state, LeadState::InProgress { .. }));
}

#[tokio::test]
async fn another_list_counts_where_it_is_chosen() {
    let api = Api::start().await;
    let mut form = json!({"name": "Partners", "assistant_id": api.keys.assistant,
        "suppression_lists": ["partners"]});
    api.put("/do-not-call/partners", json!(null)).await.ok(201);
    let chosen = api.post("/campaigns", form.clone()).await.ok(201);
    assert_eq!(chosen["suppression_lists"], json!(["partners"]));
    let chosen = format!("/campaigns/{}", chosen.id());
    let free = api.campaign().await;
    assert_eq!(api.get(&free).await.ok(200)["suppression_lists"], json!([]));
    let (there, here) = (api.lead(&chosen, "+4930901820").await, api.lead(&free, "+4930901820").await);
    let path = "/do-not-call/partners/numbers";
    api.post(path, json!({"number": "+4930901820"})).await.ok(201);
    assert_eq!((state(&api, &there).await, state(&api, &here).await), ("skipped", "pending"));
    api.get(&format!("{NUMBERS}/+4930901820")).await.problem(404, "not_found");

    let call = |lead: &str| json!({"leadId": lead, "direction": "outbound"});
    let other = api.lead(&chosen, "+4930901821").await;
    api.post(path, json!({"number": "+4930901822"})).await.ok(201);
    // A further number of theirs is enough.
    api.patch(&format!("{chosen}/leads/{other}"), json!({"secondary_phones": ["+4930901822"]})).await.ok(200);
    api.post("/voice/calls/initiate", call(&other)).await.problem(409, "do_not_call");
    api.post("/voice/calls/initiate", call(&here)).await.ok(202);

    for (lists, fault) in [
        (json!(["Partners"]), "suppression_lists[0]"),
        (json!(["a b"]), "suppression_lists[0]"),
        (json!([""]), "suppression_lists[0]"),
        (json!("partners"), "suppression_lists"),
        (json!(["partner", "partners"]), "suppression_lists"),
        (Vec::from_iter((0..21).map(|n| format!("list{n}"))).into(), "suppression_lists"),
    ] {
        form["suppression_lists"] = lists;
        assert_eq!(api.post("/campaigns", form.clone()).await.faults(422, "invalid_fields"), [fault]);
    }
}

#[tokio::test]
async fn calls_that_were_asked_for_end_with_the_reason() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let mut asked = Vec::new();
    for phone in ["+4930901820", "+4930901821"] {
        let lead = api.lead(&campaign, phone).await;
        let call = json!({"leadId": lead, "direction": "outbound"});
        let answer = api.post("/voice/calls/initiate", call).await.ok(202);
        asked.push((
            phone,
            lead,
            format!("/interactions/{}", answer["interactionId"].as_str().expect("an id")),
        ));
        if asked.len() == 1 {
            plan(&api).await;
        }
    }
    let (claims, requests) = api.context.store.in_flight(&api.keys.workspace).await.expect("a table");
    assert_eq!((claims.len(), requests.len()), (1, 1), "one is claimed, one waits");
    for (phone, lead, interaction) in asked {
        api.post(NUMBERS, json!({"number": phone})).await.ok(201);
        let shown = api.get(&interaction).await.ok(200);
        assert_eq!(shown["status"], "error");
        assert_eq!(shown["refusal"]["code"], "do_not_call");
        assert_eq!(shown["refusal"]["message"], "the person is on the list do_not_call");
        assert_eq!(state(&api, &lead).await, "skipped");
        let call = json!({"leadId": lead, "direction": "outbound"});
        api.post("/voice/calls/initiate", call).await.problem(409, "do_not_call");
    }
    let (claims, requests) = api.context.store.in_flight(&api.keys.workspace).await.expect("a table");
    assert_eq!((claims, requests), (vec![], vec![]));
}

#[tokio::test]
async fn another_workspace_sees_and_forbids_nothing() {
    let api = Api::start().await;
    let lead = api.lead(&api.campaign().await, "030 901820").await;
    let ws = WorkspaceId::new(api.context.now(), [5; 10]);
    let (key, record) = carillon_api::first_api_key(&ws, [8; 32], "other", api.context.now());
    api.context.store.create_api_key(&ws, &record).await.expect("a table");
    let stranger = api.with_key(&key);

    stranger.post(NUMBERS, json!({"number": "+4930901820"})).await.ok(201);
    stranger.put("/do-not-call/theirs", json!(null)).await.ok(201);
    stranger.post("/do-not-call/theirs/numbers", json!({"number": "+4930901820"})).await.ok(201);
    assert_eq!(state(&api, &lead).await, "pending");
    assert_eq!(api.all(NUMBERS).await, [] as [Value; 0]);
    assert_eq!(api.all("/do-not-call").await.len(), 2);
    for path in [format!("{NUMBERS}/+4930901820"), "/do-not-call/theirs/numbers".to_owned()] {
        api.get(&path).await.problem(404, "not_found");
        api.delete("/do-not-call/theirs").await.problem(404, "not_found");
    }
    assert_eq!(api.get(EXPORT).await.text.lines().count(), 1);
    api.post("/voice/calls/initiate", json!({"leadId": lead, "direction": "outbound"})).await.ok(202);
}
