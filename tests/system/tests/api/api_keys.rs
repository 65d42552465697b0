//! API keys: scopes, expiry, revocation.

use carillon_domain::base::scope::Scope;
use carillon_domain::base::time::HOUR_MS;
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

use crate::api::routes::{self, Stage};

/// Makes a key; answers with its id and with the API as called with it.
async fn key(api: &Api, form: Value) -> (String, Api) {
    let made = api.post("/api-keys", form).await.ok(201);
    (made.id(), api.with_key(made["key"].as_str().expect("a key")))
}

fn named<'a>(scopes: impl IntoIterator<Item = &'a Scope>) -> Vec<&'static str> {
    scopes.into_iter().map(|scope| scope.name()).collect()
}

fn read_only() -> Value {
    json!({"name": "Reader", "scopes": named(Scope::ALL.iter().filter(|scope| scope.is_read_only()))})
}

#[tokio::test]
async fn a_read_only_key_reads_everything_and_is_refused_each_writing_operation() {
    let api = Api::start().await;
    let stage = Stage::of(&api).await;
    let (_, reader) = key(&api, read_only()).await;
    let mut refused = 0;
    for route in routes::all(&api).await {
        let answer =
            reader.call(route.method.clone(), &stage.path(&route), stage.body(&route).as_ref()).await;
        if route.is_read_only() {
            // An export only writes down what may be read; nobody tries a goal without a model.
            let status = match route.operation.as_str() {
                "test_goal" => 409,
                _ if route.path.ends_with("/export") && route.takes_json => 202,
                _ => 200,
            };
            answer.ok(status);
            continue;
        }
        let problem = answer.problem(403, "missing_scope");
        assert_eq!(problem["missing_scope"], route.scope.map_or("", Scope::name), "{route:?}");
        refused += 1;
    }
    assert!(refused > 25, "{refused}");
}

#[tokio::test]
async fn each_scope_opens_the_operations_that_name_it_and_no_other() {
    let api = Api::start().await;
    let stage = Stage::of(&api).await;
    let routes = routes::all(&api).await;
    for scope in Scope::ALL {
        let (_, holder) = key(&api, json!({"name": scope.name(), "scopes": [scope.name()]})).await;
        let mut opened = 0;
        // What needs another scope; what it opens is not done, which would take away what the others are about.
        for route in &routes {
            if route.scope.is_none_or(|needed| needed == *scope) {
                opened += usize::from(route.scope.is_some());
                continue;
            }
            let answer = holder.call(route.method.clone(), &stage.path(route), None).await;
            answer.problem(403, "missing_scope");
        }
        assert!(opened > 0, "{scope} opens nothing");
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_the_next_request() {
    let api = Api::start().await;
    let (id, other) = key(&api, json!({"name": "CRM", "scopes": ["campaigns:read"]})).await;
    other.get("/campaigns").await.ok(200);
    api.delete(&format!("/api-keys/{id}")).await.ok(204);
    other.get("/campaigns").await.problem(401, "revoked_api_key");
    // Again is the same, and it is still told what became of it.
    api.delete(&format!("/api-keys/{id}")).await.ok(204);
    let shown = api.get(&format!("/api-keys/{id}")).await.ok(200);
    assert_eq!((&shown["revoked_at"], &shown["name"]), (&json!("2026-11-23T11:00:00.000Z"), &json!("CRM")));
}

#[tokio::test]
async fn a_key_expires_and_its_last_use_is_known_to_the_hour() {
    let api = Api::start().await;
    let form = json!({"name": "CRM", "scopes": ["campaigns:read"], "expires_at": "2026-11-23T14:00:00Z"});
    let (id, other) = key(&api, form).await;
    let used = async || api.get(&format!("/api-keys/{id}")).await.ok(200)["last_used_at"].clone();
    assert_eq!(used().await, Value::Null);
    for (advance_ms, seen) in [(0, "11:00"), (HOUR_MS / 2, "11:00"), (HOUR_MS, "12:30")] {
        api.advance_ms(advance_ms);
        other.get("/campaigns").await.ok(200);
        assert_eq!(used().await, format!("2026-11-23T{seen}:00.000Z"));
    }
    api.advance_ms(3 * HOUR_MS / 2);
    other.get("/campaigns").await.problem(401, "expired_api_key");
}

#[tokio::test]
async fn the_secret_is_shown_once_and_kept_nowhere() {
    let api = Api::start().await;
    let form = json!({"name": "CRM", "scopes": ["leads:read", "campaigns:read"]});
    let made = api.post("/api-keys", form).await.ok(201);
    let secret = made["key"].as_str().expect("a key");
    assert!(secret.starts_with(made["prefix"].as_str().expect("a prefix")));
    for path in ["/api-keys".to_owned(), format!("/api-keys/{}", made.id())] {
        let seen = api.get(&path).await;
        assert!(!seen.text.contains(secret) && !seen.text.contains("hash"), "{}", seen.text);
    }
    let mut listed: Vec<_> = api.all("/api-keys").await.iter().map(|key| key["name"].to_string()).collect();
    listed.sort_unstable();
    assert_eq!(listed, ["\"CRM\"", "\"test\""]);
    assert_eq!(made["scopes"], json!(["campaigns:read", "leads:read"]));
}

#[tokio::test]
async fn nobody_gives_scopes_that_they_do_not_have() {
    let api = Api::start().await;
    let (_, manager) = key(&api, json!({"name": "M", "scopes": ["keys:write", "leads:read"]})).await;
    let greedy = json!({"name": "G", "scopes": ["keys:write", "leads:write"]});
    let problem = manager.post("/api-keys", greedy).await.problem(422, "invalid_fields");
    assert_eq!(problem["errors"][0]["reason"], "your own key has not the scope `leads:write`");
    key(&manager, json!({"name": "G", "scopes": ["leads:read"]})).await;
    for (bad, field) in [
        (json!({"name": "", "scopes": ["leads:read"]}), "name"),
        (json!({"name": "A", "scopes": []}), "scopes"),
        (json!({"name": "A", "scopes": ["leads:fly"]}), "scopes[0]"),
        (json!({"name": "A", "scopes": ["leads:read"], "expires_at": "2026-11-23T11:00:00Z"}), "expires_at"),
    ] {
        assert_eq!(api.post("/api-keys", bad).await.faults(422, "invalid_fields"), [field]);
    }
}

#[tokio::test]
async fn the_last_key_that_manages_keys_stays() {
    let api = Api::start().await;
    let first = api.all("/api-keys").await[0].id();
    key(&api, read_only()).await;
    api.delete(&format!("/api-keys/{first}")).await.problem(409, "last_key_manager");
    let (second, manager) = key(&api, json!({"name": "M", "scopes": ["keys:write"]})).await;
    // Both want to go at once: one stays, whichever is first.
    let (first, second) = (format!("/api-keys/{first}"), format!("/api-keys/{second}"));
    let (one, other) = tokio::join!(api.delete(&first), manager.delete(&second));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert!(statuses == [204, 409] || statuses == [204, 401], "{statuses:?}");
}
