//! The audit log: each change leaves its entry, and nothing else does.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, Request};
use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::scope::Scope;
use carillon_domain::base::time::HOUR_MS;
use carillon_domain::records::unread_event::{Unread, UnreadCause, UnreadEvent};
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

use crate::api::routes::{self, Stage};

/// A secret that must be found nowhere.
const SECRET: &str = "hush-hush";

async fn log(api: &Api, query: &str) -> Vec<Value> {
    api.all(&format!("/audit?limit=100{query}")).await
}

fn text<'a>(entry: &'a Value, field: &str) -> &'a str {
    entry[field].as_str().expect("a text")
}

/// Asks once for each operation that changes something.
async fn change_everything(api: &Api) {
    let form = json!({"number": "+14155550123", "phone_number_id": "p"});
    let number = format!("/caller-numbers/{}", api.post("/caller-numbers", form).await.ok(201).id());
    api.patch(&number, json!({"label": "Desk"})).await.ok(200);
    let form = json!({"name": "Kim", "agent_id": "agent_2", "language": "de"});
    let assistant = format!("/assistants/{}", api.post("/assistants", form).await.ok(201).id());
    api.patch(&assistant, json!({"name": "Kim B."})).await.ok(200);

    let campaign = api.campaign().await;
    api.patch(&campaign, json!({"name": "Winter"})).await.ok(200);
    let lead = api.lead(&campaign, "030 901820").await;
    let lead_path = format!("{campaign}/leads/{lead}");
    api.patch(&lead_path, json!({"name": "Ana"})).await.ok(200);
    api.post(&format!("{lead_path}/reschedule"), json!({"at": "2026-11-24T09:00:00Z"})).await.ok(200);
    let listed = "/do-not-call/do_not_call/numbers";
    let many = json!({"lead_ids": [lead], "reason": "a mistake"});
    for (restart, body) in [
        (format!("{lead_path}/restart?reason=mistake"), Value::Null),
        (format!("{campaign}/leads/restart"), many),
    ] {
        api.post(listed, json!({"number": "+4930901820"})).await.ok(201);
        api.delete(&format!("{listed}/+4930901820?reason=mistake")).await.ok(204);
        api.post(&restart, body).await.ok(200);
    }
    let other = format!("{campaign}/leads/{}", api.lead(&campaign, "030 901821").await);
    for command in ["suspend", "resume", "complete"] {
        api.command(&format!("{other}/{command}")).await.ok(200);
    }
    api.delete(&other).await.ok(204);
    let bulk = json!({"action": "add_tags", "tags": ["a"], "filter": {}});
    let job = api.post(&format!("{campaign}/leads/bulk"), bulk).await.ok(202).id();
    api.command(&format!("/jobs/{job}/cancel")).await.ok(200);
    api.post(&format!("{campaign}/imports"), json!({"file_name": "a.csv"})).await.ok(201);
    change_contacts(api, &campaign).await;
    let copy = format!("/campaigns/{}", api.command(&format!("{campaign}/duplicate")).await.ok(201).id());
    api.post(&format!("{campaign}/schedule"), json!({"start_at": "2026-12-01T09:00:00Z"})).await.ok(200);
    for command in ["unschedule", "start", "pause", "resume", "cancel"] {
        api.command(&format!("{campaign}/{command}")).await.ok(200);
    }
    api.post("/voice/calls/initiate", json!({"leadId": lead, "direction": "outbound"})).await.ok(202);
    api.post(&format!("{campaign}/test-call"), json!({"phone": "+4930901828"})).await.ok(202);
    api.delete(&copy).await.ok(202);
    api.post("/do-not-call/unclear_wishes/numbers", json!({"number": "+4930901820"})).await.ok(201);
    api.post(&format!("{lead_path}/settle-wish"), json!({"wish": "none"})).await.ok(200);

    let waiting = async |body: &[u8]| {
        let unread = Unread::bare(UnreadCause::NotAnEvent);
        let event = UnreadEvent::new(body, VoiceProvider::ElevenLabs, unread, api.context.now());
        api.context.store.keep_unread_event(&api.keys.workspace, &event, body).await.expect("a table");
        format!("/unread-events/{}", event.id)
    };
    api.delete(&format!("{}?reason=nothing", waiting(b"no event").await)).await.ok(204);
    let audio = waiting(br#"{"type": "post_call_audio"}"#).await;
    assert_eq!(api.command(&format!("{audio}/replay")).await.ok(200)["is_read"], true);

    api.put("/do-not-call/partners", Value::Null).await.ok(201);
    api.delete("/do-not-call/partners").await.ok(204);
    let listed = json!({"number": "+4930901829", "reason": "asked us"});
    api.post("/do-not-call/do_not_call/numbers", listed).await.ok(201);
    api.delete("/do-not-call/do_not_call/numbers/+4930901829?reason=called%20back").await.ok(204);
    api.command("/do-not-call/do_not_call/numbers/+4930901829/restore").await.ok(200);
    api.post("/do-not-call/do_not_call/imports", json!({"file_name": "a.csv"})).await.ok(202);
    let sheet = Request::post("/api/v1/do-not-call/do_not_call/import")
        .header("authorization", format!("Bearer {}", api.keys.api_key))
        .header("content-type", "text/csv")
        .body(Body::from("phone\n+4930901830\n+4930901831\n"));
    api.send(sheet.expect("a request")).await.ok(200);

    let mapping = json!({"headers": ["Apparat"], "columns": {"Apparat": "phone"}});
    api.put("/mappings/pbx", mapping).await.ok(200);
    api.delete("/mappings/pbx").await.ok(204);
    api.delete(&number).await.ok(204);
    api.delete(&assistant).await.ok(204);
    api.patch("/workspace", json!({"concurrent_limit": 7})).await.ok(200);
    api.post("/credits/top-ups", json!({"amount_usd": 12.5, "note": "Invoice 1"})).await.ok(201);
    let secrets = json!({"api_key": SECRET, "webhook_secrets": [SECRET], "initiation_secret": SECRET});
    api.put("/secrets/elevenlabs", secrets).await.ok(200);
    api.delete("/secrets/elevenlabs").await.ok(204);
    let model = json!({"provider": "openai", "model": "m", "api_key": SECRET});
    api.put("/language-model", model).await.ok(200);
    api.delete("/language-model").await.ok(204);
    use_webhooks(api).await;
    let key = api.post("/api-keys", json!({"name": "CRM", "scopes": ["leads:read"]})).await.ok(201).id();
    api.delete(&format!("/api-keys/{key}")).await.ok(204);
}

/// The same for endpoints of webhooks.
async fn use_webhooks(api: &Api) {
    let form = json!({"url": "http://127.0.0.1:9/hooks"});
    let endpoint = format!("/webhook-endpoints/{}", api.post("/webhook-endpoints", form).await.ok(201).id());
    api.patch(&endpoint, json!({"label": "CRM"})).await.ok(200);
    for command in ["disable", "enable", "rotate-secret"] {
        api.command(&format!("{endpoint}/{command}")).await.ok(200);
    }
    let delivery = api.command(&format!("{endpoint}/test")).await.ok(202).id();
    api.command(&format!("{endpoint}/deliveries/{delivery}/replay")).await.ok(202);
    let replay = json!({"from": "2026-11-01T00:00:00Z"});
    api.post(&format!("{endpoint}/replay"), replay).await.ok(202);
    api.delete(&endpoint).await.ok(204);
}

/// The same for the address book.
async fn change_contacts(api: &Api, campaign: &str) {
    let list =
        format!("/contact-lists/{}", api.post("/contact-lists", json!({"name": "A"})).await.ok(201).id());
    api.patch(&list, json!({"name": "B"})).await.ok(200);
    let contact =
        format!("/contacts/{}", api.post("/contacts", json!({"phone": "+4930901822"})).await.ok(201).id());
    api.patch(&contact, json!({"name": "Bo"})).await.ok(200);
    api.put(&format!("{list}{contact}"), Value::Null).await.ok(200);
    api.delete(&format!("{list}{contact}")).await.ok(200);
    api.post(&format!("{campaign}/leads/from-contacts"), json!({"filter": {}})).await.ok(202);
    api.post(&format!("{list}/imports"), json!({"file_name": "a.csv"})).await.ok(201);
    api.delete(&contact).await.ok(204);
    api.delete(&list).await.ok(202);
}

#[tokio::test]
async fn each_operation_that_is_not_read_only_leaves_its_entry() {
    let api = Api::start().await;
    change_everything(&api).await;
    let entries = log(&api, "").await;
    let done: BTreeSet<&str> = entries.iter().map(|entry| text(entry, "operation")).collect();
    let routes = routes::all(&api).await;
    let writing: BTreeSet<&str> =
        routes.iter().filter(|route| !route.is_read_only()).map(|route| route.operation.as_str()).collect();
    assert_eq!(done, writing);
    for entry in &entries {
        assert_eq!((&entry["actor"]["name"], &entry["outcome"]), (&json!("test"), &json!("done")), "{entry}");
        assert!(text(entry, "request_id").starts_with("req_"), "{entry}");
    }
    let all = json!(entries).to_string();
    assert!(!all.contains(SECRET) && !all.contains(&api.keys.api_key));
}

#[tokio::test]
async fn an_entry_tells_who_changed_what_from_what_to_what() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let id = campaign.trim_start_matches("/campaigns/");
    api.advance_ms(1);
    let edit = api.patch(&campaign, json!({"name": "Winter", "weight": 5})).await;
    let request_id = edit.header("x-request-id").to_owned();
    edit.ok(200);
    api.advance_ms(1);
    api.command(&format!("{campaign}/start")).await.ok(200);
    let entries = log(&api, &format!("&resource={id}")).await;
    let told: Vec<_> = entries.iter().map(|entry| text(entry, "operation")).collect();
    assert_eq!(told, ["start_campaign", "change_campaign", "create_campaign"]);
    let [start, edit, create] = entries.as_slice() else { panic!("three entries") };
    assert_eq!(edit["request_id"], request_id.as_str());
    assert_eq!(edit["changes"]["name"], json!({"before": "Autumn", "after": "Winter"}));
    assert_eq!(edit["changes"]["weight"]["after"], 5);
    assert_eq!(edit["changes"].as_object().map(serde_json::Map::len), Some(2), "{edit}");
    assert_eq!(start["changes"]["status.name"], json!({"before": "draft", "after": "running"}));
    assert_eq!(create["changes"]["name"], json!({"before": null, "after": "Autumn"}));
}

#[tokio::test]
async fn who_was_taken_off_a_do_not_call_list_by_whom_when_and_why_stays_known() {
    let api = Api::start().await;
    let number = "/do-not-call/do_not_call/numbers/+4930901829";
    let listed = json!({"number": "+4930901829", "reason": "asked us", "source": "letter"});
    api.post("/do-not-call/do_not_call/numbers", listed).await.ok(201);
    assert_eq!(api.delete(number).await.status, 400, "a reason is asked for");
    assert_eq!(api.delete(&format!("{number}?reason=")).await.faults(422, "invalid_fields"), ["reason"]);
    api.advance_ms(HOUR_MS);
    api.delete(&format!("{number}?reason=wrong%20number")).await.ok(204);
    let entries = log(&api, "&resource=%2B4930901829").await;
    let [off, on] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((text(off, "operation"), text(off, "reason")), ("unlist_number", "wrong number"));
    assert_eq!((text(off, "at"), &off["actor"]["name"]), ("2026-11-23T12:00:00.000Z", &json!("test")));
    assert_eq!(off["changes"]["reason"], json!({"before": "asked us", "after": null}));
    assert_eq!(on["changes"]["source"], json!({"before": null, "after": "letter"}));
}

#[tokio::test]
async fn what_is_refused_or_changes_nothing_leaves_no_entry() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let number = json!({"number": "+4930901829"});
    api.post("/do-not-call/do_not_call/numbers", number.clone()).await.ok(201);
    let before = log(&api, "").await;
    api.patch(&campaign, json!({"name": ""})).await.problem(422, "invalid_fields");
    api.command(&format!("{campaign}/resume")).await.problem(409, "action_not_allowed");
    api.post("/do-not-call/do_not_call/numbers", number).await.ok(200);
    api.put("/do-not-call/do_not_call", Value::Null).await.ok(200);
    api.delete("/assistants/ast_00000000000000000000000000").await.problem(404, "not_found");
    assert_eq!(log(&api, "").await, before);
}

#[tokio::test]
async fn a_key_that_may_not_and_a_key_that_may_no_more_leave_their_names() {
    let api = Api::start().await;
    let stage = Stage::of(&api).await;
    let read_only: Vec<_> =
        Scope::ALL.iter().filter(|scope| scope.is_read_only()).map(|s| s.name()).collect();
    let made = api.post("/api-keys", json!({"name": "Reader", "scopes": read_only})).await.ok(201);
    let reader = api.with_key(text(&made, "key"));
    let form = json!({"name": "Gone", "scopes": ["campaigns:write"]});
    let gone = api.post("/api-keys", form).await.ok(201);
    let other = api.with_key(text(&gone, "key"));
    other.patch(&stage.path_of("/campaigns/{campaign_id}"), json!({"name": "Mine"})).await.ok(200);
    api.delete(&format!("/api-keys/{}", gone.id())).await.ok(204);
    other.patch(&stage.path_of("/campaigns/{campaign_id}"), json!({})).await.problem(401, "revoked_api_key");

    let routes = routes::all(&api).await;
    // However often it tries, an hour's denials are told once.
    for _ in 0..2 {
        for route in routes.iter().filter(|route| !route.is_read_only()) {
            let answer = reader.call(route.method.clone(), &stage.path(route), None).await;
            answer.problem(403, "missing_scope");
        }
    }
    let denied = log(&api, &format!("&actor={}", made.id())).await;
    let operations: BTreeMap<&str, usize> = denied.iter().fold(BTreeMap::new(), |mut counts, entry| {
        assert_eq!((&entry["actor"]["name"], &entry["outcome"]), (&json!("Reader"), &json!("denied")));
        *counts.entry(text(entry, "operation")).or_default() += 1;
        counts
    });
    let writing = routes.iter().filter(|route| !route.is_read_only());
    assert_eq!(operations, writing.map(|route| (route.operation.as_str(), 1)).collect());

    let of_gone: Vec<_> = log(&api, &format!("&actor={}", gone.id())).await;
    let outcomes: BTreeSet<_> = of_gone.iter().map(|entry| text(entry, "outcome")).collect();
    assert_eq!(outcomes, BTreeSet::from(["denied", "done"]));
    assert!(of_gone.iter().all(|entry| entry["actor"]["name"] == "Gone"), "{of_gone:?}");
}

#[tokio::test]
async fn pages_and_filters_show_each_entry_once() {
    let api = Api::start().await;
    change_everything(&api).await;
    let everything = log(&api, "").await;
    assert!(everything.is_sorted_by(|one, other| text(one, "id") > text(other, "id")), "newest first");
    assert_eq!(api.all("/audit?limit=3").await, everything);
    api.advance_ms(HOUR_MS);
    let key = api.post("/api-keys", json!({"name": "CRM", "scopes": ["campaigns:write"]})).await.ok(201);
    let crm = api.with_key(text(&key, "key"));
    let campaign = crm.campaign().await;
    for n in 0..5 {
        crm.patch(&campaign, json!({"name": format!("N{n}")})).await.ok(200);
    }
    assert_eq!(log(&api, "&from=2026-11-23T12:00:00Z").await.len(), 7);
    assert_eq!(log(&api, "&to=2026-11-23T11:59:59Z").await, everything);
    let by_crm = log(&api, &format!("&actor={}", key.id())).await;
    assert_eq!(by_crm.len(), 6);
    assert_eq!(api.all(&format!("/audit?limit=2&actor={}", key.id())).await, by_crm);
    let id = campaign.trim_start_matches("/campaigns/");
    assert_eq!(api.all(&format!("/audit?limit=2&resource={id}")).await, by_crm);
    // What is gone is still told of.
    crm.delete(&campaign).await.ok(202);
    assert_eq!(log(&api, &format!("&resource={id}")).await.len(), 7);
    for bad in ["?from=yesterday", "?nothing=1", "?cursor=x"] {
        api.call(Method::GET, &format!("/audit{bad}"), None).await.problem(400, "invalid_query");
    }
}

#[tokio::test]
async fn each_answer_has_a_request_id_of_its_own() {
    let api = Api::start().await;
    let mut seen = BTreeSet::new();
    for path in ["/campaigns", "/campaigns", "/nothing", "/health", "/campaigns/x"] {
        assert!(seen.insert(api.get(path).await.header("x-request-id").to_owned()));
    }
    assert!(seen.iter().all(|id| id.starts_with("req_") && id.len() == 24), "{seen:?}");
}
