//! In whose words the network speaks: what a dialect owes, one match a question.

use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::time::Timestamp;
use serde_json::Value;

use super::call::Call;
use super::incoming::PersonCalls;
use super::order::OutboundCall;
use super::person::Refusal;
use super::settings::NetworkSettings;
use super::webhook_schedule::WebhookKind;
use super::{elevenlabs, retell, twilio};
use crate::draw::Draw;
use crate::twilio::{FORM_TYPE, SIGNATURE_HEADER, form, without_fragment};

const JSON_TYPE: &str = "application/json";

/// A header of a request.
pub(super) type Header = (&'static str, String);

/// Whose contract is spoken: a voice provider's, or the carrier's where our own account places the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dialect {
    ElevenLabs,
    Retell,
    Twilio,
}

impl From<VoiceProvider> for Dialect {
    fn from(provider: VoiceProvider) -> Self {
        match provider {
            VoiceProvider::ElevenLabs => Self::ElevenLabs,
            VoiceProvider::Retell => Self::Retell,
        }
    }
}

/// Where a webhook goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiver {
    /// To where whoever has the account at this provider has set up that it goes.
    SetUp(VoiceProvider),
    /// To an address that came with the order.
    Given(String),
}

/// The provider's id of a new call.
pub(super) fn call_id(provider: VoiceProvider, draw: &mut Draw) -> String {
    match provider {
        VoiceProvider::ElevenLabs => elevenlabs::call_id(draw),
        VoiceProvider::Retell => retell::call_id(draw),
    }
}

/// The answer to an order that became a call, with its HTTP status.
pub(super) fn accepted(settings: &NetworkSettings, call: &Call, now: Timestamp) -> (u16, Value) {
    match call.order.dialect() {
        Dialect::ElevenLabs => elevenlabs::refusal::accepted(call),
        Dialect::Retell => (retell::CREATED, retell::phone_call::as_it_stands(call, now)),
        Dialect::Twilio => (201, twilio::leg::shown(&settings.twilio.account.sid, call, now)),
    }
}

/// The answer to an order that becomes no call; nothing if this provider makes a call of it all the same, one that
/// does not connect.
pub(super) fn refused(order: &OutboundCall, refusal: Refusal) -> Option<(u16, Value)> {
    match order.dialect() {
        Dialect::ElevenLabs => Some(elevenlabs::refusal::refused(order.line, refusal)),
        Dialect::Retell => retell::refusal::refused(refusal),
        Dialect::Twilio => twilio::refusal::refused(refusal),
    }
}

/// The answer to an order from a number that is not ours.
pub(super) fn unknown_caller(order: &OutboundCall) -> (u16, Value) {
    match order.dialect() {
        Dialect::ElevenLabs => elevenlabs::refusal::unknown_caller(&order.phone_number_id),
        Dialect::Retell => retell::refusal::unknown_asset(),
        Dialect::Twilio => twilio::refusal::unknown_caller(),
    }
}

/// The answer to an order to call what is no number.
pub(super) fn not_a_number(order: &OutboundCall) -> (u16, Value) {
    match order.dialect() {
        Dialect::ElevenLabs => elevenlabs::refusal::not_a_number(order.line, &order.to_number),
        Dialect::Retell => retell::refusal::bad_request("body/to_number must be a number in E.164 format"),
        Dialect::Twilio => twilio::refusal::not_a_number(),
    }
}

/// The answer to an order while as many calls are up as the account may have.
pub(super) fn too_many_at_once(order: &OutboundCall, limit: usize) -> (u16, Value) {
    match order.dialect() {
        Dialect::ElevenLabs => elevenlabs::refusal::too_many_at_once(limit),
        Dialect::Retell => retell::refusal::rate_limited(),
        Dialect::Twilio => twilio::refusal::too_many_at_once(),
    }
}

/// What somebody before the provider answers in its place.
pub(super) fn from_the_proxy(dialect: Dialect, words: &str) -> Value {
    match dialect {
        Dialect::ElevenLabs => elevenlabs::refusal::from_the_proxy(words),
        Dialect::Retell => retell::refusal::error(words),
        Dialect::Twilio => twilio::refusal::from_the_proxy(words),
    }
}

/// The webhooks that tell of a call, each with its moment. Of one that our own account has placed, the agent's provider
/// tells too, once the agent is there.
pub(super) fn webhooks(settings: &NetworkSettings, call: &Call) -> Vec<(WebhookKind, Timestamp)> {
    match call.order.dialect() {
        Dialect::ElevenLabs => elevenlabs::webhook::of_call(settings, call),
        Dialect::Retell => retell::webhook::of_call(call),
        Dialect::Twilio => {
            let mut webhooks = twilio::webhook::of_call(settings, call);
            if call.agent.speaks() {
                webhooks.extend(elevenlabs::webhook::of_call(settings, call));
            }
            webhooks
        }
    }
}

/// Where a webhook goes; nowhere if no address came with the order.
pub(super) fn receiver(call: &Call, kind: WebhookKind) -> Option<Receiver> {
    match kind.dialect() {
        Dialect::ElevenLabs | Dialect::Retell => Some(Receiver::SetUp(call.order.provider)),
        Dialect::Twilio => {
            let address = twilio::webhook::address(call, kind)?;
            Some(Receiver::Given(without_fragment(address).to_owned()))
        }
    }
}

/// What a webhook says: the same for each of its copies and each time it is tried.
pub(super) fn body(settings: &NetworkSettings, call: &Call, kind: WebhookKind) -> String {
    match kind.dialect() {
        Dialect::ElevenLabs => elevenlabs::webhook::body(settings, call, kind),
        Dialect::Retell => retell::webhook::body(call, kind),
        Dialect::Twilio => form(&twilio::webhook::fields(&settings.twilio.account.sid, call, kind)),
    }
}

/// The headers with which a webhook goes to its receiver at this moment: what it is, and its signature.
pub(super) fn headers(settings: &NetworkSettings, to: &Receiver, now: Timestamp, body: &str) -> Vec<Header> {
    let (media_type, signature) = match to {
        Receiver::SetUp(provider) => (JSON_TYPE, signature(settings, *provider, now, body)),
        Receiver::Given(url) => {
            let fields: Vec<(String, String)> =
                form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            (FORM_TYPE, (SIGNATURE_HEADER, settings.twilio.account.sign(url, &fields)))
        }
    };
    vec![("Content-Type", media_type.to_owned()), signature]
}

/// The header with which a voice provider signs at this moment.
fn signature(settings: &NetworkSettings, provider: VoiceProvider, now: Timestamp, body: &str) -> Header {
    match provider {
        VoiceProvider::ElevenLabs => {
            let value = elevenlabs::signature::sign(&settings.elevenlabs.webhook_secret, now.as_secs(), body);
            (elevenlabs::signature::HEADER, value)
        }
        VoiceProvider::Retell => {
            let value = retell::signature::sign(&settings.retell.api_key, now.as_millis(), body);
            (retell::signature::HEADER, value)
        }
    }
}

/// When the tries of a webhook are made after one that came to this, in seconds after the first; nothing if that was
/// the last word.
pub(super) fn tries_at_secs(
    settings: &NetworkSettings,
    kind: WebhookKind,
    status: Option<u16>,
) -> Option<&'static [i64]> {
    match kind.dialect() {
        Dialect::ElevenLabs => elevenlabs::webhook::tries_at_secs(settings, kind, status),
        Dialect::Retell => retell::webhook::tries_at_secs(status),
        Dialect::Twilio => twilio::webhook::tries_at_secs(kind, status),
    }
}

/// The header and the body of the question with which a call that comes in begins.
pub(super) fn question(
    settings: &NetworkSettings,
    now: Timestamp,
    call: &PersonCalls,
    carrier_id: &str,
) -> (Header, String) {
    match call.provider {
        VoiceProvider::ElevenLabs => elevenlabs::initiation::question(settings, call, carrier_id),
        VoiceProvider::Retell => {
            let body = retell::initiation::question(call);
            (signature(settings, call.provider, now, &body), body)
        }
    }
}

/// What a call that comes in is to be, as the answer to that question says.
pub(super) fn answered(call: &PersonCalls, answer: &Value) -> OutboundCall {
    match call.provider {
        VoiceProvider::ElevenLabs => elevenlabs::initiation::answered(call, answer),
        VoiceProvider::Retell => retell::initiation::answered(call, answer),
    }
}
