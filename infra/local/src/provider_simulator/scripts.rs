//! What is said in simulated calls: conversations in five languages, and what is true of each.
//!
//! A conversation is drawn from the call's id, so nothing of it is kept: whoever knows the call knows what was said in
//! it, and how a reader who understands it must judge it.
//!
//! - [`scenario`]: the ways a call can go, turn for turn.
//! - `english`, `french`, `german`, `italian`, `spanish`: the words, by what they mean.
//! - [`truth`]: what is to be found in a conversation.

use chrono::{Datelike, Days, NaiveDate};

use carillon_domain::base::time::Timestamp;

pub mod asked_time;
mod english;
mod french;
mod german;
mod italian;
pub mod meaning;
pub(crate) mod phrases;
pub mod scenario;
mod spanish;
#[cfg(test)]
pub(crate) mod tests;
pub mod truth;

use super::person::Ending;
use crate::draw::Draw;
use meaning::{AgentLine, Meaning};
use phrases::{Lines, Phrases};
use scenario::{Beat, Scenario};

/// In how many cases of a thousand the agent first asks for a moment.
const ASKS_FIRST_PERMILLE: u16 = 500;
/// How many days ahead a day lies, at least, that somebody asks for by its date.
const LEAST_DAYS_AHEAD: u64 = 3;
/// Over how many days they spread.
const DAYS_AHEAD: u64 = 9;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    Agent,
    Person,
}

/// A language that people speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    English,
    German,
    French,
    Spanish,
    Italian,
}

impl Language {
    pub const ALL: [Self; 5] = [Self::English, Self::German, Self::French, Self::Spanish, Self::Italian];

    /// That of a code such as `de` or `de-AT`; English if nobody here speaks it.
    pub fn of_code(code: Option<&str>) -> Self {
        match code.unwrap_or_default().split('-').next() {
            Some("de") => Self::German,
            Some("fr") => Self::French,
            Some("es") => Self::Spanish,
            Some("it") => Self::Italian,
            _ => Self::English,
        }
    }

    pub(crate) fn phrases(self) -> &'static Phrases {
        match self {
            Self::English => &english::ENGLISH,
            Self::German => &german::GERMAN,
            Self::French => &french::FRENCH,
            Self::Spanish => &spanish::SPANISH,
            Self::Italian => &italian::ITALIAN,
        }
    }
}

/// Which conversation a call has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Casting {
    pub language: Language,
    pub scenario: Scenario,
    /// Who has the last word, where anybody says goodbye.
    pub ending: Ending,
}

/// A turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub speaker: Speaker,
    pub words: String,
    /// What a person means by it.
    pub meaning: Option<Meaning>,
    /// What of it somebody would note down word for word.
    pub quoted: Option<String>,
}

/// A conversation after the agent's first message, which is the campaign's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    pub casting: Casting,
    pub turns: Vec<Said>,
    /// The day that is asked for by its date, if one is.
    pub(crate) date: NaiveDate,
}

impl Script {
    /// The conversation of a call.
    pub fn of(casting: Casting, call_id: &str, placed_at: Timestamp) -> Self {
        let mut draw = Draw::keyed(0, &["script", call_id]);
        let phrases = casting.language.phrases();
        let date = day_asked_for(placed_at, &mut draw);
        let date_said = phrases.date_said(date);
        let beats = beats(casting, &mut draw);
        let mut turns: Vec<Said> =
            beats.into_iter().map(|beat| said(phrases, beat, &date_said, &mut draw)).collect();
        if let Some(answer) = casting.scenario.last_answer() {
            let mut last = said(phrases, Beat::Agent(answer), &date_said, &mut draw);
            let goodbye = match casting.ending {
                Ending::Agent => Beat::Agent(AgentLine::SaysGoodbye),
                Ending::Person => Beat::Person(Meaning::SaysGoodbye),
            };
            let goodbye = said(phrases, goodbye, &date_said, &mut draw);
            match casting.ending {
                Ending::Agent => {
                    last.words = format!("{} {}", last.words, goodbye.words);
                    turns.push(last);
                }
                Ending::Person => turns.extend([last, goodbye]),
            }
        }
        Self { casting, turns, date }
    }
}

/// The course of the scenario, in half of all cases with a word about the moment before it.
fn beats(casting: Casting, draw: &mut Draw) -> Vec<Beat> {
    let mut beats = casting.scenario.course();
    let asks = Beat::Agent(AgentLine::AsksForAMoment);
    let greets = beats.first() == Some(&Beat::Person(Meaning::Greets));
    if greets && !beats.contains(&asks) && draw.happens(ASKS_FIRST_PERMILLE) {
        beats.splice(1..1, [asks, Beat::Person(Meaning::HasAMoment)]);
    }
    beats
}

fn said(phrases: &Phrases, beat: Beat, date: &str, draw: &mut Draw) -> Said {
    let (speaker, lines, meaning) = match beat {
        Beat::Agent(line) => (Speaker::Agent, phrases.agent(line), None),
        Beat::Person(meaning) => (Speaker::Person, phrases.person(meaning), Some(meaning)),
    };
    let line = one_of(lines, draw);
    Said { speaker, words: phrases::spoken(line, date), meaning, quoted: phrases::quoted(line, date) }
}

fn one_of(lines: Lines, draw: &mut Draw) -> &'static str {
    let index = usize::try_from(draw.below(lines.len() as u64)).unwrap_or_default();
    lines.get(index).copied().unwrap_or_default()
}

/// Some days after the call, and never the first of a month, which several languages have a word of its own for.
fn day_asked_for(placed_at: Timestamp, draw: &mut Draw) -> NaiveDate {
    let today = placed_at.to_utc().date_naive();
    let day = today + Days::new(LEAST_DAYS_AHEAD + draw.below(DAYS_AHEAD));
    if day.day() == 1 { day + Days::new(1) } else { day }
}
