//! The law, and what a workspace adds to it.

use std::collections::BTreeSet;

use carillon_system_tests::api::Api;
use serde_json::{Value, json};

#[tokio::test]
async fn the_rules_are_listed_with_their_sources() {
    let api = Api::start().await;
    let listed = api.get("/rules").await.ok(200);
    let rules = listed["rules"].as_array().expect("rules");
    let france = rules.iter().find(|rule| rule["id"] == "fr").expect("France has a rule");
    assert_eq!(france["caps"][0]["max"], 4);
    assert!(france["source"].as_str().is_some_and(|source| source.contains("2022-1313")));
    assert!(rules.iter().all(|rule| rule["verified"].is_boolean() && rule["version"].is_string()));
}

#[tokio::test]
async fn a_workspace_adds_rules_and_loosens_one_only_with_a_reason() {
    let api = Api::start().await;
    let cap = json!({"id": "own-de", "jurisdiction": "DE", "version": "2026-11-01",
        "caps": [{"max": 2, "per_hours": 168}]});
    let changed = api.patch("/workspace", json!({"rules": [cap]})).await.ok(200);
    assert_eq!(changed["rules"][0]["id"], "own-de");
    let listed = api.get("/rules").await.ok(200);
    assert_eq!(listed["rules"].as_array().and_then(|rules| rules.last()).expect("rules")["id"], "own-de");

    let loose =
        json!({"id": "own-fl", "jurisdiction": "US-FL", "version": "2026-11-01", "replaces": ["us-fl"]});
    let refused = api.patch("/workspace", json!({"rules": [loose]})).await;
    assert!(refused.problem(422, "invalid_fields").to_string().contains("reason"));
    let too_many = json!({"id": "own-de", "jurisdiction": "DE", "version": "2026-11-01",
        "caps": [{"max": 33, "per_hours": 24}]});
    api.patch("/workspace", json!({"rules": [too_many]})).await.problem(422, "invalid_fields");
    let twice = json!({"rules": [cap, cap]});
    api.patch("/workspace", twice).await.problem(422, "invalid_fields");
}

/// The fields that the description names of a schema.
fn fields_of(schemas: &Value, name: &str) -> BTreeSet<String> {
    keys(&schemas[name]["properties"])
}

fn keys(item: &Value) -> BTreeSet<String> {
    item.as_object().expect("fields").keys().cloned().collect()
}

#[tokio::test]
async fn every_field_of_a_rule_is_described_and_taken() {
    let api = Api::start().await;
    let schemas = &api.get("/openapi.json").await.ok(200)["components"]["schemas"];
    let every = json!({"id": "own-fr", "jurisdiction": "FR", "version": "2026-11-01",
        "effective_from": "2026-11-02", "effective_until": "2027-11-01", "source": "ours",
        "channels": ["call", "sms"], "hours": {"monday": [{"from": "10:00", "to": "12:00"}]}, "holidays": "fr",
        "caps": [{"max": 2, "per_hours": 168}], "rest_days_after_refusal": 60,
        "consent": {"form": "written", "keep_proof_years": 5, "note": "all"}, "disclosure": "ai_at_start",
        "replaces": ["fr"], "reason": "reviewed"});
    assert_eq!(keys(&every), fields_of(schemas, "OwnRule"));
    let changed = api.patch("/workspace", json!({"rules": [every]})).await.ok(200);
    assert_eq!(changed["rules"], json!([every]));

    let rules = api.get("/rules").await.ok(200);
    let rules = rules["rules"].as_array().expect("rules");
    let served: BTreeSet<_> = rules.iter().flat_map(keys).collect();
    assert_eq!(served, fields_of(schemas, "Rule"));
}
