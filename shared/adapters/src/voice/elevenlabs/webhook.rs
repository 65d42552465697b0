//! What the provider tells us by itself.

use carillon_domain::base::call::VoiceEvent;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::outcome;
use super::report::call_id;
use super::wire::{Conversation, InitiationFailure, MachineVerdict, Number, first_said, lenient};
use crate::voice::WebhookError;

pub(in crate::voice) fn parse(raw_body: &[u8]) -> Result<VoiceEvent, WebhookError> {
    // The type first: the audio of a call is megabytes that nobody needs to look at.
    let Kind { kind } = serde_json::from_slice(raw_body)?;
    match kind.as_str() {
        "post_call_transcription" => {
            let (at, conversation) = event::<Conversation>(&kind, raw_body)?;
            let call = conversation.call().ok_or(WebhookError::NoCall(kind))?;
            let incoming = conversation.incoming();
            let (attempt, report) = (conversation.attempt(), conversation.report());
            Ok(VoiceEvent::Ended { call, attempt, report, at, incoming })
        }
        "call_initiation_failure" => {
            let (at, failure) = event::<InitiationFailure>(&kind, raw_body)?;
            let call = failure.call().ok_or(WebhookError::NoCall(kind))?;
            // It carries nothing of ours, only the provider's ids.
            Ok(VoiceEvent::Ended { call, attempt: None, report: failure.report(), at, incoming: None })
        }
        "answering_machine_detection" => {
            let (at, verdict) = event::<MachineVerdict>(&kind, raw_body)?;
            if !verdict.is_machine() {
                return Ok(VoiceEvent::Ignored { event: kind });
            }
            let ids = [&verdict.conversation_id, &verdict.call_sid, &verdict.twilio_call_sid];
            let call = call_id(ids).ok_or(WebhookError::NoCall(kind))?;
            Ok(VoiceEvent::MachineDetected { call, is_fax: verdict.is_fax(), at })
        }
        _ => Ok(VoiceEvent::Ignored { event: kind }),
    }
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
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
fn event<T: DeserializeOwned + Default>(kind: &str, raw_body: &[u8]) -> Result<(Timestamp, T), WebhookError> {
    let envelope: Envelope<T> = serde_json::from_slice(raw_body)?;
    let secs = envelope.event_timestamp.as_ref().and_then(Number::as_i64);
    let secs =
        secs.ok_or_else(|| WebhookError::NoTime { kind: kind.to_owned(), field: "event_timestamp" })?;
    Ok((Timestamp::from_millis(secs.saturating_mul(SECOND_MS)), envelope.data))
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
