//! Keys, workspaces, secrets, and what needs no key.

use axum::body::Body;
use axum::http::{Method, Request};
use carillon_domain::ids::WorkspaceId;
use carillon_runtime::world::{initiation_secret_name, provider_key_name, webhook_secrets_name};
use carillon_system_tests::api::Api;
use serde_json::json;

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
async fn nothing_crosses_from_one_workspace_to_another() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let lead = api.lead(&campaign, "030 901820").await;
    let import = api.post(&format!("{campaign}/imports"), json!({"file_name": "a.csv"})).await.ok(201);
    let ws = WorkspaceId::new(api.world.now(), [5; 10]);
    let (key, record) = carillon_api::new_api_key(&ws, [8; 32], "other", api.world.now());
    api.world.store.create_api_key(&ws, &record).await.expect("a table");
    let stranger = api.with_key(&key);

    let (assistant, number) = (&api.keys.assistant, &api.keys.caller_number);
    let import = import["id"].as_str().expect("an id");
    for path in [
        campaign.clone(),
        format!("{campaign}/stats"),
        format!("{campaign}/leads"),
        format!("{campaign}/leads/{lead}"),
        format!("{campaign}/imports"),
        format!("{campaign}/imports/{import}"),
        format!("{campaign}/imports/{import}/rejected.csv"),
        format!("{campaign}/interactions"),
        format!("/assistants/{assistant}"),
        format!("/caller-numbers/{number}"),
    ] {
        api.get(&path).await.ok(200);
        stranger.get(&path).await.problem(404, "not_found");
    }
    for list in ["/campaigns", "/assistants", "/caller-numbers"] {
        assert_eq!(stranger.all(list).await, Vec::<serde_json::Value>::new());
        assert_eq!(api.all(list).await.len(), 1);
    }
    stranger.command(&format!("{campaign}/start")).await.problem(404, "not_found");
    stranger.delete(&campaign).await.problem(404, "not_found");
    stranger.patch(&format!("/assistants/{assistant}"), json!({"name": "x"})).await.problem(404, "not_found");
    let theirs = json!({"name": "Theirs", "assistant_id": assistant, "caller_number_ids": [number]});
    let faults = stranger.post("/campaigns", theirs).await.faults(422, "invalid_fields");
    assert_eq!(faults, ["assistant_id", "caller_number_ids[0]"]);
    let call = json!({"leadId": lead, "direction": "outbound"});
    let faults = stranger.post("/voice/calls/initiate", call).await.faults(422, "invalid_fields");
    assert_eq!(faults, ["leadId"]);
}

#[tokio::test]
async fn secrets_are_kept_and_never_shown() {
    let api = Api::start().await;
    let path = "/secrets/voice-provider";
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

    let kept = api.world.secrets.get(&provider_key_name(ws)).await.expect("secrets").expect("a secret");
    assert_eq!(kept.expose(), "sk_hush");
    let hooks = api.world.secrets.get_list(&webhook_secrets_name(ws)).await.expect("secrets");
    assert_eq!(hooks.iter().map(|secret| secret.expose()).collect::<Vec<_>>(), ["wsec_old", "wsec_new"]);

    let initiation = api.world.secrets.get(&initiation_secret_name(ws)).await.expect("secrets");
    assert_eq!(initiation.expect("a secret").expose(), "init_hush");

    // What is not given is not kept.
    let without = json!({"api_key": "sk_hush", "webhook_secrets": ["wsec_new"]});
    assert_eq!(api.put(path, without).await.ok(200)["has_initiation_secret"], false);
    assert!(api.world.secrets.get(&initiation_secret_name(ws)).await.expect("secrets").is_none());

    api.delete(path).await.ok(204);
    assert_eq!(api.get(path).await.ok(200)["is_set"], false);
    assert!(api.world.secrets.get(&provider_key_name(ws)).await.expect("secrets").is_none());
    let bad = json!({"api_key": "", "webhook_secrets": ["a b"], "initiation_secret": ""});
    let answer = api.put(path, bad).await;
    assert_eq!(answer.faults(422, "invalid_fields"), ["api_key", "webhook_secrets[0]", "initiation_secret"]);
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
