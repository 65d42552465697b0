//! How a model is asked until it answers, by a server that stands in for it.

use serde_json::json;

use super::*;
use crate::scripted::{Request, Scripted, answer};

static QUESTION: Question = Question {
    name: "judgement",
    system: "You judge.",
    prompt: String::new(),
    schema: r#"{"type":"object","properties":{"reasoning":{"type":"string"},"a_verdict":{"type":"string"}}}"#,
};

fn key() -> Secret {
    Secret::from("sk-secret")
}

fn models(reach: Reach) -> LanguageModels {
    LanguageModels::new(reach).expect("a client")
}

fn model(base_url: &str) -> LanguageModel {
    LanguageModel {
        provider: ModelProvider::OpenAi,
        model: "m-1".to_owned(),
        base_url: Some(base_url.to_owned()),
        input_price_micros: 0,
        output_price_micros: 0,
    }
}

fn verdict(answer: &Value) -> Result<String, String> {
    answer["a_verdict"].as_str().map(str::to_owned).ok_or_else(|| "`a_verdict` is missing".to_owned())
}

/// A completion of this choice, which used 10 tokens and 3.
fn completion(choice: &Value) -> Vec<u8> {
    let body = json!({ "choices": [choice], "usage": { "prompt_tokens": 10, "completion_tokens": 3 } });
    answer("200 OK", &[], body.to_string().as_bytes())
}

fn says(content: &str) -> Vec<u8> {
    completion(&json!({ "message": { "content": content, "refusal": null }, "finish_reason": "stop" }))
}

fn calls_tool(arguments: &Value) -> Vec<u8> {
    let call = json!({ "type": "function", "function": { "name": "judgement", "arguments": arguments } });
    completion(
        &json!({ "message": { "content": null, "tool_calls": [call] }, "finish_reason": "tool_calls" }),
    )
}

fn error(status: &str) -> Vec<u8> {
    answer(status, &[], br#"{"error": {"message": "no with sk-secret", "code": null}}"#)
}

const BAD: &str = "400 Bad Request";
const GOOD: &str = r#"{"reasoning": "r", "a_verdict": "yes"}"#;

async fn asked(answers: Vec<Vec<u8>>) -> (Asked<String>, Vec<Request>) {
    let server = Scripted::new(answers);
    let asked = models(Reach::Anywhere).ask(&model(server.url()), Some(&key()), &QUESTION, verdict).await;
    (asked, server.requests())
}

/// Why there is no answer when this comes.
async fn none(answers: Vec<Vec<u8>>) -> NoAnswer {
    asked(answers).await.0.answer.expect_err("no answer")
}

/// By which mechanism a request asks.
fn mechanism(request: &Request) -> &'static str {
    let body = request.json();
    match (body.get("response_format"), body.get("tools")) {
        (Some(_), None) => "schema",
        (None, Some(_)) => "tool",
        (None, None) => "plain",
        _ => panic!("two at once"),
    }
}

fn usage(requests: u64) -> Usage {
    Usage { input_tokens: 10 * requests, output_tokens: 3 * requests }
}

#[tokio::test]
async fn an_answer_is_asked_for_with_the_key_and_read() {
    let (asked, requests) = asked(vec![says(GOOD)]).await;
    assert_eq!((asked.answer, asked.usage), (Ok("yes".to_owned()), usage(1)));
    let [request] = &requests[..] else { panic!("one request") };
    assert_eq!(request.target, "POST /chat/completions");
    assert_eq!(request.header("authorization"), Some("Bearer sk-secret"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(mechanism(request), "schema");
}

#[tokio::test]
async fn an_address_keeps_its_path_and_query() {
    for (path, target) in [
        ("/v1", "POST /v1/chat/completions"),
        ("/v1/", "POST /v1/chat/completions"),
        ("/v1?api-version=1", "POST /v1/chat/completions?api-version=1"),
    ] {
        let server = Scripted::new(vec![says(GOOD)]);
        let model = model(&format!("{}{path}", server.url()));
        let asked = models(Reach::Anywhere).ask(&model, Some(&key()), &QUESTION, verdict).await;
        assert!(asked.answer.is_ok(), "{asked:?}");
        assert_eq!(server.requests()[0].target, target);
    }
}

#[tokio::test]
async fn a_model_is_asked_by_what_it_takes_and_that_is_remembered() {
    let server = Scripted::new(vec![
        error(BAD),
        error("422 Unprocessable Entity"),
        says(&format!("Here:\n```json\n{GOOD}\n```")),
        says(GOOD),
        error(BAD),
        error(BAD),
        calls_tool(&GOOD.into()),
    ]);
    let (models, model, key) = (models(Reach::Anywhere), model(server.url()), key());
    let ask = || models.ask(&model, Some(&key), &QUESTION, verdict);
    let first = ask().await;
    assert_eq!((first.answer, first.usage), (Ok("yes".to_owned()), usage(1)));
    assert_eq!(ask().await.answer, Ok("yes".to_owned()));
    // What is known works no more: that is told once, and then all are tried anew.
    let refused = ask().await.answer.expect_err("refused");
    assert_eq!(refused, NoAnswer::Misconfigured("400: no with …".to_owned()));
    assert_eq!(ask().await.answer, Ok("yes".to_owned()));
    let by: Vec<_> = server.requests().iter().map(mechanism).collect();
    assert_eq!(by, ["schema", "tool", "plain", "plain", "plain", "schema", "tool"]);
    let prompt = server.requests()[2].json()["messages"][1]["content"].to_string();
    assert!(prompt.contains("a_verdict"), "{prompt}");
}

#[tokio::test]
async fn the_input_of_a_tool_may_be_a_text_or_an_object() {
    let object: Value = serde_json::from_str(GOOD).expect("JSON");
    for arguments in [Value::from(GOOD), object] {
        let (asked, _) = asked(vec![error(BAD), calls_tool(&arguments)]).await;
        assert_eq!((asked.answer, asked.usage), (Ok("yes".to_owned()), usage(1)));
    }
}

#[tokio::test]
async fn a_model_mends_its_answer_once() {
    let wrong = r#"{"reasoning": "r"}"#;
    let (mended, requests) = asked(vec![says(wrong), says(GOOD)]).await;
    assert_eq!((mended.answer, mended.usage), (Ok("yes".to_owned()), usage(2)));
    let told = requests[1].json()["messages"].clone();
    assert_eq!(mechanism(&requests[1]), "schema");
    assert_eq!(told[2], json!({ "role": "assistant", "content": wrong }));
    assert_eq!(told[3]["role"], "user");
    assert!(told[3]["content"].as_str().is_some_and(|words| words.contains("`a_verdict` is missing")));

    let (spoiled, _) = asked(vec![says("I think yes"), says(wrong)]).await;
    assert_eq!(spoiled.answer, Err(NoAnswer::Unreadable("`a_verdict` is missing".to_owned())));
    assert_eq!(spoiled.usage, usage(2));
    // Nothing at all is no turn of a conversation.
    let (_, requests) = asked(vec![says(""), says(GOOD)]).await;
    assert_eq!(requests[1].json()["messages"][2]["content"], "(nothing)");
    let refused = none(vec![says("yes"), error(BAD)]).await;
    assert_eq!(refused, NoAnswer::Unreadable("it is no JSON object".to_owned()));
    assert!(matches!(none(vec![says("yes"), error("503 Busy")]).await, NoAnswer::Unavailable { .. }));
}

#[tokio::test]
async fn a_model_that_stops_early_has_not_answered() {
    let stop = |reason: &str| completion(&json!({ "message": { "content": GOOD }, "finish_reason": reason }));
    assert_eq!(none(vec![stop("length")]).await, NoAnswer::CutOff);
    let filtered = NoAnswer::Declined("the provider's filter stopped it".to_owned());
    assert_eq!(none(vec![stop("content_filter")]).await, filtered);
    let refusal = json!({ "message": { "content": null, "refusal": "I won't" }, "finish_reason": "stop" });
    let (asked, _) = asked(vec![completion(&refusal)]).await;
    assert_eq!(asked.answer, Err(NoAnswer::Declined("I won't".to_owned())));
    assert_eq!(asked.usage, usage(1), "it costs all the same");
    let of_code = |code: &str| {
        let body = json!({ "error": { "message": "no", "code": code } }).to_string();
        answer(BAD, &[], body.as_bytes())
    };
    assert_eq!(none(vec![of_code("context_length_exceeded")]).await, NoAnswer::CutOff);
    assert_eq!(none(vec![of_code("content_filter")]).await, filtered);
    let unknown = none(vec![of_code("model_not_found")]).await;
    assert_eq!(unknown, NoAnswer::Misconfigured("400: no".to_owned()));
}

#[tokio::test]
async fn a_wrong_key_or_name_is_told_at_once_and_without_the_key() {
    for status in ["401 Unauthorized", "403 Forbidden", "404 Not Found", "301 Moved", "405 Not Allowed"] {
        let reason = format!("{}: no with …", &status[..3]);
        assert_eq!(none(vec![error(status)]).await, NoAnswer::Misconfigured(reason));
    }
    let refused = none(vec![error(BAD), error(BAD), error(BAD)]).await;
    assert_eq!(refused, NoAnswer::Misconfigured("400: no with …".to_owned()));
}

#[tokio::test]
async fn who_is_busy_or_broken_may_be_asked_later() {
    let busy = |retry_after| answer("429 Too Many Requests", &[("retry-after", retry_after)], b"slow down");
    for (retry_after, retry_after_ms) in [("20", Some(20_000)), ("Wed, 21 Oct 2015 07:28:00 GMT", None)] {
        let reason = "429: the provider says nothing of it".to_owned();
        assert_eq!(none(vec![busy(retry_after)]).await, NoAnswer::Unavailable { reason, retry_after_ms });
    }
    for status in ["503 Busy", "500 Oh", "408 Late", "424 Failed"] {
        assert!(matches!(none(vec![error(status)]).await, NoAnswer::Unavailable { .. }), "{status}");
    }
    let long = format!(r#"{{"choices": "{}"}}"#, "x".repeat(1024 * 1024));
    for body in ["<html>", "[]", r#"{"choices": []}"#, &long] {
        let came = none(vec![answer("200 OK", &[], body.as_bytes())]).await;
        assert!(matches!(came, NoAnswer::Unavailable { .. }), "{came:?}");
    }
    let nobody = models(Reach::Anywhere);
    let asked = nobody.ask(&model("http://127.0.0.1:9"), Some(&key()), &QUESTION, verdict).await;
    assert!(matches!(asked.answer, Err(NoAnswer::Unavailable { retry_after_ms: None, .. })), "{asked:?}");
}

#[tokio::test]
async fn nobody_is_asked_without_a_key_or_where_we_do_not_go() {
    let public = models(Reach::Public);
    let key = key();
    for (base_url, key) in [
        ("https://10.0.0.1/v1", Some(&key)),
        ("http://models.example/v1", Some(&key)),
        ("models", Some(&key)),
        ("https://models.example/v1", None),
        ("https://models.example/v1", Some(&Secret::from(""))),
        ("https://models.example/v1", Some(&Secret::from("a\nb"))),
    ] {
        let asked = public.ask(&model(base_url), key, &QUESTION, verdict).await;
        assert!(matches!(asked.answer, Err(NoAnswer::Misconfigured(_))), "{base_url}: {asked:?}");
        assert_eq!(asked.usage, Usage::default());
    }
    assert_eq!(public.check("https://[::1]/v1"), Err(UrlError::Private("[::1]".to_owned())));
    assert_eq!(public.check(&"x".repeat(MAX_URL_BYTES + 1)), Err(UrlError::TooLong(MAX_URL_BYTES + 1)));
    assert_eq!(public.check(OPENAI_URL), Ok(()));
}

#[tokio::test]
async fn bedrock_is_asked_only_where_it_is() {
    let models = models(Reach::Anywhere);
    assert_eq!(models.reaches(ModelProvider::OpenAi), Ok(()));
    assert_eq!(models.reaches(ModelProvider::Bedrock), Err(NO_BEDROCK));
    let model = LanguageModel { provider: ModelProvider::Bedrock, base_url: None, ..model("") };
    let asked = models.ask(&model, None, &QUESTION, verdict).await;
    assert_eq!(asked.answer, Err(NoAnswer::Misconfigured(NO_BEDROCK.to_owned())));
}

#[test]
fn asking_may_move_between_threads() {
    fn movable<T: Send>(asked: T) -> T {
        asked
    }
    let (models, model, key) = (models(Reach::Public), model("https://models.example"), key());
    drop(movable(models.ask(&model, Some(&key), &QUESTION, verdict)));
}
