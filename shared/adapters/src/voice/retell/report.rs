//! What the provider tells of a call, as our report.

use carillon_domain::base::call::{
    CallReport, IncomingCall, PersonRequest, ProviderCallId, ProviderRecord, Role, Turn, VoiceEvent,
    VoiceProvider,
};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::time::{SECOND_MS, Timestamp};

use serde_json::Value;

use super::outcome;
use super::request::ATTEMPT;
use super::wire::{Call, Utterance};
use crate::voice::collected;
use crate::voice::lenient::{Number, call_id, first_said, micros, phone_number, whole_secs};

/// Millionths of a dollar in a cent.
const MICROS_PER_CENT: f64 = 1e4;
/// What an entry of a transcript is in which the agent uses a tool.
const TOOL_USED: &str = "tool_call_invocation";

impl Call {
    /// The provider's id of it.
    pub(super) fn id(&self) -> Option<ProviderCallId> {
        call_id([&self.call_id])
    }

    /// Our attempt, from either of the places that we wrote it to.
    pub(super) fn attempt(&self) -> Option<AttemptId> {
        let echoes = [&self.metadata, &self.retell_llm_dynamic_variables];
        echoes.into_iter().find_map(|echo| echo.get(ATTEMPT)?.as_str()?.parse().ok())
    }

    /// Whether it is in one of its last states.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.call_status.as_deref(), Some("ended" | "not_connected" | "error"))
    }

    /// Whether it waits for its analysis, which says when the person wants to be called back.
    pub(super) fn lacks_time_of_callback(&self) -> bool {
        self.disconnection_reason.as_deref() == Some(outcome::CALLBACK) && self.call_analysis.is_none()
    }

    /// How long it took, in seconds.
    pub(super) fn secs(&self) -> Option<f64> {
        let ms = self.duration_ms.or_else(|| {
            let (start, end) = (self.start_timestamp.as_ref()?, self.end_timestamp.as_ref()?);
            Some(end.as_i64()?.saturating_sub(start.as_i64()?) as f64)
        });
        ms.map(|ms| ms / SECOND_MS as f64)
    }

    /// Its end, at the moment that it names, or else at this one.
    pub(super) fn ended(&self, call: ProviderCallId, otherwise: Timestamp) -> VoiceEvent {
        VoiceEvent::Ended {
            call,
            attempt: self.attempt(),
            report: self.report(),
            at: self.end_timestamp.as_ref().and_then(moment).unwrap_or(otherwise),
            incoming: self.incoming(),
        }
    }

    /// What came of it, once it is over.
    pub(super) fn report(&self) -> CallReport {
        let transcript: Vec<Turn> = self.transcript_object.iter().filter_map(turn).collect();
        let outcome = outcome::of_call(self, &transcript);
        let reason = first_said([self.disconnection_reason.as_deref(), self.call_status.as_deref()]);
        let answered_at = self.start_timestamp.as_ref().and_then(moment);
        let by_tools = self.by_tools();
        let collections = || self.collected().into_iter().chain([&by_tools]);
        let (request, request_words) = self.request(collected::request(collections())).unzip();
        CallReport {
            transcript,
            answered_at: answered_at.filter(|_| outcome::is_connected(self)),
            duration_secs: whole_secs(self.secs().unwrap_or_default()),
            cost_micros: self.call_cost.combined_cost.and_then(|cents| micros(cents, MICROS_PER_CENT)),
            has_recording: self.recording_link().is_some(),
            provider_record: self.id().map(|call| ProviderRecord { provider: VoiceProvider::Retell, call }),
            ended_by_person: outcome::is_by_person(self),
            request,
            qualification: collected::qualification(collections()),
            request_words: request_words.unwrap_or_default(),
            ..CallReport::bare(outcome, reason.unwrap_or_default())
        }
    }

    /// Where its recording is to be had; the provider may keep one without what is personal instead.
    pub(super) fn recording_link(&self) -> Option<&str> {
        first_said([self.recording_url.as_deref(), self.scrubbed_recording_url.as_deref()])
    }

    /// What the analysis has collected, once it is there.
    fn collected(&self) -> Option<&Value> {
        self.call_analysis.as_ref().map(|analysis| &analysis.custom_analysis_data)
    }

    /// What the agent's own tools have noted that it used in the call.
    fn by_tools(&self) -> Value {
        let used = self.transcript_with_tool_calls.iter();
        let used: Vec<(&str, Value)> = used
            .filter(|call| call.role.as_deref() == Some(TOOL_USED))
            .filter_map(|call| {
                let arguments = call.arguments.as_deref().map(serde_json::from_str);
                Some((call.name.as_deref()?, arguments.and_then(Result::ok).unwrap_or_default()))
            })
            .collect();
        collected::of_tools(used.iter().map(|(name, arguments)| (*name, arguments)))
    }

    /// What the person asked for, as it was collected, or else as the call's end has it, and the words for it.
    fn request(&self, collected: Option<(PersonRequest, String)>) -> Option<(PersonRequest, String)> {
        let words = |reason: &str| collected.as_ref().map_or(reason, |(_, words)| words).to_owned();
        match self.disconnection_reason.as_deref() {
            Some(reason @ outcome::DO_NOT_CALL) => Some((PersonRequest::DoNotCall, words(reason))),
            Some(reason @ outcome::CALLBACK) if collected.is_none() => {
                Some((PersonRequest::Unclear, reason.to_owned()))
            }
            _ => collected,
        }
    }

    /// Who called, where it was not us.
    fn incoming(&self) -> Option<IncomingCall> {
        (self.direction.as_deref() == Some("inbound")).then(|| IncomingCall {
            carrier_call: call_id([&self.telephony_identifier.twilio_call_sid]),
            caller: phone_number(self.from_number.as_deref()),
            called: phone_number(self.to_number.as_deref()),
        })
    }
}

/// What one of the two said; whoever of ours the call was handed to speaks for the agent.
fn turn(utterance: &Utterance) -> Option<Turn> {
    let role = match utterance.role.as_deref()? {
        "agent" | "transfer_target" => Role::Agent,
        "user" => Role::User,
        _ => return None,
    };
    let message = first_said([utterance.content.as_deref()]).unwrap_or_default().to_owned();
    let begins = utterance.words.iter().find_map(|word| word.start).unwrap_or_default();
    Some(Turn { role, message, at_secs: whole_secs(begins) })
}

/// The moment so many milliseconds after the beginning of 1970; 0 stands for none.
fn moment(millis: &Number) -> Option<Timestamp> {
    Some(Timestamp::from_millis(millis.as_i64().filter(|millis| *millis > 0)?))
}
