//! Whatever is removed is what was seen.

use axum::http::Method;
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

use super::{changed, on, tag};

#[tokio::test]
async fn what_has_changed_is_not_removed() {
    let api = Api::start().await;
    let made = async |path: &str, form: Value| format!("{path}/{}", api.post(path, form).await.ok(201).id());
    let campaign = api.campaign().await;
    let assistant = made("/assistants", json!({"name": "A", "agent_id": "a"})).await;
    let number = made("/caller-numbers", json!({"number": "+14155550123", "phone_number_id": "p"})).await;
    for (path, theirs, field, status) in [
        (campaign, json!({"name": "B"}), "name", 202),
        (assistant, json!({"name": "B"}), "name", 204),
        (number, json!({"label": "B"}), "label", 204),
    ] {
        let seen = tag(&api, &path).await;
        let before = api.patch(&path, theirs).await.ok(200);
        let now = tag(&api, &path).await;
        assert_eq!(changed(on(&api, &seen, Method::DELETE, &path, None).await, &now), [field]);
        assert_eq!(api.get(&path).await.ok(200), before);
        on(&api, &now, Method::DELETE, &path, None).await.ok(status);
        api.get(&path).await.problem(404, "not_found");
        on(&api, &now, Method::DELETE, &path, None).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_key_that_was_revoked_is_another_than_the_one_that_was_seen() {
    let api = Api::start().await;
    let form = json!({"name": "CRM", "scopes": ["keys:write", "keys:read"]});
    let created = api.post("/api-keys", form).await;
    let seen = created.header("etag").to_owned();
    let made = created.ok(201);
    let path = format!("/api-keys/{}", made.id());
    // It is used, and others are revoked beside it.
    api.with_key(made["key"].as_str().expect("a key")).get("/api-keys").await.ok(200);
    let other = api.post("/api-keys", json!({"name": "B", "scopes": ["keys:write"]})).await.ok(201).id();
    api.delete(&format!("/api-keys/{other}")).await.ok(204);
    assert_eq!(tag(&api, &path).await, seen);
    on(&api, &seen, Method::DELETE, &path, None).await.ok(204);
    let now = tag(&api, &path).await;
    assert_eq!(changed(on(&api, &seen, Method::DELETE, &path, None).await, &now), ["revoked_at"]);
    api.delete(&path).await.ok(204);
}

#[tokio::test]
async fn who_opted_out_again_is_not_taken_off_by_who_saw_the_first_time() {
    let api = Api::start().await;
    let (numbers, path) = ("/do-not-call/partners/numbers", "/do-not-call/partners/numbers/+4930901820");
    api.put("/do-not-call/partners", json!(null)).await.ok(201);
    let list = json!({"number": "+4930901820", "reason": "asked us"});
    let listed = api.post(numbers, list).await;
    let seen = listed.header("etag").to_owned();
    listed.ok(201);
    assert_eq!(tag(&api, path).await, seen);
    let off = format!("{path}?reason=mistake");
    api.delete(&off).await.ok(204);
    api.advance_ms(1);
    let again = json!({"number": "+4930901820", "reason": "asked us again"});
    api.post(numbers, again).await.ok(201);
    let now = tag(&api, path).await;
    let late = on(&api, &seen, Method::DELETE, &off, None).await;
    assert_eq!(changed(late, &now), ["listed_at", "reason"]);
    assert_eq!(api.get(path).await.ok(200)["reason"], "asked us again");
    on(&api, &now, Method::DELETE, &off, None).await.ok(204);
    api.get(path).await.problem(404, "not_found");

    let made = api.put("/do-not-call/partners", json!(null)).await;
    let seen = made.header("etag").to_owned();
    made.ok(200);
    on(&api, &seen, Method::DELETE, "/do-not-call/partners", None).await.ok(204);
    on(&api, &seen, Method::DELETE, "/do-not-call/partners", None).await.problem(404, "not_found");
}
