//! The HTTP interface: keys, refusals, calls as they stand, the list.

use serde_json::{Value, json};

use crate::provider_simulator::log::NetworkLog;
use crate::provider_simulator::retell::Account;
use crate::provider_simulator::settings::NetworkSettings;
use crate::provider_simulator::tests::{Caller, START, answer};

/// The calls of an attempt, as our callers ask for them.
fn of_attempt(attempt: &str) -> Value {
    let filter = json!({"key": "attempt_id", "type": "string", "op": "eq", "value": attempt});
    json!({"filter_criteria": {"metadata": [filter]}, "limit": 10})
}

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().filter_map(|call| call["call_id"].as_str()).collect()
}

#[tokio::test]
async fn a_dial_is_answered_with_the_call_as_it_stands() {
    let caller = Caller::fresh().await;
    let (status, call) = caller.dial_at_retell("+12015550001", "att_1").await;
    assert_eq!(
        (status, &call["call_status"], &call["direction"]),
        (201, &json!("registered"), &json!("outbound"))
    );
    assert!(call["call_id"].as_str().is_some_and(|id| id.starts_with("call_") && id.len() == 31));
    assert_eq!((&call["from_number"], &call["to_number"]), (&json!("+15017122661"), &json!("+12015550001")));
    assert_eq!(call["metadata"], json!({"attempt_id": "att_1"}));
    assert_eq!(call["retell_llm_dynamic_variables"]["first_name"], "Ann");
    for absent in ["start_timestamp", "disconnection_reason", "transcript", "call_analysis"] {
        assert!(call.get(absent).is_none(), "{absent}");
    }
    let calls = caller.network.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].attempt.as_deref(), calls[0].to.as_str()), (Some("att_1"), "+12015550001"));
    assert_eq!((calls[0].placed_at, calls[0].phone_number_id.as_str()), (START, "+15017122661"));
}

#[tokio::test]
async fn without_the_key_nothing_is_said() {
    let caller = Caller::fresh().await;
    let url = |path: &str| format!("{}{path}", caller.network.base_url());
    let body = Caller::retell_request("+12015550001", "att_1").to_string();
    for request in [
        caller.client.post(url("/v2/create-phone-call")).body(body.clone()),
        caller.client.post(url("/v2/create-phone-call")).bearer_auth("wrong").body(body.clone()),
        // The key of the other provider opens nothing here.
        caller.client.post(url("/v2/create-phone-call")).header("xi-api-key", "xi_local").body(body),
        caller.client.get(url("/v2/get-call/call_1")).bearer_auth("xi_local"),
        caller.client.post(url("/v3/list-calls")).header("authorization", "key_local").body("{}"),
    ] {
        let unauthorized = json!({"status": "error", "message": "API key is missing or invalid."});
        assert_eq!(answer(request).await, (401, unauthorized));
    }
    assert!(caller.network.calls().is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_named() {
    let caller = Caller::fresh().await;
    let is_named = async |pointer: &str, value: Option<Value>, told: &str| {
        let mut body = Caller::retell_request("+12015550001", "att_1");
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = body.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
        match value {
            Some(value) => parent.insert(name.to_owned(), value),
            None => parent.remove(name),
        };
        let (status, body) = caller.ask_retell("/v2/create-phone-call", &body).await;
        let message = body["message"].as_str().expect("a message");
        assert!(status == 400 && body["status"] == "error" && message.contains(told), "{pointer}: {message}");
    };
    is_named("/from_number", None, "'from_number'").await;
    is_named("/from_number", Some(json!("5017122661")), "body/from_number").await;
    is_named("/to_number", None, "'to_number'").await;
    is_named("/to_number", Some(json!(12_015_550_001_i64)), "body/to_number").await;
    is_named("/to_number", Some(json!("somebody")), "body/to_number").await;
    is_named("/override_agent_id", None, "No outbound agent").await;
    is_named("/metadata", Some(json!("att_1")), "body/metadata").await;
    is_named("/retell_llm_dynamic_variables/visits", Some(json!(3)), "visits must be string").await;
    is_named("/agent_override/agent/language", Some(json!("en")), "agent/language").await;
    is_named("/agent_override/agent/ring_duration_ms", Some(json!(4_999)), "ring_duration_ms").await;
    is_named("/agent_override/agent/ring_duration_ms", Some(json!(300_001)), "ring_duration_ms").await;
    is_named("/agent_override/agent/voicemail_option", Some(json!({"action": "hangup"})), "voicemail_option")
        .await;
    is_named("/agent_override/retell_llm/begin_message", Some(json!(7)), "begin_message").await;
    is_named("/idempotency_key", Some(json!(7)), "idempotency_key").await;
    for body in [json!([]), json!(null)] {
        assert_eq!(caller.ask_retell("/v2/create-phone-call", &body).await.0, 400);
    }
    assert!(caller.network.calls().is_empty());
}

#[tokio::test]
async fn refusals_have_their_status() {
    let callers = [("+15017122662".to_owned(), "+15017122662".to_owned())];
    let settings = NetworkSettings { caller_numbers: callers.into(), ..Default::default() };
    let caller = Caller::start(settings, NetworkLog::in_memory()).await;
    let (status, body) = caller.dial_at_retell("+12015550001", "att_1").await;
    let told = "Cannot find requested asset under given api key.";
    assert_eq!((status, &body["message"]), (422, &json!(told)));

    let retell = Account { has_paid: false, ..Default::default() };
    let settings = NetworkSettings { retell, ..Default::default() };
    let caller = Caller::start(settings, NetworkLog::in_memory()).await;
    let (status, body) = caller.dial_at_retell("+12015550001", "att_1").await;
    assert_eq!((status, &body["message"]), (402, &json!("Trial has ended, please add payment method.")));
    assert!(caller.network.calls().is_empty());

    let outages = vec![START.plus_ms(1_000)..START.plus_ms(2_000)];
    let retell = Account { outages, ..Default::default() };
    let settings = NetworkSettings { retell, max_concurrent: 1, ..Default::default() };
    let caller = Caller::start(settings, NetworkLog::in_memory()).await;
    assert_eq!(caller.dial_at_retell("+12015550009", "att_2").await.0, 429);
    assert_eq!(caller.dial_at_retell("+12015550014", "att_3").await.0, 502);
    assert_eq!(caller.dial_at_retell("+12015550010", "att_4").await.0, 504);
    assert_eq!(caller.dial_at_retell("+12015550001", "att_5").await.0, 429, "the account is full");
    assert_eq!(caller.get_call("call_none").await.0, 404);
    caller.clock.advance_to(START.plus_ms(1_500));
    assert_eq!(caller.dial_at_retell("+12015550001", "att_6").await.0, 503);
    assert_eq!(caller.dial("+12015550001", "att_7").await.0, 200, "the other provider is not out of order");
    let attempts: Vec<_> = caller.network.calls().into_iter().map(|call| call.attempt).collect();
    assert_eq!(attempts, [Some("att_4".to_owned()), Some("att_7".to_owned())], "calls that were made");
}

#[tokio::test]
async fn the_same_key_makes_no_second_call_for_an_hour() {
    let caller = Caller::fresh().await;
    let (_, first) = caller.dial_at_retell("+12015550001", "att_1").await;
    caller.clock.advance_to(START.plus_ms(20_000));
    let (status, again) = caller.dial_at_retell("+12015550001", "att_1").await;
    assert_eq!(
        (status, &again["call_id"], &again["call_status"]),
        (201, &first["call_id"], &json!("ongoing"))
    );
    assert_eq!(caller.network.calls().len(), 1);
    caller.clock.advance_to(START.plus_ms(3_600_000));
    let (_, later) = caller.dial_at_retell("+12015550001", "att_1").await;
    assert_ne!(later["call_id"], first["call_id"]);
}

#[tokio::test]
async fn a_call_goes_through_its_states() {
    let caller = Caller::fresh().await;
    let (_, placed) = caller.dial_at_retell("+12015550001", "att_1").await;
    let id = placed["call_id"].as_str().expect("an id");
    let at = async |ms: i64| {
        caller.clock.advance_to(START.plus_ms(ms));
        let (status, call) = caller.get_call(id).await;
        assert_eq!(status, 200);
        call
    };
    assert_eq!(at(0).await["call_status"], "registered");
    let ongoing = at(5_000).await;
    assert_eq!((&ongoing["call_status"], ongoing.get("transcript")), (&json!("ongoing"), None));
    assert_eq!(ongoing["start_timestamp"], START.plus_ms(5_000).as_millis());
    let ended = at(35_000).await;
    assert_eq!((&ended["call_status"], &ended["duration_ms"]), (&json!("ended"), &json!(30_000)));
    assert_eq!(ended["disconnection_reason"], "agent_hangup");
    assert!(ended["transcript"].as_str().is_some_and(|text| text.starts_with("Agent: Hi Ann.\nUser: ")));
    assert!(ended.get("call_analysis").is_none(), "that takes a while");
    assert_eq!(at(40_000).await["call_analysis"]["call_successful"], true);
}

#[tokio::test]
async fn an_attempt_is_found_by_its_metadata_after_the_lag() {
    let caller = Caller::fresh().await;
    caller.dial_at_retell("+12015550010", "att_lost").await;
    caller.dial_at_retell("+12015550001", "att_other").await;
    caller.dial("+12025550001", "att_elsewhere").await;
    let (status, page) = caller.ask_retell("/v3/list-calls", &of_attempt("att_lost")).await;
    assert_eq!((status, ids(&page).len()), (200, 0), "not listed yet");
    caller.clock.advance_to(START.plus_ms(60_000));
    let (_, page) = caller.ask_retell("/v3/list-calls", &of_attempt("att_lost")).await;
    assert_eq!((ids(&page).len(), &page["has_more"], page.get("pagination_key")), (1, &json!(false), None));
    let found = &page["items"][0];
    assert_eq!((&found["call_status"], found.get("transcript_object")), (&json!("ended"), None));
    let (_, call) = caller.get_call(ids(&page)[0]).await;
    assert_eq!(call["transcript_object"][0]["role"], "agent");
    let (_, page) = caller.ask_retell("/v3/list-calls", &json!({})).await;
    assert_eq!(ids(&page).len(), 2, "none of the other provider");
}

#[tokio::test]
async fn the_list_turns_its_pages() {
    let caller = Caller::fresh().await;
    for n in 0..5 {
        caller.dial_at_retell(&format!("+1{}5550001", 201 + n), &format!("att_{n}")).await;
        caller.clock.advance_to(START.plus_ms(1_000 * (n + 1)));
    }
    caller.clock.advance_to(START.plus_ms(100_000));
    for (sort_order, expected) in [("descending", [4, 3, 2, 1, 0]), ("ascending", [0, 1, 2, 3, 4])] {
        let mut seen = Vec::new();
        let mut question = json!({"limit": 2, "sort_order": sort_order});
        loop {
            let (_, page) = caller.ask_retell("/v3/list-calls", &question).await;
            let items = page["items"].as_array().expect("items");
            seen.extend(
                items.iter().map(|call| call["metadata"]["attempt_id"].as_str().expect("an id").to_owned()),
            );
            if page["has_more"] == false {
                break;
            }
            question["pagination_key"] = page["pagination_key"].clone();
        }
        assert_eq!(seen, expected.map(|n| format!("att_{n}")));
    }
    let starting = json!({"key": "attempt_id", "type": "string", "op": "sw", "value": "att_"});
    let not_one = json!({"key": "attempt_id", "type": "string", "op": "ne", "value": "att_1"});
    let question = json!({"filter_criteria": {"metadata": [starting, not_one]}});
    assert_eq!(ids(&caller.ask_retell("/v3/list-calls", &question).await.1).len(), 4);
    for bad in [
        json!({"limit": 0}),
        json!({"limit": 1_001}),
        json!({"sort_order": "up"}),
        json!({"skip": 3}),
        json!({"filter_criteria": {"call_status": ["ended"]}}),
        json!({"filter_criteria": {"metadata": [{"key": "a", "type": "number", "op": "eq", "value": 1}]}}),
    ] {
        assert_eq!(caller.ask_retell("/v3/list-calls", &bad).await.0, 400, "{bad}");
    }
}
