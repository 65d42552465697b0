//! What each number of the table does.

use serde_json::{Value, json};

use super::{START, on_trunk, order, parsed, rest};
use crate::provider_simulator::call::{Call, CallResult};
use crate::provider_simulator::calls::{Answer, Delivery, Exchange};
use crate::provider_simulator::elevenlabs;
use crate::provider_simulator::order::OutboundCall;
use crate::provider_simulator::settings::NetworkSettings;

/// Dials a number of the table once, after `dialled_before` dials; the answer and the webhooks.
fn dial(order: &OutboundCall, dialled_before: usize) -> (Answer, Vec<Delivery>) {
    let mut exchange = Exchange::new(NetworkSettings::default());
    for _ in 0..dialled_before {
        exchange.place(START, order);
    }
    rest(&mut exchange);
    let answer = exchange.place(START.plus_ms(3_600_000), order);
    (answer, rest(&mut exchange))
}

fn number(last_four: &str) -> OutboundCall {
    order(&format!("+1212555{last_four}"))
}

/// The only webhook of a call, as its type and its data.
fn only(deliveries: &[Delivery]) -> (String, Value) {
    assert_eq!(deliveries.len(), 1, "one webhook");
    let body = parsed(&deliveries[0].body);
    (body["type"].as_str().expect("a type").to_owned(), body["data"].clone())
}

/// The conversation that a dial ends in.
fn conversation(last_four: &str, dialled_before: usize) -> Value {
    let (answer, deliveries) = dial(&number(last_four), dialled_before);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["success"], true);
    let (kind, data) = only(&deliveries);
    assert_eq!(kind, "post_call_transcription");
    assert_eq!(data["conversation_id"], answer.body["conversation_id"]);
    data
}

/// The failure that a dial ends in: reason, Twilio's status, SIP code.
fn failure(last_four: &str, dialled_before: usize) -> (String, String, String) {
    let (answer, deliveries) = dial(&number(last_four), dialled_before);
    assert_eq!(answer.status, 200);
    let (kind, data) = only(&deliveries);
    assert_eq!(kind, "call_initiation_failure");
    assert_eq!(data["metadata"]["type"], "twilio");
    let body = &data["metadata"]["body"];
    assert_eq!(body["CallSid"], answer.body["callSid"]);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (text(&data["failure_reason"]), text(&body["CallStatus"]), text(&body["SipResponseCode"]))
}

fn triple(reason: &str, status: &str, code: &str) -> (String, String, String) {
    (reason.to_owned(), status.to_owned(), code.to_owned())
}

fn talked_30_secs(data: &Value) -> bool {
    data["status"] == "done"
        && data["metadata"]["call_duration_secs"] == 30
        && data["metadata"]["phone_call"]["call_result"] == "answered"
        && data["transcript"].as_array().is_some_and(|turns| turns.iter().any(|turn| turn["role"] == "user"))
}

#[test]
fn who_talks_talks() {
    let data = conversation("0001", 0);
    assert!(talked_30_secs(&data), "{data}");
    assert_eq!(data["metadata"]["termination_reason"], "end_call tool was called.");
    assert_eq!(data["transcript"][0]["message"], "Hi Ann, this is Robin.");
    let data = conversation("0025", 0);
    assert!(talked_30_secs(&data), "{data}");
    assert_eq!(data["metadata"]["termination_reason"], "Call ended by remote party");
    assert_eq!(conversation("0019", 0)["metadata"]["call_duration_secs"], 1_200);
}

#[test]
fn calls_that_are_not_put_through_say_why() {
    assert_eq!(failure("0002", 0), triple("busy", "busy", "486"));
    assert_eq!(failure("0003", 0), triple("no-answer", "no-answer", "487"));
    assert_eq!(failure("0006", 0), triple("unknown", "failed", "603"));
    assert_eq!(failure("0007", 0), triple("unknown", "failed", "404"));
    assert_eq!(failure("0022", 0), triple("unknown", "failed", "608"));
    assert_eq!(failure("0023", 0), triple("unknown", "failed", "403"));
}

#[test]
fn voicemail_is_a_conversation_and_never_a_failure() {
    let data = conversation("0004", 0);
    assert_eq!(data["metadata"]["phone_call"]["call_result"], "voicemail");
    assert_eq!(data["metadata"]["features_usage"]["voicemail_detection"]["used"], true);
    assert_eq!(data["metadata"]["termination_reason"], "voicemail_detection tool was called.");
    assert_eq!(data["transcript"][2]["tool_calls"][0]["tool_name"], "voicemail_detection");
}

#[test]
fn who_says_nothing_leaves_no_words() {
    for (last_four, ending) in
        [("0005", "Call ended by remote party"), ("0018", "Ending conversation after 20 seconds of silence")]
    {
        let data = conversation(last_four, 0);
        assert_eq!(data["status"], "done");
        assert_eq!(data["metadata"]["phone_call"]["call_result"], "answered");
        assert_eq!(data["metadata"]["termination_reason"], ending);
        let turns = data["transcript"].as_array().expect("turns");
        assert!(turns.iter().all(|turn| turn["role"] == "agent"));
    }
}

#[test]
fn refusals_make_no_call() {
    for (last_four, status, detail) in
        [("0008", 200, Value::Null), ("0009", 429, json!("system_busy")), ("0014", 502, Value::Null)]
    {
        let (answer, deliveries) = dial(&number(last_four), 0);
        assert_eq!(answer.status, status, "{last_four}");
        assert_eq!(answer.body["detail"]["status"], detail);
        assert!(deliveries.is_empty());
    }
    let (answer, _) = dial(&number("0008"), 0);
    let refused = json!({
        "success": false, "message": "Trunk rejected the call", "conversation_id": null, "callSid": null,
    });
    assert_eq!(answer.body, refused);
}

#[test]
fn some_answer_after_a_first_miss() {
    assert_eq!(failure("0012", 0), triple("no-answer", "no-answer", "487"));
    assert_eq!(conversation("0013", 0)["metadata"]["phone_call"]["call_result"], "voicemail");
    assert_eq!(failure("0013", 1), triple("busy", "busy", "486"));
    assert_eq!(failure("0015", 0), triple("unknown", "failed", "503"));
    assert_eq!(conversation("0016", 0)["metadata"]["error"]["code"], 1_011);
    for (last_four, dialled_before) in
        [("0009", 1), ("0012", 1), ("0013", 2), ("0014", 1), ("0015", 1), ("0016", 1)]
    {
        assert!(talked_30_secs(&conversation(last_four, dialled_before)), "{last_four}");
    }
}

#[test]
fn wishes_are_collected() {
    let collected = |last_four: &str, dialled_before: usize| {
        conversation(last_four, dialled_before)["analysis"]["data_collection_results"].clone()
    };
    assert_eq!(collected("0031", 3)["do_not_call"]["value"], true);
    let (answer, deliveries) = dial(&number("0032"), 0);
    assert_eq!(answer.status, 200);
    // It rings 5 s and they talk for 30.
    let asked_for = START.plus_ms(3_600_000 + 35_000 + 3_600_000);
    let (_, data) = only(&deliveries);
    assert_eq!(data["analysis"]["data_collection_results"]["callback_at"]["value"], asked_for.to_string());
    assert_eq!(collected("0032", 1), json!({}));
    assert!(dial(&number("0033"), 0).1.is_empty());
}

#[test]
fn a_lost_answer_hides_a_call_that_was_made() {
    let (answer, deliveries) = dial(&number("0010"), 0);
    assert_eq!(answer.status, 504);
    assert!(answer.answer_after_ms >= 10_000);
    let (_, data) = only(&deliveries);
    assert!(talked_30_secs(&data));
    assert_eq!(data["user_id"], "att_12125550010");
}

#[test]
fn a_busy_webhook_may_come_before_the_answer() {
    let (answer, deliveries) = dial(&number("0011"), 0);
    assert_eq!(answer.body["success"], true);
    let answered_at = START.plus_ms(3_600_000 + answer.answer_after_ms);
    assert!(deliveries[0].due_at < answered_at);
    assert_eq!(only(&deliveries).1["failure_reason"], "busy");
}

#[test]
fn a_provider_that_breaks_says_how() {
    let data = conversation("0017", 3);
    assert_eq!(data["status"], "failed");
    assert_eq!(data["metadata"]["error"]["code"], 1_008);
    assert_eq!(data["metadata"]["phone_call"]["call_result"], "failed");
    assert_eq!(data["analysis"], Value::Null);
}

#[test]
fn webhooks_are_lost_and_doubled_where_the_table_says_so() {
    assert!(dial(&number("0020"), 0).1.is_empty());
    assert!(dial(&number("0024"), 0).1.is_empty());
    let (_, twice) = dial(&number("0021"), 0);
    assert_eq!(twice.len(), 2);
    assert_eq!(twice[0].body, twice[1].body);
}

#[test]
fn a_trunk_answers_after_the_pick_up_and_names_the_failure() {
    let (answer, _) = dial(&on_trunk("+12125550001"), 0);
    assert!((5_000..7_000).contains(&answer.answer_after_ms), "{}", answer.answer_after_ms);
    assert!(answer.body["sip_call_id"].as_str().is_some_and(|id| id.starts_with("SCL_")));
    let (answer, deliveries) = dial(&on_trunk("+12125550002"), 0);
    assert_eq!(answer.body["success"], false);
    assert_eq!(answer.body["message"], "INVITE failed: sip status: 486: Busy here (SIP 486)");
    let (kind, data) = only(&deliveries);
    assert_eq!(kind, "call_initiation_failure");
    assert_eq!(data["conversation_id"], answer.body["conversation_id"]);
    assert_eq!(data["metadata"]["body"]["sip_status_code"], 486);
    assert_eq!(data["metadata"]["body"]["twirp_code"], "unavailable");
}

#[test]
fn it_rings_no_longer_than_asked_for() {
    let short = OutboundCall { ringing_timeout_secs: 3, ..number("0001") };
    let (_, deliveries) = dial(&short, 0);
    assert_eq!(only(&deliveries).1["failure_reason"], "no-answer");
    let waited_ms = deliveries[0].due_at.since_ms(START.plus_ms(3_600_000));
    assert!((3_000..6_000).contains(&waited_ms), "{waited_ms}");
}

#[test]
fn a_first_message_with_holes_drops_the_call() {
    let holes = OutboundCall { first_message: Some("Hi {{name}}".to_owned()), ..number("0001") };
    let (_, deliveries) = dial(&holes, 0);
    let (_, data) = only(&deliveries);
    assert_eq!(data["status"], "failed");
    assert_eq!(
        data["metadata"]["error"]["reason"],
        "Missing required dynamic variables in first message: {'name'}"
    );
    let mut exchange = Exchange::new(NetworkSettings::default());
    exchange.place(START, &holes);
    let results: Vec<CallResult> = exchange.calls_of(elevenlabs::PROVIDER, None).map(Call::result).collect();
    assert_eq!(results, [CallResult::Broken]);
}
