//! How SQS is asked, and what its answers mean.

use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Config, Credentials, Region};
use serde_json::{Value, json};

use super::*;
use crate::scripted::{Request, Scripted, answer};

fn queue(endpoint: &str) -> SqsQueue {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint);
    SqsQueue::new(Client::from_conf(config.build()), format!("{endpoint}/123456789012/dials"))
}

/// An answer in which the entries with these ids failed.
fn failing(ids: &[&str]) -> Vec<u8> {
    let failed = |id| json!({"Id": id, "SenderFault": false, "Code": "InternalError", "Message": "later"});
    let body = json!({"Successful": [], "Failed": ids.iter().map(failed).collect::<Value>()}).to_string();
    answer("200 OK", &[("content-type", "application/x-amz-json-1.0")], body.as_bytes())
}

fn entries(request: &Request) -> Vec<(String, String, i64)> {
    let body = request.json();
    let entries = body["Entries"].as_array().expect("entries").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    entries
        .map(|entry| {
            let delay_secs = entry["DelaySeconds"].as_i64().expect("a delay");
            (text(&entry["Id"]), text(&entry["MessageBody"]), delay_secs)
        })
        .collect()
}

fn messages(count: usize) -> Vec<Message> {
    (0..count).map(|index| Message::now(format!("body {index}"))).collect()
}

#[tokio::test]
async fn a_delay_counts_whole_seconds_and_is_never_late() {
    let server = Scripted::new(vec![failing(&[])]);
    let delays_ms = [-1, 0, 999, 1_000, 59_999, 900_000, 2_000_000];
    let messages = delays_ms.map(|delay_ms| Message::after(delay_ms, "{}"));
    queue(server.url()).send(&messages).await.expect("sent");
    let requests = server.requests();
    assert_eq!(requests[0].header("x-amz-target"), Some("AmazonSQS.SendMessageBatch"));
    let delays_secs: Vec<_> =
        entries(&requests[0]).into_iter().map(|(_, _, delay_secs)| delay_secs).collect();
    assert_eq!(delays_secs, [0, 0, 0, 1, 59, 900, 900]);
}

#[tokio::test]
async fn whose_a_message_is_makes_the_queue_fair() {
    let server = Scripted::new(vec![failing(&[])]);
    let messages = [Message::now("{}"), Message::now("{}").of_group("whe_1")];
    queue(server.url()).send(&messages).await.expect("sent");
    let body = server.requests()[0].json();
    let groups: Vec<&Value> = (0..2).map(|place| &body["Entries"][place]["MessageGroupId"]).collect();
    assert_eq!(groups, [&Value::Null, &json!("whe_1")]);
}

#[tokio::test]
async fn what_is_refused_is_tried_once_more_and_all_else_is_sent() {
    let server = Scripted::new(vec![failing(&["3", "7"]), failing(&["7"]), failing(&[])]);
    let error = queue(server.url()).send(&messages(12)).await.expect_err("one refused twice");
    let QueueError::Unsent { queue, unsent } = error else { panic!("{error:?}") };
    assert_eq!(queue, "dials");
    assert_eq!(unsent, [Unsent { index: 7, reason: "InternalError: later".to_owned() }]);
    let sent: Vec<Vec<String>> = server
        .requests()
        .iter()
        .map(|request| entries(request).into_iter().map(|(_, body, _)| body).collect())
        .collect();
    let bodies = |indices: &[usize]| indices.iter().map(|index| format!("body {index}")).collect::<Vec<_>>();
    assert_eq!(sent, [bodies(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), bodies(&[3, 7]), bodies(&[10, 11])]);
}

#[tokio::test]
async fn what_succeeds_the_second_time_is_no_error() {
    let server = Scripted::new(vec![failing(&["0"]), failing(&[])]);
    queue(server.url()).send(&messages(1)).await.expect("sent in the end");
}

#[tokio::test]
async fn nothing_to_send_asks_nobody_and_no_answer_is_an_error() {
    let server = Scripted::new(vec![answer("500 Internal Server Error", &[], b"{}")]);
    let queue = queue(server.url());
    queue.send(&[]).await.expect("nothing to do");
    let error = queue.send(&messages(1)).await.expect_err("no answer");
    assert!(matches!(error, QueueError::Unavailable { queue, .. } if queue == "dials"));
    assert_eq!(server.requests().len(), 1);
}
