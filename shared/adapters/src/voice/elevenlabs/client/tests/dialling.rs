//! What a dial carries, and how its answer is judged.

use std::collections::BTreeMap;

use carillon_domain::base::call::{Outcome, VoicemailOrder};
use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::phone::E164;

use super::*;
use crate::voice::exchange::MAX_ANSWER_BYTES;

macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/fixtures/elevenlabs/",
            $name,
            ".json"
        )))
        .expect("JSON")
    };
}

fn order(line: Line) -> CallOrder {
    let to: E164 = "+14155550123".parse().expect("a number");
    CallOrder {
        provider: VoiceProvider::ElevenLabs,
        attempt: attempt(),
        lead: LeadId::derive(&CampaignId::new(Timestamp::from_millis(0), [2; 10]), &to),
        from: "+12025550100".parse().expect("a number"),
        to,
        agent_id: "agent_5501kc9q1d2e3f4g5h6j7k8m9n0p".to_owned(),
        phone_number_id: match line {
            Line::Twilio => "phnum_4401kc9q".to_owned(),
            Line::SipTrunk => "phnum_6601kc9q".to_owned(),
            Line::OwnTwilio => "+12025550100".to_owned(),
        },
        line,
        first_message: None,
        prompt: None,
        language: None,
        variables: BTreeMap::new(),
        ringing_timeout_secs: 40,
        machine_detection: false,
        on_voicemail: None,
    }
}

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
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
async fn a_twilio_dial_carries_everything_that_is_given() {
    let request = sent(&CallOrder {
        first_message: Some("Hello Mia, this is the dental practice.".to_owned()),
        prompt: Some("You are the receptionist of a dental practice.".to_owned()),
        language: Some("en".to_owned()),
        variables: variables(&[("first_name", "Mia")]),
        machine_detection: true,
        ..order(Line::Twilio)
    })
    .await;
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/convai/twilio/outbound-call"));
    assert_eq!(request.headers["xi-api-key"], KEY);
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.json(), fixture!("outbound_call.twilio"));
}

#[tokio::test]
async fn a_sip_dial_carries_no_overrides_and_no_machine_detection() {
    let request = sent(&CallOrder { machine_detection: true, ..order(Line::SipTrunk) }).await;
    assert_eq!(request.path, "/v1/convai/sip-trunk/outbound-call");
    assert_eq!(request.json(), fixture!("outbound_call.sip"));
}

#[tokio::test]
async fn a_machine_is_hung_up_on_where_the_campaign_wants_that() {
    let order = order(Line::Twilio);
    let order = CallOrder { machine_detection: true, on_voicemail: Some(VoicemailOrder::HangUp), ..order };
    let detection = sent(&order).await.json()["telephony_call_config"]["twilio_machine_detection"].clone();
    let action = json!({"action": "hang_up", "answered_by": ["machine_start", "fax"]});
    assert_eq!(detection, json!({"mode": "enable", "actions": [action]}));
}

#[tokio::test]
async fn only_what_is_given_is_overridden() {
    let request = sent(&CallOrder { language: Some("de".to_owned()), ..order(Line::Twilio) }).await.json();
    let data = &request["conversation_initiation_client_data"];
    assert_eq!(data["conversation_config_override"], json!({"agent": {"language": "de"}}));
    assert_eq!(request["telephony_call_config"], json!({"ringing_timeout_secs": 40}));
}

#[tokio::test]
async fn reserved_names_are_left_to_the_provider_and_the_attempt_is_ours() {
    let request = sent(&CallOrder {
        variables: variables(&[
            ("system__time_utc", "now"),
            ("secret__key", "x"),
            ("attempt_id", "7"),
            ("tooth", "left"),
        ]),
        ringing_timeout_secs: 0,
        ..order(Line::Twilio)
    })
    .await
    .json();
    let data = &request["conversation_initiation_client_data"];
    assert_eq!(data["dynamic_variables"], json!({"attempt_id": ATTEMPT, "tooth": "left"}));
    assert_eq!(request["telephony_call_config"]["ringing_timeout_secs"], 1);
}

#[tokio::test]
async fn each_status_is_judged_after_exactly_one_request() {
    let failed = |outcome, reason: &str| Placement::Refused { outcome, reason: reason.to_owned() };
    let unknown = |reason: &str| Placement::Unknown { reason: reason.to_owned() };
    let rows = [
        (200, r#"{"success":false,"message":"No route"}"#, failed(Outcome::Failed, "No route")),
        (400, r#"{"detail":"No agent"}"#, failed(Outcome::RequestRejected, "HTTP 400: No agent")),
        (401, "", failed(Outcome::AccountRefused, "HTTP 401")),
        (402, "", failed(Outcome::AccountRefused, "HTTP 402")),
        (403, "", failed(Outcome::AccountRefused, "HTTP 403")),
        (422, r#"{"detail":[]}"#, failed(Outcome::RequestRejected, "HTTP 422")),
        (429, "", Placement::Congested),
        (307, "", unknown("HTTP 307")),
        (500, "", unknown("HTTP 500")),
        (502, "Bad Gateway", unknown("HTTP 502: Bad Gateway")),
        (503, "", unknown("HTTP 503")),
        (504, "", unknown("HTTP 504")),
    ];
    for (status, body, placement) in rows {
        let provider = Provider::answering(move |_| (status, body.to_owned())).await;
        assert_eq!(provider.client.place(KEY, &order(Line::Twilio)).await, placement, "{status}");
        assert_eq!(provider.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn an_accepted_call_is_known_by_its_ids() {
    let body =
        json!({"success": true, "message": "Success", "conversation_id": CONVERSATION, "callSid": "CA1"});
    let provider = Provider::answering(move |_| (200, body.to_string())).await;
    let calls = vec![ProviderCallId(CONVERSATION.to_owned()), ProviderCallId("CA1".to_owned())];
    assert_eq!(provider.client.place(KEY, &order(Line::Twilio)).await, Placement::Accepted { calls });
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_the_lines_time_is_unknown() {
    let listener = listener().await;
    let long = Duration::from_secs(20);
    for (line, twilio, sip) in [(Line::Twilio, SHORT, long), (Line::SipTrunk, long, SHORT)] {
        let timeouts = Timeouts { twilio, sip, ..Timeouts::default() };
        let client = ElevenLabs { timeouts, ..client_of(url_of(&listener)) };
        let started = std::time::Instant::now();
        let placement = client.place(KEY, &order(line)).await;
        assert_eq!(placement, Placement::Unknown { reason: "no answer within 0.05 s".to_owned() });
        assert!(started.elapsed() < long, "{line:?} waits for the other line's time");
    }
}

#[tokio::test]
async fn a_connection_lost_after_the_request_was_sent_is_unknown() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"success\":true,";
    for answer in [&b""[..], b"HTTP/1.1 2", cut] {
        let placement = client_of(hanging_up_after(answer).await).place(KEY, &order(Line::Twilio)).await;
        let Placement::Unknown { reason } = placement else { panic!("{placement:?}") };
        assert!(reason.starts_with("connection lost: "), "{reason}");
    }
}

#[tokio::test]
async fn an_error_status_counts_even_if_its_body_is_lost() {
    let cut = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 900\r\n\r\n{";
    let placement = client_of(hanging_up_after(cut).await).place(KEY, &order(Line::Twilio)).await;
    assert_eq!(placement, Placement::Congested);
}

#[tokio::test]
async fn no_connection_is_no_call() {
    let placement = client_of(nowhere().await).place(KEY, &order(Line::Twilio)).await;
    let Placement::Refused { outcome: Outcome::Failed, reason } = placement else { panic!("{placement:?}") };
    assert!(reason.starts_with("no connection: "), "{reason}");
}

#[tokio::test]
async fn what_cannot_be_written_into_a_request_is_a_fault_of_the_account() {
    let provider = Provider::answering(|_| (200, String::new())).await;
    let placement = provider.client.place("a key\nof two lines", &order(Line::Twilio)).await;
    let Placement::Refused { outcome: Outcome::AccountRefused, reason } = placement else {
        panic!("{placement:?}")
    };
    assert!(!reason.contains("two lines"), "{reason}");
    assert!(provider.seen().is_empty());
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let body = "x".repeat(MAX_ANSWER_BYTES + 1);
    let provider = Provider::answering(move |_| (200, body.clone())).await;
    let placement = provider.client.place(KEY, &order(Line::Twilio)).await;
    assert_eq!(placement, Placement::Unknown { reason: "the answer is too long".to_owned() });
}

#[tokio::test]
async fn an_agent_is_registered_for_a_call_of_our_own_with_what_a_dial_carries() {
    let twiml = r#"<?xml version="1.0"?><Response><Connect><Stream url="wss://a/b"/></Connect></Response>"#;
    let provider = Provider::answering(move |_| (200, twiml.to_owned())).await;
    let order = CallOrder {
        first_message: Some("Hello Mia, this is the dental practice.".to_owned()),
        prompt: Some("You are the receptionist of a dental practice.".to_owned()),
        language: Some("en".to_owned()),
        variables: variables(&[("first_name", "Mia")]),
        ..order(Line::OwnTwilio)
    };
    assert_eq!(provider.client.register(KEY, &order).await.expect("an agent"), twiml);
    let seen = &provider.seen()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/v1/convai/twilio/register-call"));
    assert_eq!(seen.headers["xi-api-key"], KEY);
    let data = &fixture!("outbound_call.twilio")["conversation_initiation_client_data"];
    let expected = json!({"agent_id": order.agent_id, "from_number": "+12025550100", "to_number": "+14155550123",
        "direction": "outbound", "conversation_initiation_client_data": data});
    assert_eq!(seen.json(), expected);
    // It is not asked to dial for us.
    assert!(!provider.client.place(KEY, &order).await.may_be_made());
    assert_eq!(provider.seen().len(), 1);
}

#[tokio::test]
async fn what_connects_nobody_is_no_agent() {
    for (status, body) in [(200, r#"{"status": "ok"}"#), (404, r#"{"detail": "no agent"}"#), (500, "")] {
        let provider = Provider::answering(move |_| (status, body.to_owned())).await;
        let error = provider.client.register(KEY, &order(Line::OwnTwilio)).await.expect_err("no agent");
        match error {
            InquiryError::NoAgent => assert_eq!(status, 200),
            InquiryError::Refused { status: told, .. } => assert_eq!(told, status),
            other => panic!("{other:?}"),
        }
    }
}
