//! What the provider tells of a call, as our report.

use carillon_domain::base::call::{
    CallReport, IncomingCall, ProviderCallId, ProviderRecord, Role, Turn, VoiceProvider,
};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::time::{SECOND_MS, Timestamp};

use super::request::ATTEMPT_VARIABLE;
use super::wire::{Conversation, InitiationFailure, TranscriptTurn};
use super::{collected, outcome};
use crate::voice::lenient::{Number, call_id, first_said, micros, phone_number, whole_secs};

/// Millionths of a dollar in a dollar.
const MICROS_PER_USD: f64 = 1e6;

impl Conversation {
    /// The id to know it by: the conversation's, or else the carrier's.
    pub(super) fn call(&self) -> Option<ProviderCallId> {
        call_id([&self.conversation_id, &self.metadata.phone_call.call_sid])
    }

    /// Where the provider has it: under its own id alone, not the carrier's.
    fn record(&self) -> Option<ProviderRecord> {
        let call = call_id([&self.conversation_id])?;
        Some(ProviderRecord { provider: VoiceProvider::ElevenLabs, call })
    }

    /// Our attempt, from any of the three places that we wrote it to.
    pub(super) fn attempt(&self) -> Option<AttemptId> {
        let echo = &self.conversation_initiation_client_data;
        let variable = echo.dynamic_variables.get(ATTEMPT_VARIABLE).and_then(|value| value.as_str());
        [self.user_id.as_deref(), echo.user_id.as_deref(), variable]
            .into_iter()
            .flatten()
            .find_map(|id| id.parse().ok())
    }

    /// Who called, where it was not us.
    pub(super) fn incoming(&self) -> Option<IncomingCall> {
        let phone_call = &self.metadata.phone_call;
        (phone_call.direction.as_deref() == Some("inbound")).then(|| IncomingCall {
            carrier_call: call_id([&phone_call.call_sid, &phone_call.call_id]),
            caller: phone_number(phone_call.external_number.as_deref()),
            called: phone_number(phone_call.agent_number.as_deref()),
        })
    }

    /// What was said.
    pub(super) fn turns(&self) -> Vec<Turn> {
        self.transcript.iter().flatten().filter_map(turn).collect()
    }

    /// What came of it, once it is over.
    pub(super) fn report(&self) -> CallReport {
        let metadata = &self.metadata;
        let termination = metadata.termination_reason.as_deref();
        let error = metadata.error.as_ref().and_then(|error| error.reason.as_deref());
        let reason = first_said([
            error,
            termination,
            metadata.phone_call.call_result.as_deref(),
            self.status.as_deref(),
        ]);
        let by_tools = collected::by_tools(self);
        let (request, request_words) = collected::request(&self.analysis, &by_tools).unzip();
        CallReport {
            transcript: self.turns(),
            answered_at: metadata.accepted_time_unix_secs.as_ref().and_then(moment),
            duration_secs: whole_secs(metadata.call_duration_secs.unwrap_or_default()),
            cost_micros: metadata.cost_fiat.and_then(|usd| micros(usd, MICROS_PER_USD)),
            has_recording: self.has_audio,
            provider_record: self.record(),
            ended_by_person: outcome::ending(termination.unwrap_or_default()).is_by_person(),
            request,
            qualification: collected::qualification(&self.analysis, &by_tools),
            request_words: request_words.unwrap_or_default(),
            ..CallReport::bare(outcome::of_conversation(self), reason.unwrap_or_default())
        }
    }
}

impl InitiationFailure {
    /// The id to know it by: the conversation's, or else the carrier's.
    pub(super) fn call(&self) -> Option<ProviderCallId> {
        let body = &self.metadata.body;
        call_id([&self.conversation_id, &body.twilio_call_sid, &body.sip_call_sid])
    }

    pub(super) fn report(&self) -> CallReport {
        let body = &self.metadata.body;
        let reason = first_said([
            body.error_reason.as_deref(),
            body.twilio_status.as_deref(),
            self.failure_reason.as_deref(),
        ])
        .unwrap_or("unknown");
        let reason = match outcome::sip_code(body) {
            Some(code) if !reason.contains(&code.to_string()) => format!("{reason} (SIP {code})"),
            _ => reason.to_owned(),
        };
        CallReport::bare(outcome::of_failure(self), reason)
    }
}

/// A turn of one of the two. Nothing is said while it only uses a tool.
fn turn(turn: &TranscriptTurn) -> Option<Turn> {
    let role = match turn.role.as_deref()? {
        "agent" => Role::Agent,
        "user" => Role::User,
        _ => return None,
    };
    let message = first_said([turn.message.as_deref()]).unwrap_or_default().to_owned();
    Some(Turn { role, message, at_secs: whole_secs(turn.time_in_call_secs) })
}

/// The moment so many seconds after the beginning of 1970; 0 stands for none.
fn moment(secs: &Number) -> Option<Timestamp> {
    let secs = secs.as_i64().filter(|secs| *secs > 0)?;
    Some(Timestamp::from_millis(secs.saturating_mul(SECOND_MS)))
}
