//! The words of a text, each with what it says.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};

use super::Day;
use super::words::{MEANINGS, NUMBERS};

/// Words of the longest phrase of the table.
const MAX_WORDS: usize = 5;

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
pub(super) enum Token {
    Said(Meaning),
    Number(u16),
    /// Whether it is written as machines write it: so is what stands beside it.
    Date(NaiveDate, bool),
    /// An hour and its minutes, and whether it can only be this one of the day.
    Clock(NaiveTime, bool),
    /// Before noon, or, if true, after it.
    HalfOfDay(bool),
}

/// What each word of a text in small letters says; none if one is not known.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let words = folded(text);
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = words.as_slice();
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
        "pm" | "p.m" => Token::HalfOfDay(true),
        "am" | "a.m" if is_of_hour => Token::HalfOfDay(false),
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
            return Some((Token::Clock(time, false), Some(Token::HalfOfDay(is_afternoon))));
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
