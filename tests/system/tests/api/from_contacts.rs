//! Contacts become leads of a campaign, in the background.

use std::collections::BTreeMap;
use std::sync::Arc;

use carillon_domain::base::ids::{ContactId, ContactListId};
use carillon_domain::base::time::MINUTE_MS;
use carillon_domain::records::contact::Contact;
use carillon_domain::records::lead::{LeadNumber, Profile};
use carillon_domain::reporting::invariants;
use carillon_store::ContactChange;
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::storm::Storm;
use serde_json::{Value, json};

use crate::api::dropped::campaign;

const A: &str = "+4930901820";
const B: &str = "+4930901821";
const C: &str = "+4930901822";
const D: &str = "+4930901823";

async fn contact(api: &Api, numbers: &[&str], more: Value) -> String {
    let mut form = json!({"phone": numbers[0], "secondary_phones": numbers[1..]});
    form.as_object_mut().expect("a form").extend(more.as_object().cloned().unwrap_or_default());
    api.post("/contacts", form).await.ok(201).id()
}

async fn begin(api: &Api, campaign: &str, form: Value) -> String {
    let answer = api.post(&format!("{campaign}/leads/from-contacts"), form).await;
    let place = answer.header("location").trim_start_matches("/api/v1").to_owned();
    let job = answer.ok(202);
    assert_eq!((format!("/jobs/{}", job.id()), &job["kind"]), (place.clone(), &json!("add_contacts")));
    place
}

/// The job once it is over, and its results.
async fn done(api: &Api, campaign: &str, form: Value) -> (Value, Vec<Value>) {
    let job = begin(api, campaign, form).await;
    api.do_jobs().await;
    (api.get(&job).await.ok(200), api.all(&format!("{job}/results?limit=100")).await)
}

/// Puts so many people of one number each, and every fifth of two, on a list; answers with it.
async fn crowd(api: &Api, count: usize) -> String {
    let list = api.post("/contact-lists", json!({"name": "Crowd"})).await.ok(201).id();
    let id: ContactListId = list.parse().expect("an id");
    let (store, ws, now) = (&api.context.store, &api.keys.workspace, api.context.now());
    for n in 0..count {
        let number = |form: String| LeadNumber::new(form.parse().expect("a number"));
        let mut numbers = vec![number(format!("+49302310{n:04}"))];
        numbers.extend((n % 5 == 0).then(|| number(format!("+49302311{n:04}"))));
        let contact = Contact {
            id: ContactId::new(now, api.context.random.draw()),
            version: 1,
            profile: Profile { name: Some(format!("Person {n}")), ..Profile::default() },
            numbers,
            lists: [id.clone()].into(),
            origin: None,
            created_at: now,
            updated_at: now,
        };
        let change = store.change_contact(ws, None, Some(&contact)).await.expect("a table");
        assert_eq!(change, ContactChange::Done);
    }
    list
}

async fn counters_are_right(api: &Api, path: &str, count: usize) {
    let (store, ws) = (&api.context.store, &api.keys.workspace);
    let id = path.trim_start_matches("/campaigns/").parse().expect("an id");
    let leads = store.all_leads(ws, &id).await.expect("a table");
    let counters = store.counters(ws, &id).await.expect("a table");
    assert_eq!(invariants::counters_agree(&counters, &leads), Ok(()), "{counters:?}");
    assert_eq!(leads.len(), count);
}

/// Each contact has one result, and one lead of its own.
fn each_once(results: &[Value], count: usize) {
    let mut seen: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for result in results {
        assert_eq!(result["outcome"], "created", "{result}");
        seen.entry(result["contact_id"].as_str().expect("an id")).or_default().push(&result["lead_id"]);
    }
    let leads: std::collections::BTreeSet<_> = seen.values().map(|leads| leads[0].as_str()).collect();
    assert!(seen.len() == count && leads.len() == count, "{} contacts, {} leads", seen.len(), leads.len());
    assert!(seen.values().all(|leads| leads.len() == 1), "one result each");
}

#[tokio::test]
async fn each_contact_is_answered_for_itself() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let assistant = format!("/assistants/{}", api.keys.assistant);
    api.patch(&assistant, json!({"variables": {"tone": "kind"}})).await.ok(200);
    api.patch(&path, json!({"welcome_message_template": "Hi {{ name }}, {{ tone }}, {{ order }}"}))
        .await
        .ok(200);
    let ana =
        json!({"name": "Ana", "tags": ["vip"], "variables": {"order": "A-1"}, "timezone": "Europe/Berlin"});
    let ana = contact(&api, &[A, B], ana).await;
    let known = contact(&api, &[D, C], json!({"name": "Cy"})).await;
    let lead_of_c = api.lead(&path, C).await;
    let listed = contact(&api, &["+4930901829"], json!({})).await;
    api.post("/do-not-call/do_not_call/numbers", json!({"number": "+4930901829"})).await.ok(201);
    api.patch("/workspace", json!({"allowed_number_classes": ["premium_rate"]})).await.ok(200);
    let premium = contact(&api, &["+499001234567"], json!({})).await;
    api.patch("/workspace", json!({"allowed_number_classes": []})).await.ok(200);
    let gone = "con_01ARYZ6S410000000000000000";
    let form = json!({"contact_ids": [ana, known, listed, premium, gone, ana], "overwrites": {"tone": "brisk"},
        "tags": ["fair"]});
    let (job, results) = done(&api, &path, form.clone()).await;
    assert_eq!(
        (&job["status"], &job["counts"]),
        (&json!("completed"), &json!({"done": 2, "refused": 3, "total": 5}))
    );
    let told = |result: &Value| {
        let lead = result["lead_id"].as_str().unwrap_or_default() == lead_of_c;
        json!([
            result["contact_id"],
            result["outcome"],
            result["is_suppressed"],
            result["refusal"]["code"],
            lead
        ])
    };
    assert_eq!(
        results.iter().map(told).collect::<Vec<_>>(),
        [
            json!([ana, "created", false, null, false]),
            json!([known, "refused", false, "lead_exists", true]),
            json!([listed, "created", true, null, false]),
            json!([premium, "refused", false, "number_class_not_allowed", false]),
            json!([gone, "refused", false, "not_found", false]),
        ]
    );
    let lead =
        api.get(&format!("{path}/leads/{}", results[0]["lead_id"].as_str().expect("an id"))).await.ok(200);
    assert_eq!((&lead["contact_id"], &lead["tags"]), (&json!(ana), &json!(["vip", "fair"])));
    assert_eq!((&lead["phones"][1]["value"], &lead["zone"]), (&json!(B), &json!("Europe/Berlin")));
    // What the batch says outranks what the lead has, up to what is said in the call.
    let preview = api.post(&format!("{path}/templates/preview"), json!({"lead_id": lead.id()})).await.ok(200);
    let texts = preview["previews"][0]["texts"].as_array().expect("texts");
    let said = texts.iter().find(|text| text["template"] == "welcome_message_template").expect("a text");
    assert_eq!(said["rendered"], "Hi Ana, brisk, A-1", "{said:?}");
    let listed_in_order = api.all(&format!("{path}/leads?limit=1")).await;
    assert_eq!(listed_in_order.len(), 3);
    counters_are_right(&api, &path, 3).await;

    // Again: nobody is created twice, and a contact may change the lead that is there.
    let (_, again) = done(&api, &path, form).await;
    assert!(again.iter().all(|result| result["outcome"] == "refused"));
    assert_eq!(again[0]["lead_id"], json!(lead.id()));
    let update = json!({"contact_ids": [known], "on_duplicate": "update", "overwrites": {"tone": "warm"}});
    let (job, updated) = done(&api, &path, update.clone()).await;
    assert_eq!((&updated[0]["outcome"], &job["counts"]["done"]), (&json!("updated"), &json!(1)));
    let lead = api.get(&format!("{path}/leads/{lead_of_c}")).await.ok(200);
    assert_eq!((&lead["name"], &lead["overwrites"]["tone"]), (&json!("Cy"), &json!("warm")));
    assert_eq!((&lead["phones"][1]["value"], &lead["contact_id"]), (&json!(D), &json!(null)));
    assert_eq!(done(&api, &path, update).await.1[0]["outcome"], "updated", "nothing new");
    counters_are_right(&api, &path, 3).await;
    // A contact that goes leaves its lead.
    api.delete(&format!("/contacts/{ana}")).await.ok(204);
    assert_eq!(api.all(&format!("{path}/leads")).await.len(), 3);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let path = format!("{campaign}/leads/from-contacts");
    for (form, fields) in [
        (json!({}), vec!["contact_ids"]),
        (json!({"contact_ids": []}), vec!["contact_ids"]),
        (json!({"contact_ids": ["con_01ARYZ6S410000000000000000"], "filter": {}}), vec!["filter"]),
        (json!({"filter": {"list": "lst_01ARYZ6S410000000000000000"}}), vec!["filter.list"]),
        (json!({"filter": {"name": "Ana"}}), vec!["filter.name"]),
        (
            json!({"filter": {}, "overwrites": {"tone": "x"}, "tags": [""]}),
            vec!["tags[0]", "overwrites.tone"],
        ),
    ] {
        assert_eq!(api.post(&path, form.clone()).await.faults(422, "invalid_fields"), fields, "{form}");
    }
    api.command(&format!("{campaign}/start")).await;
    api.command(&format!("{campaign}/cancel")).await.ok(200);
    api.post(&path, json!({"filter": {}})).await.problem(409, "action_not_allowed");
}

#[tokio::test]
async fn two_thousand_contacts_of_a_list_are_leads_once_and_twice_is_once() {
    const CONTACTS: usize = 2_000;
    let api = Api::start().await;
    let path = api.campaign().await;
    let list = crowd(&api, CONTACTS).await;
    contact(&api, &[A], json!({"tags": ["vip"]})).await;
    let form = json!({"filter": {"list": list}});
    let (job, results) = done(&api, &path, form.clone()).await;
    assert_eq!((&job["status"], &job["contact_filter"]["list"]), (&json!("completed"), &json!(list)));
    assert_eq!(job["counts"], json!({"done": CONTACTS, "refused": 0, "total": CONTACTS}));
    each_once(&results, CONTACTS);
    counters_are_right(&api, &path, CONTACTS).await;
    let (job, results) = done(&api, &path, form).await;
    assert_eq!(job["counts"], json!({"done": 0, "refused": CONTACTS, "total": CONTACTS}));
    assert!(results.iter().all(|result| result["refusal"]["code"] == "lead_exists"));
    counters_are_right(&api, &path, CONTACTS).await;
    assert_eq!(api.all(&format!("{path}/leads?limit=100")).await.len(), CONTACTS);
    let (job, _) = done(&api, &path, json!({"filter": {"tag": "VIP"}})).await;
    assert_eq!(job["counts"], json!({"done": 1, "refused": 0, "total": 1}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_breaks_off_or_is_lost_each_contact_has_one_result_and_one_lead() {
    const CONTACTS: usize = 600;
    let harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let api = Api::of(&harness);
    let path = campaign(&api, "DE").await;
    let list = crowd(&api, CONTACTS).await;
    let job = begin(&api, &path, json!({"filter": {"list": list}})).await;
    let stormy = api.under(Arc::new(Storm::after(2)));
    for _ in 0..200 {
        while stormy.do_job(harness.context.now()).await {}
        // What was lost, the tick asks for again.
        harness.context.clock.advance_to(harness.context.now().plus_ms(MINUTE_MS));
        carillon_tick::handle(&harness.context).await.expect("the tick is spared");
    }
    let over = api.get(&job).await.ok(200);
    assert_eq!(over["status"], "completed", "{over}");
    assert_eq!(over["counts"], json!({"done": CONTACTS, "refused": 0, "total": CONTACTS}));
    each_once(&api.all(&format!("{job}/results?limit=100")).await, CONTACTS);
    counters_are_right(&api, &path, CONTACTS).await;
}

#[tokio::test]
async fn a_job_that_is_cancelled_adds_nobody_more() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let list = crowd(&api, 200).await;
    let job = begin(&api, &path, json!({"filter": {"list": list}})).await;
    assert!(api.do_job(api.context.now()).await, "one step");
    let cancelled = api.command(&format!("{job}/cancel")).await.ok(200);
    let added = usize::try_from(cancelled["counts"]["done"].as_u64().expect("a count")).expect("small");
    assert!((1..200).contains(&added), "{added}");
    api.do_jobs().await;
    assert_eq!(api.get(&job).await.ok(200), cancelled);
    each_once(&api.all(&format!("{job}/results?limit=100")).await, added);
    counters_are_right(&api, &path, added).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_has_completed_runs_again_for_contacts() {
    let network = carillon_local::provider_simulator::NetworkSettings::default();
    let mut harness = Harness::start(Options { network, ..Options::at(MONDAY_AT_NINE) }).await;
    let api = Api::of(&harness);
    let path = campaign(&api, "DE").await;
    let lead = format!("{path}/leads/{}", api.lead(&path, "+493023100001").await);
    api.command(&format!("{path}/start")).await.ok(200);
    api.command(&format!("{lead}/complete")).await.ok(200);
    harness.run_to(harness.context.now().plus_ms(5 * MINUTE_MS)).await;
    assert_eq!(api.get(&path).await.ok(200)["status"], "completed");
    let ana = contact(&api, &["+493023110001"], json!({})).await;
    let job = begin(&api, &path, json!({"contact_ids": [ana]})).await;
    harness.run_to(harness.context.now().plus_ms(10 * MINUTE_MS)).await;
    let result = api.all(&format!("{job}/results")).await[0].clone();
    let lead = api.get(&format!("{path}/leads/{}", result["lead_id"].as_str().expect("an id"))).await.ok(200);
    assert_eq!((&lead["status"], harness.network.calls().len()), (&json!("completed"), 1), "{lead}");
}
