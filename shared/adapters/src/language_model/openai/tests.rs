//! What stands in the body of a request.

use carillon_domain::base::language_model::Question;
use serde_json::json;

use super::*;
use crate::language_model::mechanism::Mechanism;
use crate::language_model::request::Repair;
use crate::reach::Reach;

const SCHEMA: &str = r#"
{
  "type": "object", "additionalProperties": false,
  "properties": {"reasoning": {"type": "string"}, "a_verdict": {"type": "string"}},
  "required": ["reasoning", "a_verdict"]
}
"#;

fn body(mechanism: Mechanism, repair: Option<&Repair>) -> (String, Value) {
    let prompt = "TRANSCRIPT\n…".to_owned();
    let question = Question { name: "judgement", system: "You judge.", prompt, schema: SCHEMA };
    let request = Request { model: "m-1", question: &question, mechanism, repair };
    let written = serde_json::to_string(&Body::of(&request).expect("a body")).expect("JSON");
    let read = serde_json::from_str(&written).expect("JSON");
    (written, read)
}

fn schema() -> Value {
    serde_json::from_str(SCHEMA).expect("JSON")
}

fn messages(prompt: &str) -> Value {
    json!([{ "role": "system", "content": "You judge." }, { "role": "user", "content": prompt }])
}

#[test]
fn a_schema_is_asked_for_strictly_and_in_its_order() {
    let (written, read) = body(Mechanism::Schema, None);
    let json_schema = json!({ "name": "judgement", "strict": true, "schema": schema() });
    let expected = json!({
        "model": "m-1",
        "messages": messages("TRANSCRIPT\n…"),
        "response_format": { "type": "json_schema", "json_schema": json_schema },
    });
    assert_eq!(read, expected);
    assert!(written.contains(SCHEMA.trim()), "{written}");
}

#[test]
fn a_tool_must_be_called() {
    let (written, read) = body(Mechanism::Tool, None);
    let function = json!({
        "name": "judgement", "description": "Takes the answer.", "strict": true, "parameters": schema(),
    });
    let expected = json!({
        "model": "m-1",
        "messages": messages("TRANSCRIPT\n…"),
        "tools": [{ "type": "function", "function": function }],
        "tool_choice": { "type": "function", "function": { "name": "judgement" } },
    });
    assert_eq!(read, expected);
    assert!(written.contains(SCHEMA.trim()), "{written}");
}

#[test]
fn a_plain_question_holds_the_schema() {
    let (_, read) = body(Mechanism::Plain, None);
    let prompt = read["messages"][1]["content"].as_str().expect("a text");
    assert!(prompt.starts_with("TRANSCRIPT\n…\nANSWER\n") && prompt.ends_with(SCHEMA), "{prompt}");
    assert_eq!(read, json!({ "model": "m-1", "messages": messages(prompt) }));
}

#[test]
fn an_answer_to_mend_stands_in_the_conversation() {
    let repair = Repair { answer: "{}".to_owned(), fault: "it is empty".to_owned() };
    let (_, read) = body(Mechanism::Tool, Some(&repair));
    assert_eq!(read["messages"][2], json!({ "role": "assistant", "content": "{}" }));
    let told = &read["messages"][3];
    assert_eq!(told["role"], "user");
    assert!(told["content"].as_str().is_some_and(|words| words.contains(": it is empty\n")), "{told}");
    assert_eq!(read["messages"].as_array().map(Vec::len), Some(4));
    assert!(read.get("tool_choice").is_some());
}

#[test]
fn a_key_does_not_show() {
    let http = Reach::Anywhere.client().build().expect("a client");
    let key = Secret::from("sk-secret");
    let url = "https://models.example".parse().expect("an address");
    let api = ChatCompletions::new(&http, url, &key).expect("a key");
    assert!(api.authorization.is_sensitive());
    for answer in [
        json!({ "error": { "message": "wrong: sk-secret" } }),
        json!({ "error": "wrong: sk-secret" }),
        json!({ "message": "wrong: sk-secret" }),
        json!({ "detail": "wrong: sk-secret" }),
    ] {
        assert_eq!(api.complaint(&answer), "wrong: …");
    }
    assert_eq!(api.complaint(&json!({ "error": "x".repeat(999) })).len(), MAX_REASON_CHARS);
}
