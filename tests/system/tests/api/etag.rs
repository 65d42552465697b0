//! Tags of what clients change, and changes on condition of one.

mod races;
mod removals;

use axum::http::Method;
use carillon_adapters::secrets::Secret;
use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::provider::Provider;
use carillon_domain::records::campaign::Command;
use carillon_local::provider_simulator::elevenlabs::PROVIDER;
use carillon_runtime::context::provider_key_name;
use carillon_runtime::services::lifecycle;
use carillon_store::ProviderAccess;
use carillon_system_tests::api::{Answer, Api, HasId};
use serde_json::{Value, json};

use crate::api::routes::{self, Stage};

/// Asks for something on condition of a tag.
async fn on(api: &Api, tag: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    api.call_with(method, path, body.as_ref(), &[("if-match", tag)]).await
}

async fn tag(api: &Api, path: &str) -> String {
    let answer = api.get(path).await;
    let tag = answer.header("etag").to_owned();
    answer.ok(200);
    assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag}");
    tag
}

/// The fields that a refusal names as changed; it comes with the tag that there is now.
#[track_caller]
fn changed(answer: Answer, tag: &str) -> Vec<String> {
    assert_eq!(answer.header("etag"), tag, "{}", answer.request);
    let problem = answer.problem(412, "precondition_failed");
    names(&problem["changed"])
}

fn names(list: &Value) -> Vec<String> {
    let names = list.as_array().into_iter().flatten();
    names.map(|name| name.as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn what_is_described_of_tags_holds() {
    let api = Api::start().await;
    let stage = Stage::of(&api).await;
    let routes = routes::all(&api).await;
    let shown = async || {
        let mut shown = Vec::new();
        for route in routes.iter().filter(|route| route.method == Method::GET && route.path != "/audit") {
            let answer = api.get(&stage.path(route)).await;
            assert_eq!(!answer.header("etag").is_empty(), route.is_tagged, "{}", answer.request);
            shown.push((answer.request, answer.text));
        }
        shown
    };
    let before = shown().await;
    let mut conditional = 0;
    for route in routes.iter().filter(|route| route.takes_if_match) {
        let path = match route.operation.as_str() {
            "unlist_number" => format!("{}?reason=mistake", stage.path(route)),
            _ => stage.path(route),
        };
        for stranger in ["\"1-0\"", "\"x\", W/\"y\"", "W/\"1-0\""] {
            let answer = on(&api, stranger, route.method.clone(), &path, stage.body(route)).await;
            assert!(answer.header("etag").len() > 2, "{}", answer.request);
            assert_eq!(answer.problem(412, "precondition_failed").get("changed"), None);
        }
        for malformed in ["", "x", "\"x", "*, \"x\"", "\"x\" \"y\""] {
            let answer = on(&api, malformed, route.method.clone(), &path, stage.body(route)).await;
            assert_eq!(answer.faults(400, "invalid_header"), ["If-Match"]);
        }
        conditional += 1;
    }
    assert!(conditional >= 20, "{conditional}");
    assert_eq!(shown().await, before, "nothing has changed");
    // What is created comes with its tag, too.
    for route in routes.iter().filter(|route| !route.is_read_only() && !route.takes_if_match) {
        let answer = api.call(route.method.clone(), &stage.path(route), stage.body(route).as_ref()).await;
        if answer.status < 300 {
            assert_eq!(!answer.header("etag").is_empty(), route.is_tagged, "{}", answer.request);
        }
    }
}

#[tokio::test]
async fn a_patch_lands_on_what_was_seen_and_on_nothing_else() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let lead = format!("{campaign}/leads/{}", api.lead(&campaign, "030 901820").await);
    for (path, theirs, fields, mine) in [
        (
            campaign,
            json!({"weight": 7, "period": {"start": "2026-12-01"}}),
            ["period", "weight"],
            json!({"name": "Mine"}),
        ),
        (lead, json!({"company": "Acme", "tags": ["vip"]}), ["company", "tags"], json!({"name": "Mine"})),
        (
            format!("/assistants/{}", api.keys.assistant),
            json!({"language": "de", "variables": {"a": "b"}}),
            ["language", "variables"],
            json!({"name": "Mine"}),
        ),
        (
            format!("/caller-numbers/{}", api.keys.caller_number),
            json!({"daily_cap": 9, "concurrent_limit": 3}),
            ["concurrent_limit", "daily_cap"],
            json!({"label": "Mine"}),
        ),
        (
            "/workspace".to_owned(),
            json!({"contact_budget": {"max": 3, "per_days": 7}, "concurrent_limit": 9}),
            ["concurrent_limit", "contact_budget"],
            json!({"name": "Mine"}),
        ),
    ] {
        let seen = tag(&api, &path).await;
        assert_eq!(tag(&api, &path).await, seen, "looking changes nothing");
        let answer = on(&api, &seen, Method::PATCH, &path, Some(theirs)).await;
        let now = answer.header("etag").to_owned();
        let before = answer.ok(200);
        assert_ne!(now, seen);
        assert_eq!(tag(&api, &path).await, now);
        let late = on(&api, &seen, Method::PATCH, &path, Some(mine.clone())).await;
        assert_eq!(changed(late, &now), fields, "{path}");
        assert_eq!(api.get(&path).await.ok(200), before, "{path}");
        // What somebody has seen may be one of several; and who does not look is not asked.
        let several = format!("{seen}, W/{now},{now}");
        let done = on(&api, &several, Method::PATCH, &path, Some(mine.clone())).await;
        let next = done.header("etag").to_owned();
        done.ok(200);
        assert!(next != now && next != seen, "{path}");
        on(&api, "*", Method::PATCH, &path, Some(mine)).await.ok(200);
    }
}

#[tokio::test]
async fn commands_are_given_to_what_was_seen() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let draft = tag(&api, &path).await;
    api.patch(&path, json!({"name": "Winter"})).await.ok(200);
    let mut seen = tag(&api, &path).await;
    let start_at = json!({"start_at": "2026-12-01T09:00:00Z"});
    for (command, body, status) in [
        ("schedule", Some(start_at), "scheduled"),
        ("unschedule", None, "draft"),
        ("start", None, "running"),
        ("pause", None, "paused"),
        ("resume", None, "running"),
        ("cancel", None, "cancelled"),
    ] {
        let command = format!("{path}/{command}");
        let late = on(&api, &draft, Method::POST, &command, body.clone()).await;
        let fields = changed(late, &seen);
        assert!(fields == ["name"] || fields == ["name", "status"], "{fields:?}");
        let done = on(&api, &seen, Method::POST, &command, body).await;
        assert_ne!(done.header("etag"), seen);
        seen = done.header("etag").to_owned();
        assert_eq!(done.ok(200)["status"], status);
        assert_eq!(tag(&api, &path).await, seen);
    }
}

#[tokio::test]
async fn the_tag_of_a_campaign_stays_while_its_calls_go_on() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let lead = api.lead(&path, "030 901820").await;
    api.command(&format!("{path}/start")).await.ok(200);
    let seen = tag(&api, &path).await;
    let id: CampaignId = path.trim_start_matches("/campaigns/").parse().expect("an id");
    let (context, ws) = (&api.context, &api.keys.workspace);
    api.lead(&path, "030 901821").await;
    carillon_planner::plan(context, ws).await.expect("a plan");
    lifecycle::feed(context, ws, &id, None, |_| {}).await.expect("it takes leads");
    // It is looked through, and goes on.
    lifecycle::apply(context, ws, &id, Command::BeginCompletion).await.expect("it runs");
    assert_eq!(tag(&api, &path).await, seen);
    lifecycle::apply(context, ws, &id, Command::Reopen).await.expect("it is looked through");
    assert_eq!(tag(&api, &path).await, seen);
    on(&api, &seen, Method::PATCH, &path, Some(json!({"name": "B"}))).await.ok(200);
    // A lead shows what becomes of it.
    let lead = format!("{path}/leads/{lead}");
    let seen = tag(&api, &lead).await;
    let again = format!("{lead}/reschedule");
    let wish = |at: &str| Some(json!({ "at": at }));
    let done = on(&api, &seen, Method::POST, &again, wish("2026-11-24T09:00:00Z")).await;
    let now = done.header("etag").to_owned();
    done.ok(200);
    let late = on(&api, &seen, Method::POST, &again, wish("2026-11-25T09:00:00Z")).await;
    assert_eq!(changed(late, &now), ["next_attempt_at", "status"]);
    assert_eq!(api.get(&lead).await.ok(200)["next_attempt_at"], "2026-11-24T09:00:00.000Z");
}

#[tokio::test]
async fn what_is_created_once_has_the_same_tag_however_often_it_is_asked_for() {
    let api = Api::start().await;
    let form = json!({"name": "A", "assistant_id": api.keys.assistant});
    let create =
        async || api.call_with(Method::POST, "/campaigns", Some(&form), &[("idempotency-key", "k")]).await;
    let (first, again) = (create().await, create().await);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.header("etag"), first.header("etag"));
    let path = format!("/campaigns/{}", again.ok(201).id());
    on(&api, first.header("etag"), Method::PATCH, &path, Some(json!({"name": "B"}))).await.ok(200);
}

#[tokio::test]
async fn secrets_are_replaced_as_a_whole_and_by_one_at_a_time() {
    let api = Api::start().await;
    let path = "/secrets/elevenlabs";
    let form = |key: &str| Some(json!({"api_key": key, "webhook_secrets": ["w"]}));
    let kept = async || {
        let name = provider_key_name(&api.keys.workspace, PROVIDER);
        api.context.secrets.get(&name).await.expect("secrets")
    };
    let unset = tag(&api, path).await;
    let answer = on(&api, &unset, Method::PUT, path, form("first")).await;
    let set = answer.header("etag").to_owned();
    answer.ok(200);
    assert_eq!(tag(&api, path).await, set);
    let all = ["api_key", "initiation_secret", "webhook_secrets"];
    assert_eq!(changed(on(&api, &unset, Method::PUT, path, form("late")).await, &set), all);
    assert_eq!(changed(on(&api, &unset, Method::DELETE, path, None).await, &set), all);
    assert_eq!(kept().await, Some(Secret::from("first")));

    // Somebody writes them just now, or died over it.
    let (store, ws) = (&api.context.store, &api.keys.workspace);
    let stored = store.provider_access(ws, Provider::Voice(PROVIDER)).await.expect("a table");
    let held_until = Some(api.context.now().plus_ms(30_000));
    let held = ProviderAccess { version: stored.version + 1, held_until, ..stored };
    assert!(store.update_provider_access(ws, Provider::Voice(PROVIDER), &held).await.expect("a table"));
    api.call(Method::PUT, path, form("second").as_ref()).await.problem(409, "contended");
    api.delete(path).await.problem(409, "contended");
    assert_eq!(kept().await, Some(Secret::from("first")));
    api.advance_ms(90_000);
    api.call(Method::PUT, path, form("second").as_ref()).await.ok(200);
    assert_eq!(kept().await, Some(Secret::from("second")));

    // A tag from before they were removed is none of those that are set anew.
    let set = tag(&api, path).await;
    on(&api, &set, Method::DELETE, path, None).await.ok(204);
    assert_eq!((api.get(path).await.ok(200)["is_set"].clone(), kept().await), (json!(false), None));
    api.call(Method::PUT, path, form("third").as_ref()).await.ok(200);
    let now = tag(&api, path).await;
    assert_eq!(changed(on(&api, &set, Method::PUT, path, form("late")).await, &now), all);
}
