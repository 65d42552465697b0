//! What is to be found in a conversation. It follows from how the conversation was made, not from its words.

use carillon_domain::records::analysis::{Evaluation, GoalResult};
use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use super::asked_time::AskedTime;
use super::meaning::Meaning;
use super::scenario::Scenario;
use super::{Said, Script, Speaker};

/// Whether the person wants what is offered: `yes` or `no`.
pub const INTEREST: &str = "interest";
/// When it would suit the person, in their words.
pub const PREFERRED_TIME: &str = "preferred_time";
/// Why not, or not yet, in their words.
pub const REASON: &str = "reason";

/// What is to be found in a conversation. Turns are numbered from 1, which is the agent's first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    pub verdict: GoalResult,
    /// The turns on which the verdict rests; if nothing that was said bears on it, the last that is not ours.
    pub evidence: Vec<u32>,
    /// Whether a person spoke.
    pub reached_human: bool,
    /// Whether a machine did.
    pub voicemail: bool,
    pub wrong_person: bool,
    pub do_not_call: bool,
    pub evaluation: Evaluation,
    /// The turns on which the evaluation rests, as `evidence`.
    pub evaluation_evidence: Vec<u32>,
    /// What was said of [`INTEREST`], [`PREFERRED_TIME`] and [`REASON`]; what is not here was not said.
    pub fields: Vec<SaidField>,
    /// When the person wants to be called back, if they do.
    pub callback: Option<AskedBack>,
    /// The number of somebody else who is to be asked: the words, and the number alone.
    pub other_number: Option<(String, String)>,
}

/// A value that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidField {
    pub name: &'static str,
    pub value: String,
    pub turn: u32,
}

/// A wish to be called back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedBack {
    /// The person's words.
    pub quote: String,
    pub asked: AskedTime,
    /// The day, if it was named by its date.
    pub date: Option<NaiveDate>,
}

/// The same in the form of `callback_request`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallbackRequest {
    pub quote: Option<String>,
    pub requested: bool,
    pub kind: &'static str,
    pub local_date: Option<String>,
    pub local_time: Option<String>,
    pub window_end_time: Option<String>,
    pub timezone_said: Option<String>,
    pub alternate_number: Option<String>,
}

impl Script {
    /// What is to be found in it.
    pub fn truth(&self) -> Truth {
        let scenario = self.casting.scenario;
        let (evaluation, evaluated_by) = scenario.evaluation();
        Truth {
            verdict: scenario.verdict(),
            evidence: self.evidence(scenario.decided_by()),
            reached_human: scenario.has_person(),
            voicemail: matches!(scenario, Scenario::NobodyThere | Scenario::Mailbox),
            wrong_person: scenario == Scenario::WrongPerson,
            do_not_call: scenario == Scenario::NeverToBeCalled,
            evaluation,
            evaluation_evidence: self.evidence(evaluated_by),
            fields: self.fields(),
            callback: self.callback(),
            other_number: self.other_number(),
        }
    }

    /// What is said that is not ours, with the number of its turn.
    fn heard(&self) -> impl DoubleEndedIterator<Item = (u32, &Said)> {
        let turns = self.turns.iter().enumerate();
        turns
            .filter(|(_, said)| said.speaker == Speaker::Person)
            .map(|(index, said)| (u32::try_from(index + 2).unwrap_or(u32::MAX), said))
    }

    fn saying(&self, meaning: Meaning) -> impl Iterator<Item = (u32, &Said)> {
        self.heard().filter(move |(_, said)| said.meaning == Some(meaning))
    }

    fn evidence(&self, meaning: Option<Meaning>) -> Vec<u32> {
        match meaning {
            Some(meaning) => self.saying(meaning).map(|(turn, _)| turn).collect(),
            None => self.heard().next_back().map(|(turn, _)| turn).into_iter().collect(),
        }
    }

    fn fields(&self) -> Vec<SaidField> {
        let scenario = self.casting.scenario;
        let Some((turn, said)) = scenario.decided_by().and_then(|meaning| self.saying(meaning).next()) else {
            return Vec::new();
        };
        let interest =
            scenario.interest().map(|wants| (INTEREST, if wants { "yes" } else { "no" }.to_owned()));
        let noted_as = match scenario {
            Scenario::Agrees | Scenario::QualifiesWell | Scenario::AgreesInPart | Scenario::CallBack(_) => {
                PREFERRED_TIME
            }
            _ => REASON,
        };
        let noted = said.quoted.clone().map(|words| (noted_as, words));
        interest.into_iter().chain(noted).map(|(name, value)| SaidField { name, value, turn }).collect()
    }

    fn callback(&self) -> Option<AskedBack> {
        let Scenario::CallBack(asked) = self.casting.scenario else { return None };
        let (_, said) = self.saying(Meaning::WantsToBeCalledBack(asked)).next()?;
        let date = (asked == AskedTime::OnADate).then_some(self.date);
        Some(AskedBack { quote: said.words.clone(), asked, date })
    }

    fn other_number(&self) -> Option<(String, String)> {
        let (_, said) = self.saying(Meaning::NamesAnotherNumber).next()?;
        let (_, digits) = said.words.split_once('+')?;
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        Some((said.words.clone(), format!("+{digits}")))
    }
}

impl Truth {
    /// What `callback_request` is to be answered about a call that began then by the person's clock; without that
    /// moment no day can be told that was not named by its date.
    pub fn callback_request(&self, began: Option<NaiveDateTime>) -> CallbackRequest {
        let asked = self.callback.as_ref();
        let on_clock = asked.map(|asked| asked.asked.on_clock(began, asked.date)).unwrap_or_default();
        let clock = |(hour, minute): (u32, u32)| format!("{hour:02}:{minute:02}");
        let (quote, number) = self.other_number.clone().unzip();
        CallbackRequest {
            quote: asked.map(|asked| asked.quote.clone()).or(quote),
            requested: asked.is_some(),
            kind: asked.map_or("none", |asked| asked.asked.kind()),
            local_date: on_clock.date.map(|date| date.to_string()),
            local_time: on_clock.time.map(clock),
            window_end_time: on_clock.until.map(clock),
            timezone_said: None,
            alternate_number: number,
        }
    }
}
