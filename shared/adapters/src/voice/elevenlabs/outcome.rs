//! From the provider's signals to our outcomes: the one table.
//!
//! The signals are free text as often as not, so texts are searched, never compared, and what is
//! not in the table is [`Outcome::Error`], which the retry policy decides about, or
//! [`Outcome::Failed`], which is tried again without counting against the person.

use carillon_domain::base::call::Outcome;

use super::wire::{Conversation, FailureBody, InitiationFailure, Number, TranscriptTurn, first_said};

/// The system tool by which the agent says that it talks to a machine.
const VOICEMAIL_TOOL: &str = "voicemail_detection";
/// Close code of a conversation that breaks the agent's own settings: a variable that its first
/// message needs is missing, an override is not allowed.
const CODE_SETTINGS: i64 = 1008;

/// A call that lasts no longer, in seconds, and in which nobody says a word is not answered by a person.
const MOMENT_SECS: f64 = 2.0;

/// How a conversation ended, by its termination reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// "Call ended by remote party", "Client disconnected: 1000".
    ByPerson,
    /// "end_call tool was called."
    ByAgent,
    /// "Max inactive time reached", "Max duration limit reached", "Ending conversation after 20
    /// seconds of silence".
    CutShort,
    /// "voicemail_detection tool was called."
    ByMachine,
    /// None, or one that we do not know.
    Unclear,
}

impl Ending {
    pub(super) fn of(termination_reason: &str) -> Self {
        let reason = termination_reason.to_lowercase();
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| reason.contains(phrase));
        if says(&[VOICEMAIL_TOOL]) {
            Self::ByMachine
        } else if says(&["remote party", "client disconnected"]) {
            Self::ByPerson
        } else if says(&["end_call"]) {
            Self::ByAgent
        } else if says(&["silence", "max inactive", "max duration"]) {
            Self::CutShort
        } else {
            Self::Unclear
        }
    }

    /// Whether the person ended the call; nothing if it is not said.
    pub(super) fn is_by_person(self) -> Option<bool> {
        (self != Self::Unclear).then_some(self == Self::ByPerson)
    }
}

/// What a conversation that is over (`done` or `failed`) came to.
pub(super) fn of_conversation(conversation: &Conversation) -> Outcome {
    let metadata = &conversation.metadata;
    let failed = conversation.status.as_deref() == Some("failed");
    let error = metadata.error.as_ref().filter(|_| failed);
    let code = error.and_then(|error| error.code.as_ref()).and_then(Number::as_i64);
    let result = metadata.phone_call.call_result.as_deref();
    let ending = Ending::of(metadata.termination_reason.as_deref().unwrap_or_default());
    match (result, failed, ending) {
        // voicemail_detection used, or named as the reason, or call_result voicemail. Before
        // everything else: a greeting reads like a conversation.
        _ if has_met_machine(conversation, ending) => Outcome::Voicemail,
        // A call that never came about, when it is asked for: as in call_initiation_failure.
        (Some("busy"), ..) => Outcome::Busy,
        (Some("no_answer"), ..) => Outcome::NoAnswer,
        // Status failed with 1008. The request was wrong and would be again, but often for this
        // lead alone (its row lacks the variable), so the campaign is not paused for it.
        (_, true, _) if code == Some(CODE_SETTINGS) => Outcome::RequestRejected,
        // The same, for another reason: the carrier's final answer is the code.
        (Some("failed"), ..) if let Some(outcome) = code.and_then(of_sip) => outcome,
        // Status failed with 1011, a language model's error or any other.
        (_, true, _) if error.is_some() => Outcome::Error,
        (Some("failed"), ..) => Outcome::Failed,
        (_, true, _) => Outcome::Error,
        // Done within a moment, and nobody said a word: it was no person who answered, or not to talk.
        _ if !has_spoken(conversation) && is_momentary(conversation) => Outcome::NoAnswer,
        // Done, but no text from the person; silence, inactivity, longest duration.
        _ if !has_spoken(conversation) => Outcome::Incomplete,
        (_, _, Ending::CutShort) => Outcome::Incomplete,
        // Done, hung up within the first turns: before the agent could answer the first words.
        (_, _, Ending::ByPerson) if !is_wordless(conversation) && !has_been_answered(conversation) => {
            Outcome::Incomplete
        }
        // Done, text from the person, a natural end.
        _ => Outcome::Completed,
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

/// What a final SIP answer (RFC 3261, section 21; RFC 8197, 8688) says; none if it is no code of one.
fn of_sip(code: i64) -> Option<Outcome> {
    Some(match code {
        486 | 600 => Outcome::Busy,
        408 | 480 | 487 => Outcome::NoAnswer,
        404 | 410 | 484 | 604 => Outcome::InvalidNumber,
        // The person declined; refused as unwanted.
        603 => Outcome::Declined,
        607 | 608 => Outcome::Blocked,
        // The trunk, or its credentials.
        401 | 403 | 407 => Outcome::AccountRefused,
        400..=699 => Outcome::Failed,
        _ => return None,
    })
}

/// The carrier's verdict that a fax answered.
pub(super) const FAX: &str = "fax";

/// Whether the carrier's verdict (`answering_machine_detection`) is that no person answered: a
/// machine in any of its forms, or a fax. `human` and `unknown` say nothing.
pub(super) fn is_machine(answered_by: &str) -> bool {
    answered_by.starts_with("machine_") || answered_by == FAX
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
            .flat_map(|turn| &turn.tool_calls)
            .any(|call| call.tool_has_been_called && call.tool_name.as_deref() == Some(VOICEMAIL_TOOL))
}

/// Whether the person said anything. Where the transcript is left out, what was counted tells, or how long it
/// took.
fn has_spoken(conversation: &Conversation) -> bool {
    let metadata = &conversation.metadata;
    if !is_wordless(conversation) {
        return conversation.transcript.iter().any(|turn| has_text(turn, "user"));
    }
    match metadata.user_message_count {
        Some(count) => count > 0.0,
        None => metadata.call_duration_secs.is_some_and(|secs| secs > MOMENT_SECS),
    }
}

/// Whether there is no word of either: the transcript was left out, or there was none.
fn is_wordless(conversation: &Conversation) -> bool {
    !conversation.transcript.iter().any(|turn| has_text(turn, "user") || has_text(turn, "agent"))
}

/// Whether it lasted a moment only.
fn is_momentary(conversation: &Conversation) -> bool {
    conversation.metadata.call_duration_secs.is_some_and(|secs| secs <= MOMENT_SECS)
}

/// Whether the agent said anything after the person's first words.
fn has_been_answered(conversation: &Conversation) -> bool {
    conversation
        .transcript
        .iter()
        .skip_while(|turn| !has_text(turn, "user"))
        .any(|turn| has_text(turn, "agent"))
}

fn has_text(turn: &TranscriptTurn, role: &str) -> bool {
    turn.role.as_deref() == Some(role) && first_said([turn.message.as_deref()]).is_some()
}

#[cfg(test)]
mod tests;
