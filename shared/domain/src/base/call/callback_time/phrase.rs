//! A day, a time, both, or a length of time, as people say it and language models write it down. All of a text is
//! understood, or none: half of it might be the opposite.

use chrono::{NaiveTime, Timelike};

use super::tokens::{Length, Meaning, Part, Token, tokens};
use super::{CallbackTime, Day};
use crate::base::time::{HOUR_MS, MINUTE_MS};

/// The last hour of the clock that is taken for one of the afternoon where nobody says which: people are called by day.
const LAST_AFTERNOON_HOUR: u32 = 6;

/// What was found so far.
#[derive(Debug, Default)]
struct Found {
    day: Option<Day>,
    part: Option<Part>,
    time: Option<NaiveTime>,
    /// The time can only be this one of the day.
    is_exact: bool,
    /// Something says that the number is an hour.
    is_marked: bool,
    is_afternoon: Option<bool>,
}

/// What a text says in small letters; none if a word of it is not understood, or two contradict each other.
pub(super) fn read(text: &str) -> Option<CallbackTime> {
    let tokens = tokens(text)?;
    let mut found = Found::default();
    let mut rest = tokens.as_slice();
    while let [first, after @ ..] = rest {
        rest = match first {
            Token::Said(Meaning::In) => match length(after) {
                Some((Span::Ms(ms), [])) if found.is_nothing() => return Some(CallbackTime::After { ms }),
                Some((Span::Ms(_), _)) => return None,
                Some((Span::Days(days), after)) => {
                    found.on(Day::Ahead(days))?;
                    after
                }
                // A length, and none that can be.
                None if matches!(after, [Token::Number(_), Token::Said(Meaning::Unit(_)), ..]) => {
                    return None;
                }
                None => after,
            },
            Token::Number(_) | Token::Clock(..) => found.at(rest)?,
            Token::Said(meaning) => {
                found.said(*meaning)?;
                after
            }
            Token::Date(date, is_exact) => {
                found.is_exact |= is_exact;
                found.on(Day::Date(*date))?;
                after
            }
            Token::HalfOfDay(is_afternoon) => {
                found.is_afternoon = Some(*is_afternoon);
                after
            }
        };
    }
    found.moment()
}

impl Found {
    const fn is_nothing(&self) -> bool {
        self.day.is_none() && self.part.is_none() && self.time.is_none()
    }

    fn on(&mut self, day: Day) -> Option<()> {
        let is_first = self.day.replace(day).is_none();
        is_first.then_some(())
    }

    fn said(&mut self, meaning: Meaning) -> Option<()> {
        match meaning {
            Meaning::Day(day) => self.on(day)?,
            Meaning::Weekday(weekday) => self.on(Day::Next(weekday))?,
            Meaning::Part(part) => {
                if self.part.replace(part).is_some_and(|before| before != part) {
                    return None;
                }
            }
            Meaning::AtTime | Meaning::OClock => self.is_marked = true,
            Meaning::In | Meaning::Filler => {}
            Meaning::Unit(_) => return None,
        }
        Some(())
    }

    /// Takes the time with which these begin; answers with what follows it.
    fn at<'a>(&mut self, tokens: &'a [Token]) -> Option<&'a [Token]> {
        let hour = |number: u16, minute: u16| NaiveTime::from_hms_opt(number.into(), minute.into(), 0);
        let (time, is_exact, is_marked, rest) = match tokens {
            [Token::Clock(time, is_exact), rest @ ..] => (Some(*time), *is_exact, true, rest),
            [
                Token::Number(number),
                Token::Said(Meaning::OClock | Meaning::Unit(Length::Hours)),
                Token::Number(minute),
                rest @ ..,
            ] => (hour(*number, *minute), false, true, rest),
            [
                Token::Number(number),
                Token::Said(Meaning::OClock | Meaning::Unit(Length::Hours)),
                rest @ ..,
            ] => (hour(*number, 0), false, true, rest),
            [Token::Number(number), rest @ ..] => (hour(*number, 0), false, false, rest),
            _ => return None,
        };
        let is_first = self.time.replace(time?).is_none();
        self.is_exact |= is_exact;
        self.is_marked |= is_marked;
        is_first.then_some(rest)
    }

    fn moment(self) -> Option<CallbackTime> {
        let time = match (self.time, self.part) {
            (Some(time), _) if self.is_marked || self.part.is_some() || self.is_afternoon.is_some() => {
                Some(self.of_day(time)?)
            }
            // A number, and nothing says that it is an hour.
            (Some(_), _) => return None,
            (None, _) if self.is_afternoon.is_some() => return None,
            (None, Some(part)) => Some(part.begins_at()?),
            (None, None) => None,
        };
        (self.day.is_some() || time.is_some()).then_some(CallbackTime::OnClock { day: self.day, time })
    }

    /// Which time of the day an hour of the clock is.
    fn of_day(&self, time: NaiveTime) -> Option<NaiveTime> {
        let hour = time.hour();
        let meant = match (self.is_afternoon, self.part) {
            (Some(is_afternoon), _) => {
                let hour = (1..=12).contains(&hour).then_some(hour % 12)?;
                hour + if is_afternoon { 12 } else { 0 }
            }
            (None, Some(Part::Noon)) if hour < 3 => hour + 12,
            (None, Some(Part::Afternoon | Part::Evening)) if (1..12).contains(&hour) => hour + 12,
            (None, None) if !self.is_exact && (1..=LAST_AFTERNOON_HOUR).contains(&hour) => hour + 12,
            (None, _) => hour,
        };
        time.with_hour(meant)
    }
}

impl Part {
    /// When somebody is called who said no more than this.
    const fn begins_at(self) -> Option<NaiveTime> {
        let hour = match self {
            Self::Morning => 9,
            Self::Noon => 12,
            Self::Afternoon => 14,
            Self::Evening => 18,
        };
        NaiveTime::from_hms_opt(hour, 0, 0)
    }
}

enum Span {
    Ms(i64),
    Days(u8),
}

/// The length of time with which these begin, and what follows it.
fn length(tokens: &[Token]) -> Option<(Span, &[Token])> {
    let is_filler = |token: &&Token| matches!(token, Token::Said(Meaning::Filler));
    let tokens = &tokens[tokens.iter().take_while(is_filler).count()..];
    let (count, rest) = match tokens {
        [Token::Number(count), rest @ ..] if *count > 0 => (*count, rest),
        // `in a week`.
        [Token::Said(Meaning::AtTime), rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    let half = Token::Said(Meaning::Unit(Length::Half));
    let (is_half, rest) = match rest {
        [first, rest @ ..] if *first == half && count == 1 => (true, rest),
        rest => (false, rest),
    };
    let [Token::Said(Meaning::Unit(unit)), rest @ ..] = rest else { return None };
    let span = match (unit, is_half) {
        (Length::HalfHour, false) | (Length::Hours, true) => Span::Ms(HOUR_MS / 2),
        (Length::Minutes, false) => Span::Ms(i64::from(count) * MINUTE_MS),
        (Length::Hours, false) => Span::Ms(i64::from(count) * HOUR_MS),
        (Length::Days, false) => Span::Days(u8::try_from(count).ok()?),
        (Length::Weeks, false) => Span::Days(u8::try_from(count.checked_mul(7)?).ok()?),
        _ => return None,
    };
    Some((span, rest))
}
