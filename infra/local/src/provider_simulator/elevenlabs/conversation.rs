//! A conversation as the provider shows it: to `GET /v1/convai/conversations/{id}`, in the list,
//! and as the data of `post_call_transcription`.

use carillon_domain::base::call::Line;
use carillon_domain::base::time::Timestamp;
use serde_json::{Map, Value, json};

use super::transcript;
use crate::provider_simulator::call::{Call, Phase};
use crate::provider_simulator::first_message;
use crate::provider_simulator::person::{Behaviour, Ending, MISSING_VARIABLES, Wish};

/// Credits that a second of talk costs.
const CREDITS_PER_SEC: i64 = 13;
/// What a minute of talk costs, in US dollars.
const USD_PER_MINUTE: f64 = 0.08;
/// What every agent is called.
const AGENT_NAME: &str = "Simulated agent";

/// The conversation as it stands.
pub(in crate::provider_simulator) fn conversation(call: &Call, now: Timestamp) -> Value {
    let over = call.phase(now) == Phase::Over;
    let has_audio = has_audio(call, now);
    json!({
        "agent_id": call.order.agent_id,
        "agent_name": AGENT_NAME,
        "status": status(call, now),
        "user_id": call.order.attempt,
        "branch_id": null,
        "version_id": null,
        "environment": "production",
        "conversation_id": call.id,
        "has_audio": has_audio,
        "has_user_audio": has_audio,
        "has_response_audio": has_audio,
        "transcript": if over { transcript::turns(call) } else { vec![] },
        "metadata": metadata(call, now),
        "analysis": if over { analysis(call) } else { Value::Null },
        "conversation_initiation_client_data": client_data(call),
    })
}

/// The conversation as a row of the list.
pub(super) fn summary(call: &Call, now: Timestamp) -> Value {
    let over = call.phase(now) == Phase::Over;
    json!({
        "agent_id": call.order.agent_id,
        "agent_name": AGENT_NAME,
        "branch_id": null,
        "version_id": null,
        "conversation_id": call.id,
        "start_time_unix_secs": call.placed_at.as_secs(),
        "call_duration_secs": if over { call.talk_secs() } else { 0 },
        "message_count": if over { transcript::turns(call).len() } else { 0 },
        "status": status(call, now),
        "termination_reason": if over { termination_reason(call) } else { String::new() },
        "call_successful": if over { success(call) } else { "unknown" },
        "transcript_summary": null,
        "call_summary_title": null,
        "main_language": language(call),
        "conversation_initiation_source": source(call.order.line),
        "tool_names": [],
        "direction": direction(call),
        "rating": null,
    })
}

/// Whether there is a recording by now.
pub(super) fn has_audio(call: &Call, now: Timestamp) -> bool {
    call.phase(now) == Phase::Over && has_spoken(call)
}

/// Whether the conversation got as far as words.
fn has_spoken(call: &Call) -> bool {
    !matches!(call.behaviour, Behaviour::Breaks { .. } | Behaviour::Fails { .. })
}

fn status(call: &Call, now: Timestamp) -> &'static str {
    match call.phase(now) {
        Phase::Ringing => "initiated",
        Phase::Talking => "in-progress",
        Phase::Processing => "processing",
        Phase::Over if has_spoken(call) => "done",
        Phase::Over => "failed",
    }
}

fn language(call: &Call) -> &str {
    call.order.language.as_deref().unwrap_or("en")
}

const fn direction(call: &Call) -> &'static str {
    if call.is_incoming { "inbound" } else { "outbound" }
}

/// Where the provider says that a conversation came from.
const fn source(line: Line) -> &'static str {
    match line {
        Line::Twilio | Line::OwnTwilio => "twilio",
        Line::SipTrunk => "sip_trunk",
    }
}

fn metadata(call: &Call, now: Timestamp) -> Value {
    let over = call.phase(now) == Phase::Over;
    let talk_secs = if over && has_spoken(call) { call.talk_secs() } else { 0 };
    let accepted_at = call.answered_at.filter(|at| *at <= now);
    json!({
        "start_time_unix_secs": call.placed_at.as_secs(),
        "accepted_time_unix_secs": accepted_at.map(Timestamp::as_secs),
        "call_duration_secs": talk_secs,
        "cost": talk_secs * CREDITS_PER_SEC,
        "cost_fiat": cost_usd(talk_secs),
        "deletion_settings": {
            "deletion_time_unix_secs": null,
            "deleted_logs_at_time_unix_secs": null,
            "deleted_audio_at_time_unix_secs": null,
            "deleted_transcript_at_time_unix_secs": null,
            "delete_transcript_and_pii": false,
            "delete_audio": false,
        },
        "feedback": {"overall_score": null, "likes": 0, "dislikes": 0},
        "authorization_method": "authorization_header",
        "charging": {"dev_discount": false},
        "phone_call": phone_call(call, over),
        "batch_call": null,
        "termination_reason": if over { termination_reason(call) } else { String::new() },
        "error": if over { error(call) } else { Value::Null },
        "main_language": language(call),
        "text_only": false,
        "features_usage": {"voicemail_detection": {"enabled": true, "used": over && is_voicemail(call)}},
        "conversation_initiation_source": source(call.order.line),
        "timezone": null,
    })
}

/// US dollars, to a hundredth of a cent.
#[expect(clippy::cast_precision_loss, reason = "calls last minutes, not aeons")]
fn cost_usd(talk_secs: i64) -> f64 {
    (talk_secs as f64 * USD_PER_MINUTE / 60.0 * 10_000.0).round() / 10_000.0
}

fn is_voicemail(call: &Call) -> bool {
    matches!(call.behaviour, Behaviour::Voicemail { .. })
}

fn phone_call(call: &Call, over: bool) -> Value {
    let mut phone_call = json!({
        "direction": direction(call),
        "phone_number_id": call.order.phone_number_id,
        "agent_number": call.from_number,
        "external_number": call.order.to_number,
        "call_result": over.then(|| call_result(call)),
    });
    let ids = match call.order.line {
        Line::Twilio | Line::OwnTwilio => vec![
            ("type", "twilio".to_owned()),
            ("stream_sid", format!("MZ{}", call.carrier_id.trim_start_matches("CA"))),
            ("call_sid", call.carrier_id.clone()),
        ],
        Line::SipTrunk => vec![("type", "sip_trunking".to_owned()), ("call_id", call.carrier_id.clone())],
    };
    for (name, value) in ids {
        phone_call[name] = json!(value);
    }
    phone_call
}

fn call_result(call: &Call) -> &'static str {
    match call.behaviour {
        Behaviour::Talks { .. }
        | Behaviour::Asks { .. }
        | Behaviour::HangsUp { .. }
        | Behaviour::KeepsSilent { .. } => "answered",
        Behaviour::Voicemail { .. } => "voicemail",
        Behaviour::Breaks { .. } => "failed",
        Behaviour::Fails { failure, .. } => failure.call_result(),
    }
}

fn termination_reason(call: &Call) -> String {
    match call.behaviour {
        Behaviour::Talks { ending: Ending::Agent, .. } | Behaviour::Asks { .. } => {
            "end_call tool was called.".to_owned()
        }
        Behaviour::Talks { ending: Ending::Person, .. } | Behaviour::HangsUp { .. } => {
            "Call ended by remote party".to_owned()
        }
        Behaviour::KeepsSilent { talk_ms, .. } => {
            format!("Ending conversation after {} seconds of silence", talk_ms / 1_000)
        }
        Behaviour::Voicemail { .. } => "voicemail_detection tool was called.".to_owned(),
        Behaviour::Breaks { .. } | Behaviour::Fails { .. } => String::new(),
    }
}

fn error(call: &Call) -> Value {
    match call.behaviour {
        Behaviour::Breaks { code: MISSING_VARIABLES, .. } => {
            let names: Vec<String> =
                first_message::missing(&call.order).iter().map(|name| format!("'{name}'")).collect();
            let reason =
                format!("Missing required dynamic variables in first message: {{{}}}", names.join(", "));
            json!({"code": MISSING_VARIABLES, "reason": reason})
        }
        Behaviour::Breaks { code, .. } => json!({"code": code, "reason": "An internal error occurred"}),
        Behaviour::Fails { failure, .. } => {
            json!({"code": failure.sip_code(), "reason": failure.sip_reason()})
        }
        _ => Value::Null,
    }
}

fn success(call: &Call) -> &'static str {
    match call.behaviour {
        Behaviour::Talks { .. } => "success",
        Behaviour::Asks { .. }
        | Behaviour::HangsUp { .. }
        | Behaviour::KeepsSilent { .. }
        | Behaviour::Voicemail { .. } => "failure",
        Behaviour::Breaks { .. } | Behaviour::Fails { .. } => "unknown",
    }
}

fn analysis(call: &Call) -> Value {
    let summary = match call.behaviour {
        Behaviour::Talks { .. } => "The contact answered and the conversation came to its end.",
        Behaviour::Asks { .. } => "The contact asked for something.",
        Behaviour::HangsUp { .. } => "The contact hung up before speaking.",
        Behaviour::KeepsSilent { .. } => "The contact said nothing.",
        Behaviour::Voicemail { .. } => "Voicemail reached.",
        Behaviour::Breaks { .. } | Behaviour::Fails { .. } => return Value::Null,
    };
    json!({
        "evaluation_criteria_results": {},
        "data_collection_results": collected(call),
        "call_successful": success(call),
        "transcript_summary": summary,
        "call_summary_title": if call.is_incoming { "Inbound call" } else { "Outbound call" },
    })
}

/// What the agent was set up to collect: what the person asked for.
fn collected(call: &Call) -> Value {
    let item = |name: &str, value: Value| {
        json!({name: {
            "data_collection_id": name, "value": value, "json_schema": null, "rationale": "The contact said so.",
        }})
    };
    match (call.behaviour, call.callback_at()) {
        (Behaviour::Asks { wish: Wish::NeverToBeCalled, .. }, _) => item("do_not_call", json!(true)),
        (_, Some(at)) => item("callback_at", json!(at)),
        _ => json!({}),
    }
}

/// The order's own data come back, with the variables that the provider adds.
fn client_data(call: &Call) -> Value {
    let order = &call.order;
    let mut variables: Map<String, Value> = order.variables.clone().into_iter().collect();
    let (caller, called) = if call.is_incoming {
        (&order.to_number, &call.from_number)
    } else {
        (&call.from_number, &order.to_number)
    };
    variables.extend([
        ("system__conversation_id".to_owned(), json!(call.id)),
        ("system__call_sid".to_owned(), json!(call.carrier_id)),
        ("system__called_number".to_owned(), json!(called)),
        ("system__caller_id".to_owned(), json!(caller)),
    ]);
    json!({
        "conversation_config_override": {
            "agent": {"prompt": null, "first_message": order.first_message, "language": order.language},
            "tts": {"voice_id": null},
        },
        "custom_llm_extra_body": {},
        "user_id": order.attempt,
        "dynamic_variables": variables,
        "source_info": {"source": source(order.line), "version": null},
        "branch_id": null,
        "environment": null,
    })
}
