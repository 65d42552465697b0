//! What each recorded webhook says.

use carillon_domain::base::call::{
    CallReport, Outcome, PersonRequest, ProviderCallId, ProviderRecord, Role, Turn, VoiceProvider,
};
use carillon_domain::base::ids::AttemptId;
use serde_json::{Value, json};

use super::*;

const ATTEMPT: &str = "att_01KC9Q4M7R3T5V8X0Y2Z4A6B8C";
const CONVERSATION: &str = "conv_2201kc9q4p5r6s7t8v9w0x1y2z3a";

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/elevenlabs/", $name, ".json"))
    };
}

const SIGNED_AT: Timestamp = Timestamp::from_millis(1_796_000_100_000);

fn parse(body: &[u8]) -> Result<VoiceEvent, WebhookError> {
    super::parse(body, SIGNED_AT)
}

fn attempt() -> AttemptId {
    ATTEMPT.parse().expect("an id")
}

fn call(id: &str) -> ProviderCallId {
    ProviderCallId(id.to_owned())
}

/// The report of an event that must be the end of the fixtures' conversation.
fn ended(body: &[u8]) -> (Option<AttemptId>, CallReport) {
    match parse(body).expect("an event") {
        VoiceEvent::Ended { call: id, attempt, report, .. } => {
            assert_eq!(id, call(CONVERSATION));
            (attempt, report)
        }
        other => panic!("no end: {other:?}"),
    }
}

fn value(event: &Value) -> Result<VoiceEvent, WebhookError> {
    parse(event.to_string().as_bytes())
}

#[test]
fn a_conversation_is_told_in_full() {
    let said = |role, message: &str, at_secs| Turn { role, message: message.to_owned(), at_secs };
    assert_eq!(
        parse(fixture!("transcription.completed")).expect("an event"),
        VoiceEvent::Ended {
            call: call(CONVERSATION),
            attempt: Some(attempt()),
            at: "2026-11-30T00:54:20Z".parse().expect("a time"),
            report: CallReport {
                outcome: Outcome::Completed,
                end_reason: "end_call tool was called.".to_owned(),
                transcript: vec![
                    said(
                        Role::Agent,
                        "Hello Mia, this is the dental practice. Does Thursday at nine still suit you?",
                        0
                    ),
                    said(Role::User, "Yes – Thursday at nine is fine.", 5),
                    said(Role::Agent, "Lovely, see you on Thursday.", 9),
                    said(Role::Agent, "", 12),
                ],
                answered_at: Some("2026-11-30T00:53:28Z".parse().expect("a time")),
                duration_secs: 31,
                cost_micros: Some(83_400),
                has_recording: true,
                provider_record: Some(ProviderRecord {
                    provider: VoiceProvider::ElevenLabs,
                    call: call(CONVERSATION)
                }),
                ended_by_person: Some(false),
                request: None,
                qualification: None,
                request_words: String::new(),
            },
            incoming: None,
        }
    );
}

#[test]
fn requests_are_read_from_the_collected_data() {
    let at = |text: &str| Some(PersonRequest::Callback { at: text.parse().expect("a time") });
    let callback =
        |value: Value| json!({"callback_at": {"data_collection_id": "callback_at", "value": value}});
    for (collected, request) in [
        (json!({}), None),
        (callback(Value::Null), None),
        (callback(json!("2026-11-30T16:05:00+01:00")), at("2026-11-30T15:05:00Z")),
        (callback(json!(1_796_000_000)), at("2026-11-30T00:53:20Z")),
        (callback(json!(1_796_000_000_000_i64)), at("2026-11-30T00:53:20Z")),
        (callback(json!(i64::MAX)), at("9999-12-31T23:59:59.999Z")),
        (callback(json!("Monday after four")), Some(PersonRequest::Unclear)),
        (json!({"do_not_call": {"value": true}}), Some(PersonRequest::DoNotCall)),
        (json!({"do_not_call": {"value": "Yes"}}), Some(PersonRequest::DoNotCall)),
        (json!({"do_not_call": {"value": false}}), None),
        (
            json!({"do_not_call": {"value": true}, "callback_at": {"value": "2026-11-30T15:05:00Z"}}),
            Some(PersonRequest::DoNotCall),
        ),
        (json!({"do_not_call": "odd", "callback_at": {"value": 1.5}}), Some(PersonRequest::Unclear)),
        (json!("odd"), None),
    ] {
        let mut event: Value =
            serde_json::from_slice(fixture!("transcription.callback")).expect("a fixture is JSON");
        event["data"]["analysis"]["data_collection_results"] = collected.clone();
        let (_, report) = ended(event.to_string().as_bytes());
        assert_eq!(report.request, request, "{collected}");
        assert_eq!(report.outcome, Outcome::Completed, "{collected}");
    }
}

#[test]
fn each_transcription_has_its_outcome() {
    for (body, outcome, by_person, duration_secs) in [
        (&fixture!("transcription.callback")[..], Outcome::Completed, Some(true), 15),
        (fixture!("transcription.voicemail"), Outcome::Voicemail, Some(false), 21),
        (fixture!("transcription.hung_up"), Outcome::Incomplete, Some(true), 4),
        (fixture!("transcription.settings_1008"), Outcome::RequestRejected, None, 0),
    ] {
        let (named, report) = ended(body);
        assert_eq!(named, Some(attempt()));
        assert_eq!((report.outcome, report.ended_by_person), (outcome, by_person));
        assert_eq!(report.duration_secs, duration_secs, "{outcome:?}");
        assert_eq!(report.cost_micros, None, "credits are no money");
    }
    let (_, report) = ended(fixture!("transcription.settings_1008"));
    assert!(report.end_reason.starts_with("Missing required dynamic variables"));
    assert!(!report.has_recording);
}

#[test]
fn each_failure_has_its_outcome_and_the_providers_words() {
    for (body, outcome, reason) in [
        (&fixture!("initiation_failure.twilio_busy")[..], Outcome::Busy, "busy (SIP 486)"),
        (fixture!("initiation_failure.twilio_no_answer"), Outcome::NoAnswer, "no-answer (SIP 487)"),
        (fixture!("initiation_failure.twilio_invalid_number"), Outcome::InvalidNumber, "failed (SIP 404)"),
        (
            fixture!("initiation_failure.sip_busy"),
            Outcome::Busy,
            "INVITE failed: sip status: 486: Busy Here (SIP 486)",
        ),
        (
            fixture!("initiation_failure.sip_no_answer"),
            Outcome::NoAnswer,
            "INVITE failed: sip status: 480: Temporarily Unavailable (SIP 480)",
        ),
        (
            fixture!("initiation_failure.sip_not_found"),
            Outcome::InvalidNumber,
            "INVITE failed: sip status: 404: Not Found (SIP 404)",
        ),
        (
            fixture!("initiation_failure.sip_declined"),
            Outcome::Declined,
            "INVITE failed: sip status: 603: Decline (SIP 603)",
        ),
        (
            fixture!("initiation_failure.sip_unavailable"),
            Outcome::Failed,
            "INVITE failed: sip status: 503: Service Unavailable (SIP 503)",
        ),
        (
            fixture!("initiation_failure.sip_auth"),
            Outcome::AccountRefused,
            "INVITE failed: max auth retry attempts reached",
        ),
    ] {
        assert_eq!(ended(body), (None, CallReport::bare(outcome, reason)));
    }
}

#[test]
fn without_a_conversation_the_carriers_id_is_taken() {
    let event = parse(fixture!("initiation_failure.sip_busy_no_conversation")).expect("an event");
    let VoiceEvent::Ended { call: id, .. } = event else { panic!("no end: {event:?}") };
    assert_eq!(id, call("5b0a4c1e-7d2f-4e3a-9c6b-8f1d2e3a4b5c"));
    let mut twilio: Value = serde_json::from_slice(fixture!("initiation_failure.twilio_busy")).expect("JSON");
    twilio["data"]["conversation_id"] = json!("");
    let event = value(&twilio).expect("an event");
    let VoiceEvent::Ended { call: id, .. } = event else { panic!("no end: {event:?}") };
    assert_eq!(id, call("CA3f1c5a7e9b2d4f60718293a4b5c6d7e8"));
}

#[test]
fn a_machine_is_reported_under_whichever_names_it_comes() {
    let at = Timestamp::from_millis(1_796_000_015_000);
    let machine = |id: &str| VoiceEvent::MachineDetected { call: call(id), is_fax: false, at };
    let fax = |id: &str| VoiceEvent::MachineDetected { call: call(id), is_fax: true, at };
    let snake = parse(fixture!("machine_detection.snake_case")).expect("an event");
    assert_eq!(snake, machine(CONVERSATION));
    let twilio = parse(fixture!("machine_detection.twilio_case")).expect("an event");
    assert_eq!(twilio, machine("CA3f1c5a7e9b2d4f60718293a4b5c6d7e8"));
    let event = |data: Value| json!({"type": "answering_machine_detection", "event_timestamp": 1_796_000_015, "data": data});
    let both = json!({"call_sid": "CA1", "CallSid": "CA1", "answered_by": "fax", "AnsweredBy": "fax"});
    assert_eq!(value(&event(both)).expect("an event"), fax("CA1"));
    for verdict in ["machine", "machine_start", "machine_end_silence", "machine_end_other"] {
        let data = json!({"conversation_id": "conv_1", "result": verdict});
        assert_eq!(value(&event(data)).expect("an event"), machine("conv_1"), "{verdict}");
    }
    let ignored = VoiceEvent::Ignored { event: "answering_machine_detection".to_owned() };
    for data in [json!({"answered_by": "human"}), json!({"AnsweredBy": "unknown"})] {
        assert_eq!(value(&event(data)).expect("an event"), ignored);
    }
    // As `call_initiation_failure` has what Twilio tells.
    let body =
        json!({"CallSid": "CA1", "AnsweredBy": "machine_end_beep", "MachineDetectionDuration": "3000"});
    let nested = json!({"conversation_id": "conv_1", "metadata": {"type": "twilio", "body": body}});
    assert_eq!(value(&event(nested)).expect("an event"), machine("conv_1"));
    let alone = json!({"metadata": {"body": {"CallSid": "CA1", "AnsweredBy": "fax"}}});
    assert_eq!(value(&event(alone)).expect("an event"), fax("CA1"));
}

#[test]
fn a_verdict_that_is_not_found_or_is_of_no_call_waits_for_a_person() {
    let unknown = VoiceEvent::Unknown { event: "answering_machine_detection".to_owned() };
    for data in [
        json!({}),
        json!([1]),
        json!({"conversation_id": "conv_1", "verdict": "machine_start"}),
        json!({"answered_by": "machine_start"}),
    ] {
        let event = json!({"type": "answering_machine_detection", "data": data});
        assert_eq!(value(&event).expect("an event"), unknown, "{event}");
    }
}

#[test]
fn an_id_that_is_too_long_is_none() {
    let event = json!({"type": "post_call_transcription", "data": {"conversation_id": "c".repeat(513)}});
    let unknown = VoiceEvent::Unknown { event: "post_call_transcription".to_owned() };
    assert_eq!(value(&event).expect("an event"), unknown);
}

#[test]
fn audio_and_what_is_not_known_change_nothing() {
    let audio = parse(fixture!("audio")).expect("an event");
    assert_eq!(audio, VoiceEvent::Ignored { event: "post_call_audio".to_owned() });
    let unknown = value(&json!({"type": "call_rated", "data": 5})).expect("an event");
    assert_eq!(unknown, VoiceEvent::Unknown { event: "call_rated".to_owned() });
}

#[test]
fn odd_and_missing_fields_do_not_lose_a_result() {
    let event = json!({
        "type": "post_call_transcription",
        "event_timestamp": "1796000060",
        "unheard_of": [{}],
        "data": {
            "conversation_id": "conv_1",
            "user_id": null,
            "has_audio": "yes",
            "transcript": [
                {"role": "user", "message": "Hello", "time_in_call_secs": 2.9, "tool_calls": null},
                {"role": "narrator", "message": "Meanwhile"},
                {"role": "agent", "message": 7},
                "noise",
                {"role": "agent", "message": "Good day"},
            ],
            "metadata": {"call_duration_secs": null, "cost_fiat": -1.0, "error": "none", "phone_call": 5,
                         "features_usage": []},
            "analysis": "later",
            "conversation_initiation_client_data": {"dynamic_variables": {"attempt_id": ATTEMPT}},
        },
    });
    let VoiceEvent::Ended { attempt: named, report, at, .. } = value(&event).expect("an event") else {
        panic!("no end");
    };
    assert_eq!((named, at.as_secs()), (Some(attempt()), 1_796_000_060));
    assert_eq!((report.outcome, report.end_reason.as_str()), (Outcome::Completed, ""));
    assert_eq!((report.duration_secs, report.cost_micros, report.has_recording), (0, None, false));
    let said: Vec<_> = report.transcript.iter().map(|turn| (turn.message.as_str(), turn.at_secs)).collect();
    assert_eq!(said, [("Hello", 2), ("", 0), ("Good day", 0)]);
    assert_eq!(report.answered_at, None);
}

#[test]
fn an_id_that_is_not_ours_is_no_attempt() {
    let mut event: Value = serde_json::from_slice(fixture!("transcription.hung_up")).expect("JSON");
    event["data"]["user_id"] = json!("customer-7");
    event["data"]["conversation_initiation_client_data"] = Value::Null;
    assert_eq!(ended(event.to_string().as_bytes()).0, None);
}

#[test]
fn what_is_no_event_is_refused_by_name_and_place() {
    let error = parse(b"{\"type\": \"post_call_transcription\",\n \"data\": {]}").expect_err("no JSON");
    let WebhookError::Malformed(cause) = error;
    assert!(cause.to_string().contains("line 2 column"), "{cause}");
    for body in [&b""[..], b"null", b"\"text\"", b"\xff\xfe"] {
        assert!(matches!(parse(body), Err(WebhookError::Malformed(_))), "{body:?}");
    }
}

#[test]
fn a_result_of_no_call_is_known_by_its_type_and_one_of_no_time_came_when_it_was_signed() {
    for kind in ["post_call_transcription", "call_initiation_failure", "post_call_transcription_otel"] {
        let nobody = value(&json!({"type": kind, "event_timestamp": 5, "data": {}})).expect("an event");
        assert_eq!(nobody, VoiceEvent::Unknown { event: kind.to_owned() });
    }
    for kind in ["post_call_transcription", "call_initiation_failure"] {
        for time in [Value::Null, json!({}), json!("soon")] {
            let event = json!({"type": kind, "event_timestamp": time, "data": {"conversation_id": "c"}});
            let VoiceEvent::Ended { at, .. } = value(&event).expect("an event") else { panic!("no end") };
            assert_eq!(at, SIGNED_AT);
        }
    }
}

#[test]
fn a_form_that_is_not_read_names_its_call() {
    let event = json!({"type": "post_call_transcription_otel", "data": {
        "conversation_id": "conv_1", "otlp_traces": {"resourceSpans": []}}});
    let kind = "post_call_transcription_otel".to_owned();
    let expected = VoiceEvent::Changed { call: call("conv_1"), attempt: None, event: kind, told: None };
    assert_eq!(value(&event).expect("an event"), expected);
    let event = json!({"type": "post_call_transcription", "data": {"user_id": ATTEMPT}});
    let VoiceEvent::Changed { attempt: named, .. } = value(&event).expect("an event") else {
        panic!("not to be asked about");
    };
    assert_eq!(named, Some(attempt()));
}

#[test]
fn a_trace_names_its_call_and_attempt_and_tells_what_it_can() {
    let event = parse(fixture!("transcription_otel.completed")).expect("an event");
    let VoiceEvent::Changed { call: id, attempt: named, told: Some(told), .. } = event else {
        panic!("not to be asked about: {event:?}");
    };
    assert_eq!((&id, &named), (&call(CONVERSATION), &Some(attempt())));
    let VoiceEvent::Ended { call: ended, attempt: told_of, report, at, incoming: None } = *told else {
        panic!("no end");
    };
    assert_eq!((ended, told_of, report.outcome), (id, named, Outcome::Completed));
    assert_eq!(at.as_secs(), 1_796_000_060);
}

#[test]
fn a_call_that_came_in_says_who_called_whom() {
    let event = json!({"type": "post_call_transcription", "event_timestamp": 1_790_000_000, "data": {
        "conversation_id": "conv_in", "status": "done",
        "metadata": {"phone_call": {"direction": "inbound", "type": "twilio", "call_sid": "CA1",
            "agent_number": "+493023125099", "external_number": "+4930231250001"}},
    }});
    let VoiceEvent::Ended { call: id, attempt: None, incoming: Some(incoming), .. } =
        parse(event.to_string().as_bytes()).expect("an event")
    else {
        panic!("no end of a call that came in");
    };
    assert_eq!((id, incoming.carrier_call), (call("conv_in"), Some(call("CA1"))));
    let numbers = [incoming.caller, incoming.called].map(|number| number.map(|number| number.to_string()));
    assert_eq!(numbers, [Some("+4930231250001".to_owned()), Some("+493023125099".to_owned())]);
}
