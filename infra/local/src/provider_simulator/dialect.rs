//! In whose words the network speaks: what a provider's dialect owes, one match a question.

use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::time::Timestamp;
use serde_json::Value;

use super::call::Call;
use super::incoming::PersonCalls;
use super::order::OutboundCall;
use super::person::Refusal;
use super::settings::NetworkSettings;
use super::webhook_schedule::WebhookKind;
use super::{elevenlabs, retell};
use crate::draw::Draw;

/// A header of a request.
pub(super) type Header = (&'static str, String);

/// The provider's id of a new call.
pub(super) fn call_id(provider: VoiceProvider, draw: &mut Draw) -> String {
    match provider {
        VoiceProvider::ElevenLabs => elevenlabs::call_id(draw),
        VoiceProvider::Retell => retell::call_id(draw),
    }
}

/// The answer to an order that became a call, with its HTTP status.
pub(super) fn accepted(call: &Call, now: Timestamp) -> (u16, Value) {
    match call.order.provider {
        VoiceProvider::ElevenLabs => elevenlabs::refusal::accepted(call),
        VoiceProvider::Retell => (retell::CREATED, retell::phone_call::as_it_stands(call, now)),
    }
}

/// The answer to an order that becomes no call; nothing if this provider makes a call of it all the same, one that
/// does not connect.
pub(super) fn refused(order: &OutboundCall, refusal: Refusal) -> Option<(u16, Value)> {
    match order.provider {
        VoiceProvider::ElevenLabs => Some(elevenlabs::refusal::refused(order.line, refusal)),
        VoiceProvider::Retell => retell::refusal::refused(refusal),
    }
}

/// The answer to an order from a number that is not ours.
pub(super) fn unknown_caller(order: &OutboundCall) -> (u16, Value) {
    match order.provider {
        VoiceProvider::ElevenLabs => elevenlabs::refusal::unknown_caller(&order.phone_number_id),
        VoiceProvider::Retell => retell::refusal::unknown_asset(),
    }
}

/// The answer to an order to call what is no number.
pub(super) fn not_a_number(order: &OutboundCall) -> (u16, Value) {
    match order.provider {
        VoiceProvider::ElevenLabs => elevenlabs::refusal::not_a_number(order.line, &order.to_number),
        VoiceProvider::Retell => {
            retell::refusal::bad_request("body/to_number must be a number in E.164 format")
        }
    }
}

/// The answer to an order while as many calls are up as the account may have.
pub(super) fn too_many_at_once(order: &OutboundCall, limit: usize) -> (u16, Value) {
    match order.provider {
        VoiceProvider::ElevenLabs => elevenlabs::refusal::too_many_at_once(limit),
        VoiceProvider::Retell => retell::refusal::rate_limited(),
    }
}

/// What somebody before the provider answers in its place.
pub(super) fn from_the_proxy(provider: VoiceProvider, words: &str) -> Value {
    match provider {
        VoiceProvider::ElevenLabs => elevenlabs::refusal::from_the_proxy(words),
        VoiceProvider::Retell => retell::refusal::error(words),
    }
}

/// The webhooks that tell of a call, each with its moment.
pub(super) fn webhooks(settings: &NetworkSettings, call: &Call) -> Vec<(WebhookKind, Timestamp)> {
    match call.order.provider {
        VoiceProvider::ElevenLabs => elevenlabs::webhook::of_call(settings, call),
        VoiceProvider::Retell => retell::webhook::of_call(call),
    }
}

/// What a webhook says: the same for each of its copies and each time it is tried.
pub(super) fn body(settings: &NetworkSettings, call: &Call, kind: WebhookKind) -> String {
    match call.order.provider {
        VoiceProvider::ElevenLabs => elevenlabs::webhook::body(settings, call, kind),
        VoiceProvider::Retell => retell::webhook::body(call, kind),
    }
}

/// The header with which a webhook is signed at this moment.
pub(super) fn signature(
    settings: &NetworkSettings,
    provider: VoiceProvider,
    now: Timestamp,
    body: &str,
) -> Header {
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
    match kind.provider() {
        VoiceProvider::ElevenLabs => elevenlabs::webhook::tries_at_secs(settings, kind, status),
        VoiceProvider::Retell => retell::webhook::tries_at_secs(status),
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
