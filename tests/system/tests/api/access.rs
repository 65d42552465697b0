//! Keys, workspaces, secrets, and what needs no key.

use axum::body::Body;
use axum::http::{Method, Request};
use carillon_domain::base::ids::WorkspaceId;
use carillon_local::provider_simulator::elevenlabs::PROVIDER;
use carillon_runtime::context::{initiation_secret_name, provider_key_name, webhook_secrets_name};
use carillon_system_tests::api::Api;
use serde_json::json;

use crate::api::routes::{self, MARK, Route, Stage};

#[tokio::test]
async fn a_request_without_a_good_key_is_refused() {
    let api = Api::start().await;
    let bare = Request::get("/api/v1/campaigns").body(Body::empty()).expect("a request");
    let answer = api.send(bare).await;
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    answer.problem(401, "missing_api_key");
    let key = &api.keys.api_key;
    let changed = format!("{}x", &key[..key.len() - 1]);
    for wrong in ["", "x", "crl_", &changed, &key[..key.len() - 1], &format!("{key}x")] {
        api.with_key(wrong).get("/campaigns").await.problem(401, "invalid_api_key");
    }
    for scheme in ["Basic", "Token"] {
        let header = format!("{scheme} {key}");
        let request = Request::get("/api/v1/campaigns").header("authorization", header).body(Body::empty());
        api.send(request.expect("a request")).await.problem(401, "invalid_api_key");
    }
}

#[tokio::test]
async fn the_key_may_come_in_either_header() {
    let api = Api::start().await;
    for (name, value) in
        [("x-api-key", api.keys.api_key.clone()), ("authorization", format!("bearer {}", api.keys.api_key))]
    {
        let request = Request::get("/api/v1/campaigns").header(name, value).body(Body::empty());
        api.send(request.expect("a request")).await.ok(200);
    }
}

#[tokio::test]
async fn nothing_is_answered_without_a_key_but_the_health() {
    let api = Api::start().await;
    let stage = Stage::of(&api).await;
    for route in routes::all(&api).await.iter().filter(|route| route.path != "/health") {
        let path = format!("/api/v1{}", stage.path(route));
        let bare = Request::builder().method(route.method.clone()).uri(path).body(Body::empty());
        api.send(bare.expect("a request")).await.problem(401, "missing_api_key");
    }
}

/// The same API with the key of another workspace.
async fn stranger(api: &Api) -> Api {
    let ws = WorkspaceId::new(api.context.now(), [5; 10]);
    let (key, record) = carillon_api::first_api_key(&ws, [8; 32], "other", api.context.now());
    api.context.store.create_api_key(&ws, &record).await.expect("a table");
    api.with_key(&key)
}

/// What a workspace is shown of everything that it has.
async fn shown(api: &Api, stage: &Stage, routes: &[Route]) -> Vec<(String, String)> {
    let mut seen = Vec::new();
    for route in routes.iter().filter(|route| route.method == Method::GET) {
        let answer = api.get(&stage.path(route)).await;
        assert_eq!(answer.status, 200, "{}: {}", answer.request, answer.text);
        seen.push((answer.request, answer.text));
    }
    seen
}

#[tokio::test]
async fn nothing_crosses_from_one_workspace_to_another() {
    let api = Api::start().await;
    let stage = Stage::of(&api).await;
    let routes = routes::all(&api).await;
    let stranger = stranger(&api).await;
    let before = shown(&api, &stage, &routes).await;
    assert!(before.iter().filter(|(_, text)| text.contains(MARK)).count() > 12, "{before:?}");

    for route in &routes {
        let path = stage.path(route);
        let answer = stranger.call(route.method.clone(), &path, stage.body(route).as_ref()).await;
        assert!(answer.status < 500 && !answer.text.contains(MARK), "{}: {}", answer.request, answer.text);
        if route.outlives_its_campaign() && route.method == Method::GET {
            assert_eq!(answer.ok(200)["items"], json!([]));
        } else if route.outlives_its_campaign() {
            assert_eq!(answer.ok(202)["kind"], "export", "of nothing");
        } else if route.has_id() {
            answer.problem(404, "not_found");
        }
    }
    assert_eq!(shown(&api, &stage, &routes).await, before);
}

#[tokio::test]
async fn ids_of_another_workspace_are_none_in_a_body_or_a_query() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let lead = api.lead(&campaign, "030 901820").await;
    let stranger = stranger(&api).await;
    let (assistant, number) = (&api.keys.assistant, &api.keys.caller_number);
    for list in ["/campaigns", "/assistants", "/caller-numbers"] {
        assert_eq!(stranger.all(list).await, Vec::<serde_json::Value>::new());
        assert_eq!(api.all(list).await.len(), 1);
    }
    let theirs = json!({"name": "Theirs", "assistant_id": assistant, "caller_number_ids": [number]});
    let faults = stranger.post("/campaigns", theirs).await.faults(422, "invalid_fields");
    assert_eq!(faults, ["assistant_id", "caller_number_ids[0]"]);
    let paired = json!({"name": "A", "agent_id": "b", "paired_assistant_id": assistant});
    let faults = stranger.post("/assistants", paired).await.faults(422, "invalid_fields");
    assert_eq!(faults, ["paired_assistant_id"]);
    let call = json!({"leadId": lead, "direction": "outbound"});
    let faults = stranger.post("/voice/calls/initiate", call).await.faults(422, "invalid_fields");
    assert_eq!(faults, ["leadId"]);
    let slots = format!("/slots?campaign_id={}", campaign.trim_start_matches("/campaigns/"));
    stranger.get(&slots).await.problem(404, "not_found");
}

#[tokio::test]
async fn secrets_are_kept_and_never_shown() {
    let api = Api::start().await;
    let path = "/secrets/elevenlabs";
    let form = json!({"api_key": "sk_hush", "webhook_secrets": ["wsec_old", "wsec_new"],
        "initiation_secret": "init_hush"});
    let answer = api.put(path, form).await;
    assert!(!answer.text.contains("hush") && !answer.text.contains("wsec_"));
    let set = answer.ok(200);
    let ws = &api.keys.workspace;
    assert_eq!(set["webhook_path"], format!("/api/v1/webhooks/elevenlabs/{ws}"));
    assert_eq!(set["initiation_path"], format!("/api/v1/webhooks/elevenlabs/{ws}/initiation"));
    assert_eq!(set["has_initiation_secret"], true);
    let seen = api.get(path).await;
    assert!(!seen.text.contains("hush") && !seen.text.contains("wsec_"));
    assert_eq!(seen.ok(200), set);
    assert_eq!((&set["is_set"], &set["webhook_secrets"]), (&json!(true), &json!(2)));

    let kept =
        api.context.secrets.get(&provider_key_name(ws, PROVIDER)).await.expect("secrets").expect("a secret");
    assert_eq!(kept.expose(), "sk_hush");
    let hooks = api.context.secrets.get_list(&webhook_secrets_name(ws, PROVIDER)).await.expect("secrets");
    assert_eq!(hooks.iter().map(|secret| secret.expose()).collect::<Vec<_>>(), ["wsec_old", "wsec_new"]);

    let initiation = api.context.secrets.get(&initiation_secret_name(ws, PROVIDER)).await.expect("secrets");
    assert_eq!(initiation.expect("a secret").expose(), "init_hush");

    // What is not given is not kept.
    let without = json!({"api_key": "sk_hush", "webhook_secrets": ["wsec_new"]});
    assert_eq!(api.put(path, without).await.ok(200)["has_initiation_secret"], false);
    assert!(api.context.secrets.get(&initiation_secret_name(ws, PROVIDER)).await.expect("secrets").is_none());

    api.delete(path).await.ok(204);
    assert_eq!(api.get(path).await.ok(200)["is_set"], false);
    assert!(api.context.secrets.get(&provider_key_name(ws, PROVIDER)).await.expect("secrets").is_none());
    let bad = json!({"api_key": "", "webhook_secrets": ["a b"], "initiation_secret": ""});
    let answer = api.put(path, bad).await;
    assert_eq!(answer.faults(422, "invalid_fields"), ["api_key", "webhook_secrets[0]", "initiation_secret"]);
    api.get("/secrets/nobody").await.problem(404, "not_found");
}

#[tokio::test]
async fn health_and_the_description_need_no_key() {
    let api = Api::start().await;
    let open = |path: &str| Request::get(format!("/api/v1{path}")).body(Body::empty()).expect("a request");
    assert_eq!(api.send(open("/health")).await.ok(200)["status"], "ok");
    let description = api.send(open("/openapi.json")).await.ok(200);
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(api.call(Method::HEAD, "/health", None).await.status, 200);
}
