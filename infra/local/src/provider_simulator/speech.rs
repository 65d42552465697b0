//! What is said in a simulated call, and when, whoever tells of it.

use super::call::Call;
use super::first_message;
use super::person::{Behaviour, Ending, Wish};
use super::scripts::asked_time::AskedTime;
use super::scripts::scenario::Scenario;
use super::scripts::{Casting, Language, Script};
use crate::draw::Draw;

pub(super) use super::scripts::Speaker;

/// When the person first speaks, in seconds from the pick-up.
const FIRST_REPLY_SECS: i64 = 4;
/// How long before the end the goodbye is said, in seconds.
const GOODBYE_SECS: i64 = 3;

/// How long a word takes that is said, in milliseconds.
const WORD_MS: i64 = 400;

/// How long a text takes that is said, in milliseconds.
pub(super) fn length_ms(text: &str) -> i64 {
    i64::try_from(text.split_whitespace().count()).unwrap_or(i64::MAX).saturating_mul(WORD_MS)
}

/// What one of the two said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Utterance {
    pub(super) speaker: Speaker,
    pub(super) words: String,
    /// From the pick-up, in seconds.
    pub(super) at_secs: i64,
}

/// Which conversation a call has, if anybody is connected: one that fits what the person does.
pub(super) fn casting(call: &Call) -> Option<Casting> {
    let mut draw = Draw::keyed(0, &["scenario", &call.order.to_number, &call.id]);
    let (scenario, ending) = match call.behaviour {
        Behaviour::Talks { ending, .. } => (Scenario::ending(ending, &mut draw), ending),
        Behaviour::Asks { wish: Wish::NeverToBeCalled, .. } => (Scenario::NeverToBeCalled, Ending::Agent),
        Behaviour::Asks { wish: Wish::CallBack(_), .. } => {
            (Scenario::CallBack(draw.pick(AskedTime::ALL)?), Ending::Agent)
        }
        Behaviour::HangsUp { .. } => (Scenario::HangsUpAtOnce, Ending::Person),
        Behaviour::KeepsSilent { .. } => (Scenario::SaysNothing, Ending::Agent),
        Behaviour::Voicemail { .. } => (Scenario::Mailbox, Ending::Agent),
        Behaviour::Breaks { .. } | Behaviour::Fails { .. } => return None,
    };
    Some(Casting { language: Language::of_code(call.order.language.as_deref()), scenario, ending })
}

/// All that was said in a call that is over.
pub(super) fn of(call: &Call) -> Vec<Utterance> {
    let Some(casting) = casting(call) else { return Vec::new() };
    let opening =
        Utterance { speaker: Speaker::Agent, words: first_message::rendered(&call.order), at_secs: 0 };
    let script = Script::of(casting, &call.id, call.placed_at);
    let times = times(script.turns.len(), casting.scenario, call.talk_secs());
    let turns = script.turns.into_iter().zip(times);
    let said = turns.map(|(said, at_secs)| Utterance { speaker: said.speaker, words: said.words, at_secs });
    std::iter::once(opening).chain(said).collect()
}

/// When the last word of a conversation of this length is said, in seconds from the pick-up.
pub(super) fn last_secs(talk_secs: i64) -> i64 {
    (talk_secs - GOODBYE_SECS).max(FIRST_REPLY_SECS + 1)
}

/// When the turns after the first are said: from the first reply to the goodbye, with as much between each and the next.
fn times(turns: usize, scenario: Scenario, talk_secs: i64) -> impl Iterator<Item = i64> {
    let first_secs = if scenario == Scenario::SaysNothing { talk_secs / 2 } else { FIRST_REPLY_SECS };
    let spread_secs = last_secs(talk_secs) - first_secs;
    let steps = i64::try_from(turns).unwrap_or(i64::MAX).saturating_sub(1).max(1);
    (0..=steps).map(move |step| first_secs + spread_secs * step / steps)
}
