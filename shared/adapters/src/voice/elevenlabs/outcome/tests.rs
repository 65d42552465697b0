//! Which outcome each end of a call is.

use serde_json::{Value, json};

use super::*;

/// A conversation with these fields; `turns` are role and message.
fn conversation(status: &str, turns: &[(&str, &str)], metadata: Value) -> Outcome {
    let transcript: Vec<Value> =
        turns.iter().map(|(role, message)| json!({"role": role, "message": message})).collect();
    let body = json!({"status": status, "transcript": transcript, "metadata": metadata});
    of_conversation(&serde_json::from_value(body).expect("a conversation"))
}

fn answered(turns: &[(&str, &str)], termination_reason: &str) -> Outcome {
    let metadata =
        json!({"phone_call": {"call_result": "answered"}, "termination_reason": termination_reason});
    conversation("done", turns, metadata)
}

fn failure(data: Value) -> Outcome {
    of_failure(&serde_json::from_value(data).expect("a failure"))
}

fn sip(code: i64) -> Outcome {
    failure(json!({
        "failure_reason": "unknown",
        "metadata": {"type": "sip", "body": {"sip_status_code": code, "twirp_code": "unavailable"}},
    }))
}

fn twilio(status: &str, sip_code: &str) -> Outcome {
    failure(json!({
        "failure_reason": "unknown",
        "metadata": {"type": "twilio", "body": {"CallStatus": status, "SipResponseCode": sip_code}},
    }))
}

const GREETING: (&str, &str) = ("agent", "Hello, this is the practice.");
const WORDS: (&str, &str) = ("user", "Thursday is fine.");
const GOODBYE: (&str, &str) = ("agent", "See you then.");

#[test]
fn text_from_the_person_and_a_natural_end_are_a_conversation() {
    let talk = [GREETING, WORDS, GOODBYE];
    for reason in ["end_call tool was called.", "Call ended by remote party", "Client disconnected: 1000", ""]
    {
        assert_eq!(answered(&talk, reason), Outcome::Completed, "{reason}");
    }
    // The agent may hang up without another word.
    assert_eq!(answered(&[GREETING, WORDS], "end_call tool was called."), Outcome::Completed);
    // call_result is not always given.
    assert_eq!(conversation("done", &talk, json!({})), Outcome::Completed);
    assert_eq!(
        conversation("done", &talk, json!({"termination_reason": "Something new"})),
        Outcome::Completed
    );
}

#[test]
fn no_text_from_the_person_is_no_conversation() {
    let reason = "Call ended by remote party";
    assert_eq!(answered(&[GREETING], reason), Outcome::Incomplete);
    assert_eq!(answered(&[], reason), Outcome::Incomplete);
    assert_eq!(answered(&[GREETING, ("user", "  "), GOODBYE], reason), Outcome::Incomplete);
}

#[test]
fn silence_inactivity_and_the_longest_duration_cut_a_conversation_short() {
    for reason in [
        "Ending conversation after 20 seconds of silence",
        "Max inactive time reached",
        "Max duration limit reached",
    ] {
        assert_eq!(answered(&[GREETING, WORDS, GOODBYE], reason), Outcome::Incomplete, "{reason}");
    }
}

#[test]
fn hanging_up_within_the_first_turns_is_no_conversation() {
    let hello = [GREETING, ("user", "Hello?")];
    for reason in ["Call ended by remote party", "Client disconnected: 1005"] {
        assert_eq!(answered(&hello, reason), Outcome::Incomplete, "{reason}");
    }
}

#[test]
fn any_sign_of_a_machine_is_voicemail() {
    let greeting = [GREETING, ("user", "Leave a message."), GOODBYE];
    let ended = "voicemail_detection tool was called.";
    assert_eq!(answered(&greeting, ended), Outcome::Voicemail);
    let result = json!({"phone_call": {"call_result": "voicemail"}});
    assert_eq!(conversation("done", &greeting, result), Outcome::Voicemail);
    let used = json!({"features_usage": {"voicemail_detection": {"enabled": true, "used": true}}});
    assert_eq!(conversation("done", &greeting, used), Outcome::Voicemail);
    let unused = json!({"features_usage": {"voicemail_detection": {"enabled": true, "used": false}}});
    assert_eq!(conversation("done", &greeting, unused), Outcome::Completed);
    let called = |called: bool| {
        let call = json!({"tool_name": "voicemail_detection", "tool_has_been_called": called});
        let body = json!({"status": "done", "transcript": [
            {"role": "user", "message": "Leave a message."},
            {"role": "agent", "message": null, "tool_calls": [call]},
        ]});
        of_conversation(&serde_json::from_value(body).expect("a conversation"))
    };
    assert_eq!(called(true), Outcome::Voicemail);
    assert_eq!(called(false), Outcome::Completed);
}

#[test]
fn a_failed_conversation_is_told_by_its_error() {
    let failed = |code: Value| {
        let metadata =
            json!({"phone_call": {"call_result": "failed"}, "error": {"code": code, "reason": "x"}});
        conversation("failed", &[GREETING, WORDS, GOODBYE], metadata)
    };
    assert_eq!(failed(json!(1008)), Outcome::RequestRejected);
    assert_eq!(failed(json!("1008")), Outcome::RequestRejected);
    assert_eq!(failed(json!(1011)), Outcome::Error);
    assert_eq!(failed(json!("llm_error")), Outcome::Error);
    assert_eq!(conversation("failed", &[], json!({})), Outcome::Error);
}

#[test]
fn a_call_that_never_came_about_is_told_by_its_result() {
    for (result, outcome) in
        [("busy", Outcome::Busy), ("no_answer", Outcome::NoAnswer), ("failed", Outcome::Failed)]
    {
        for status in ["done", "failed"] {
            let metadata = json!({"phone_call": {"call_result": result}});
            assert_eq!(conversation(status, &[], metadata), outcome, "{status} {result}");
        }
    }
}

#[test]
fn busy_and_no_answer_are_taken_from_the_reason_or_from_twilio() {
    assert_eq!(failure(json!({"failure_reason": "busy"})), Outcome::Busy);
    assert_eq!(failure(json!({"failure_reason": "no-answer"})), Outcome::NoAnswer);
    assert_eq!(twilio("busy", ""), Outcome::Busy);
    assert_eq!(twilio("no-answer", "404"), Outcome::NoAnswer);
}

#[test]
fn sip_codes_mean_the_same_from_twilio_and_from_a_trunk() {
    let rows = [
        (Outcome::Busy, &[486, 600][..]),
        (Outcome::NoAnswer, &[408, 480, 487]),
        (Outcome::InvalidNumber, &[404, 410, 484, 604]),
        (Outcome::Declined, &[603]),
        (Outcome::Blocked, &[607, 608]),
        (Outcome::AccountRefused, &[401, 403, 407]),
        (Outcome::Failed, &[500, 502, 503, 504, 580, 488]),
    ];
    for (outcome, codes) in rows {
        for code in codes {
            assert_eq!(sip(*code), outcome, "SIP {code}");
            assert_eq!(twilio("failed", &code.to_string()), outcome, "Twilio failed, SIP {code}");
        }
    }
}

#[test]
fn without_a_code_the_words_are_searched() {
    let words = |body: Value| failure(json!({"failure_reason": "unknown", "metadata": {"body": body}}));
    let auth = "INVITE failed: max auth retry attempts reached";
    assert_eq!(words(json!({"error_reason": auth, "twirp_code": "unavailable"})), Outcome::AccountRefused);
    assert_eq!(words(json!({"CallStatus": "failed"})), Outcome::Failed);
    for code in ["unavailable", "resource_exhausted", "deadline_exceeded"] {
        assert_eq!(words(json!({"twirp_code": code})), Outcome::Failed, "{code}");
    }
    assert_eq!(words(json!({"twirp_code": "internal"})), Outcome::Error);
    assert_eq!(failure(json!({})), Outcome::Error);
}

#[test]
fn who_ended_the_call_is_read_from_the_termination_reason() {
    for (reason, by_person) in [
        ("Call ended by remote party", Some(true)),
        ("Client disconnected: 1000", Some(true)),
        ("end_call tool was called.", Some(false)),
        ("Max duration limit reached", Some(false)),
        ("voicemail_detection tool was called.", Some(false)),
        ("", None),
        ("Something new", None),
    ] {
        assert_eq!(ending(reason).is_by_person(), by_person, "{reason}");
    }
}

#[test]
fn a_transcript_that_is_left_out_says_nothing_about_who_spoke() {
    let hung_up = "Call ended by remote party";
    let ended = |secs: f64, count: Value| {
        conversation(
            "done",
            &[],
            json!({"phone_call": {"call_result": "answered"}, "termination_reason": hung_up,
                   "call_duration_secs": secs, "user_message_count": count}),
        )
    };
    assert_eq!(ended(9.0, Value::Null), Outcome::Completed);
    assert_eq!(ended(1.0, json!(1)), Outcome::Completed);
    assert_eq!(ended(9.0, json!(0)), Outcome::Incomplete);
}

#[test]
fn a_call_that_was_answered_and_is_kept_no_transcript_of_is_not_one_in_which_nobody_spoke() {
    let ended = |transcript: Value, call_result: Value| {
        let metadata = json!({"phone_call": {"call_result": call_result},
            "termination_reason": "Call ended by remote party"});
        let body = json!({"status": "done", "transcript": transcript, "metadata": metadata});
        of_conversation(&serde_json::from_value(body).expect("a conversation"))
    };
    let redacted = json!([{"role": "agent", "message": null}, {"role": "user", "message": null}]);
    assert_eq!(ended(Value::Null, json!("answered")), Outcome::Completed);
    assert_eq!(ended(Value::Null, json!("voicemail")), Outcome::Voicemail);
    for (transcript, result) in
        [(json!([]), json!("answered")), (Value::Null, Value::Null), (redacted, json!("answered"))]
    {
        assert_eq!(ended(transcript, result), Outcome::Incomplete, "nothing says that anybody spoke");
    }
}

#[test]
fn a_moment_of_silence_is_no_answer() {
    let lasted = |turns: &[(&str, &str)], secs: f64| {
        conversation(
            "done",
            turns,
            json!({"call_duration_secs": secs, "termination_reason": "Call ended by remote party"}),
        )
    };
    assert_eq!(lasted(&[], 2.0), Outcome::NoAnswer);
    assert_eq!(lasted(&[GREETING], 2.0), Outcome::NoAnswer);
    assert_eq!(lasted(&[GREETING], 3.0), Outcome::Incomplete);
    assert_eq!(lasted(&[GREETING, ("user", "No.")], 2.0), Outcome::Incomplete);
}
