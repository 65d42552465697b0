//! What is said in a simulated call, in the provider's shape of a transcript.

use serde_json::{Value, json};

use super::call::Call;
use super::first_message;
use super::person::{Behaviour, Ending};
use crate::draw::Draw;

/// When the person first speaks, in seconds from the pick-up.
const FIRST_REPLY_SECS: i64 = 4;
/// From one turn to the next, in seconds.
const TURN_SECS: i64 = 7;
/// How long before the end the goodbye is said, in seconds.
const GOODBYE_SECS: i64 = 3;

const REPLIES: [&str; 5] = [
    "Yes, speaking.",
    "Yes, that's me.",
    "Sure, go ahead.",
    "Hello, who is this?",
    "I have a minute, what is it about?",
];
const QUESTIONS: [&str; 5] = [
    "Thank you. Does the appointment still suit you?",
    "Is the address that we have still right?",
    "Would the morning or the afternoon be better?",
    "May we send you a reminder the day before?",
    "Is there anything that we should bring?",
];
const ANSWERS: [&str; 5] =
    ["Yes, that works.", "The morning, please.", "That is right.", "Let me think. Yes.", "No, that's all."];

/// The turns of a call that is over.
pub(super) fn turns(call: &Call) -> Vec<Value> {
    let secs = call.talk_secs();
    let opening = agent(&first_message::rendered(&call.order), 0);
    match call.behaviour {
        Behaviour::Talks { ending, .. } => conversation(call, opening, ending),
        Behaviour::HangsUp { .. } => vec![opening],
        Behaviour::KeepsSilent { .. } => vec![opening, agent("Hello? Are you still there?", secs / 2)],
        Behaviour::Voicemail { .. } => vec![
            opening,
            user("You have reached the voicemail. Please leave a message after the tone.", FIRST_REPLY_SECS),
            tool("voicemail_detection", r#"{"reason":"Automated greeting detected"}"#, secs),
        ],
        Behaviour::Breaks { .. } | Behaviour::Fails { .. } => vec![],
    }
}

fn conversation(call: &Call, opening: Value, ending: Ending) -> Vec<Value> {
    let mut draw = Draw::keyed(0, &["talk", &call.conversation_id]);
    let mut one_of = |lines: [&'static str; 5]| draw.pick(lines).unwrap_or_default();
    let last_secs = (call.talk_secs() - GOODBYE_SECS).max(FIRST_REPLY_SECS + 1);
    let mut turns = vec![opening, user(one_of(REPLIES), FIRST_REPLY_SECS)];
    let mut at_secs = FIRST_REPLY_SECS + TURN_SECS;
    while at_secs + TURN_SECS < last_secs {
        turns.extend([agent(one_of(QUESTIONS), at_secs), user(one_of(ANSWERS), at_secs + TURN_SECS / 2)]);
        at_secs += TURN_SECS;
    }
    match ending {
        Ending::Agent => turns.extend([
            agent("That is all I needed. Thank you, goodbye.", last_secs),
            tool("end_call", r#"{"reason":"The conversation is complete"}"#, last_secs),
        ]),
        Ending::Person => turns.extend([
            agent("Thank you for your time.", last_secs - 1),
            user("All right, goodbye.", last_secs),
        ]),
    }
    turns
}

fn agent(message: &str, at_secs: i64) -> Value {
    turn("agent", json!(message), json!([]), at_secs)
}

fn user(message: &str, at_secs: i64) -> Value {
    turn("user", json!(message), json!([]), at_secs)
}

fn tool(name: &str, parameters: &str, at_secs: i64) -> Value {
    let call = json!({
        "type": "system",
        "request_id": format!("{name}_1"),
        "tool_name": name,
        "params_as_json": parameters,
        "tool_has_been_called": true,
    });
    turn("agent", Value::Null, json!([call]), at_secs)
}

fn turn(role: &str, message: Value, tool_calls: Value, at_secs: i64) -> Value {
    json!({
        "role": role,
        "message": message,
        "tool_calls": tool_calls,
        "tool_results": [],
        "feedback": null,
        "time_in_call_secs": at_secs,
        "conversation_turn_metrics": null,
        "interrupted": false,
    })
}
