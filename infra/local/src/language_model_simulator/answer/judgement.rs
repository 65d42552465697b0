//! Whether the call achieved its goal, and how well the person fits.

use serde_json::{Value, json};

use crate::language_model_simulator::conversation::Conversation;
use crate::provider_simulator::scripts::meaning::Meaning;

/// `call_judgement`.
pub(super) fn judge(conversation: &Conversation) -> Value {
    let means = |meaning: Meaning| conversation.understood().any(|(_, heard)| heard.meaning == meaning);
    let person_is_heard = conversation.understood().any(|(_, heard)| !is_machine(heard.meaning));
    let voicemail = !person_is_heard && (means(Meaning::KeepsOnHold) || means(Meaning::TakesMessages));
    let (verdict, evidence) = decided(conversation, verdict_of).unwrap_or_else(|| {
        let machine = || conversation.understood().map(|(turn, _)| turn).collect();
        ("failure", if voicemail { machine() } else { conversation.last_turn().into_iter().collect() })
    });
    json!({
        "reasoning": reasoning(conversation, &evidence, verdict),
        "evidence_turns": evidence,
        "verdict": verdict,
        "reached_human": conversation.has_words() && !voicemail,
        "voicemail": voicemail,
        "wrong_person": means(Meaning::IsSomebodyElse),
        "do_not_call": means(Meaning::NeverWantsCalls),
    })
}

/// `criteria_evaluation`.
pub(super) fn evaluate(conversation: &Conversation) -> Value {
    let (evaluation, evidence) = decided(conversation, evaluation_of)
        .unwrap_or_else(|| ("n/a", conversation.last_turn().into_iter().collect()));
    json!({
        "reasoning": reasoning(conversation, &evidence, evaluation),
        "evidence_turns": evidence,
        "evaluation": evaluation,
    })
}

/// What the last line says that says anything about it, and the turns that say so.
fn decided(
    conversation: &Conversation,
    of: impl Fn(Meaning) -> Option<&'static str>,
) -> Option<(&'static str, Vec<u32>)> {
    let mut deciding =
        conversation.understood().rev().filter_map(|(_, heard)| Some((of(heard.meaning)?, heard)));
    let (decision, heard) = deciding.next()?;
    Some((decision, conversation.turns_of(heard.meaning)))
}

const fn is_machine(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::KeepsOnHold | Meaning::TakesMessages)
}

fn verdict_of(meaning: Meaning) -> Option<&'static str> {
    match meaning {
        Meaning::Agrees => Some("success"),
        Meaning::AgreesInPart | Meaning::ThinksItOver => Some("partial_success"),
        Meaning::Declines
        | Meaning::NotInterested
        | Meaning::DoesNotQualify
        | Meaning::IsSomebodyElse
        | Meaning::NeverWantsCalls
        | Meaning::WantsToBeCalledBack(_)
        | Meaning::NamesAnotherNumber
        | Meaning::BreaksOff => Some("failure"),
        Meaning::Greets
        | Meaning::HasAMoment
        | Meaning::SaysGoodbye
        | Meaning::Qualifies
        | Meaning::QualifiesInPart
        | Meaning::KeepsOnHold
        | Meaning::TakesMessages => None,
    }
}

fn evaluation_of(meaning: Meaning) -> Option<&'static str> {
    match meaning {
        Meaning::Qualifies => Some("good"),
        Meaning::QualifiesInPart => Some("partially_good"),
        Meaning::DoesNotQualify => Some("bad"),
        _ => None,
    }
}

fn reasoning(conversation: &Conversation, evidence: &[u32], finding: &str) -> String {
    match evidence.last().and_then(|turn| Some((turn, conversation.words(*turn)?))) {
        Some((turn, words)) => format!("In turn {turn} it is said: \"{words}\" That makes it `{finding}`."),
        None => format!("Nobody but the agent has spoken. That makes it `{finding}`."),
    }
}
