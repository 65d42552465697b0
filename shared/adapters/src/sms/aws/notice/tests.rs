//! Events and texts as the user guide shows them.

use carillon_domain::base::outcome::MessageOutcome;
use serde_json::json;

use super::*;

const WS: &str = "ws_01KAGPZ5Q8XJ4T7N2R9V6C3B1D";
const ATT: &str = "att_01M7W4N4BMRZ76DM7V2KHW5N6S";
const LED: &str = "lead_01M7T54PC07Q161CJ741HDKHBVVVH7BVZF3D38ZJWM";

/// The guide's example of an event, with what we give with a text.
fn event(event_type: &str) -> Value {
    json!({
        "eventType": event_type,
        "eventVersion": "1.0",
        "eventTimestamp": 1_686_975_103_470_i64,
        "isFinal": true,
        "originationPhoneNumber": "+12065550152",
        "destinationPhoneNumber": "+14255550156",
        "isInternationalSend": false,
        "mcc": "310",
        "mnc": "800",
        "messageId": "862a8790-60c0-4430-9b2b-658bdexample",
        "messageRequestTimestamp": 1_686_975_103_170_i64,
        "messageEncoding": "GSM",
        "messageType": "PROMOTIONAL",
        "messageStatus": "DELIVERED",
        "messageStatusDescription": "Message has been accepted by phone",
        "context": {"workspace": WS, "attempt": ATT, "lead": LED},
        "totalMessageParts": 1,
        "totalMessagePrice": 0.09582,
        "totalCarrierFee": 0.003
    })
}

fn status(told: &Value) -> Status {
    match parse(told) {
        Ok(Notice::Status(status)) => status,
        other => panic!("{told}: {other:?}"),
    }
}

#[test]
fn an_event_is_read_with_its_attempt_and_its_cost() {
    let delivered = status(&event("TEXT_DELIVERED"));
    assert_eq!(
        (delivered.workspace.as_str(), delivered.attempt.as_str(), delivered.lead.as_str()),
        (WS, ATT, LED)
    );
    assert_eq!(delivered.number.as_str(), "+14255550156");
    let report = MessageReport {
        outcome: MessageOutcome::Delivered,
        end_reason: "TEXT_DELIVERED: Message has been accepted by phone".to_owned(),
        cost_micros: Some(98_820),
        request: None,
    };
    assert_eq!(delivered.event, MessageEvent::Ended(report));
    for event_type in ["TEXT_QUEUED", "TEXT_PENDING", "TEXT_SENT", "TEXT_SUCCESSFUL"] {
        assert_eq!(
            status(&event(event_type)).event,
            MessageEvent::OnItsWay { cost_micros: Some(98_820) },
            "{event_type}"
        );
    }
}

#[test]
fn prices_that_are_none_are_left_out() {
    for (price, micros) in
        [(json!(-1.0), None), (json!(1e300), None), (json!(0.0), Some(3_000)), (json!(null), None)]
    {
        let mut told = event("TEXT_BLOCKED");
        told["totalMessagePrice"] = price.clone();
        let MessageEvent::Ended(report) = status(&told).event else { panic!("it is an end") };
        assert_eq!(report.cost_micros, micros, "{price}");
    }
}

#[test]
fn what_we_did_not_send_is_not_ours() {
    for context in [
        json!(null),
        json!({}),
        json!({"account": "bar"}),
        json!({"workspace": WS, "attempt": ATT}),
        json!({"workspace": "ws_1", "attempt": ATT, "lead": LED}),
        json!([1]),
        json!("x"),
    ] {
        let mut told = event("TEXT_DELIVERED");
        told["context"] = context.clone();
        assert_eq!(parse(&told).expect("it is read"), Notice::NotOurs, "{context}");
    }
}

#[test]
fn what_no_table_has_is_an_error_that_names_it() {
    let unknown = parse(&event("TEXT_EVAPORATED")).expect_err("nobody knows it");
    assert_eq!(unknown.to_string(), "there is no type of event `TEXT_EVAPORATED` of texts in our table");
    for told in [json!(null), json!({}), json!([]), json!({"eventType": 1}), json!({"inboundMessageId": "1"})]
    {
        assert!(matches!(parse(&told), Err(NoticeError::Malformed(_))), "{told}");
    }
}

#[test]
fn a_text_that_came_in_is_read() {
    let told = json!({
        "originationNumber": "+14255550182",
        "destinationNumber": "+12125550101",
        "messageKeyword": "JOIN",
        "messageBody": "Stop",
        "inboundMessageId": "cae173d2-66b9-564c-8309-21f858e9fb84",
        "previousPublishedMessageId": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    });
    let Ok(Notice::Inbound(message)) = parse(&told) else { panic!("a text") };
    assert_eq!((message.from.as_str(), message.to.as_str()), ("+14255550182", "+12125550101"));
    assert_eq!((message.text.as_str(), message.keyword), ("Stop", None));
    assert_eq!(message.id, "cae173d2-66b9-564c-8309-21f858e9fb84");
    let changed = |field: &str, value: &str| {
        let mut other = told.clone();
        other[field] = value.into();
        parse(&other)
    };
    assert_eq!(changed("originationNumber", "40404").expect("it is read"), Notice::NotOurs);
    // It may be an opt-out: somebody has to look at it.
    for (field, value) in [("destinationNumber", "40404"), ("inboundMessageId", "")] {
        assert!(matches!(changed(field, value), Err(NoticeError::ToNoNumber)), "{field}");
    }
}
