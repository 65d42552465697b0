//! What a dial carries, and how its answer is judged.

use std::collections::BTreeMap;

use carillon_domain::base::call::{Line, Outcome, VoicemailOrder};
use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::phone::E164;

use super::*;
use crate::voice::exchange::MAX_ANSWER_BYTES;

fn order() -> CallOrder {
    let to: E164 = "+14155550123".parse().expect("a number");
    CallOrder {
        provider: VoiceProvider::Retell,
        attempt: attempt(),
        lead: LeadId::derive(&CampaignId::new(Timestamp::from_millis(0), [2; 10]), &to),
        from: "+14155550100".parse().expect("a number"),
        to,
        agent_id: "agent_7c2e9f14a6b84d5d93".to_owned(),
        phone_number_id: "+14155550100".to_owned(),
        line: Line::Twilio,
        first_message: None,
        prompt: None,
        language: None,
        variables: BTreeMap::new(),
        ringing_timeout_secs: 40,
        machine_detection: false,
        on_voicemail: None,
    }
}

/// What the provider is sent for an order.
async fn sent(order: &CallOrder) -> Seen {
    let provider = Provider::answering(|_| (429, String::new())).await;
    assert_eq!(provider.client.place(KEY, order).await, Placement::Congested);
    let seen = provider.seen();
    assert_eq!(seen.len(), 1);
    seen[0].clone()
}

#[tokio::test]
async fn a_dial_carries_everything_that_is_given() {
    let request = sent(&CallOrder {
        first_message: Some("Hello Mia, this is the dental practice.".to_owned()),
        prompt: Some("You are the receptionist of a dental practice.".to_owned()),
        language: Some("en".to_owned()),
        variables: [("first_name".to_owned(), "Mia".to_owned())].into(),
        machine_detection: true,
        ..order()
    })
    .await;
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v2/create-phone-call"));
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.json(), fixture!("create_phone_call"));
}

#[tokio::test]
async fn what_is_done_about_a_machine_is_the_campaigns() {
    let about_machines = async |on_voicemail| {
        let order = CallOrder { machine_detection: true, on_voicemail: Some(on_voicemail), ..order() };
        sent(&order).await.json()["agent_override"]["agent"]["voicemail_option"].clone()
    };
    let hung_up = about_machines(VoicemailOrder::HangUp).await;
    assert_eq!(hung_up, json!({"action": {"type": "hangup"}}));
    let said = about_machines(VoicemailOrder::Say("We call again.".to_owned())).await;
    assert_eq!(said, json!({"action": {"type": "static_text", "text": "We call again."}}));
}

#[tokio::test]
async fn only_what_is_given_is_overridden() {
    let request = sent(&CallOrder { line: Line::SipTrunk, ..order() }).await.json();
    assert_eq!(request["agent_override"], json!({"agent": {"ring_duration_ms": 40_000}}));
    assert_eq!(request["retell_llm_dynamic_variables"], json!({"attempt_id": ATTEMPT}));
    let request = sent(&CallOrder { prompt: Some("Be brief.".to_owned()), ..order() }).await.json();
    assert_eq!(request["agent_override"], json!({"agent": {"ring_duration_ms": 40_000}}));
    assert_eq!(request["retell_llm_dynamic_variables"]["carillon_prompt"], "Be brief.");
}

#[tokio::test]
async fn the_attempt_is_ours_and_it_rings_as_long_as_the_provider_takes() {
    let variables = [("attempt_id".to_owned(), "7".to_owned())].into();
    let request = sent(&CallOrder { variables, ringing_timeout_secs: 1, ..order() }).await.json();
    assert_eq!(request["retell_llm_dynamic_variables"], json!({"attempt_id": ATTEMPT}));
    assert_eq!(request["agent_override"]["agent"]["ring_duration_ms"], 5_000);
    let request = sent(&CallOrder { ringing_timeout_secs: u16::MAX, ..order() }).await.json();
    assert_eq!(request["agent_override"]["agent"]["ring_duration_ms"], 300_000);
}

#[tokio::test]
async fn a_language_that_the_provider_does_not_speak_is_left_to_the_agent() {
    let request = sent(&CallOrder { language: Some("eo".to_owned()), ..order() }).await.json();
    assert_eq!(request["agent_override"], json!({"agent": {"ring_duration_ms": 40_000}}));
    assert_eq!(request["retell_llm_dynamic_variables"]["carillon_language"], "eo");
}

#[tokio::test]
async fn each_status_is_judged_after_exactly_one_request() {
    let refused = |outcome, reason: &str| Placement::Refused { outcome, reason: reason.to_owned() };
    let unknown = |reason: &str| Placement::Unknown { reason: reason.to_owned() };
    let calls = vec![ProviderCallId(CALL.to_owned())];
    let call = r#"{"call_id":"call_5d1f0a7be3c9426f8f0b7a61c2","call_status":"registered"}"#;
    let complaint = r#"{"status":"error","message":"No"}"#;
    let rows = [
        (201, call, Placement::Accepted { calls }),
        (201, "", unknown("unreadable answer: EOF while parsing a value at line 1 column 0")),
        (400, complaint, refused(Outcome::RequestRejected, "HTTP 400: No")),
        (401, complaint, refused(Outcome::AccountRefused, "HTTP 401: No")),
        (402, "", refused(Outcome::AccountRefused, "HTTP 402")),
        (403, "", refused(Outcome::AccountRefused, "HTTP 403")),
        (422, complaint, refused(Outcome::RequestRejected, "HTTP 422: No")),
        (429, complaint, Placement::Congested),
        (307, "", unknown("HTTP 307")),
        (500, complaint, unknown("HTTP 500: No")),
        (502, "Bad Gateway", unknown("HTTP 502: Bad Gateway")),
        (503, "", unknown("HTTP 503")),
        (504, "", unknown("HTTP 504")),
    ];
    for (status, body, placement) in rows {
        let provider = Provider::answering(move |_| (status, body.to_owned())).await;
        assert_eq!(provider.client.place(KEY, &order()).await, placement, "{status}");
        assert_eq!(provider.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_unknown() {
    let listener = listener().await;
    let timeouts = Timeouts { dial: SHORT, ..Timeouts::default() };
    let client = Retell { timeouts, ..client_of(url_of(&listener)) };
    let placement = client.place(KEY, &order()).await;
    assert_eq!(placement, Placement::Unknown { reason: "no answer within 0.05 s".to_owned() });
}

#[tokio::test]
async fn a_connection_lost_after_the_request_was_sent_is_unknown() {
    let cut = b"HTTP/1.1 201 Created\r\ncontent-length: 900\r\n\r\n{\"call_id\":\"call_1\",";
    for answer in [&b""[..], b"HTTP/1.1 2", cut] {
        let placement = client_of(hanging_up_after(answer).await).place(KEY, &order()).await;
        let Placement::Unknown { reason } = placement else { panic!("{placement:?}") };
        assert!(reason.starts_with("connection lost: "), "{reason}");
    }
}

#[tokio::test]
async fn no_connection_is_no_call() {
    let placement = client_of(nowhere().await).place(KEY, &order()).await;
    let Placement::Refused { outcome: Outcome::Failed, reason } = placement else { panic!("{placement:?}") };
    assert!(reason.starts_with("no connection: "), "{reason}");
}

#[tokio::test]
async fn what_cannot_be_written_into_a_request_is_a_fault_of_the_account() {
    let provider = Provider::answering(|_| (201, String::new())).await;
    let placement = provider.client.place("a key\nof two lines", &order()).await;
    let Placement::Refused { outcome: Outcome::AccountRefused, reason } = placement else {
        panic!("{placement:?}")
    };
    assert!(!reason.contains("two lines"), "{reason}");
    assert!(provider.seen().is_empty());
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let body = "x".repeat(MAX_ANSWER_BYTES + 1);
    let provider = Provider::answering(move |_| (201, body.clone())).await;
    let placement = provider.client.place(KEY, &order()).await;
    assert_eq!(placement, Placement::Unknown { reason: "the answer is too long".to_owned() });
}
