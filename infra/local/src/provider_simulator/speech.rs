//! What is said in a simulated call, whoever tells of it.

use super::call::Call;
use super::first_message;
use super::person::{Behaviour, Ending, Wish};
use crate::draw::Draw;

/// When the person first speaks, in seconds from the pick-up.
const FIRST_REPLY_SECS: i64 = 4;
/// From one turn to the next, in seconds.
const TURN_SECS: i64 = 7;
/// How long before the end the goodbye is said, in seconds.
const GOODBYE_SECS: i64 = 3;

const REPLIES: [&str; 5] = [
    "Yes, speaking.",
    "Yes, that's me.",
    "Sure, go ahead.",
    "Hello, who is this?",
    "I have a minute, what is it about?",
];
const QUESTIONS: [&str; 5] = [
    "Thank you. Does the appointment still suit you?",
    "Is the address that we have still right?",
    "Would the morning or the afternoon be better?",
    "May we send you a reminder the day before?",
    "Is there anything that we should bring?",
];
const ANSWERS: [&str; 5] =
    ["Yes, that works.", "The morning, please.", "That is right.", "Let me think. Yes.", "No, that's all."];

/// How long a word takes that is said, in milliseconds.
const WORD_MS: i64 = 400;

/// How long a text takes that is said, in milliseconds.
pub(super) fn length_ms(text: &str) -> i64 {
    i64::try_from(text.split_whitespace().count()).unwrap_or(i64::MAX).saturating_mul(WORD_MS)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    Agent,
    Person,
}

/// What one of the two said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Utterance {
    pub(super) speaker: Speaker,
    pub(super) words: String,
    /// From the pick-up, in seconds.
    pub(super) at_secs: i64,
}

/// All that was said in a call that is over.
pub(super) fn of(call: &Call) -> Vec<Utterance> {
    let secs = call.talk_secs();
    let opening = agent(&first_message::rendered(&call.order), 0);
    match call.behaviour {
        Behaviour::Talks { ending, .. } => conversation(call, opening, ending),
        Behaviour::Asks { wish, .. } => asking(opening, wish, secs),
        Behaviour::HangsUp { .. } => vec![opening],
        Behaviour::KeepsSilent { .. } => vec![opening, agent("Hello? Are you still there?", secs / 2)],
        Behaviour::Voicemail { .. } => vec![
            opening,
            person(
                "You have reached the voicemail. Please leave a message after the tone.",
                FIRST_REPLY_SECS,
            ),
        ],
        Behaviour::Breaks { .. } | Behaviour::Fails { .. } => vec![],
    }
}

/// When the last word of a conversation of this length is said, in seconds from the pick-up.
pub(super) fn last_secs(talk_secs: i64) -> i64 {
    (talk_secs - GOODBYE_SECS).max(FIRST_REPLY_SECS + 1)
}

fn conversation(call: &Call, opening: Utterance, ending: Ending) -> Vec<Utterance> {
    let mut draw = Draw::keyed(0, &["talk", &call.id]);
    let mut one_of = |lines: [&'static str; 5]| draw.pick(lines).unwrap_or_default();
    let last_secs = last_secs(call.talk_secs());
    let mut turns = vec![opening, person(one_of(REPLIES), FIRST_REPLY_SECS)];
    let mut at_secs = FIRST_REPLY_SECS + TURN_SECS;
    while at_secs + TURN_SECS < last_secs {
        turns.extend([agent(one_of(QUESTIONS), at_secs), person(one_of(ANSWERS), at_secs + TURN_SECS / 2)]);
        at_secs += TURN_SECS;
    }
    match ending {
        Ending::Agent => turns.push(agent("That is all I needed. Thank you, goodbye.", last_secs)),
        Ending::Person => turns.extend([
            agent("Thank you for your time.", last_secs - 1),
            person("All right, goodbye.", last_secs),
        ]),
    }
    turns
}

fn asking(opening: Utterance, wish: Wish, talk_secs: i64) -> Vec<Utterance> {
    let (asked, promised) = match wish {
        Wish::NeverToBeCalled => {
            ("Take me off your list, please.", "Of course. We won't call you again. Goodbye.")
        }
        Wish::CallBack(_) => {
            ("I am busy just now. Can you call me later?", "I will call you back then. Goodbye.")
        }
    };
    vec![opening, person(asked, FIRST_REPLY_SECS), agent(promised, last_secs(talk_secs))]
}

fn agent(words: &str, at_secs: i64) -> Utterance {
    Utterance { speaker: Speaker::Agent, words: words.to_owned(), at_secs }
}

fn person(words: &str, at_secs: i64) -> Utterance {
    Utterance { speaker: Speaker::Person, words: words.to_owned(), at_secs }
}
