//! What each number of the table does, as Retell tells it.

use serde_json::{Value, json};

use crate::provider_simulator::calls::{Answer, Exchange};
use crate::provider_simulator::order::OutboundCall;
use crate::provider_simulator::settings::NetworkSettings;
use crate::provider_simulator::tests::{START, at_retell, parsed, rest};

/// Dials a number of the table once, after `dialled_before` dials; the answer and what is told.
fn dial(last_four: &str, dialled_before: i64) -> (Answer, Vec<Value>) {
    let mut exchange = Exchange::new(NetworkSettings::default());
    let order = at_retell(&format!("+1212555{last_four}"));
    for nth in 0..dialled_before {
        let key = Some(format!("before_{nth}"));
        exchange.place(START, &OutboundCall { idempotency_key: key, ..order.clone() });
    }
    rest(&mut exchange);
    let answer = exchange.place(START.plus_ms(3_600_000), &order);
    (answer, rest(&mut exchange).iter().map(|delivery| parsed(&delivery.body)).collect())
}

/// What the last webhook says of the call.
fn told(last_four: &str, dialled_before: i64) -> Value {
    let (answer, told) = dial(last_four, dialled_before);
    assert_eq!(answer.status, 201, "{last_four}");
    let last = told.last().expect("a webhook");
    assert_eq!(
        (&last["event"], &last["call"]["call_id"]),
        (&json!("call_analyzed"), &answer.body["call_id"])
    );
    last["call"].clone()
}

#[test]
fn each_end_has_its_reason() {
    for (last_four, status, reason) in [
        ("0001", "ended", "agent_hangup"),
        ("0002", "not_connected", "dial_busy"),
        ("0003", "not_connected", "dial_no_answer"),
        ("0004", "ended", "voicemail_reached"),
        ("0005", "ended", "user_hangup"),
        ("0006", "not_connected", "user_declined"),
        ("0007", "not_connected", "invalid_destination"),
        ("0008", "not_connected", "telephony_provider_unavailable"),
        ("0015", "not_connected", "telephony_provider_unavailable"),
        ("0016", "error", "error_retell"),
        ("0017", "error", "error_retell"),
        ("0018", "ended", "inactivity"),
        ("0022", "not_connected", "network_blocked"),
        ("0023", "not_connected", "telephony_provider_permission_denied"),
        ("0025", "ended", "user_hangup"),
        ("0031", "ended", "user_requested_dnc"),
        ("0032", "ended", "user_requested_callback"),
    ] {
        let call = told(last_four, 0);
        let told = (call["call_status"].as_str(), call["disconnection_reason"].as_str());
        assert_eq!(told, (Some(status), Some(reason)), "{last_four}");
        // Whoever picked up was there for some time.
        assert_eq!(call["duration_ms"].is_i64(), status != "not_connected", "{last_four}");
        assert_eq!(call["call_analysis"]["in_voicemail"], last_four == "0004");
    }
}

#[test]
fn wishes_are_found_out() {
    let collected = |last_four: &str, dialled_before: i64| {
        told(last_four, dialled_before)["call_analysis"]["custom_analysis_data"].clone()
    };
    assert_eq!(collected("0031", 2), json!({"do_not_call": true}));
    let at = START.plus_ms(3_600_000 + 35_000 + 3_600_000);
    assert_eq!(collected("0032", 0), json!({"callback_at": at.to_string(), "do_not_call": false}));
    assert_eq!(told("0032", 1)["disconnection_reason"], "agent_hangup");
    assert_eq!(collected("0001", 0), json!({}));
}

#[test]
fn webhooks_are_lost_and_doubled_where_the_table_says_so() {
    let events = |last_four: &str| {
        let (_, told) = dial(last_four, 0);
        told.iter().map(|told| told["event"].as_str().expect("an event").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(events("0001"), ["call_started", "call_ended", "call_analyzed"]);
    assert_eq!(events("0002"), ["call_ended", "call_analyzed"]);
    assert_eq!(events("0020"), ["call_started"]);
    assert_eq!(events("0024"), Vec::<String>::new());
    let mut doubled = events("0021");
    doubled.sort();
    assert_eq!(doubled, ["call_analyzed", "call_analyzed", "call_ended", "call_ended", "call_started"]);
}

#[test]
fn a_busy_webhook_may_come_before_the_answer() {
    let mut exchange = Exchange::new(NetworkSettings::default());
    let answer = exchange.place(START, &at_retell("+12125550011"));
    assert_eq!(answer.status, 201);
    let deliveries = rest(&mut exchange);
    assert!(deliveries.iter().all(|delivery| delivery.due_at < START.plus_ms(answer.answer_after_ms)));
}

#[test]
fn it_rings_no_longer_than_asked_for_and_speaks_what_it_has_no_value_for() {
    let mut exchange = Exchange::new(NetworkSettings::default());
    let order = at_retell("+12125550001");
    exchange.place(START, &OutboundCall { ringing_timeout_secs: 3, ..order.clone() });
    let ended = parsed(&rest(&mut exchange)[0].body);
    assert_eq!(ended["call"]["disconnection_reason"], "dial_no_answer");

    let mut exchange = Exchange::new(NetworkSettings::default());
    exchange.place(START, &OutboundCall { first_message: Some("Hi {{name}}".to_owned()), ..order });
    let ended = parsed(&rest(&mut exchange)[1].body);
    assert_eq!(ended["call"]["transcript_object"][0]["content"], "Hi {{name}}");
    assert_eq!(ended["call"]["disconnection_reason"], "agent_hangup");
}
