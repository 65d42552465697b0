//! The model as its callers see it.

use carillon_domain::base::time::Timestamp;
use serde_json::{Value, json};

use super::{Schema, expected, prompt, transcript, without_reasons};
use crate::language_model_simulator::{LocalModel, ModelFault, ModelFaults, ModelSettings};
use crate::provider_simulator::http_client;
use crate::provider_simulator::person::Ending;
use crate::provider_simulator::scripts::scenario::Scenario;
use crate::provider_simulator::scripts::{Casting, Language, Script};

fn script(language: Language, scenario: Scenario) -> Script {
    let casting = Casting { language, scenario, ending: Ending::Person };
    Script::of(casting, "conv_5", Timestamp::from_millis(1_790_000_000_000))
}

fn agreed() -> Script {
    script(Language::English, Scenario::QualifiesWell)
}

async fn start(faults: ModelFaults) -> LocalModel {
    LocalModel::start(ModelSettings { faults, ..ModelSettings::default() }, 0).await.expect("a model")
}

/// The status of an answer, whether it says when to come again, and its body.
struct Answered {
    status: u16,
    retry_after: Option<String>,
    body: Value,
}

async fn post(model: &LocalModel, key: &str, body: String) -> Answered {
    let url = format!("{}/chat/completions", model.base_url());
    let request = http_client().expect("a client").post(url).bearer_auth(key).body(body);
    let answer = request.send().await.expect("an answer");
    let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    Answered {
        status: answer.status().as_u16(),
        retry_after: retry_after.map(str::to_owned),
        body: serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON"),
    }
}

fn declared(schema: Schema, under: &str) -> Value {
    let form = json!({ "type": "object", "additionalProperties": false, "properties": {} });
    json!({ "name": schema.name(), "strict": true, under: form })
}

/// A request with a schema for the answer.
fn by_schema(schema: Schema, prompt: &str) -> Value {
    let format = json!({ "type": "json_schema", "json_schema": declared(schema, "schema") });
    json!({ "model": "local-reader", "response_format": format, "max_tokens": 1024, "messages": [
        { "role": "system", "content": "You read." }, { "role": "user", "content": prompt }] })
}

async fn ask(model: &LocalModel, request: &Value) -> Answered {
    post(model, "sk-local", request.to_string()).await
}

fn choice(answered: &Answered) -> &Value {
    assert_eq!(answered.status, 200, "{}", answered.body);
    &answered.body["choices"][0]
}

fn content(answered: &Answered) -> Value {
    let text = choice(answered)["message"]["content"].as_str().expect("content");
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test]
async fn it_answers_in_every_form_and_counts() {
    let model = start(ModelFaults::default()).await;
    for (language, scenario) in [
        (Language::English, Scenario::QualifiesWell),
        (Language::German, Scenario::DoesNotQualify),
        (Language::Italian, Scenario::Redirects),
    ] {
        let script = script(language, scenario);
        let (prompt, truth) = (prompt(&transcript(&script, &[])), script.truth());
        for schema in Schema::ALL {
            let answered = ask(&model, &by_schema(schema, &prompt)).await;
            assert_eq!(without_reasons(content(&answered)), expected(schema, &truth));
            assert_eq!(choice(&answered)["finish_reason"], "stop");
        }
    }
    let asked: Vec<(String, u64)> = model.asked().into_iter().collect();
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|(_, times)| *times == 3), "{asked:?}");
}

#[tokio::test]
async fn it_calls_a_function_or_answers_plainly() {
    let model = start(ModelFaults::default()).await;
    let (prompt, truth) = (prompt(&transcript(&agreed(), &[])), agreed().truth());
    let schema = Schema::CriteriaEvaluation;
    let tool = json!({ "type": "function", "function": declared(schema, "parameters") });
    let messages = json!([{ "role": "user", "content": [{ "type": "text", "text": prompt }] }]);
    let named = json!({ "type": "function", "function": { "name": schema.name() } });
    for (tool_choice, reason) in [(named, "stop"), (json!("required"), "tool_calls")] {
        let request = json!({ "model": "local-reader", "messages": messages, "tools": [tool],
            "tool_choice": tool_choice });
        let answered = ask(&model, &request).await;
        assert_eq!(choice(&answered)["finish_reason"], reason);
        let called = &choice(&answered)["message"]["tool_calls"][0]["function"];
        assert_eq!(called["name"], schema.name());
        let arguments = serde_json::from_str(called["arguments"].as_str().expect("arguments"));
        assert_eq!(without_reasons(arguments.expect("JSON")), expected(schema, &truth));
    }
    let asked_for = format!("Answer as criteria_evaluation.\n{prompt}");
    let request = json!({ "model": "local-reader", "messages": [{ "role": "user", "content": asked_for }] });
    let answered = ask(&model, &request).await;
    assert_eq!(without_reasons(content(&answered)), expected(schema, &truth));
    let (usage, told) = (&answered.body["usage"], choice(&answered)["message"]["content"].as_str());
    assert_eq!(usage["prompt_tokens"], asked_for.chars().count().div_ceil(4));
    assert_eq!(usage["completion_tokens"], told.expect("content").chars().count().div_ceil(4));
    let idle = json!({ "model": "local-reader", "messages": [{ "role": "user", "content": "Hello" }] });
    assert!(choice(&ask(&model, &idle).await)["message"]["content"].is_string());
    assert_eq!(model.asked().get("text"), Some(&1));
}

#[tokio::test]
async fn it_refuses_whom_it_does_not_know_and_what_it_cannot_read() {
    let model = start(ModelFaults::default()).await;
    let good = by_schema(Schema::CallJudgement, &prompt(&transcript(&agreed(), &[])));
    let changed = |pointer: &str, value: Value| {
        let mut request = good.clone();
        *request.pointer_mut(pointer).expect("a field") = value;
        request.to_string()
    };
    for (key, body, status, code) in [
        ("sk-other", good.to_string(), 401, json!("invalid_api_key")),
        ("sk-local", changed("/model", json!("gpt-0")), 404, json!("model_not_found")),
        ("sk-local", "{".to_owned(), 400, Value::Null),
        ("sk-local", changed("/messages", json!([])), 400, Value::Null),
        ("sk-local", changed("/messages/1/role", json!("robot")), 400, Value::Null),
        ("sk-local", changed("/response_format/type", json!("yaml")), 400, Value::Null),
        ("sk-local", changed("/response_format/json_schema/name", json!("poem")), 400, Value::Null),
        (
            "sk-local",
            changed("/response_format/json_schema/schema/additionalProperties", json!(true)),
            400,
            Value::Null,
        ),
    ] {
        let answered = post(&model, key, body).await;
        assert_eq!((answered.status, &answered.body["error"]["code"]), (status, &code));
        let error = &answered.body["error"];
        assert!(error["message"].is_string() && error["type"] == "invalid_request_error", "{error}");
    }
    assert!(model.asked().is_empty());
}

#[tokio::test]
async fn each_fault_shows() {
    let request = by_schema(Schema::CallJudgement, &prompt(&transcript(&agreed(), &[])));
    for fault in ModelFault::ALL {
        assert_eq!(fault.name().parse(), Ok(fault));
        let faults = ModelFaults { slow_ms: 30, ..ModelFaults::default() }.with(fault, 1_000);
        let model = start(faults).await;
        let began = tokio::time::Instant::now();
        let answered = ask(&model, &request).await;
        match fault {
            ModelFault::Outage => assert_eq!(answered.status, 503),
            ModelFault::Busy => {
                assert_eq!((answered.status, answered.retry_after.as_deref()), (429, Some("1")));
            }
            ModelFault::Slow => {
                assert_eq!(content(&answered)["verdict"], "success");
                assert!(began.elapsed().as_millis() >= 30);
            }
            ModelFault::NotJson => {
                let text = choice(&answered)["message"]["content"].as_str().expect("content");
                assert!(serde_json::from_str::<Value>(text).is_err());
            }
            ModelFault::Refusal => {
                let message = &choice(&answered)["message"];
                assert!(message["refusal"].is_string() && message["content"].is_null());
            }
            ModelFault::CutOff => {
                let text = choice(&answered)["message"]["content"].as_str().expect("content");
                assert!(text.starts_with('{') && serde_json::from_str::<Value>(text).is_err());
                assert_eq!(choice(&answered)["finish_reason"], "length");
            }
            ModelFault::WrongTurns => assert_eq!(content(&answered)["evidence_turns"], json!([999])),
            ModelFault::WrongField => {
                let answer = content(&answered);
                assert!(answer["confidence"].is_number() && answer.get("wrong_person").is_none(), "{answer}");
            }
        }
        assert_eq!(model.asked()["call_judgement"], 1);
    }
}

#[tokio::test]
async fn the_seed_and_how_often_it_was_asked_decide_what_goes_wrong() {
    let request = by_schema(Schema::CallbackRequest, &prompt(&transcript(&agreed(), &[])));
    let told = async |seed: u64| {
        let faults = ModelFaults::default().with(ModelFault::Outage, 300).with(ModelFault::WrongTurns, 300);
        let settings = ModelSettings { seed, faults, ..ModelSettings::default() };
        let model = LocalModel::start(settings, 0).await.expect("a model");
        let mut told = Vec::new();
        for _ in 0..12 {
            let answered = ask(&model, &request).await;
            told.push((answered.status, answered.body));
        }
        told
    };
    let (first, again, other) = (told(1).await, told(1).await, told(2).await);
    assert_eq!(first, again);
    assert_ne!(first, other);
    let statuses: std::collections::BTreeSet<u16> = first.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [200, 503].into(), "the same question fares otherwise when it is asked again");
}
