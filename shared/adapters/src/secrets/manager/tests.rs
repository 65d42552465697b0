//! How Secrets Manager is asked, and what its answers mean.

use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};
use carillon_domain::base::time::Timestamp;
use serde_json::json;

use super::*;
use crate::scripted::{Scripted, answer};

const NAME: &str = "ws_1/provider/api_key";

fn manager(endpoint: &str) -> (SecretsManager, Clock) {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint);
    let clock = Clock::manual(Timestamp::from_millis(0));
    let client = Client::from_conf(config.build());
    (SecretsManager::new(client, "carillon/test/", clock.clone()), clock)
}

fn ok(body: serde_json::Value) -> Vec<u8> {
    answer("200 OK", &[("content-type", "application/x-amz-json-1.1")], body.to_string().as_bytes())
}

fn refused(code: &str) -> Vec<u8> {
    let body = json!({"__type": code, "Message": "no"}).to_string();
    answer("400 Bad Request", &[("content-type", "application/x-amz-json-1.1")], body.as_bytes())
}

fn targets(server: &Scripted) -> Vec<String> {
    let action = |header: &str| header.trim_start_matches("secretsmanager.").to_owned();
    server
        .requests()
        .iter()
        .map(|request| action(request.header("x-amz-target").expect("an action")))
        .collect()
}

#[tokio::test]
async fn a_secret_is_asked_for_once_a_minute() {
    let value = |text: &str| ok(json!({"Name": "carillon/test/a", "SecretString": text}));
    let server = Scripted::new(vec![value("1"), value("2")]);
    let (secrets, clock) = manager(server.url());
    for _ in 0..3 {
        assert_eq!(secrets.get(NAME).await.expect("answered"), Some("1".into()));
    }
    clock.advance_to(Timestamp::from_millis(60_000));
    assert_eq!(secrets.get(NAME).await.expect("answered"), Some("2".into()));
    assert_eq!(targets(&server), ["GetSecretValue", "GetSecretValue"]);
    assert_eq!(server.requests()[0].json()["SecretId"], "carillon/test/ws_1/provider/api_key");
}

#[tokio::test]
async fn that_there_is_none_is_not_remembered() {
    let missing = || refused("ResourceNotFoundException");
    let server = Scripted::new(vec![missing(), missing(), refused("AccessDeniedException")]);
    let (secrets, _) = manager(server.url());
    assert_eq!(secrets.get(NAME).await.expect("answered"), None);
    assert_eq!(secrets.get(NAME).await.expect("answered"), None);
    secrets.get(NAME).await.expect_err("not the same as none");
}

#[tokio::test]
async fn a_new_secret_is_created_and_known_here() {
    let server = Scripted::new(vec![refused("ResourceNotFoundException"), ok(json!({"Name": "a"}))]);
    let (secrets, _) = manager(server.url());
    secrets.put(NAME, &"sk_1".into()).await.expect("kept");
    assert_eq!(secrets.get(NAME).await.expect("answered"), Some("sk_1".into()));
    assert_eq!(targets(&server), ["PutSecretValue", "CreateSecret"]);
    let created = server.requests()[1].json();
    assert_eq!(
        (&created["Name"], &created["SecretString"]),
        (&json!("carillon/test/ws_1/provider/api_key"), &json!("sk_1"))
    );
}

#[tokio::test]
async fn a_deleted_secret_is_gone_at_once() {
    let missing = || refused("ResourceNotFoundException");
    let server =
        Scripted::new(vec![ok(json!({"Name": "a"})), ok(json!({"Name": "a"})), missing(), missing()]);
    let (secrets, _) = manager(server.url());
    secrets.put(NAME, &"sk_1".into()).await.expect("kept");
    secrets.delete(NAME).await.expect("deleted");
    assert_eq!(secrets.get(NAME).await.expect("answered"), None);
    secrets.delete(NAME).await.expect("nothing left to delete");
    assert_eq!(targets(&server), ["PutSecretValue", "DeleteSecret", "GetSecretValue", "DeleteSecret"]);
    assert_eq!(server.requests()[1].json()["ForceDeleteWithoutRecovery"], true);
}
