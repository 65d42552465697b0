//! What came of a call that was answered, by what was said in it.

use carillon_domain::base::call::{Outcome, Role, Turn};

/// A call that lasts no longer, in seconds, and in which nobody says a word is not answered by a person.
const MOMENT_SECS: f64 = 2.0;

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    ByPerson,
    ByAgent,
    /// Silence, inactivity, the longest duration.
    CutShort,
    /// A machine was heard.
    ByMachine,
    /// It is not said, or in words that we do not know.
    Unclear,
}

impl Ending {
    /// Whether the person ended the call; nothing if it is not said.
    pub(super) fn is_by_person(self) -> Option<bool> {
        (self != Self::Unclear).then_some(self == Self::ByPerson)
    }
}

/// A conversation that is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Talk<'a> {
    pub(super) turns: &'a [Turn],
    /// Whether the provider says that it was answered, and keeps no transcript of it.
    pub(super) is_withheld: bool,
    /// How long it took, in seconds, if that is said.
    pub(super) secs: Option<f64>,
    /// How often the person spoke, where it is counted.
    pub(super) words_of_person: Option<f64>,
    pub(super) ending: Ending,
}

impl Talk<'_> {
    pub(super) fn outcome(self) -> Outcome {
        match self.ending {
            Ending::ByMachine => Outcome::Voicemail,
            // Over within a moment, and nobody said a word: it was no person who answered, or not to talk.
            _ if !self.has_spoken() && self.is_momentary() => Outcome::NoAnswer,
            // No text from the person; silence, inactivity, longest duration.
            _ if !self.has_spoken() => Outcome::Incomplete,
            Ending::CutShort => Outcome::Incomplete,
            // Hung up within the first turns: before the agent could answer the first words.
            Ending::ByPerson if !self.is_wordless() && !self.has_been_answered() => Outcome::Incomplete,
            // Text from the person, a natural end.
            Ending::ByPerson | Ending::ByAgent | Ending::Unclear => Outcome::Completed,
        }
    }

    /// Whether the person said anything. Where the transcript is left out, what was counted tells, or how long
    /// it took.
    fn has_spoken(self) -> bool {
        if !self.is_wordless() {
            return self.turns.iter().any(|turn| is_said_by(turn, Role::User));
        }
        match self.words_of_person {
            Some(count) => count > 0.0,
            None => self.secs.map_or(self.is_withheld, |secs| secs > MOMENT_SECS),
        }
    }

    /// Whether there is no word of either: the transcript was left out, or there was none.
    fn is_wordless(self) -> bool {
        self.turns.iter().all(Turn::is_blank)
    }

    /// Whether it lasted a moment only.
    fn is_momentary(self) -> bool {
        self.secs.is_some_and(|secs| secs <= MOMENT_SECS)
    }

    /// Whether the agent said anything after the person's first words.
    fn has_been_answered(self) -> bool {
        self.turns
            .iter()
            .skip_while(|turn| !is_said_by(turn, Role::User))
            .any(|turn| is_said_by(turn, Role::Agent))
    }
}

fn is_said_by(turn: &Turn, role: Role) -> bool {
    turn.role == role && !turn.is_blank()
}
