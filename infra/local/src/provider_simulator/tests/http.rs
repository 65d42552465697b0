//! The HTTP interface: keys, refusals, the list of conversations, held answers.

use serde_json::{Value, json};

use super::{Caller, START, answer};
use crate::provider_simulator::audit;
use crate::provider_simulator::log::NetworkLog;
use crate::provider_simulator::settings::NetworkSettings;

#[tokio::test]
async fn a_dial_is_answered_as_documented() {
    let caller = Caller::fresh().await;
    let (status, body) = caller.dial("+12015550001", "att_1").await;
    assert_eq!((status, &body["success"], &body["message"]), (200, &json!(true), &json!("Success")));
    assert!(body["conversation_id"].as_str().is_some_and(|id| id.starts_with("conv_") && id.len() == 33));
    assert!(body["callSid"].as_str().is_some_and(|id| id.starts_with("CA") && id.len() == 34));
    let (_, body) = caller.post("sip-trunk", &Caller::request("+12025550001", "att_2").to_string()).await;
    assert!(body["sip_call_id"].is_string() && body.get("callSid").is_none());
    let calls = caller.network.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!((calls[0].attempt.as_deref(), calls[0].to.as_str()), (Some("att_1"), "+12015550001"));
    assert_eq!((calls[0].placed_at, calls[0].phone_number_id.as_str()), (START, "phnum_1"));
    assert_eq!(calls[0].known_at, None);
}

#[tokio::test]
async fn without_the_key_nothing_is_said() {
    let caller = Caller::fresh().await;
    let url = format!("{}/v1/convai/twilio/outbound-call", caller.network.base_url());
    let body = Caller::request("+12015550001", "att_1").to_string();
    for request in [
        caller.client.post(&url).body(body.clone()),
        caller.client.post(&url).header("xi-api-key", "wrong").body(body),
        caller.client.get(format!("{}/v1/convai/conversations", caller.network.base_url())),
    ] {
        let (status, body) = answer(request).await;
        assert_eq!((status, &body["detail"]["status"]), (401, &json!("invalid_api_key")));
    }
    assert!(caller.network.calls().is_empty());
}

#[tokio::test]
async fn a_wrong_body_is_named_field_by_field() {
    let caller = Caller::fresh().await;
    let (status, body) = caller.post("twilio", r#"{"agent_id": 7}"#).await;
    assert_eq!(status, 422);
    let missing = |name: &str| json!({"loc": ["body", name], "msg": "Field required", "type": "missing"});
    let wrong = json!({
        "loc": ["body", "agent_id"], "msg": "Input should be a valid string", "type": "string_type",
    });
    assert_eq!(body["detail"], json!([wrong, missing("agent_phone_number_id"), missing("to_number")]));

    let mut request = Caller::request("+12015550001", "att_1");
    request["conversation_initiation_client_data"]["dynamic_variables"]["list"] = json!([1]);
    request["telephony_call_config"]["ringing_timeout_secs"] = json!(1_000);
    let (status, body) = caller.post("sip-trunk", &request.to_string()).await;
    let locations: Vec<&Value> =
        body["detail"].as_array().expect("a list").iter().map(|f| &f["loc"]).collect();
    let variable = json!(["body", "conversation_initiation_client_data", "dynamic_variables", "list"]);
    let timeout = json!(["body", "telephony_call_config", "ringing_timeout_secs"]);
    assert_eq!((status, locations), (422, vec![&variable, &timeout]));

    for body in ["", "[]", "{"] {
        assert_eq!(caller.post("twilio", body).await.0, 422, "{body:?}");
    }
    assert!(caller.network.calls().is_empty());
}

#[tokio::test]
async fn congestion_and_lost_answers_have_their_status() {
    let settings = NetworkSettings { max_concurrent: 1, ..Default::default() };
    let caller = Caller::start(settings, NetworkLog::in_memory()).await;
    assert_eq!(caller.dial("+12015550009", "att_1").await.0, 429);
    assert_eq!(caller.dial("+12015550014", "att_2").await.0, 502);
    assert_eq!(caller.dial("+12015550010", "att_3").await.0, 504);
    let (status, body) = caller.dial("+12015550001", "att_4").await;
    assert_eq!((status, &body["detail"]["status"]), (429, &json!("too_many_concurrent_requests")));
    assert_eq!(caller.dial("not a number", "att_5").await.1["success"], false);
    let attempts: Vec<_> = caller.network.calls().into_iter().map(|call| call.attempt).collect();
    assert_eq!(attempts, [Some("att_3".to_owned())], "only one call was made");
}

#[tokio::test]
async fn an_attempt_is_found_by_its_id_after_the_lag() {
    let caller = Caller::fresh().await;
    caller.dial("+12015550010", "att_lost").await;
    caller.dial("+12015550001", "att_other").await;
    let (status, page) = caller.get("conversations?user_id=att_lost").await;
    assert_eq!((status, page["conversations"].as_array().map(Vec::len)), (200, Some(0)), "not listed yet");
    caller.clock.advance_to(START.plus_ms(1_000));
    let (_, page) = caller.get("conversations?user_id=att_lost").await;
    assert_eq!(page["has_more"], false);
    assert_eq!(page["conversations"].as_array().map(Vec::len), Some(1));
    let found = &page["conversations"][0];
    assert_eq!((&found["status"], &found["direction"]), (&json!("initiated"), &json!("outbound")));
    let id = found["conversation_id"].as_str().expect("an id");
    caller.clock.advance_to(START.plus_ms(60_000));
    let (status, conversation) = caller.get(&format!("conversations/{id}")).await;
    assert_eq!((status, &conversation["status"]), (200, &json!("done")));
    assert_eq!(conversation["user_id"], "att_lost");
    assert_eq!(conversation["conversation_initiation_client_data"]["dynamic_variables"]["visits"], 3);
    let (status, body) = caller.get("conversations/conv_none").await;
    assert_eq!((status, &body["detail"]["status"]), (404, &json!("document_not_found")));
    assert_eq!(caller.get("conversations?user_id=att_none").await.1["conversations"], json!([]));
}

#[tokio::test]
async fn the_list_turns_its_pages() {
    let caller = Caller::fresh().await;
    for n in 0..5 {
        caller.dial(&format!("+1{}5550001", 201 + n), &format!("att_{n}")).await;
        caller.clock.advance_to(START.plus_ms(1_000 * (n + 1)));
    }
    caller.clock.advance_to(START.plus_ms(100_000));
    let mut seen = Vec::new();
    let mut path = "conversations?page_size=2".to_owned();
    loop {
        let (_, page) = caller.get(&path).await;
        let rows = page["conversations"].as_array().expect("rows").clone();
        seen.extend(
            rows.iter().map(|row| row["start_time_unix_secs"].as_i64().expect("a time") - START.as_secs()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("conversations?page_size=2&cursor={cursor}");
    }
    assert_eq!(seen, [4, 3, 2, 1, 0], "the latest first, each once");
    let after = format!("conversations?call_start_after_unix={}", START.as_secs() + 3);
    assert_eq!(caller.get(&after).await.1["conversations"].as_array().map(Vec::len), Some(2));
    for bad in ["page_size=0", "page_size=101", "page_size=x"] {
        assert_eq!(caller.get(&format!("conversations?{bad}")).await.0, 422, "{bad}");
    }
}

#[tokio::test]
async fn a_held_answer_comes_after_the_webhook_that_overtakes_it() {
    let settings = NetworkSettings { hold_answers: true, ..Default::default() };
    let caller = Caller::start(settings, NetworkLog::in_memory()).await;
    let url = format!("{}/v1/convai/twilio/outbound-call", caller.network.base_url());
    let body = Caller::request("+12015550011", "att_1").to_string();
    let request = caller.client.post(url).header("xi-api-key", "xi_local").body(body);
    let dial = tokio::spawn(answer(request));
    while caller.network.held_answers() == 0 {
        tokio::task::yield_now().await;
    }
    let webhooks = caller.advance();
    assert_eq!(webhooks.len(), 1);
    caller.network.tried(&webhooks[0], Some((200, "")));
    caller.network.release_answers(caller.clock.now());
    assert!(!dial.is_finished());
    assert!(caller.advance().is_empty(), "the next event is the answer");
    caller.network.release_answers(caller.clock.now());
    let (status, body) = dial.await.expect("no panic");
    assert_eq!((status, &body["success"]), (200, &json!(true)));
    assert_eq!(caller.network.held_answers(), 0);
    assert!(webhooks[0].body.contains(body["conversation_id"].as_str().expect("an id")));
    assert!(audit::placed_twice(&caller.network.calls()).is_empty());
}

#[tokio::test]
async fn a_recording_is_there_once_the_call_is_over_and_never_of_one_that_was_not_answered() {
    let caller = Caller::fresh().await;
    let audio = async |id: &str, key: &str| {
        let url = format!("{}/v1/convai/conversations/{id}/audio", caller.network.base_url());
        let answer = caller.client.get(url).header("xi-api-key", key).send().await.expect("an answer");
        let media_type = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
        let media_type = media_type.unwrap_or_default().to_owned();
        (answer.status().as_u16(), media_type, answer.bytes().await.expect("a body"))
    };
    let (_, talked) = caller.dial("+12015550001", "att_1").await;
    let (_, busy) = caller.dial("+12025550002", "att_2").await;
    let id = |body: &Value| body["conversation_id"].as_str().expect("an id").to_owned();
    let (talked, busy) = (id(&talked), id(&busy));
    assert_eq!(audio(&talked, "xi_local").await.0, 404, "it rings");
    caller.clock.advance_to(START.plus_ms(600_000));
    let (status, media_type, bytes) = audio(&talked, "xi_local").await;
    assert_eq!((status, media_type.as_str()), (200, "audio/mpeg"));
    let (_, conversation) = caller.get(&format!("conversations/{talked}")).await;
    assert_eq!(conversation["has_audio"], true);
    let secs = conversation["metadata"]["call_duration_secs"].as_u64().expect("a number");
    // 8,000 bits a second.
    assert!((secs * 1_000 - 36..=secs * 1_000).contains(&(bytes.len() as u64)), "{secs} s");
    assert_eq!(audio(&talked, "xi_local").await.2, bytes, "the same each time");
    assert_eq!(audio(&talked, "another").await.0, 401);
    assert_eq!(audio(&busy, "xi_local").await.0, 404);
    assert_eq!(audio("conv_none", "xi_local").await.0, 404);
}
