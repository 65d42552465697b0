//! A call as the provider shows it: to `GET /v2/get-call/{id}`, in the list, and in webhooks.

use carillon_domain::base::time::Timestamp;
use serde_json::{Map, Value, json};

use super::{reason, transcript};
use crate::provider_simulator::call::{Call, Phase};
use crate::provider_simulator::person::{Behaviour, Wish};
use crate::provider_simulator::speech;

/// What a second costs, in US cents.
const CENTS_PER_SEC: f64 = 0.15;
/// What every agent is called.
const AGENT_NAME: &str = "Simulated agent";
/// The version of every agent.
const AGENT_VERSION: u32 = 0;

/// The call as it stands.
pub(in crate::provider_simulator) fn as_it_stands(call: &Call, now: Timestamp) -> Value {
    let mut shown = listed(call, now);
    if call.answered_at.is_some() && now >= call.ended_at {
        let said = speech::of(call);
        shown["transcript"] = json!(transcript::text(&said));
        shown["transcript_object"] = json!(transcript::object(&said));
    }
    shown
}

/// The call as a row of the list, which has no transcript.
pub(super) fn listed(call: &Call, now: Timestamp) -> Value {
    let order = &call.order;
    let (direction, from, to) = if call.is_incoming {
        ("inbound", &order.to_number, &call.from_number)
    } else {
        ("outbound", &call.from_number, &order.to_number)
    };
    let mut shown = Map::from_iter([
        ("call_type".to_owned(), json!("phone_call")),
        ("call_id".to_owned(), json!(call.id)),
        ("agent_id".to_owned(), json!(order.agent_id)),
        ("agent_version".to_owned(), json!(AGENT_VERSION)),
        ("agent_name".to_owned(), json!(AGENT_NAME)),
        ("call_status".to_owned(), json!(status(call, now))),
        ("direction".to_owned(), json!(direction)),
        ("from_number".to_owned(), json!(from)),
        ("to_number".to_owned(), json!(to)),
        ("telephony_identifier".to_owned(), json!({"twilio_call_sid": call.carrier_id})),
        ("data_storage_setting".to_owned(), json!("everything")),
        ("opt_in_signed_url".to_owned(), json!(false)),
    ]);
    if !order.metadata.is_null() {
        shown.insert("metadata".to_owned(), order.metadata.clone());
    }
    if !order.variables.is_empty() {
        shown.insert("retell_llm_dynamic_variables".to_owned(), json!(order.variables));
    }
    shown.extend(times(call, now));
    if now >= call.ended_at {
        shown.insert("disconnection_reason".to_owned(), json!(reason::of(call)));
    }
    if call.phase(now) == Phase::Over {
        shown.insert("call_analysis".to_owned(), analysis(call));
    }
    Value::Object(shown)
}

fn status(call: &Call, now: Timestamp) -> &'static str {
    match (call.phase(now), call.behaviour) {
        (Phase::Ringing, _) => "registered",
        (Phase::Talking, _) => "ongoing",
        (Phase::Processing | Phase::Over, Behaviour::Fails { .. }) => "not_connected",
        (Phase::Processing | Phase::Over, Behaviour::Breaks { .. }) => "error",
        (Phase::Processing | Phase::Over, _) => "ended",
    }
}

/// When it was picked up and when it ended, how long it took and what that cost, as far as it has come; nothing of one
/// that nobody picked up.
fn times(call: &Call, now: Timestamp) -> Map<String, Value> {
    let mut times = Map::new();
    let Some(answered_at) = call.answered_at.filter(|at| *at <= now) else { return times };
    times.insert("start_timestamp".to_owned(), json!(answered_at.as_millis()));
    if now >= call.ended_at {
        times.insert("end_timestamp".to_owned(), json!(call.ended_at.as_millis()));
        times.insert("duration_ms".to_owned(), json!(call.talk_ms()));
        times.insert("call_cost".to_owned(), cost(call));
        if let Some(url) = &call.recording_url {
            times.insert("recording_url".to_owned(), json!(url));
        }
    }
    times
}

#[expect(clippy::cast_precision_loss, reason = "calls last minutes, not aeons")]
fn cost(call: &Call) -> Value {
    // Whole seconds, the last one begun included.
    let secs = (call.talk_ms() + 999) / 1_000;
    let cents = (secs as f64 * CENTS_PER_SEC * 100.0).round() / 100.0;
    json!({
        "product_costs": [{"product": "retell_platform", "unit_price": CENTS_PER_SEC, "cost": cents}],
        "total_duration_seconds": secs,
        "total_duration_unit_price": CENTS_PER_SEC,
        "combined_cost": cents,
    })
}

/// What the provider makes of a call that is over.
fn analysis(call: &Call) -> Value {
    let (summary, is_success) = match call.behaviour {
        Behaviour::Talks { .. } => ("The user answered and the conversation came to its end.", true),
        Behaviour::Asks { .. } => ("The user asked for something.", false),
        Behaviour::HangsUp { .. } => ("The user hung up before speaking.", false),
        Behaviour::KeepsSilent { .. } => ("The user said nothing.", false),
        Behaviour::Voicemail { .. } => ("The call reached a voicemail.", false),
        Behaviour::Breaks { .. } => ("The call broke off.", false),
        Behaviour::Fails { .. } => ("The call was not connected.", false),
    };
    json!({
        "call_summary": summary,
        "in_voicemail": matches!(call.behaviour, Behaviour::Voicemail { .. }),
        "user_sentiment": "Unknown",
        "call_successful": is_success,
        "custom_analysis_data": collected(call),
    })
}

/// What the agent was set up to find out: what the person asked for.
fn collected(call: &Call) -> Value {
    match (call.behaviour, call.callback_at()) {
        (Behaviour::Asks { wish: Wish::NeverToBeCalled, .. }, _) => json!({"do_not_call": true}),
        (_, Some(at)) => json!({"callback_at": at, "do_not_call": false}),
        _ => json!({}),
    }
}
