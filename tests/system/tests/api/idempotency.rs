//! A request that comes twice is done once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::Method;
use carillon_domain::base::ids::Entropy;
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_store::IdempotencyRecord;
use carillon_system_tests::api::{Answer, Api, HasId};
use serde_json::{Value, json};

async fn send(api: &Api, path: &str, key: &str, body: &Value) -> Answer {
    api.call_with(Method::POST, path, Some(body), &[("idempotency-key", key)]).await
}

#[tokio::test]
async fn every_creation_with_the_same_key_creates_one_thing() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let lead = api.lead(&campaign, "030 901820").await;
    let assistant = &api.keys.assistant;
    for (path, body, status) in [
        ("/campaigns".to_owned(), json!({"name": "A", "assistant_id": assistant}), 201),
        (format!("{campaign}/duplicate"), json!({"name": "B"}), 201),
        (format!("{campaign}/leads"), json!({"phone": "030 901821"}), 201),
        (format!("{campaign}/imports"), json!({"file_name": "a.csv"}), 201),
        (format!("{campaign}/leads/export"), json!({"format": "csv"}), 202),
        ("/assistants".to_owned(), json!({"name": "A", "agent_id": "agent_2"}), 201),
        ("/caller-numbers".to_owned(), json!({"number": "+14155550123", "phone_number_id": "p"}), 201),
        ("/credits/top-ups".to_owned(), json!({"amount_usd": 5}), 201),
        ("/voice/calls/initiate".to_owned(), json!({"leadId": lead, "direction": "outbound"}), 202),
    ] {
        let first = send(&api, &path, "key-1", &body).await;
        assert_eq!(first.header("idempotency-replayed"), "", "{path}");
        let first = without_link(first.ok(status));
        api.advance_ms(70_000);
        let again = send(&api, &path, "key-1", &body).await;
        assert_eq!(again.header("idempotency-replayed"), "true", "{path}");
        assert_eq!(without_link(again.ok(status)), first, "{path}");
        api.context.store.forget(&api.keys.workspace, &hash("key-1")).await.expect("a table");
    }
    assert_eq!(api.get("/credits").await.ok(200)["balance_usd"], 5.0);
    for (list, count) in [("/campaigns", 3), ("/assistants", 2), ("/caller-numbers", 2)] {
        assert_eq!(api.all(list).await.len(), count, "{list}");
    }
    assert_eq!(api.all(&format!("{campaign}/leads")).await.len(), 2);
    assert_eq!(api.all(&format!("{campaign}/imports")).await.len(), 1);
}

/// A link is made anew for each answer.
fn without_link(mut body: Value) -> Value {
    if let Some(body) = body.as_object_mut() {
        body.remove("upload");
    }
    body
}

/// SHA-256 in hexadecimal, as the record is kept under.
fn hash(key: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(key))
}

#[tokio::test]
async fn a_key_is_good_for_one_request_only() {
    let api = Api::start().await;
    let (path, other) = (api.campaign().await, api.campaign().await);
    send(&api, &format!("{path}/leads"), "key", &json!({"phone": "030 901820"})).await.ok(201);
    let body = json!({"phone": "030 901821"});
    send(&api, &format!("{path}/leads"), "key", &body).await.problem(422, "idempotency_key_reused");
    let body = json!({"phone": "030 901820"});
    send(&api, &format!("{other}/leads"), "key", &body).await.problem(422, "idempotency_key_reused");
    for key in ["", "a b", "ü", &"x".repeat(256)] {
        let answer = send(&api, "/campaigns", key, &json!({})).await;
        assert_eq!(answer.faults(400, "invalid_header"), ["Idempotency-Key"]);
    }
}

#[tokio::test]
async fn a_refused_request_may_be_mended_and_sent_again() {
    let api = Api::start().await;
    let bad = json!({"name": "", "assistant_id": api.keys.assistant});
    send(&api, "/campaigns", "key", &bad).await.problem(422, "invalid_fields");
    let good = json!({"name": "A", "assistant_id": api.keys.assistant});
    send(&api, "/campaigns", "key", &good).await.ok(201);
}

#[tokio::test]
async fn a_request_under_way_is_waited_for_and_then_done_again_with_the_same_ids() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let path = format!("{campaign}/leads");
    let body = json!({"phone": "030 901820"});
    // A run that wrote the lead and never answered.
    let first = send(&api, &path, "key", &body).await.ok(201);
    let record = IdempotencyRecord {
        fingerprint: fingerprint(&path, &body),
        seed: Entropy::default(),
        started_at: api.context.now(),
        response: None,
    };
    api.context.store.remember(&api.keys.workspace, &hash("key"), &record).await.expect("a table");

    let early = send(&api, &path, "key", &body).await;
    assert_eq!(early.header("retry-after"), "5");
    early.problem(409, "request_under_way");
    api.advance_ms(60_001);
    assert_eq!(send(&api, &path, "key", &body).await.ok(201).id(), first.id());
    assert_eq!(api.all(&path).await.len(), 1);
    assert_eq!(api.get(&format!("{campaign}/stats")).await.ok(200)["total"], 1);
}

fn fingerprint(path: &str, body: &Value) -> String {
    hash(&format!("POST {path}\n{body}"))
}

/// Loses the reply of the nth request of a kind, once.
#[derive(Debug)]
struct LosesReply {
    operation: &'static str,
    nth: usize,
    seen: AtomicUsize,
}

impl LosesReply {
    fn of(operation: &'static str, nth: usize) -> Arc<Self> {
        Arc::new(Self { operation, nth, seen: AtomicUsize::new(0) })
    }
}

impl Interceptor for LosesReply {
    fn before(&self, call: &TableCall<'_>) -> Verdict {
        let is_it =
            call.operation == self.operation && self.seen.fetch_add(1, Ordering::SeqCst) + 1 == self.nth;
        if is_it { Verdict::LoseReply } else { Verdict::Pass }
    }
}

#[tokio::test]
async fn a_lead_whose_reply_was_lost_is_no_duplicate() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let body = json!({"phone": "030 901820"});
    let under = api.under(LosesReply::of("TransactWriteItems", 1));
    under.post(&format!("{campaign}/leads"), body.clone()).await.ok(201);
    under.post(&format!("{campaign}/leads"), body).await.problem(409, "lead_exists");
    assert_eq!(api.get(&format!("{campaign}/stats")).await.ok(200)["total"], 1);
}

#[tokio::test]
async fn what_nobody_knows_the_end_of_is_done_again_and_exists_once() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let lead = api.lead(&campaign, "030 901820").await;
    let (assistant, call) = (&api.keys.assistant, json!({"leadId": lead, "direction": "outbound"}));
    for (path, body) in [
        ("/campaigns", json!({"name": "A", "assistant_id": assistant})),
        ("/assistants", json!({"name": "A", "agent_id": "b"})),
        ("/caller-numbers", json!({"number": "+14155550123", "phone_number_id": "p"})),
        ("/credits/top-ups", json!({"amount_usd": 5})),
        ("/voice/calls/initiate", call),
    ] {
        // What is created and its entry in the audit log are one transaction.
        let under = api.under(LosesReply::of("TransactWriteItems", 1));
        send(&under, path, path, &body).await.problem(503, "unavailable");
        send(&under, path, path, &body).await.problem(409, "request_under_way");
        api.advance_ms(60_001);
        let done = send(&under, path, path, &body).await;
        assert!(matches!(done.status, 201 | 202), "{}", done.text);
    }
    for list in ["/campaigns", "/assistants", "/caller-numbers"] {
        assert_eq!(api.all(list).await.len(), 2, "{list}");
    }
    assert_eq!(api.get("/credits").await.ok(200)["topped_up_usd"], 5.0);
    let (_, requests) = api.context.store.in_flight(&api.keys.workspace).await.expect("a table");
    assert_eq!(requests.len(), 1);
}
