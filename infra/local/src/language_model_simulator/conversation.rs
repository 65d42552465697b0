//! A conversation, as a prompt has it.

use serde::Deserialize;
use serde_json::Value;

use super::hearing::{Heard, understand};
use crate::provider_simulator::scripts::meaning::Meaning;

/// The line before a transcript.
const BEGIN: &str = "TRANSCRIPT";
/// The line after it.
const END: &str = "END OF TRANSCRIPT";
/// Whoever is called, as a transcript names them.
const PERSON: &str = "person";

#[derive(Deserialize)]
struct Line {
    turn: u32,
    speaker: String,
    text: String,
}

/// What a person said in one turn.
struct Turn {
    number: u32,
    text: String,
    heard: Option<Heard>,
}

/// What the person said, turn by turn. What the agent said decides nothing.
pub(super) struct Conversation {
    turns: Vec<Turn>,
}

impl Conversation {
    /// The conversation between the first two lines that begin and end one; lines that are no turns are none.
    pub(super) fn read(prompt: &str) -> Self {
        let lines = prompt.lines().skip_while(|line| *line != BEGIN).skip(1).take_while(|line| *line != END);
        let turns = lines
            .filter_map(|line| serde_json::from_str::<Line>(line).ok())
            .filter(|line| line.speaker == PERSON)
            .map(|line| Turn { number: line.turn, heard: understand(&line.text), text: line.text })
            .collect();
        Self { turns }
    }

    /// Whether anybody but the agent said a word.
    pub(super) fn has_words(&self) -> bool {
        !self.turns.is_empty()
    }

    /// What was understood, with the number of its turn.
    pub(super) fn understood(&self) -> impl DoubleEndedIterator<Item = (u32, &Heard)> {
        self.turns.iter().filter_map(|turn| Some((turn.number, turn.heard.as_ref()?)))
    }

    /// The turns in which this is meant.
    pub(super) fn turns_of(&self, meaning: Meaning) -> Vec<u32> {
        self.understood().filter(|(_, heard)| heard.meaning == meaning).map(|(turn, _)| turn).collect()
    }

    /// The last turn that was understood; if none was, the last.
    pub(super) fn last_turn(&self) -> Option<u32> {
        let last = || self.turns.last().map(|turn| turn.number);
        self.understood().next_back().map(|(turn, _)| turn).or_else(last)
    }

    /// The words of a turn.
    pub(super) fn words(&self, number: u32) -> Option<&str> {
        self.turns.iter().find(|turn| turn.number == number).map(|turn| turn.text.as_str())
    }
}

/// The data under a heading: the line of JSON that follows it.
pub(super) fn under(heading: &str, prompt: &str) -> Option<Value> {
    let line = prompt.lines().skip_while(|line| *line != heading).nth(1)?;
    serde_json::from_str(line).ok()
}

/// The prompt without what was said in the call, where nobody but the caller speaks.
pub(super) fn without_transcript(prompt: &str) -> String {
    let mut lines = prompt.lines();
    let before: Vec<&str> = lines.by_ref().take_while(|line| *line != BEGIN).collect();
    let after = lines.skip_while(|line| *line != END).skip(1);
    before.into_iter().chain(after).collect::<Vec<_>>().join("\n")
}
