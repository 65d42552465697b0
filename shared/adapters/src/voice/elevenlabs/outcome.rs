//! From the provider's signals to our outcomes: the one table.
//!
//! The signals are free text as often as not, so texts are searched, never compared, and what is
//! not in the table is [`Outcome::Error`], which the retry policy decides about, or
//! [`Outcome::Failed`], which is tried again without counting against the person.

use carillon_domain::base::call::Outcome;

use super::wire::{Conversation, FailureBody, InitiationFailure};
use crate::voice::carrier::of_sip;
use crate::voice::lenient::Number;
use crate::voice::talk::{Ending, Talk};

/// The system tool by which the agent says that it talks to a machine.
const VOICEMAIL_TOOL: &str = "voicemail_detection";
/// Close code of a conversation that breaks the agent's own settings: a variable that its first
/// message needs is missing, an override is not allowed.
const CODE_SETTINGS: i64 = 1008;

/// How a conversation ended, by its termination reason: "Call ended by remote party", "Client disconnected:
/// 1000"; "end_call tool was called."; "Max inactive time reached", "Max duration limit reached", "Ending
/// conversation after 20 seconds of silence"; "voicemail_detection tool was called."
pub(super) fn ending(termination_reason: &str) -> Ending {
    let reason = termination_reason.to_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| reason.contains(phrase));
    if says(&[VOICEMAIL_TOOL]) {
        Ending::ByMachine
    } else if says(&["remote party", "client disconnected"]) {
        Ending::ByPerson
    } else if says(&["end_call"]) {
        Ending::ByAgent
    } else if says(&["silence", "max inactive", "max duration"]) {
        Ending::CutShort
    } else {
        Ending::Unclear
    }
}

/// What a conversation that is over (`done` or `failed`) came to.
pub(super) fn of_conversation(conversation: &Conversation) -> Outcome {
    let metadata = &conversation.metadata;
    let failed = conversation.status.as_deref() == Some("failed");
    let error = metadata.error.as_ref().filter(|_| failed);
    let code = error.and_then(|error| error.code.as_ref()).and_then(Number::as_i64);
    let result = metadata.phone_call.call_result.as_deref();
    let ending = ending(metadata.termination_reason.as_deref().unwrap_or_default());
    match (result, failed) {
        // voicemail_detection used, or named as the reason, or call_result voicemail. Before
        // everything else: a greeting reads like a conversation.
        _ if has_met_machine(conversation, ending) => Outcome::Voicemail,
        // A call that never came about, when it is asked for: as in call_initiation_failure.
        (Some("busy"), _) => Outcome::Busy,
        (Some("no_answer"), _) => Outcome::NoAnswer,
        // Status failed with 1008. The request was wrong and would be again, but often for this
        // lead alone (its row lacks the variable), so the campaign is not paused for it.
        (_, true) if code == Some(CODE_SETTINGS) => Outcome::RequestRejected,
        // The same, for another reason: the carrier's final answer is the code.
        (Some("failed"), _) if let Some(outcome) = code.and_then(of_sip) => outcome,
        // Status failed with 1011, a language model's error or any other.
        (_, true) if error.is_some() => Outcome::Error,
        (Some("failed"), _) => Outcome::Failed,
        (_, true) => Outcome::Error,
        // Done: what was said decides.
        _ => Talk {
            turns: &conversation.turns(),
            is_withheld: conversation.transcript.is_none() && result == Some("answered"),
            secs: metadata.call_duration_secs,
            words_of_person: metadata.user_message_count,
            ending,
        }
        .outcome(),
    }
}

/// What a call that never came about (`call_initiation_failure`) came to.
pub(super) fn of_failure(failure: &InitiationFailure) -> Outcome {
    let body = &failure.metadata.body;
    let sip_code = sip_code(body);
    // The reason proper counts; only where it is "unknown" do the carrier's words.
    let reason = [failure.failure_reason.as_deref(), body.twilio_status.as_deref()]
        .into_iter()
        .flatten()
        .find(|reason| matches!(*reason, "busy" | "no-answer"));
    let says = |text: &Option<String>, phrase: &str| {
        text.as_deref().is_some_and(|text| text.to_lowercase().contains(phrase))
    };
    match (reason, sip_code) {
        // busy; Twilio busy; SIP 486, 600.
        (Some("busy"), _) => Outcome::Busy,
        // no-answer; Twilio no-answer; SIP 408, 480, 487.
        (Some("no-answer"), _) => Outcome::NoAnswer,
        // unknown with a SIP code that says more, from Twilio or the trunk.
        (_, Some(code)) if let Some(outcome) = of_sip(code).filter(|it| *it != Outcome::Failed) => outcome,
        // unknown with "max auth retry attempts reached": trunk, credentials.
        _ if says(&body.error_reason, "max auth retry attempts reached") => Outcome::AccountRefused,
        // unknown with SIP 5xx or any other code; Twilio failed, other.
        (_, Some(_)) => Outcome::Failed,
        _ if says(&body.twilio_status, "failed") => Outcome::Failed,
        // unknown with twirp unavailable, resource_exhausted, deadline_exceeded.
        _ if ["unavailable", "resource_exhausted", "deadline_exceeded"]
            .iter()
            .any(|code| says(&body.twirp_code, code)) =>
        {
            Outcome::Failed
        }
        // In no row of the table.
        _ => Outcome::Error,
    }
}

/// The final SIP answer, from Twilio or from the trunk.
pub(super) fn sip_code(body: &FailureBody) -> Option<i64> {
    let codes = [&body.twilio_sip_code, &body.sip_status_code];
    codes.into_iter().flatten().find_map(Number::as_i64)
}

/// Whether a machine has answered, by any of the signs that there are.
fn has_met_machine(conversation: &Conversation, ending: Ending) -> bool {
    let metadata = &conversation.metadata;
    metadata.phone_call.call_result.as_deref() == Some("voicemail")
        || metadata.features_usage.voicemail_detection.used
        || ending == Ending::ByMachine
        || conversation
            .transcript
            .iter()
            .flatten()
            .flat_map(|turn| &turn.tool_calls)
            .any(|call| call.tool_has_been_called && call.tool_name.as_deref() == Some(VOICEMAIL_TOOL))
}

#[cfg(test)]
mod tests;
