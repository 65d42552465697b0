//! What the provider tells us by itself.

use carillon_domain::base::call::{ProviderCallId, VoiceEvent};
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::trace::TracedConversation;
use super::wire::{CarrierVerdict, Conversation, InitiationFailure, MachineVerdict};
use crate::provider::WebhookError;
use crate::voice::carrier::{FAX, is_machine};
use crate::voice::lenient::{Number, call_id, first_said, lenient};
use crate::voice::webhook::of_no_call;

/// Reads an event; `signed_at` stands in where it does not say when it happened.
pub(in crate::voice) fn parse(raw_body: &[u8], signed_at: Timestamp) -> Result<VoiceEvent, WebhookError> {
    // The type first: the audio of a call is megabytes that nobody needs to look at.
    let Kind { kind } = serde_json::from_slice(raw_body)?;
    match kind.as_str() {
        "post_call_transcription" => {
            let (at, conversation) = event::<Conversation>(raw_body, signed_at)?;
            let Some(call) = conversation.call() else { return Ok(of_no_call(kind, conversation.attempt())) };
            Ok(ended(call, &conversation, at))
        }
        "call_initiation_failure" => {
            let (at, failure) = event::<InitiationFailure>(raw_body, signed_at)?;
            let Some(call) = failure.call() else { return Ok(VoiceEvent::Unknown { event: kind }) };
            // It carries nothing of ours, only the provider's ids.
            Ok(VoiceEvent::Ended { call, attempt: None, report: failure.report(), at, incoming: None })
        }
        "answering_machine_detection" => {
            let (at, verdict) = event::<MachineVerdict>(raw_body, signed_at)?;
            Ok(match (verdict.answered_by(), verdict.call()) {
                (Some(answered_by), _) if !is_machine(answered_by) => VoiceEvent::Ignored { event: kind },
                (Some(answered_by), Some(call)) => {
                    VoiceEvent::MachineDetected { call, is_fax: answered_by == FAX, at }
                }
                // Of a form that nobody has described: somebody has to look at it.
                (None, _) | (_, None) => VoiceEvent::Unknown { event: kind },
            })
        }
        "post_call_audio" => Ok(VoiceEvent::Ignored { event: kind }),
        // What the provider tells if it is asked says more: what was collected, and how it was answered.
        "post_call_transcription_otel" => {
            let (at, traced) = event::<TracedConversation>(raw_body, signed_at)?;
            let (conversation, is_told) = traced.conversation();
            let Some(call) = conversation.call() else { return Ok(of_no_call(kind, conversation.attempt())) };
            let attempt = conversation.attempt();
            let told = is_told.then(|| Box::new(ended(call.clone(), &conversation, at)));
            Ok(VoiceEvent::Changed { call, attempt, event: kind, told })
        }
        // A form that we do not read: the provider tells the rest.
        _ => {
            let (_, conversation) = event::<Conversation>(raw_body, signed_at)?;
            let attempt = conversation.attempt();
            Ok(match conversation.call() {
                Some(call) => VoiceEvent::Changed { call, attempt, event: kind, told: None },
                None => of_no_call(kind, attempt),
            })
        }
    }
}

/// The end of a conversation.
fn ended(call: ProviderCallId, conversation: &Conversation, at: Timestamp) -> VoiceEvent {
    let (attempt, incoming) = (conversation.attempt(), conversation.incoming());
    VoiceEvent::Ended { call, attempt, report: conversation.report(), at, incoming }
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    kind: String,
}

/// An event without its type.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned + Default")]
struct Envelope<T> {
    #[serde(default, deserialize_with = "lenient")]
    event_timestamp: Option<Number>,
    #[serde(default, deserialize_with = "lenient")]
    data: T,
}

/// When it happened, and what.
fn event<T: DeserializeOwned + Default>(
    raw_body: &[u8],
    signed_at: Timestamp,
) -> Result<(Timestamp, T), WebhookError> {
    let envelope: Envelope<T> = serde_json::from_slice(raw_body)?;
    let secs = envelope.event_timestamp.as_ref().and_then(Number::as_i64);
    let at = secs.map_or(signed_at, |secs| Timestamp::from_millis(secs.saturating_mul(SECOND_MS)));
    Ok((at, envelope.data))
}

impl MachineVerdict {
    fn call(&self) -> Option<ProviderCallId> {
        let (own, inner) = (&self.own, &self.metadata.body);
        call_id([
            &self.conversation_id,
            &own.call_sid,
            &own.twilio_call_sid,
            &inner.call_sid,
            &inner.twilio_call_sid,
        ])
    }

    /// Who answered, in the carrier's words; none if it is not found.
    fn answered_by(&self) -> Option<&str> {
        self.own.answered_by().or_else(|| self.metadata.body.answered_by())
    }
}

impl CarrierVerdict {
    fn answered_by(&self) -> Option<&str> {
        let names = [&self.answered_by, &self.twilio_answered_by, &self.result];
        first_said(names.map(Option::as_deref))
    }
}

#[cfg(test)]
mod tests;
