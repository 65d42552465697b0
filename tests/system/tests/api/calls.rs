//! Calls by hand.

use carillon_domain::base::ids::{AttemptId, InteractionId, LeadId};
use carillon_domain::base::time::HOUR_MS;
use carillon_domain::records::lead::{Lead, LeadState, SkipReason};
use carillon_domain::transaction::{Transaction, Write};
use carillon_system_tests::api::Api;
use serde_json::{Value, json};

const PATH: &str = "/voice/calls/initiate";

fn form(lead: &str) -> Value {
    json!({"leadId": lead, "direction": "outbound"})
}

#[tokio::test]
async fn a_call_is_asked_for_and_the_planner_has_it_first() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let lead = api.lead(&campaign, "030 901820").await;
    let hints = api.hints();
    let mut call = form(&lead);
    call["additionalInstructions"] = json!("Ask for the date.");
    call["callerNumberId"] = json!(api.keys.caller_number);
    let answer = api.post(PATH, call).await.ok(202);
    assert_eq!(answer.as_object().map(|answer| answer.len()), Some(2));
    assert_eq!(answer["status"], "in_progress");
    assert!(api.hints() > hints);

    let id: InteractionId = answer["interactionId"].as_str().expect("an id").parse().expect("an id");
    let shown = api.get(&format!("/interactions/{id}")).await.ok(200);
    assert_eq!((&shown["status"], &shown["started_by"]), (&json!("in_progress"), &json!("manual")));
    assert_eq!(shown["additional_instructions"], "Ask for the date.");
    let (_, requests) = api.context.store.in_flight(&api.keys.workspace).await.expect("a table");
    assert_eq!(requests.len(), 1);
    assert_eq!((&requests[0].attempt, requests[0].lead.as_str()), (&id.attempt(), lead.as_str()));
    assert_eq!(requests[0].instructions.as_deref(), Some("Ask for the date."));
    assert_eq!(requests[0].caller_number.as_ref(), Some(&api.keys.caller_number));
    api.post(PATH, form(&lead)).await.problem(409, "already_requested");
    // A campaign with a call under way is not deleted under it.
    api.delete(&campaign).await.problem(409, "calls_in_progress");
}

#[tokio::test]
async fn fields_may_be_written_in_snake_case() {
    let api = Api::start().await;
    let lead = api.lead(&api.campaign().await, "030 901820").await;
    let call = json!({"lead_id": lead, "direction": "outbound", "additional_instructions": null,
        "caller_number_id": api.keys.caller_number});
    api.post(PATH, call).await.ok(202);
}

#[tokio::test]
async fn the_planner_turns_the_request_into_a_claim() {
    let api = Api::start().await;
    let lead = api.lead(&api.campaign().await, "030 901820").await;
    let answer = api.post(PATH, form(&lead)).await.ok(202);
    let ws = &api.keys.workspace;
    carillon_planner::plan(&api.context, ws).await.expect("a plan");
    let (active_attempts, requests) = api.context.store.in_flight(ws).await.expect("a table");
    assert_eq!(requests, []);
    assert_eq!(InteractionId::of(&active_attempts[0].attempt).as_str(), answer["interactionId"]);
    api.post(PATH, form(&lead)).await.problem(409, "live_call");
}

#[tokio::test]
async fn a_refusal_names_its_reason() {
    let api = Api::start().await;
    let (campaign, ws) = (api.campaign().await, api.keys.workspace.clone());
    let lead = api.lead(&campaign, "030 901820").await;
    let id: LeadId = lead.parse().expect("an id");

    let stored = api.context.store.lead(&ws, &id).await.expect("a table").expect("a lead");
    let attempt = AttemptId::new(api.context.now(), [3; 10]);
    let state = LeadState::InProgress { attempt, before: Box::new(stored.state.clone()) };
    let live = Lead { version: stored.version + 1, state, ..stored.clone() };
    let put = async |before, after| {
        let update = Transaction::of(Write::UpdateLead { before, after });
        api.context.store.commit(&ws, &update).await.expect("a table");
    };
    put(stored, live.clone()).await;
    api.post(PATH, form(&lead)).await.problem(409, "live_call");
    put(live.clone(), live.skipped(SkipReason::DoNotCall, api.context.now())).await;
    let numbers = "/do-not-call/do_not_call/numbers";
    api.post(numbers, json!({"number": "+4930901820"})).await.ok(201);
    api.post(PATH, form(&lead)).await.problem(409, "do_not_call");
    let again = json!({"at": "2026-11-24T10:00:00Z"});
    let reschedule = format!("{campaign}/leads/{lead}/reschedule");
    api.post(&reschedule, again.clone()).await.problem(409, "do_not_call");
    // Listed by mistake, and taken off: every answer says so.
    api.delete(&format!("{numbers}/+4930901820?reason=mistake")).await.ok(204);
    let told = api.get(&format!("{campaign}/leads/{lead}/explain")).await.ok(200);
    let codes: Vec<_> = told["reasons"].as_array().expect("reasons").iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&json!("settled")) && !codes.contains(&&json!("do_not_call")), "{told}");
    let rescheduled = api.post(&reschedule, again).await.ok(200);
    assert_eq!(
        (&rescheduled["status"], &rescheduled["disposition"]),
        (&json!("callback_scheduled"), &json!("scheduled_callback"))
    );
    api.post(PATH, form(&lead)).await.ok(202);

    let other = api.lead(&campaign, "030 901821").await;
    let assistant = format!("/assistants/{}", api.keys.assistant);
    api.patch(&assistant, json!({"caller_number_ids": []})).await.ok(200);
    api.post(PATH, form(&other)).await.problem(409, "no_caller_number");
    api.patch(&assistant, json!({"status": "paused"})).await.ok(200);
    api.post(PATH, form(&other)).await.problem(409, "assistant_not_active");
    let mend = json!({"status": "active", "caller_number_ids": [api.keys.caller_number]});
    api.patch(&assistant, mend).await.ok(200);

    // 23:00 in Berlin.
    api.advance_ms(11 * HOUR_MS);
    let problem = api.post(PATH, form(&other)).await.problem(409, "outside_hours");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("2026-11-24T07:00:00.250Z")));
    let (_, requests) = api.context.store.in_flight(&ws).await.expect("a table");
    assert_eq!(requests.len(), 1, "the one that was not refused");
}

#[tokio::test]
async fn what_is_wrong_with_the_request_is_named() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let lead = api.lead(&campaign, "030 901820").await;
    let number = json!({"number": "+14155550123", "phone_number_id": "p"});
    let number = api.post("/caller-numbers", number).await.ok(201)["id"].clone();
    let gone = lead.replace(|c: char| c.is_ascii_digit(), "7");
    for (call, field) in [
        (json!({}), "leadId"),
        (json!({"leadId": lead}), "direction"),
        (json!({"leadId": lead, "direction": "inbound"}), "direction"),
        (json!({"leadId": "cmp_1", "direction": "outbound"}), "leadId"),
        (json!({"leadId": gone, "direction": "outbound"}), "leadId"),
        (json!({"leadId": lead, "direction": "outbound", "callerNumberId": number}), "callerNumberId"),
        (json!({"leadId": lead, "direction": "outbound", "callerNumberId": "x"}), "callerNumberId"),
        (
            json!({"leadId": lead, "direction": "outbound", "additionalInstructions": 1}),
            "additionalInstructions",
        ),
        (
            json!({"leadId": lead, "direction": "outbound", "additionalInstructions": "x".repeat(5_000)}),
            "additionalInstructions",
        ),
        (json!({"leadId": lead, "direction": "outbound", "when": "now"}), "when"),
    ] {
        assert_eq!(api.post(PATH, call.clone()).await.faults(422, "invalid_fields"), [field], "{call}");
    }
}
