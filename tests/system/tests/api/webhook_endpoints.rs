//! `/webhook-endpoints`: what is kept, shown and refused of them.

use std::sync::{Arc, Mutex};

use carillon_domain::base::time::DAY_MS;
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

const URL: &str = "http://127.0.0.1:9/hooks";

/// What the table is asked.
#[derive(Debug, Default)]
struct Asked(Mutex<String>);

impl Interceptor for Asked {
    fn before(&self, call: &TableCall<'_>) -> Verdict {
        *self.0.lock().expect("a text") += &call.request.to_string();
        Verdict::Pass
    }
}

async fn create(api: &Api) -> Value {
    api.post("/webhook-endpoints", json!({"url": URL})).await.ok(201)
}

#[tokio::test]
async fn an_endpoint_is_made_changed_listed_and_deleted() {
    let api = Api::start().await;
    let form =
        json!({"url": format!(" {URL} "), "label": "CRM", "event_types": ["lead.settled", "attempt.ended"]});
    let created = api.post("/webhook-endpoints", form).await.ok(201);
    let path = format!("/webhook-endpoints/{}", created.id());
    assert_eq!((&created["url"], &created["status"]), (&json!(URL), &json!("enabled")));
    let shown = api.get(&path).await.ok(200);
    assert_eq!(shown["event_types"], json!(["attempt.ended", "lead.settled"]));
    assert_eq!(shown["secret"], Value::Null, "once is enough");
    let changed = api.patch(&path, json!({"event_types": [], "label": null})).await.ok(200);
    assert_eq!(
        (&changed["event_types"], &changed["label"], &changed["url"]),
        (&json!([]), &Value::Null, &json!(URL))
    );
    let other = create(&api).await.id();
    let listed = api.all("/webhook-endpoints").await;
    assert_eq!(listed.iter().map(HasId::id).collect::<Vec<_>>(), [created.id(), other]);
    api.delete(&path).await.ok(204);
    api.get(&path).await.problem(404, "not_found");
    api.get(&format!("{path}/deliveries")).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_secret_stands_nowhere_but_in_the_one_answer_and_in_the_secret_store() {
    let asked = Arc::new(Asked::default());
    let api = Api::start().await.under(asked.clone());
    let created = create(&api).await;
    let secret = created["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() > 40, "{secret}");
    let path = format!("/webhook-endpoints/{}", created.id());
    let rotated = api.command(&format!("{path}/rotate-secret")).await.ok(200);
    let next = rotated["secret"].as_str().expect("a secret").to_owned();
    assert_ne!(secret, next);
    let until = api.context.now().plus_ms(DAY_MS);
    assert_eq!(rotated["previous_secret_until"], json!(until));
    for place in [path.as_str(), "/webhook-endpoints", "/audit?limit=100"] {
        let text = api.get(place).await.text;
        assert!(!text.contains(&secret) && !text.contains(&next), "{place}");
    }
    let asked = asked.0.lock().expect("a text").clone();
    assert!(asked.contains("rotate_webhook_secret") && !asked.contains("whsec_"));
    // Somebody who has not seen the answer makes a third: the first, which is in use, goes on.
    let third = api.command(&format!("{path}/rotate-secret")).await.ok(200);
    assert_ne!(third["secret"], rotated["secret"]);
    assert!(api.kept_secrets().contains(&next) && api.kept_secrets().contains(&secret));
    // Of those whose time is over nothing is left behind, and nothing at all of a deleted endpoint.
    api.advance_ms(DAY_MS);
    api.command(&format!("{path}/rotate-secret")).await.ok(200);
    assert!(!api.kept_secrets().contains(&next) && !api.kept_secrets().contains(&secret));
    api.delete(&path).await.ok(204);
    assert!(!api.kept_secrets().contains("whsec_"));
}

#[tokio::test]
async fn what_is_wrong_with_an_endpoint_is_said() {
    let api = Api::start().await;
    let wrong = json!({"url": "ftp://example.com", "event_types": ["lead.sold"], "label": "a".repeat(201)});
    let problem = api.post("/webhook-endpoints", wrong).await.problem(422, "invalid_fields");
    let errors = problem["errors"].as_array().expect("errors");
    let told: Vec<_> = errors.iter().map(|error| error["field"].as_str().expect("a field")).collect();
    assert_eq!(told, ["url", "label", "event_types"]);
    assert!(errors[2]["reason"].as_str().expect("a reason").contains("lead.settled"), "{}", errors[2]);
    let ids: Vec<_> = {
        let mut ids = Vec::new();
        for _ in 0..10 {
            ids.push(create(&api).await.id());
        }
        ids
    };
    api.post("/webhook-endpoints", json!({"url": URL})).await.problem(409, "too_many_endpoints");
    api.delete(&format!("/webhook-endpoints/{}", ids[0])).await.ok(204);
    create(&api).await;

    let path = format!("/webhook-endpoints/{}", ids[1]);
    for (form, fields) in [
        (json!({}), vec!["from"]),
        (json!({"from": "2026-11-01T00:00:00Z", "after": "dlv_01ARYZ6S41TSV4RRFFQ69G5FAV"}), vec!["from"]),
        (json!({"from": "2026-11-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}), vec!["until"]),
        (json!({"from": "2026-11-01T00:00:00Z", "until": "2026-10-01T00:00:00Z"}), vec!["until"]),
        (json!({"from": "2026-11-01T00:00:00Z", "statuses": []}), vec!["statuses"]),
    ] {
        let faults = api.post(&format!("{path}/replay"), form.clone()).await.faults(422, "invalid_fields");
        assert_eq!(faults, fields, "{form}");
    }
    api.get(&format!("{path}/deliveries?event_type=lead.sold")).await.problem(400, "invalid_query");
    api.get(&format!("{path}/deliveries/dlv_01ARYZ6S41TSV4RRFFQ69G5FAV")).await.problem(404, "not_found");
    api.command(&format!("{path}/disable")).await.ok(200);
    api.command(&format!("{path}/test")).await.problem(409, "endpoint_not_enabled");
    let replay = json!({"from": "2026-11-01T00:00:00Z"});
    api.post(&format!("{path}/replay"), replay).await.problem(409, "endpoint_not_enabled");
}

#[tokio::test]
async fn enabling_what_is_enabled_changes_nothing() {
    let api = Api::start().await;
    let path = format!("/webhook-endpoints/{}", create(&api).await.id());
    let tag = api.get(&path).await.header("etag").to_owned();
    api.advance_ms(1_000);
    api.command(&format!("{path}/enable")).await.ok(200);
    assert_eq!(api.get(&path).await.header("etag"), tag);
    let off = api.command(&format!("{path}/disable")).await.ok(200);
    assert_eq!(off["status"], "disabled");
    let on = api.command(&format!("{path}/enable")).await.ok(200);
    assert_eq!((&on["status"], &on["enabled_at"]), (&json!("enabled"), &json!(api.context.now())));
}
