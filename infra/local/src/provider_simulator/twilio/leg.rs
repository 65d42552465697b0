//! A call of our own account as its course goes on: an agent is asked for, connected, and hung up on.

use std::collections::HashMap;

use carillon_domain::base::call::Line;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use serde_json::{Value, json};

use super::{Agent, refusal, twiml};
use crate::draw::Draw;
use crate::provider_simulator::call::{Call, Phase};
use crate::provider_simulator::order::OutboundCall;

/// How long Twilio says that something is wrong with an answer, in milliseconds.
const APOLOGY_MS: i64 = 4 * SECOND_MS;

/// The answer to an order that became a call, and to a change of it.
pub(in crate::provider_simulator) fn shown(account: &str, call: &Call, now: Timestamp) -> Value {
    json!({
        "sid": call.carrier_id,
        "account_sid": account,
        "status": status(call, now),
        "direction": "outbound-api",
        "to": call.order.to_number,
        "from": call.from_number,
        "date_created": rfc2822(call.placed_at),
        "start_time": call.answered_at.filter(|at| *at <= now).map(rfc2822),
        "end_time": (call.ended_at <= now).then(|| rfc2822(call.ended_at)),
        "duration": (call.ended_at <= now).then(|| call.talk_secs().to_string()),
        "answered_by": null,
        "api_version": "2010-04-01",
    })
}

fn rfc2822(at: Timestamp) -> String {
    at.to_utc().to_rfc2822()
}

fn status(call: &Call, now: Timestamp) -> &'static str {
    match call.phase(now) {
        Phase::Ringing if now == call.placed_at => "queued",
        Phase::Ringing => "ringing",
        Phase::Talking => "in-progress",
        Phase::Processing | Phase::Over => match call.failure() {
            Some(failure) => failure.twilio_status(),
            None => "completed",
        },
    }
}

/// Whether an agent that is asked for between these numbers is meant for this call.
pub(in crate::provider_simulator) fn awaits(call: &Call, wanted: &OutboundCall, now: Timestamp) -> bool {
    call.order.line == Line::OwnTwilio
        && call.order.to_number == wanted.to_number
        && call.from_number == wanted.phone_number_id
        && call.phase(now) == Phase::Talking
        && call.agent != Agent::Connected
}

/// The call for which this agent is registered.
pub(in crate::provider_simulator) fn registered(call: &Call, wanted: &OutboundCall) -> Call {
    let order = OutboundCall {
        agent_id: wanted.agent_id.clone(),
        attempt: wanted.attempt.clone(),
        variables: wanted.variables.clone(),
        first_message: wanted.first_message.clone(),
        language: wanted.language.clone(),
        ..call.order.clone()
    };
    Call { order, agent: Agent::Registered, ..call.clone() }
}

/// The call after what was answered to the question what is to be done with it; nothing if it has ended meanwhile.
pub(in crate::provider_simulator) fn answered(
    call: &Call,
    now: Timestamp,
    answer: Option<(u16, &str)>,
) -> Option<Call> {
    if call.phase(now) != Phase::Talking {
        return None;
    }
    let twiml = answer.filter(|(status, _)| (200..300).contains(status)).map(|(_, twiml)| twiml);
    match twiml {
        Some(twiml) if call.agent == Agent::Registered && twiml::connected(twiml) == Some(&call.id) => {
            Some(Call { agent: Agent::Connected, ..call.clone() })
        }
        Some(_) => Some(ended_at(call, now)),
        None => Some(ended_at(call, now.plus_ms(APOLOGY_MS).min(call.ended_at))),
    }
}

/// The call after an order to end it, at once or once a text is said.
///
/// # Errors
/// The refusal of such an order.
pub(in crate::provider_simulator) fn ordered(
    call: &Call,
    now: Timestamp,
    order: &HashMap<String, String>,
) -> Result<Call, (u16, Value)> {
    if call.phase(now) != Phase::Talking {
        return Err(refusal::of(400, 21_220));
    }
    match (order.get("Status").map(String::as_str), order.get("Twiml")) {
        (Some("completed"), _) => Ok(ended_at(call, now)),
        (_, Some(twiml)) => {
            let (text, for_ms) = twiml::said(twiml).ok_or_else(|| refusal::of(400, 12_100))?;
            Ok(Call { left_message: Some(text), ..ended_at(call, now.plus_ms(for_ms)) })
        }
        _ => Err(refusal::of(400, 21_218)),
    }
}

/// The call, if it ends then.
fn ended_at(call: &Call, at: Timestamp) -> Call {
    let mut draw = Draw::keyed(0, &["ended", &call.id]);
    Call { ended_at: at, settled_at: at.plus_ms(draw.between(1_000..=4_000)), ..call.clone() }
}
