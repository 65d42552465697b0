//! How Bedrock is asked, and what its answers mean.

use aws_sdk_bedrockruntime::Config;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Credentials, Region};
use carillon_domain::base::language_model::Question;
use serde_json::{Value, json};

use super::*;
use crate::language_model::mechanism::Mechanism;
use crate::language_model::request::Repair;
use crate::scripted::{Request as Seen, Scripted, answer};

const SCHEMA: &str =
    r#"{"type":"object","properties":{"reasoning":{"type":"string"},"a_verdict":{"type":"string"}}}"#;

fn client(endpoint: &str) -> BedrockClient {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .endpoint_url(endpoint);
    BedrockClient::new(Client::from_conf(once(config).build()))
}

async fn asked(
    mechanism: Mechanism,
    repair: Option<&Repair>,
    answered: Vec<u8>,
) -> (Result<String, Failure>, Usage, Seen) {
    let server = Scripted::new(vec![answered]);
    let prompt = "TRANSCRIPT".to_owned();
    let question = Question { name: "judgement", system: "You judge.", prompt, schema: SCHEMA };
    let request = Request { model: "eu.m-1:0", question: &question, mechanism, repair };
    let mut usage = Usage::default();
    let text = client(server.url()).reply(&request, &mut usage).await;
    (text, usage, server.requests().remove(0))
}

fn answered(content: &Value, stop_reason: &str) -> Vec<u8> {
    let body = json!({
        "output": { "message": { "role": "assistant", "content": content } },
        "stopReason": stop_reason,
        "usage": { "inputTokens": 10, "outputTokens": 3, "totalTokens": 13 },
        "metrics": { "latencyMs": 910 },
    });
    answer("200 OK", &[("content-type", "application/json")], body.to_string().as_bytes())
}

fn says(text: &str) -> Vec<u8> {
    answered(&json!([{ "text": text }]), "end_turn")
}

fn expected(more: &Value) -> Value {
    let mut body = json!({
        "system": [{ "text": "You judge." }],
        "messages": [{ "role": "user", "content": [{ "text": "TRANSCRIPT" }] }],
        "inferenceConfig": { "maxTokens": 2_048 },
    });
    let fields = body.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    body
}

#[tokio::test]
async fn a_schema_goes_as_it_was_written() {
    let (text, usage, request) = asked(Mechanism::Schema, None, says("{}")).await;
    assert_eq!(text, Ok("{}".to_owned()));
    assert_eq!(usage, Usage { input_tokens: 10, output_tokens: 3 });
    assert_eq!(request.target, "POST /model/eu.m-1%3A0/converse");
    let structure = json!({ "jsonSchema": { "name": "judgement", "schema": SCHEMA } });
    let format = json!({ "textFormat": { "type": "json_schema", "structure": structure } });
    assert_eq!(request.json(), expected(&json!({ "outputConfig": format })));
}

#[tokio::test]
async fn a_tool_must_be_called_and_its_input_is_the_answer() {
    let input = json!({ "reasoning": "é", "turns": [1, -2, 0.5, null, true] });
    let call = json!({ "toolUse": { "toolUseId": "t1", "name": "judgement", "input": input } });
    let content = json!([{ "text": "I call it." }, call]);
    let (text, _, request) = asked(Mechanism::Tool, None, answered(&content, "tool_use")).await;
    assert_eq!(text, Ok(input.to_string()));
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    let tool = json!({
        "name": "judgement", "description": "Takes the answer.", "strict": true, "inputSchema": { "json": schema },
    });
    let config =
        json!({ "tools": [{ "toolSpec": tool }], "toolChoice": { "tool": { "name": "judgement" } } });
    assert_eq!(request.json(), expected(&json!({ "toolConfig": config })));
}

#[tokio::test]
async fn an_answer_to_mend_stands_in_the_conversation() {
    let repair = Repair { answer: "{}".to_owned(), fault: "it is empty".to_owned() };
    let (_, _, request) = asked(Mechanism::Plain, Some(&repair), says("{}")).await;
    let messages = request.json()["messages"].clone();
    assert!(messages[0]["content"][0]["text"].as_str().is_some_and(|text| text.ends_with(SCHEMA)));
    assert_eq!(messages[1], json!({ "role": "assistant", "content": [{ "text": "{}" }] }));
    assert_eq!(messages[2]["role"], "user");
    assert_eq!(messages.as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn what_a_model_thought_is_no_part_of_its_answer() {
    let thought = json!({ "reasoningContent": { "reasoningText": { "text": "{\"a\": 1}" } } });
    let content = json!([thought, { "text": "{" }, { "text": "}" }]);
    let (text, ..) = asked(Mechanism::Plain, None, answered(&content, "end_turn")).await;
    assert_eq!(text, Ok("{}".to_owned()));
}

#[tokio::test]
async fn a_model_that_stops_early_has_not_answered() {
    for (reason, none) in [
        ("max_tokens", NoAnswer::CutOff),
        ("model_context_window_exceeded", NoAnswer::CutOff),
        ("guardrail_intervened", NoAnswer::Declined("guardrail_intervened".to_owned())),
        ("content_filtered", NoAnswer::Declined("content_filtered".to_owned())),
        ("refusal", NoAnswer::Declined("refusal".to_owned())),
    ] {
        let (text, usage, _) =
            asked(Mechanism::Schema, None, answered(&json!([{ "text": "{}" }]), reason)).await;
        assert_eq!(text, Err(none.into()));
        assert_eq!(usage.input_tokens, 10, "it costs all the same");
    }
    for reason in ["malformed_model_output", "malformed_tool_use", "stop_sequence"] {
        let (text, ..) = asked(Mechanism::Schema, None, answered(&json!([]), reason)).await;
        assert_eq!(text, Ok(String::new()), "{reason}");
    }
}

async fn failure(status: &str, exception: &str, message: &str) -> Failure {
    let headers =
        [("x-amzn-errortype", exception), ("retry-after", "7"), ("content-type", "application/json")];
    let body = json!({ "message": message }).to_string();
    let (text, ..) = asked(Mechanism::Schema, None, answer(status, &headers, body.as_bytes())).await;
    text.expect_err("a failure")
}

#[tokio::test]
async fn an_error_means_what_its_name_says() {
    for (status, exception) in [
        ("429 Too Many Requests", "ThrottlingException"),
        ("429 Too Many Requests", "ModelNotReadyException"),
        ("408 Request Timeout", "ModelTimeoutException"),
        ("424 Failed Dependency", "ModelErrorException"),
        ("500 Internal Server Error", "InternalServerException"),
        ("503 Service Unavailable", "ServiceUnavailableException"),
        ("400 Bad Request", "ThrottlingException"),
        ("403 Forbidden", "ExpiredTokenException"),
    ] {
        let expected =
            NoAnswer::Unavailable { reason: format!("{exception}: no"), retry_after_ms: Some(7_000) };
        assert_eq!(failure(status, exception, "no").await, expected.into(), "{status}");
    }
    for (status, exception) in [
        ("403 Forbidden", "AccessDeniedException"),
        ("404 Not Found", "ResourceNotFoundException"),
        ("403 Forbidden", "UnrecognizedClientException"),
        ("403 Forbidden", "SomeNewException"),
    ] {
        let expected = NoAnswer::Misconfigured(format!("{exception}: no"));
        assert_eq!(failure(status, exception, "no").await, expected.into(), "{status}");
    }
    let invalid = failure("400 Bad Request", "ValidationException", "no").await;
    assert_eq!(invalid, Failure::NotTaken("ValidationException: no".to_owned()));
    let long =
        failure("400 Bad Request", "ValidationException", "Input is too long for requested model.").await;
    assert_eq!(long, NoAnswer::CutOff.into());
}

#[tokio::test]
async fn nobody_who_answers_is_asked_later() {
    let question = Question { name: "j", system: "s", prompt: "p".to_owned(), schema: SCHEMA };
    let request = Request { model: "m", question: &question, mechanism: Mechanism::Schema, repair: None };
    let text = client("http://127.0.0.1:9").reply(&request, &mut Usage::default()).await;
    assert_eq!(text, Err(unavailable("connection lost").into()));
}
