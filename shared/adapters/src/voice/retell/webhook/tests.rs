//! What each webhook says.

use carillon_domain::base::call::{
    CallReport, Outcome, PersonRequest, ProviderCallId, ProviderRecord, Role, Turn, VoiceProvider,
};
use carillon_domain::base::ids::AttemptId;
use serde_json::{Value, json};

use super::*;

const ATTEMPT: &str = "att_01KC9Q4M7R3T5V8X0Y2Z4A6B8C";
const CALL: &str = "call_5d1f0a7be3c9426f8f0b7a61c2";
const SIGNED_AT: Timestamp = Timestamp::from_millis(1_796_000_100_000);

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/retell/", $name, ".json"))
    };
}

fn attempt() -> AttemptId {
    ATTEMPT.parse().expect("an id")
}

fn parse(event: &Value) -> VoiceEvent {
    super::parse(event.to_string().as_bytes(), SIGNED_AT).expect("an event")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The report of an event that must be the end of the fixtures' call.
fn ended(event: &Value) -> CallReport {
    match parse(event) {
        VoiceEvent::Ended { call, attempt: named, report, incoming: None, .. } => {
            assert_eq!((call.0.as_str(), named), (CALL, Some(attempt())));
            report
        }
        other => panic!("no end: {other:?}"),
    }
}

#[test]
fn a_conversation_is_told_in_full() {
    let said = |role, message: &str, at_secs| Turn { role, message: message.to_owned(), at_secs };
    let expected = VoiceEvent::Ended {
        call: ProviderCallId(CALL.to_owned()),
        attempt: Some(attempt()),
        at: "2026-11-30T00:53:59.750Z".parse().expect("a time"),
        report: CallReport {
            outcome: Outcome::Completed,
            end_reason: "agent_hangup".to_owned(),
            transcript: vec![
                said(
                    Role::Agent,
                    "Hello Mia, this is the dental practice. Does Thursday at nine still suit you?",
                    0,
                ),
                said(Role::User, "Yes – Thursday at nine is fine.", 5),
                said(Role::Agent, "Lovely, see you on Thursday.", 9),
            ],
            answered_at: Some("2026-11-30T00:53:28.250Z".parse().expect("a time")),
            duration_secs: 31,
            cost_micros: Some(83_400),
            has_recording: true,
            provider_record: Some(ProviderRecord {
                provider: VoiceProvider::Retell,
                call: ProviderCallId(CALL.to_owned()),
            }),
            ended_by_person: Some(false),
            request: None,
            qualification: None,
            request_words: String::new(),
        },
        incoming: None,
    };
    assert_eq!(parse(&json(fixture!("call_ended.completed"))), expected);
}

#[test]
fn a_call_that_never_connected_is_told_by_its_reason() {
    let mut event = json(fixture!("call_ended.busy"));
    let provider_record = ended(&event).provider_record;
    let busy = CallReport { provider_record, ..CallReport::bare(Outcome::Busy, "dial_busy") };
    assert_eq!(ended(&event), busy);
    // The analysis says nothing more of it.
    event["event"] = json!("call_analyzed");
    event["call"]["call_analysis"] = json!({});
    assert_eq!(ended(&event), busy);
    let VoiceEvent::Ended { at, .. } = parse(&event) else { panic!("no end") };
    assert_eq!(at, SIGNED_AT);
    // Such a call begins, too, but nobody has answered it.
    event["call"]["start_timestamp"] = json!(1_796_000_008_000_i64);
    assert_eq!(ended(&event).answered_at, None);
}

#[test]
fn the_events_state_counts_not_the_calls() {
    // The vendor's own sample of a call that is over has this state.
    let mut event = json(fixture!("call_ended.completed"));
    event["call"]["call_status"] = json!("registered");
    assert_eq!(ended(&event).outcome, Outcome::Completed);
}

#[test]
fn requests_are_read_from_the_analysis_and_from_the_reason() {
    let at = |text: &str| Some(PersonRequest::Callback { at: text.parse().expect("a time") });
    let never = Some(PersonRequest::DoNotCall);
    let unclear = Some(PersonRequest::Unclear);
    let time = json!({"callback_at": "2026-11-30T16:05:00+01:00"});
    for (reason, collected, request) in [
        ("agent_hangup", json!({}), None),
        ("agent_hangup", Value::Null, None),
        ("agent_hangup", json!({"callback_at": ""}), None),
        ("agent_hangup", time.clone(), at("2026-11-30T15:05:00Z")),
        ("user_requested_callback", time.clone(), at("2026-11-30T15:05:00Z")),
        ("user_requested_callback", json!({}), unclear),
        ("user_requested_callback", json!({"callback_at": "when the cows come home"}), unclear),
        ("user_requested_callback", json!({"do_not_call": true}), never),
        ("user_requested_dnc", Value::Null, never),
        ("user_requested_dnc", time, never),
        ("agent_hangup", json!({"do_not_call": "Yes"}), never),
        ("agent_hangup", json!({"do_not_call": "only on Sundays"}), unclear),
        ("agent_hangup", json!({"mood": "stop calling"}), None),
        ("agent_hangup", json!("odd"), None),
    ] {
        let mut event = json(fixture!("call_analyzed.callback"));
        event["call"]["disconnection_reason"] = json!(reason);
        event["call"]["call_analysis"]["custom_analysis_data"] = collected.clone();
        let report = ended(&event);
        assert_eq!(report.request, request, "{reason} {collected}");
        assert_eq!(report.request.is_none(), report.request_words.is_empty(), "{reason} {collected}");
        assert_eq!(report.outcome, Outcome::Completed, "{reason} {collected}");
    }
}

#[test]
fn a_call_back_waits_for_the_analysis_which_may_know_the_time() {
    let mut event = json(fixture!("call_analyzed.callback"));
    event["event"] = json!("call_ended");
    event["call"]["call_analysis"] = Value::Null;
    assert_eq!(parse(&event), VoiceEvent::Ignored { event: "call_ended".to_owned() });
    event["event"] = json!("call_analyzed");
    assert_eq!(ended(&event).request, Some(PersonRequest::Unclear));
    // An opt-out waits for nothing.
    event["event"] = json!("call_ended");
    event["call"]["disconnection_reason"] = json!("user_requested_dnc");
    assert_eq!(ended(&event).request, Some(PersonRequest::DoNotCall));
}

#[test]
fn what_goes_on_while_a_call_is_up_changes_nothing() {
    for kind in IGNORED {
        let event = json!({"event": kind, "call": {"call_id": CALL, "call_status": "ongoing"}});
        assert_eq!(parse(&event), VoiceEvent::Ignored { event: kind.to_owned() });
    }
}

#[test]
fn an_event_that_is_not_known_names_its_call() {
    let kind = "call_rated".to_owned();
    let event = json!({"event": kind, "call": {"call_id": "call_1", "metadata": {"attempt_id": ATTEMPT}}});
    let call = ProviderCallId("call_1".to_owned());
    assert_eq!(
        parse(&event),
        VoiceEvent::Changed { call, attempt: Some(attempt()), event: kind.clone(), told: None }
    );
    let event = json!({"event": kind, "call": {"retell_llm_dynamic_variables": {"attempt_id": ATTEMPT}}});
    let VoiceEvent::Changed { attempt: named, .. } = parse(&event) else { panic!("not to be asked about") };
    assert_eq!(named, Some(attempt()));
    for nobodys in [json!({"event": kind, "call": 5}), json!({"event": kind})] {
        assert_eq!(parse(&nobodys), VoiceEvent::Unknown { event: kind.clone() });
    }
    let nobodys = json!({"event": "call_ended", "call": {"call_id": " "}});
    assert_eq!(parse(&nobodys), VoiceEvent::Unknown { event: "call_ended".to_owned() });
    assert_eq!(parse(&json!({"call": {}})), VoiceEvent::Unknown { event: String::new() });
}

#[test]
fn an_id_that_is_not_ours_is_no_attempt() {
    let mut event = json(fixture!("call_ended.busy"));
    event["call"]["metadata"] = json!({"attempt_id": "customer-7"});
    event["call"]["retell_llm_dynamic_variables"] = json!(["odd"]);
    let VoiceEvent::Ended { attempt: None, .. } = parse(&event) else { panic!("named an attempt") };
}

#[test]
fn odd_and_missing_fields_do_not_lose_a_result() {
    let event = json!({"event": "call_ended", "unheard_of": [{}], "call": {
        "call_id": CALL,
        "metadata": {"attempt_id": ATTEMPT, "more": 7},
        "disconnection_reason": "user_hangup",
        "start_timestamp": "1796000008000",
        "end_timestamp": {},
        "duration_ms": null,
        "transcript_object": [
            {"role": "user", "content": "Hello", "words": [{"word": "Hello", "start": null}, {"start": 2.9}]},
            {"role": "narrator", "content": "Meanwhile"},
            {"role": "transfer_target", "content": "Good day", "words": "none"},
            "noise",
            {"role": "agent", "content": 7},
        ],
        "call_cost": {"combined_cost": -1.0},
        "call_analysis": "later",
    }});
    let report = ended(&event);
    assert_eq!((report.outcome, report.duration_secs, report.cost_micros), (Outcome::Completed, 0, None));
    assert_eq!(report.answered_at, Some(Timestamp::from_millis(1_796_000_008_000)));
    let said: Vec<_> = report.transcript.iter().map(|turn| (turn.message.as_str(), turn.at_secs)).collect();
    assert_eq!(said, [("Hello", 2), ("Good day", 0), ("", 0)]);
}

#[test]
fn a_call_that_came_in_says_who_called_whom() {
    let event = json!({"event": "call_ended", "call": {
        "call_id": "call_in", "call_status": "ended", "direction": "inbound",
        "from_number": "+4930231250001", "to_number": "+493023125099",
        "telephony_identifier": {"twilio_call_sid": "CA1"},
    }});
    let VoiceEvent::Ended { attempt: None, incoming: Some(incoming), .. } = parse(&event) else {
        panic!("no end of a call that came in");
    };
    assert_eq!(incoming.carrier_call, Some(ProviderCallId("CA1".to_owned())));
    let numbers = [incoming.caller, incoming.called].map(|number| number.map(|number| number.to_string()));
    assert_eq!(numbers, [Some("+4930231250001".to_owned()), Some("+493023125099".to_owned())]);
}

#[test]
fn what_is_no_event_is_refused_by_place() {
    let error = super::parse(b"{\"event\": \"call_ended\",\n \"call\": {]}", SIGNED_AT).expect_err("no JSON");
    let WebhookError::Malformed(cause) = error;
    assert!(cause.to_string().contains("line 2 column"), "{cause}");
    for body in [&b""[..], b"null", b"\"text\"", b"\xff\xfe"] {
        assert!(super::parse(body, SIGNED_AT).is_err(), "{body:?}");
    }
}
