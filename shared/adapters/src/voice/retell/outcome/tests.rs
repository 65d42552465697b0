//! Which outcome each end of a call is.

use carillon_domain::base::call::Consequence;
use serde_json::{Value, json};

use super::*;

/// The list of reasons as it is published.
const PUBLISHED: &str = "
    user_hangup agent_hangup user_requested_dnc user_requested_callback call_transfer voicemail_reached
    ivr_reached inactivity max_duration_reached concurrency_limit_reached no_concurrency_fallback
    no_valid_payment credit_exhausted budget_reached scam_detected dial_busy dial_failed dial_no_answer
    invalid_destination telephony_provider_permission_denied telephony_provider_unavailable sip_routing_error
    marked_as_spam network_blocked user_declined error_llm_websocket_open error_llm_websocket_lost_connection
    error_llm_websocket_runtime error_llm_websocket_corrupt_payload error_no_audio_received error_asr
    error_retell error_unknown error_user_not_joined registered_call_timeout transfer_bridged
    transfer_cancelled manual_stopped call_take_over";

fn call(fields: Value) -> Outcome {
    let call: Call = serde_json::from_value(fields).expect("a call");
    call.report().outcome
}

/// A call of half a minute in which both spoke, that ended so.
fn talk(reason: &str) -> Outcome {
    call(json!({"disconnection_reason": reason, "duration_ms": 30_000, "transcript_object": said(&[
        ("agent", "Hello, this is the practice."), ("user", "Thursday is fine."), ("agent", "See you then."),
    ])}))
}

fn said(turns: &[(&str, &str)]) -> Vec<Value> {
    turns.iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
}

#[test]
fn every_published_reason_has_its_row_once() {
    let published: Vec<&str> = PUBLISHED.split_ascii_whitespace().collect();
    assert_eq!(published.len(), 39);
    for reason in &published {
        let rows = REASONS.iter().filter(|(known, _)| known == reason).count();
        assert_eq!(rows, 1, "{reason}");
    }
    for (reason, _) in REASONS {
        assert!(published.contains(&reason), "{reason}");
    }
}

#[test]
fn each_reason_has_its_outcome() {
    for (outcome, reasons) in [
        (
            Outcome::Completed,
            "user_hangup agent_hangup call_transfer transfer_bridged manual_stopped call_take_over
             user_requested_dnc user_requested_callback",
        ),
        (Outcome::Incomplete, "inactivity max_duration_reached transfer_cancelled"),
        (Outcome::Voicemail, "voicemail_reached ivr_reached"),
        (Outcome::Busy, "dial_busy"),
        (Outcome::NoAnswer, "dial_no_answer"),
        (Outcome::Declined, "user_declined"),
        (Outcome::InvalidNumber, "invalid_destination"),
        (Outcome::Blocked, "marked_as_spam network_blocked"),
        (
            Outcome::Failed,
            "dial_failed sip_routing_error telephony_provider_unavailable registered_call_timeout
             error_user_not_joined concurrency_limit_reached no_concurrency_fallback",
        ),
        (
            Outcome::AccountRefused,
            "no_valid_payment credit_exhausted budget_reached scam_detected
             telephony_provider_permission_denied",
        ),
        (
            Outcome::Error,
            "error_llm_websocket_open error_llm_websocket_lost_connection error_llm_websocket_runtime
             error_llm_websocket_corrupt_payload error_no_audio_received error_asr error_retell error_unknown",
        ),
    ] {
        for reason in reasons.split_ascii_whitespace() {
            assert_eq!(talk(reason), outcome, "{reason}");
        }
    }
}

#[test]
fn faults_of_the_account_pause_the_campaign_and_congestion_is_no_attempt() {
    for reason in ["no_valid_payment", "credit_exhausted", "budget_reached"] {
        assert_eq!(talk(reason).consequence(), Consequence::AccountFault, "{reason}");
    }
    for reason in ["concurrency_limit_reached", "no_concurrency_fallback"] {
        assert_eq!(talk(reason).consequence(), Consequence::TakenBack, "{reason}");
    }
}

#[test]
fn an_unknown_reason_is_an_error_in_its_own_words() {
    let unknown: Call =
        serde_json::from_value(json!({"disconnection_reason": "agent_sneezed"})).expect("a call");
    let report = unknown.report();
    assert_eq!((report.outcome, report.end_reason.as_str()), (Outcome::Error, "agent_sneezed"));
}

#[test]
fn without_a_reason_the_state_tells() {
    assert_eq!(call(json!({"call_status": "not_connected"})), Outcome::Failed);
    assert_eq!(call(json!({"call_status": "error"})), Outcome::Error);
    assert_eq!(call(json!({})), Outcome::Error);
    let talk = said(&[("user", "Hello?"), ("agent", "Good day.")]);
    assert_eq!(call(json!({"call_status": "ended", "transcript_object": talk})), Outcome::Completed);
}

#[test]
fn what_was_said_decides_what_a_conversation_was() {
    let hung_up = |turns: &[(&str, &str)], ms: u32| {
        call(
            json!({"disconnection_reason": "user_hangup", "duration_ms": ms, "transcript_object": said(turns)}),
        )
    };
    assert_eq!(hung_up(&[("agent", "Hello.")], 9_000), Outcome::Incomplete);
    assert_eq!(hung_up(&[("agent", "Hello.")], 2_000), Outcome::NoAnswer);
    assert_eq!(hung_up(&[("agent", "Hello."), ("user", "No.")], 9_000), Outcome::Incomplete);
    // The transcript was left out.
    assert_eq!(hung_up(&[], 9_000), Outcome::Completed);
    assert_eq!(hung_up(&[], 1_000), Outcome::NoAnswer);
}

#[test]
fn what_the_analysis_takes_for_a_voicemail_is_one_whatever_was_said() {
    let analysed = |reason: &str| {
        let turns = said(&[("user", "Leave a message."), ("agent", "Good day."), ("user", "…")]);
        call(json!({"disconnection_reason": reason, "duration_ms": 20_000, "transcript_object": turns,
                    "call_analysis": {"in_voicemail": true, "call_successful": true}}))
    };
    assert_eq!(analysed("agent_hangup"), Outcome::Voicemail);
    assert_eq!(analysed("dial_busy"), Outcome::Busy);
}
