//! A phrase table: what is said in one language, by what it means.

use chrono::{Datelike, NaiveDate};

use super::asked_time::AskedTime;
use super::meaning::{AgentLine, Meaning};

/// Ways of saying the same.
///
/// What stands between `[` and `]` is what somebody would note down word for word: a time, a reason. `{date}` is
/// a day that the call fills in.
pub(crate) type Lines = &'static [&'static str];

/// What is said in one language. The agent's lines fit every line of the person's that they can follow.
pub(crate) struct Phrases {
    pub(crate) months: [&'static str; 12],
    /// How a day is said, with `{day}` and `{month}`.
    pub(crate) date: &'static str,

    pub(crate) greets: Lines,
    pub(crate) asks_for_a_moment: Lines,
    pub(crate) has_a_moment: Lines,

    pub(crate) offers: Lines,
    pub(crate) agrees: Lines,
    pub(crate) agrees_in_part: Lines,
    pub(crate) thinks_it_over: Lines,
    pub(crate) declines: Lines,
    pub(crate) not_interested: Lines,
    pub(crate) names_another_number: Lines,
    pub(crate) takes_the_number: Lines,
    pub(crate) breaks_off: Lines,

    pub(crate) asks_whether_it_fits: Lines,
    pub(crate) qualifies: Lines,
    pub(crate) qualifies_in_part: Lines,
    pub(crate) does_not_qualify: Lines,

    pub(crate) is_somebody_else: Lines,
    pub(crate) apologises: Lines,
    pub(crate) never_wants_calls: Lines,
    pub(crate) promises_no_calls: Lines,

    pub(crate) call_back_on_a_date: Lines,
    pub(crate) call_back_tomorrow: Lines,
    pub(crate) call_back_on_tuesday_morning: Lines,
    pub(crate) call_back_in_half_an_hour: Lines,
    pub(crate) call_back_later: Lines,
    pub(crate) call_back_at_an_impossible_time: Lines,
    pub(crate) promises_to_call_back: Lines,

    pub(crate) keeps_on_hold: Lines,
    pub(crate) takes_messages: Lines,
    pub(crate) calls_out: Lines,
    pub(crate) gives_up: Lines,

    pub(crate) confirms: Lines,
    pub(crate) accepts: Lines,
    pub(crate) agent_says_goodbye: Lines,
    pub(crate) person_says_goodbye: Lines,
}

impl Phrases {
    pub(crate) const fn person(&self, meaning: Meaning) -> Lines {
        match meaning {
            Meaning::Greets => self.greets,
            Meaning::HasAMoment => self.has_a_moment,
            Meaning::SaysGoodbye => self.person_says_goodbye,
            Meaning::Agrees => self.agrees,
            Meaning::AgreesInPart => self.agrees_in_part,
            Meaning::ThinksItOver => self.thinks_it_over,
            Meaning::Declines => self.declines,
            Meaning::NotInterested => self.not_interested,
            Meaning::Qualifies => self.qualifies,
            Meaning::QualifiesInPart => self.qualifies_in_part,
            Meaning::DoesNotQualify => self.does_not_qualify,
            Meaning::IsSomebodyElse => self.is_somebody_else,
            Meaning::NeverWantsCalls => self.never_wants_calls,
            Meaning::WantsToBeCalledBack(AskedTime::OnADate) => self.call_back_on_a_date,
            Meaning::WantsToBeCalledBack(AskedTime::Tomorrow) => self.call_back_tomorrow,
            Meaning::WantsToBeCalledBack(AskedTime::TuesdayMorning) => self.call_back_on_tuesday_morning,
            Meaning::WantsToBeCalledBack(AskedTime::InHalfAnHour) => self.call_back_in_half_an_hour,
            Meaning::WantsToBeCalledBack(AskedTime::Later) => self.call_back_later,
            Meaning::WantsToBeCalledBack(AskedTime::Impossible) => self.call_back_at_an_impossible_time,
            Meaning::NamesAnotherNumber => self.names_another_number,
            Meaning::BreaksOff => self.breaks_off,
            Meaning::KeepsOnHold => self.keeps_on_hold,
            Meaning::TakesMessages => self.takes_messages,
        }
    }

    pub(crate) const fn agent(&self, line: AgentLine) -> Lines {
        match line {
            AgentLine::AsksForAMoment => self.asks_for_a_moment,
            AgentLine::Offers => self.offers,
            AgentLine::AsksWhetherItFits => self.asks_whether_it_fits,
            AgentLine::Confirms => self.confirms,
            AgentLine::Accepts => self.accepts,
            AgentLine::Apologises => self.apologises,
            AgentLine::PromisesNoCalls => self.promises_no_calls,
            AgentLine::PromisesToCallBack => self.promises_to_call_back,
            AgentLine::TakesTheNumber => self.takes_the_number,
            AgentLine::CallsOut => self.calls_out,
            AgentLine::GivesUp => self.gives_up,
            AgentLine::SaysGoodbye => self.agent_says_goodbye,
        }
    }

    /// A day as it is said.
    pub(crate) fn date_said(&self, date: NaiveDate) -> String {
        let month = usize::try_from(date.month0()).ok().and_then(|month| self.months.get(month));
        self.day_and_month(date.day(), month.copied().unwrap_or_default())
    }

    /// The day and the month, from 1, of a day as it is said.
    pub(crate) fn date_heard(&self, said: &str) -> Option<(u32, u32)> {
        let days_of = |(month, name): (u32, &'static str)| {
            (1..=31).map(move |day| ((day, month), self.day_and_month(day, name)))
        };
        (1..).zip(self.months).flat_map(days_of).find(|(_, date)| date == said).map(|(date, _)| date)
    }

    fn day_and_month(&self, day: u32, month: &str) -> String {
        self.date.replace("{day}", &day.to_string()).replace("{month}", month)
    }
}

/// Where a line has the day of the call's.
pub(crate) const DATE: &str = "{date}";

/// A line as it is said.
pub(crate) fn spoken(line: &str, date: &str) -> String {
    line.replace(['[', ']'], "").replace(DATE, date)
}

/// What somebody would note down of it word for word.
pub(crate) fn quoted(line: &str, date: &str) -> Option<String> {
    let (_, rest) = line.split_once('[')?;
    Some(rest.split_once(']')?.0.replace(DATE, date))
}
