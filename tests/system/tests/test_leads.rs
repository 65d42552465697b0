//! Leads that are there to try things out: they speak with another assistant, and nothing that is counted counts them.

use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::time::{DAY_MS, HOUR_MS};
use carillon_domain::records::lead::Lead;
use carillon_domain::records::number_record;
use carillon_domain::reporting::invariants;
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::harness::{Delivery, Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz;
use serde_json::{Value, json};

/// A number of ours that talks.
const OURS: &str = "+493023110001";
/// One that does not answer.
const SILENT: &str = "+493023110003";

/// A running campaign of three people who talk, with an assistant for tests.
async fn system() -> (Harness, Api, CampaignId) {
    let mut options = Options::at(MONDAY_AT_NINE);
    options.network.magic_numbers = true;
    options.stream = Some(Delivery::Plain);
    let harness = Harness::start(options).await;
    let api = Api::of(&harness);
    let form = json!({"name": "Tess", "agent_id": "agent_test"});
    let tester = api.post("/assistants", form).await.ok(201).id();
    let mut spec = people::spec(&harness.keys);
    spec.test_assistant_id = Some(tester.parse().expect("an id"));
    let people: Vec<_> = (2..=4).map(|n| (format!("+4930231{n}0001"), Tz::Europe__Berlin)).collect();
    let campaign = people::start_campaign(&harness.context, &harness.keys, spec, &people).await;
    (harness, api, campaign)
}

async fn lead(harness: &Harness, campaign: &CampaignId, number: &str) -> Lead {
    let id = LeadId::derive(campaign, &number.parse().expect("a number"));
    harness.context.store.lead(&harness.keys.workspace, &id).await.expect("a table").expect("a lead")
}

/// The agents that spoke to a number, call by call.
fn agents(harness: &Harness, number: &str) -> Vec<String> {
    harness.network.calls().into_iter().filter(|call| call.to == number).map(|call| call.agent_id).collect()
}

async fn counted_right(harness: &Harness, campaign: &CampaignId) {
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let leads = store.all_leads(ws, campaign).await.expect("a table");
    let counters = store.counters(ws, campaign).await.expect("a table");
    assert_eq!(invariants::counters_agree(&counters, &leads), Ok(()));
    let page = store.ended_interactions(ws, campaign, None, 100).await.expect("a table");
    assert_eq!(invariants::ends_agree(&counters, &page.interactions), Ok(()));
    checks::breakdown_is_true(harness, campaign).await;
}

#[tokio::test]
async fn a_test_lead_speaks_with_the_test_assistant_and_no_statistics_count_it() {
    let (mut harness, api, campaign) = system().await;
    let path = format!("/campaigns/{campaign}");
    let form = json!({"phone": OURS, "name": "Me", "is_test": true});
    let made = api.post(&format!("{path}/leads"), form).await.ok(201);
    assert_eq!(made["is_test"], true);
    assert!(harness.run_until(MONDAY_AT_NINE.plus_ms(HOUR_MS), checks::has_ended(&campaign)).await);

    assert_eq!(agents(&harness, OURS), ["agent_test"]);
    for n in 2..=4 {
        assert_eq!(agents(&harness, &format!("+4930231{n}0001")), ["agent_1"]);
    }
    let stats = api.get(&format!("{path}/stats")).await.ok(200);
    let number = |name: &str| stats[name].as_i64().expect("a number");
    assert_eq!(["total", "completed", "settled", "attempted", "calls_placed"].map(number), [3; 5]);
    assert_eq!((number("test_leads"), number("pending"), number("processing")), (1, 0, 0));
    assert!(stats["test_cost_usd"].as_f64().expect("a number") > 0.0);
    // The money is spent all the same.
    let costs = ["test_cost_usd", "total_cost_usd"].map(|name| stats[name].as_f64().expect("a number"));
    let spent = api.get("/credits").await.ok(200)["spent_usd"].as_f64().expect("a number");
    assert!((spent - costs[0] - costs[1]).abs() < 1e-6, "{spent} {costs:?}");

    let results = api.all(&format!("{path}/interactions")).await;
    assert!(results.len() == 3 && results.iter().all(|one| one["is_test"] == false));
    let all = api.all(&format!("{path}/interactions?show=all")).await;
    let tests: Vec<_> = all.iter().filter(|one| one["is_test"] == true).collect();
    assert!(all.len() == 4 && tests.len() == 1 && tests[0]["status"] == "completed");
    let listed = api.get(&format!("{path}/leads")).await.ok(200);
    assert_eq!((&listed["total"], listed["items"].as_array().map(Vec::len)), (&json!(4), Some(4)));
    counted_right(&harness, &campaign).await;
    // Whose number it is, is known; that it was called is held against nobody.
    let ours = [OURS.parse().expect("a number")];
    let records = harness.context.store.number_records(&harness.keys.workspace, &ours).await;
    let records = records.expect("a table");
    assert_eq!(number_record::attempts(&records), []);
    assert_eq!(records[0].latest.as_ref().map(|latest| latest.lead.to_string()), Some(made.id()));
}

#[tokio::test]
async fn a_campaign_of_tests_alone_comes_to_its_end_and_retries_keep_it_open() {
    let mut options = Options::at(MONDAY_AT_NINE);
    options.network.magic_numbers = true;
    let mut harness = Harness::start(options).await;
    let api = Api::of(&harness);
    let campaign =
        people::start_campaign(&harness.context, &harness.keys, people::spec(&harness.keys), &[]).await;
    let form = json!({"phone": SILENT, "is_test": true});
    api.post(&format!("/campaigns/{campaign}/leads"), form).await.ok(201);
    assert!(harness.run_until(MONDAY_AT_NINE.plus_ms(DAY_MS), checks::has_ended(&campaign)).await);
    assert_eq!(agents(&harness, SILENT), ["agent_1"; 3], "with no assistant for tests the campaign's speaks");
    assert_eq!(lead(&harness, &campaign, SILENT).await.state.name(), "exhausted");
}

/// Whose call the provider refuses for the account's sake.
const FORBIDDEN: &str = "+493023110023";

#[tokio::test]
async fn what_a_test_is_refused_says_nothing_of_the_campaign() {
    let (mut harness, api, campaign) = system().await;
    let path = format!("/campaigns/{campaign}");
    let form = json!({"phone": FORBIDDEN, "name": "Me", "is_test": true});
    api.post(&format!("{path}/leads"), form).await.ok(201);
    let end = MONDAY_AT_NINE.plus_ms(HOUR_MS);
    harness.run_until(end, async |_| false).await;
    let tried = harness.network.calls().iter().filter(|call| call.to == FORBIDDEN).count();
    assert_eq!((tried, lead(&harness, &campaign, FORBIDDEN).await.state.name()), (1, "failed"));
    assert_eq!(api.get(&path).await.ok(200)["status"], "completed", "everybody else was called");
    counted_right(&harness, &campaign).await;
}

#[tokio::test]
async fn a_test_call_is_made_at_once_and_only_once_each() {
    let (mut harness, api, campaign) = system().await;
    let path = format!("/campaigns/{campaign}");
    api.command(&format!("{path}/pause")).await.ok(200);
    let form = json!({"phone": "030 2311 0003", "name": "Me", "variables": {"order": "T-1"}});
    api.patch(&path, json!({"default_country": "DE"})).await.ok(200);
    let made = api.post(&format!("{path}/test-call"), form.clone()).await.ok(202);
    let record = format!("/interactions/{}", made["interaction_id"].as_str().expect("an id"));
    assert_eq!(api.get(&record).await.ok(200)["is_test"], true);
    api.post(&format!("{path}/test-call"), form.clone()).await.problem(409, "already_requested");
    harness.run_until(MONDAY_AT_NINE.plus_ms(HOUR_MS), async |_| false).await;
    let shown = api.get(&record).await.ok(200);
    assert_eq!((&shown["status"], &shown["started_by"]), (&json!("no_answer"), &json!("manual")));
    assert_eq!(agents(&harness, SILENT), ["agent_test"], "it is not tried again by itself");
    let resting = lead(&harness, &campaign, SILENT).await;
    assert_eq!((resting.state.name(), resting.is_test), ("suspended", true));

    // The same number again is the same lead, with what is sent.
    let again = json!({"phone": SILENT, "name": "Myself"});
    assert_eq!(api.post(&format!("{path}/test-call"), again).await.ok(202)["lead_id"], made["lead_id"]);
    harness.run_until(harness.context.now().plus_ms(HOUR_MS), async |_| false).await;
    assert_eq!(agents(&harness, SILENT).len(), 2);
    let named = lead(&harness, &campaign, SILENT).await.profile;
    assert_eq!(
        (named.name.as_deref(), named.variables.get("order").map(String::as_str)),
        (Some("Myself"), Some("T-1"))
    );
    // Nobody's campaign waits for it.
    api.command(&format!("{path}/resume")).await.ok(200);
    assert!(harness.run_until(harness.context.now().plus_ms(HOUR_MS), checks::has_ended(&campaign)).await);
    counted_right(&harness, &campaign).await;
}

#[tokio::test]
async fn what_is_counted_and_what_is_not_are_kept_apart() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    api.lead(&campaign, "030 901820").await;
    let leads = format!("{campaign}/leads");
    let taken = api.post(&format!("{campaign}/test-call"), json!({"phone": "030 901820"})).await;
    taken.problem(409, "lead_exists");
    api.patch(&campaign, json!({"on_duplicate": "update"})).await.ok(200);
    api.post(&leads, json!({"phone": "030 901820", "is_test": true})).await.problem(409, "lead_exists");
    let test = api.post(&leads, json!({"phone": "030 901821", "is_test": true})).await.ok(201);
    api.post(&leads, json!({"phone": "030 901821"})).await.problem(409, "lead_exists");
    let renamed =
        api.post(&leads, json!({"phone": "030 901821", "is_test": true, "name": "Me"})).await.ok(201);
    assert_eq!((renamed.id(), &renamed["name"]), (test.id(), &json!("Me")));
    let path = format!("{leads}/{}", test.id());
    assert_eq!(api.patch(&path, json!({"is_test": false})).await.faults(422, "invalid_fields"), ["is_test"]);
    assert_eq!(api.patch(&path, json!({"name": "Us"})).await.ok(200)["is_test"], true);
    // What is not held to caps can't be many.
    for n in 1..50 {
        api.post(&leads, json!({"phone": format!("+4930901900{n:02}"), "is_test": true})).await.ok(201);
    }
    api.post(&leads, json!({"phone": "030 902000", "is_test": true}))
        .await
        .problem(409, "too_many_test_leads");
    let call = json!({"phone": "030 902000"});
    api.post(&format!("{campaign}/test-call"), call).await.problem(409, "too_many_test_leads");
    api.delete(&path).await.ok(204);
    api.post(&leads, json!({"phone": "030 902000", "is_test": true})).await.ok(201);

    let form = |id: &str| json!({"test_assistant_id": id});
    let unknown = api.patch(&campaign, form("ast_01KDZ8XQ3T5V6W7X8Y9Z0A1B2C")).await;
    assert_eq!(unknown.faults(422, "invalid_fields"), ["test_assistant_id"]);
    let retell = json!({"name": "Ret", "agent_id": "agent_r", "provider": "retell"});
    let retell = api.post("/assistants", retell).await.ok(201).id();
    assert_eq!(
        api.patch(&campaign, form(&retell)).await.faults(422, "invalid_fields"),
        ["test_assistant_id"]
    );
    let tester = api.post("/assistants", json!({"name": "T", "agent_id": "a"})).await.ok(201).id();
    api.patch(&campaign, form(&tester)).await.ok(200);
    api.delete(&format!("/assistants/{tester}")).await.problem(409, "in_use");
    api.patch(&campaign, json!({"test_assistant_id": Value::Null})).await.ok(200);
    api.delete(&format!("/assistants/{tester}")).await.ok(204);
}

#[tokio::test]
async fn an_assistant_without_a_number_gets_the_workspaces_test_number() {
    let api = Api::start().await;
    let number = api.keys.caller_number.to_string();
    let bare = api.post("/assistants", json!({"name": "Bea", "agent_id": "agent_2"})).await.ok(201).id();
    let form = json!({"name": "Try", "assistant_id": bare, "default_country": "DE"});
    let campaign = format!("/campaigns/{}", api.post("/campaigns", form).await.ok(201).id());
    api.lead(&campaign, "030 901820").await;
    api.command(&format!("{campaign}/start")).await.problem(409, "no_caller_number");
    let nothing = json!({"test_number_id": "num_01KDZ8XQ3T5V6W7X8Y9Z0A1B2C"});
    assert_eq!(api.patch("/workspace", nothing).await.faults(422, "invalid_fields"), ["test_number_id"]);
    let set = api.patch("/workspace", json!({"test_number_id": number})).await.ok(200);
    assert_eq!(set["test_number_id"], number);
    let started = api.command(&format!("{campaign}/start")).await.ok(200);
    assert_eq!(started["attached_test_number_id"], number);
    assert_eq!(started["calls_from"][0]["caller_number_id"], number);
    assert_eq!(api.get(&campaign).await.ok(200)["attached_test_number_id"], Value::Null);
    let assistant = api.get(&format!("/assistants/{bare}")).await.ok(200);
    assert_eq!(assistant["caller_number_ids"], json!([number]));

    // So it is when the assistant of a running campaign is changed, and not where it has a number.
    let second = api.post("/assistants", json!({"name": "Cy", "agent_id": "agent_3"})).await.ok(201).id();
    let changed = api.patch(&campaign, json!({"assistant_id": second})).await.ok(200);
    assert_eq!(changed["attached_test_number_id"], number);
    let back = api.patch(&campaign, json!({"assistant_id": bare})).await.ok(200);
    assert_eq!(back["attached_test_number_id"], Value::Null);
    // What is refused attaches nothing.
    let third = api.post("/assistants", json!({"name": "Di", "agent_id": "agent_4"})).await.ok(201).id();
    let wrong = json!({"assistant_id": third, "concurrent_limit": 0});
    api.patch(&campaign, wrong).await.problem(422, "invalid_fields");
    let untouched = api.get(&format!("/assistants/{third}")).await.ok(200);
    assert_eq!(untouched["caller_number_ids"], json!([]));
    api.delete(&format!("/caller-numbers/{number}")).await.problem(409, "in_use");
}
