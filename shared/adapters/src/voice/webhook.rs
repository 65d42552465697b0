//! What providers send by themselves: events, and questions about calls that come in.

use carillon_domain::base::call::{IncomingCall, ProviderCallId, VoiceEvent, VoiceProvider};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::calling::personalization::Script;
use http::HeaderMap;
use serde_json::Value;

use super::{elevenlabs, retell};
use crate::provider::{SignatureError, WebhookError};

/// Checks that an event comes from the provider: the body byte for byte as it came, under any of
/// `secrets`, for while a secret is changed both count.
///
/// # Errors
/// When the event is not to be believed; answer 401.
pub fn verify_event(
    provider: VoiceProvider,
    headers: &HeaderMap,
    raw_body: &[u8],
    secrets: &[&str],
    now: Timestamp,
) -> Result<Timestamp, SignatureError> {
    match provider {
        VoiceProvider::ElevenLabs => elevenlabs::signature::verify(headers, raw_body, secrets, now),
        VoiceProvider::Retell => retell::signature::verify(headers, raw_body, secrets, now),
    }
}

/// Reads an event whose signature has been checked; where it does not say when it happened, it was when it was
/// signed.
///
/// # Errors
/// When it is no event.
pub fn parse_event(
    provider: VoiceProvider,
    raw_body: &[u8],
    signed_at: Timestamp,
) -> Result<VoiceEvent, WebhookError> {
    match provider {
        VoiceProvider::ElevenLabs => elevenlabs::webhook::parse(raw_body, signed_at),
        VoiceProvider::Retell => retell::webhook::parse(raw_body, signed_at),
    }
}

/// Checks that a question about a call that comes in is asked by the provider: by the secret that it sends, or
/// with which it has signed the body.
///
/// # Errors
/// When it is to be refused; answer 401.
pub fn verify_question(
    provider: VoiceProvider,
    headers: &HeaderMap,
    raw_body: &[u8],
    secret: &str,
    now: Timestamp,
) -> Result<(), SignatureError> {
    match provider {
        VoiceProvider::ElevenLabs => elevenlabs::initiation::verify(headers, secret),
        VoiceProvider::Retell => retell::signature::verify(headers, raw_body, &[secret], now).map(drop),
    }
}

/// Reads the question as far as it can be read: a call has to be answered, whatever comes with it.
pub fn parse_question(provider: VoiceProvider, raw_body: &[u8]) -> IncomingCall {
    match provider {
        VoiceProvider::ElevenLabs => elevenlabs::initiation::parse(raw_body),
        VoiceProvider::Retell => retell::initiation::parse(raw_body),
    }
}

/// The answer for somebody whom we know, with our id of the attempt, so that the call's end names it. For
/// anybody else (none) the assistant speaks as it is set up.
pub fn answer(provider: VoiceProvider, known: Option<(&AttemptId, &Script)>) -> Value {
    match provider {
        VoiceProvider::ElevenLabs => elevenlabs::initiation::answer(known),
        VoiceProvider::Retell => retell::initiation::answer(known),
    }
}

/// An event that does not name its call: perhaps it names our attempt.
pub(super) fn of_no_call(event: String, attempt: Option<AttemptId>) -> VoiceEvent {
    match attempt {
        Some(attempt) => {
            let call = ProviderCallId(attempt.to_string());
            VoiceEvent::Changed { call, attempt: Some(attempt), event, told: None }
        }
        None => VoiceEvent::Unknown { event },
    }
}
