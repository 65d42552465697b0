//! How EventBridge is asked, and what its answers mean.

use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::{BehaviorVersion, Config, Credentials, Region};
use carillon_domain::base::ids::{EventId, TopUpId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::reporting::events::{Event, Fact, TopUpFacts};
use serde_json::{Value, json};

use super::*;
use crate::scripted::{Request, Scripted, answer};

const AT: Timestamp = Timestamp::from_millis(1_795_431_600_000);

fn bus(endpoint: &str) -> EventBus {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint);
    EventBus::new(Client::from_conf(config.build()), "carillon-bus")
}

fn event(sequence: u64, note_bytes: usize) -> PublishedEvent {
    let note = Some("x".repeat(note_bytes));
    let fact = Fact::CreditsToppedUp(TopUpFacts { id: TopUpId::new(AT, [1; 10]), micros: 1, note });
    let id = EventId::derive("x", sequence, fact.name(), AT);
    let event = Event { id, at: AT, campaign_id: None, fact };
    PublishedEvent { workspace_id: WorkspaceId::new(AT, [7; 10]), sequence, event }
}

/// An answer with one result an entry: none, or the code with which it failed.
fn results(codes: &[Option<&str>]) -> Vec<u8> {
    let entry = |code: &Option<&str>| match code {
        None => json!({"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"}),
        Some(code) => json!({"ErrorCode": code, "ErrorMessage": "no"}),
    };
    let failed = codes.iter().flatten().count();
    let body = json!({"FailedEntryCount": failed, "Entries": codes.iter().map(entry).collect::<Value>()});
    answer("200 OK", &[("content-type", "application/x-amz-json-1.1")], body.to_string().as_bytes())
}

fn numbers(request: &Request) -> Vec<u64> {
    let body = request.json();
    let entries = body["Entries"].as_array().expect("entries").iter();
    let detail = |entry: &Value| {
        serde_json::from_str::<Value>(entry["Detail"].as_str().expect("a text")).expect("JSON")
    };
    entries.map(|entry| Value::as_u64(&detail(entry)["sequence"]).expect("a number")).collect()
}

#[tokio::test]
async fn an_entry_says_what_happened_when_and_on_which_bus() {
    let server = Scripted::new(vec![results(&[None])]);
    assert_eq!(bus(server.url()).put(&[event(3, 1)]).await.expect("taken"), []);
    let requests = server.requests();
    assert_eq!(requests[0].header("x-amz-target"), Some("AWSEvents.PutEvents"));
    let entry = &requests[0].json()["Entries"][0];
    assert_eq!(entry["EventBusName"], "carillon-bus");
    assert_eq!((&entry["Source"], &entry["DetailType"]), (&json!("carillon"), &json!("credits.topped_up")));
    assert_eq!(entry["Time"].as_f64(), Some(1_795_431_600.0));
}

#[tokio::test]
async fn ten_go_in_a_request_what_may_pass_is_tried_again_and_what_may_not_is_told() {
    let mut first = [None; 10];
    (first[2], first[5]) = (Some("ThrottlingException"), Some("MalformedDetail"));
    let server = Scripted::new(vec![results(&first), results(&[None]), results(&[None, None])]);
    let events: Vec<_> = (1..=12).map(|n| event(n, 1)).collect();
    let refused = bus(server.url()).put(&events).await.expect("taken");
    assert_eq!(refused, [Refused { index: 5, reason: "MalformedDetail".to_owned() }]);
    let sent: Vec<_> = server.requests().iter().map(numbers).collect();
    assert_eq!(sent, [Vec::from_iter(1..=10), vec![3], vec![11, 12]]);
}

#[tokio::test]
async fn what_no_bus_takes_is_told_and_holds_up_nothing() {
    let server = Scripted::new(vec![results(&[None, None]), results(&[None])]);
    let half = MAX_BATCH_BYTES / 2 - 400;
    let events = [event(1, half), event(2, MAX_BATCH_BYTES), event(3, half), event(4, half)];
    let refused = bus(server.url()).put(&events).await.expect("taken");
    assert_eq!(refused.iter().map(|refused| refused.index).collect::<Vec<_>>(), [1]);
    let sent: Vec<_> = server.requests().iter().map(numbers).collect();
    assert_eq!(sent, [vec![1, 3], vec![4]]);
}

#[tokio::test]
async fn a_bus_that_stays_busy_or_does_not_answer_is_an_error() {
    let busy = || results(&[Some("InternalFailure")]);
    let server = Scripted::new(vec![busy(), busy()]);
    bus(server.url()).put(&[event(1, 1)]).await.expect_err("busy twice");
    let server = Scripted::new(vec![answer("500 Internal Server Error", &[], b"{}")]);
    let error = bus(server.url()).put(&[event(1, 1)]).await.expect_err("no answer");
    assert!(error.to_string().contains("carillon-bus"), "{error}");
}
