//! What the provider tells us by itself.

use carillon_domain::base::call::VoiceEvent;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::outcome;
use super::wire::{Conversation, InitiationFailure, MachineVerdict};
use crate::provider::WebhookError;
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
            let incoming = conversation.incoming();
            let (attempt, report) = (conversation.attempt(), conversation.report());
            Ok(VoiceEvent::Ended { call, attempt, report, at, incoming })
        }
        "call_initiation_failure" => {
            let (at, failure) = event::<InitiationFailure>(raw_body, signed_at)?;
            let Some(call) = failure.call() else { return Ok(VoiceEvent::Unknown { event: kind }) };
            // It carries nothing of ours, only the provider's ids.
            Ok(VoiceEvent::Ended { call, attempt: None, report: failure.report(), at, incoming: None })
        }
        "answering_machine_detection" => {
            let (at, verdict) = event::<MachineVerdict>(raw_body, signed_at)?;
            if !verdict.is_machine() {
                return Ok(VoiceEvent::Ignored { event: kind });
            }
            let ids = [&verdict.conversation_id, &verdict.call_sid, &verdict.twilio_call_sid];
            let Some(call) = call_id(ids) else { return Ok(VoiceEvent::Unknown { event: kind }) };
            Ok(VoiceEvent::MachineDetected { call, is_fax: verdict.is_fax(), at })
        }
        "post_call_audio" => Ok(VoiceEvent::Ignored { event: kind }),
        // A form that we do not read, `post_call_transcription_otel` among them: the provider tells the rest.
        _ => {
            let (_, conversation) = event::<Conversation>(raw_body, signed_at)?;
            Ok(match conversation.call() {
                Some(call) => VoiceEvent::Changed { call, attempt: conversation.attempt(), event: kind },
                None => of_no_call(kind, conversation.attempt()),
            })
        }
    }
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
    fn is_machine(&self) -> bool {
        self.verdict().is_some_and(outcome::is_machine)
    }

    fn is_fax(&self) -> bool {
        self.verdict() == Some(outcome::FAX)
    }

    fn verdict(&self) -> Option<&str> {
        let names = [&self.answered_by, &self.twilio_answered_by, &self.result];
        first_said(names.map(Option::as_deref))
    }
}

#[cfg(test)]
mod tests;
