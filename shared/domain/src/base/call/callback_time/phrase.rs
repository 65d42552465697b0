//! A day, a time, both, or a length of time, as people say it and language models write it down. All of a text is
//! understood, or none: half of it might be the opposite.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike, Weekday};

use super::words::{MEANINGS, NUMBERS};
use super::{CallbackTime, Day};
use crate::base::time::{HOUR_MS, MINUTE_MS};

/// Words of the longest phrase of the table.
const MAX_WORDS: usize = 5;
/// The last hour of the clock that is taken for one of the afternoon where nobody says which: people are called by day.
const LAST_AFTERNOON_HOUR: u32 = 6;

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Day(Day),
    Weekday(Weekday),
    Part(Part),
    Unit(Length),
    /// Says that a length of time follows, or nothing.
    In,
    /// Says that an hour follows.
    AtTime,
    /// Says that a number was an hour.
    OClock,
    Filler,
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
}

/// A unit of time, or a half of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Half,
    HalfHour,
    Minutes,
    Hours,
    Days,
    Weeks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Said(Meaning),
    Number(u16),
    /// Whether it is written as machines write it: so is what stands beside it.
    Date(NaiveDate, bool),
    /// An hour and its minutes, and whether it can only be this one of the day.
    Clock(NaiveTime, bool),
    /// Before noon, or after it.
    Half(bool),
}

/// What was found so far.
#[derive(Debug, Default)]
struct Found {
    day: Option<Day>,
    part: Option<Part>,
    time: Option<NaiveTime>,
    is_exact: bool,
    is_marked: bool,
    is_afternoon: Option<bool>,
}

/// What a text says in small letters; none if a word of it is not understood, or two contradict each other.
pub(super) fn read(text: &str) -> Option<CallbackTime> {
    let tokens = tokens(&folded(text))?;
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
            Token::Half(is_afternoon) => {
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

/// A text without accents and what only sets it apart, in words.
fn folded(text: &str) -> Vec<String> {
    let plain: String = text
        .chars()
        .map(|c| match c {
            'á' | 'à' | 'â' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' => 'i',
            'ó' | 'ò' | 'ô' | 'ö' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ñ' => 'n',
            'ç' => 'c',
            '’' => '\'',
            ',' | ';' => ' ',
            other => other,
        })
        .collect();
    let words = plain.split_whitespace().map(|word| word.trim_end_matches(['.', '!']));
    words.filter(|word| !word.is_empty()).flat_map(unelided).collect()
}

/// A word without the article that runs into it: `l'apres-midi`, `un'ora`.
fn unelided(word: &str) -> Vec<String> {
    let is_known = MEANINGS.iter().any(|(known, _)| *known == word);
    match word.split_once('\'') {
        Some(("l" | "d" | "all" | "nell" | "dell" | "dall" | "quest", rest)) if !is_known => {
            vec![rest.to_owned()]
        }
        Some(("un", rest)) if !is_known => vec!["un".to_owned(), rest.to_owned()],
        _ => vec![word.to_owned()],
    }
}

/// What each word says; none if one is not known.
fn tokens(words: &[String]) -> Option<Vec<Token>> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = words;
    while !rest.is_empty() {
        if let Some((taken, meaning)) = phrase(rest) {
            tokens.push(Token::Said(meaning));
            rest = &rest[taken..];
            continue;
        }
        let before = tokens.last().copied();
        match word(&rest[0], before)? {
            (token, None) => tokens.push(token),
            (token, Some(second)) => tokens.extend([token, second]),
        }
        rest = &rest[1..];
    }
    Some(tokens)
}

/// The longest phrase of the table with which these begin, and how many words it has.
fn phrase(words: &[String]) -> Option<(usize, Meaning)> {
    (1..=words.len().min(MAX_WORDS)).rev().find_map(|count| {
        let said = words[..count].join(" ");
        let known = MEANINGS.iter().find(|(known, _)| *known == said);
        known.map(|(_, meaning)| (count, *meaning))
    })
}

/// What a single word says after the one before.
fn word(word: &str, before: Option<Token>) -> Option<(Token, Option<Token>)> {
    let is_of_day =
        matches!(before, Some(Token::Said(Meaning::Day(_) | Meaning::Weekday(_)) | Token::Date(..)));
    let is_of_hour = matches!(before, Some(Token::Number(_) | Token::Clock(..)));
    let one = match word {
        // Tomorrow, and the morning of a day that was said.
        "morgen" | "manana" if is_of_day => Token::Said(Meaning::Part(Part::Morning)),
        "morgen" | "manana" => Token::Said(Meaning::Day(Day::Ahead(1))),
        "pm" | "p.m" => Token::Half(true),
        "am" | "a.m" if is_of_hour => Token::Half(false),
        "am" => Token::Said(Meaning::Filler),
        _ => {
            if let Some((_, number)) = NUMBERS.iter().find(|(known, _)| *known == word) {
                return Some((Token::Number(*number), None));
            }
            return figures(word);
        }
    };
    Some((one, None))
}

/// A date, a time, or both, in figures.
fn figures(word: &str) -> Option<(Token, Option<Token>)> {
    if let Some((date, time)) = word.split_once('t')
        && let (Some(date), Some((time, _))) = (date_of(date), clock_of(time))
    {
        return Some((date, Some(Token::Clock(time, true))));
    }
    if let Some(date) = date_of(word) {
        return Some((date, None));
    }
    for (suffix, is_afternoon) in [("am", false), ("a.m", false), ("pm", true), ("p.m", true)] {
        if let Some(clock) = word.strip_suffix(suffix) {
            let (time, _) = clock_of(clock).or_else(|| Some((whole_hour(clock)?, false)))?;
            return Some((Token::Clock(time, false), Some(Token::Half(is_afternoon))));
        }
    }
    if let Some((time, is_exact)) = clock_of(word) {
        return Some((Token::Clock(time, is_exact), None));
    }
    let is_short = word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    Some((Token::Number(word.parse().ok().filter(|_| is_short)?), None))
}

/// Four figures for the year: `1.2.26` might be any of three days.
fn date_of(word: &str) -> Option<Token> {
    let is_whole = |date: &NaiveDate| (1900..10_000).contains(&date.year());
    let forms = [("%Y-%m-%d", true), ("%Y%m%d", true), ("%Y/%m/%d", true), ("%d.%m.%Y", false)];
    let of = |(form, is_exact): &(&str, bool)| {
        let date = NaiveDate::parse_from_str(word, form).ok().filter(is_whole)?;
        Some(Token::Date(date, *is_exact))
    };
    forms.iter().find_map(of)
}

/// `15:00`, `15:00:00`, `8.30`, `15h`, `15h30`, and whether it can only be this one of the day.
fn clock_of(word: &str) -> Option<(NaiveTime, bool)> {
    let spelled = match word.split_once(['h', '.']) {
        Some((hour, "")) if word.ends_with('h') => format!("{hour}:00"),
        Some((hour, minute)) if minute.len() == 2 => format!("{hour}:{minute}"),
        _ => word.to_owned(),
    };
    let forms = ["%H:%M", "%H:%M:%S%.f"];
    let time = forms.iter().find_map(|form| NaiveTime::parse_from_str(&spelled, form).ok())?;
    Some((time, spelled.starts_with('0') || spelled.matches(':').count() > 1))
}

fn whole_hour(word: &str) -> Option<NaiveTime> {
    NaiveTime::from_hms_opt(word.parse().ok()?, 0, 0)
}
