//! Calls that people make to us: the question with which one begins, then its course.

use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::time::Timestamp;
use serde_json::Value;

use super::call::{Call, HEX_ALPHABET};
use super::dialect::{self, Header};
use super::log::Entry;
use super::person::{Behaviour, WebhookFate};
use super::settings::NetworkSettings;
use super::webhook_schedule;
use crate::draw::Draw;

/// How long a call from a person could have rung, in seconds; it is answered at once.
pub(super) const RINGING_TIMEOUT_SECS: u16 = 60;

/// Somebody calls one of our numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonCalls {
    /// Whose number it is.
    pub provider: VoiceProvider,
    pub from: String,
    pub to: String,
    /// The provider's id of our number.
    pub phone_number_id: String,
    /// The provider's id of the assistant that takes the call.
    pub agent_id: String,
    pub behaviour: Behaviour,
}

/// The question with which a call begins, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The carrier's id of the call.
    pub call_sid: String,
    pub headers: Vec<Header>,
    pub body: String,
}

/// What the network asks when somebody calls.
pub(super) fn question(settings: &NetworkSettings, now: Timestamp, call: &PersonCalls) -> Question {
    let moment = now.as_millis().to_string();
    let mut draw = Draw::keyed(settings.seed, &["person calls", &call.from, &moment]);
    let call_sid = format!("CA{}", draw.text(HEX_ALPHABET, 32));
    let (vouches, body) = dialect::question(settings, now, call, &call_sid);
    let headers = vec![("Content-Type", "application/json".to_owned()), vouches];
    Question { call_sid, headers, body }
}

/// The course of a call whose question was answered so; without an answer the assistant speaks as it
/// is set up.
pub(super) fn connect(
    settings: &NetworkSettings,
    now: Timestamp,
    call: &PersonCalls,
    call_sid: &str,
    answer: &Value,
) -> Entry {
    let order = dialect::answered(call, answer);
    let mut draw = Draw::keyed(settings.seed, &["connected", call_sid]);
    let mut planned = Call::plan(settings, now, &order, call.behaviour, &mut draw);
    planned.carrier_id = call_sid.to_owned();
    planned.from_number.clone_from(&call.to);
    planned.is_incoming = true;
    let posts = webhook_schedule::posts(settings, &planned, WebhookFate::ByFlags);
    Entry::Placed { call: Box::new(planned), posts }
}
