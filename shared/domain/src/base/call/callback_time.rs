//! When somebody wants to be called back, as language models write it down.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer;
use crate::base::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use crate::base::zone::utc_offset_ms;

/// A number from here on counts milliseconds since 1970: as seconds it would be the year 5138.
const LEAST_MILLIS: f64 = 1e11;
/// A number from here on counts seconds since 1970 (2001-09-09), and is no date nor time of day.
const LEAST_SECS: f64 = 1e9;

/// A moment as it was said: perhaps one of the person's clock, which only their zone makes a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum CallbackTime {
    At {
        at: Timestamp,
    },
    /// So long after the call began.
    After {
        ms: i64,
    },
    /// On the person's clock. Without a time: once calls are allowed on that day; without a day: when the clock
    /// shows that time next.
    OnClock {
        day: Option<Day>,
        time: Option<NaiveTime>,
    },
}

/// A day of the person's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    Date(NaiveDate),
    /// So many days after that of the call.
    Ahead(u8),
    /// The first such day after that of the call.
    Next(Weekday),
}

/// What a collected value says of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackReading {
    /// Nothing was said about it.
    Absent,
    Time(CallbackTime),
    /// Something was said, and we can't say what.
    Unclear,
}

impl CallbackReading {
    /// What a collected value says: a text, or seconds or milliseconds since 1970.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null | Value::Bool(false) => Self::Absent,
            Value::Bool(true) => Self::Unclear,
            Value::Number(number) => number.as_f64().and_then(since_1970).map_or(Self::Unclear, Self::Time),
            Value::String(text) if answer::is_absent(text) || answer::is_no(text) => Self::Absent,
            Value::String(text) => read(text).map_or(Self::Unclear, Self::Time),
            Value::Array(values) => match values.as_slice() {
                [] => Self::Absent,
                [value] => Self::of(value),
                _ => Self::Unclear,
            },
            Value::Object(fields) => match fields.get("value") {
                Some(value) => Self::of(value),
                None if fields.is_empty() => Self::Absent,
                None => Self::Unclear,
            },
        }
    }
}

impl CallbackTime {
    /// The moment that is meant in a call that began then, by the clocks of all places where the person may
    /// be: the latest, so that none of these clocks shows less than what was asked for.
    ///
    /// A time that a clock skips is as long after the skip as it would be before it; of one that it shows twice
    /// the first is meant.
    pub fn moment(self, began_at: Timestamp, clocks: &[Tz]) -> Option<Timestamp> {
        match self {
            Self::At { at } => Some(at),
            Self::After { ms } => Some(began_at.plus_ms(ms)),
            Self::OnClock { day, time } => {
                clocks.iter().filter_map(|tz| on_clock(day, time, began_at, *tz)).max()
            }
        }
    }
}

fn on_clock(day: Option<Day>, time: Option<NaiveTime>, began_at: Timestamp, tz: Tz) -> Option<Timestamp> {
    let today = began_at.plus_ms(utc_offset_ms(tz, began_at)).to_utc().date_naive();
    let date = match day {
        Some(Day::Date(date)) => date,
        Some(Day::Ahead(days)) => today.checked_add_days(Days::new(days.into()))?,
        Some(Day::Next(weekday)) => {
            let days = (6 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7 + 1;
            today.checked_add_days(Days::new(days.into()))?
        }
        None => today,
    };
    match (day, time) {
        // From the beginning of the day: the hours in which calls are allowed decide.
        (_, None) if date == today => Some(began_at),
        (_, None) => Some(shown(date.and_time(NaiveTime::MIN), tz)),
        (Some(_), Some(time)) => Some(shown(date.and_time(time), tz)),
        (None, Some(time)) => {
            let at = shown(date.and_time(time), tz);
            let tomorrow = date.succ_opt()?.and_time(time);
            Some(if at > began_at { at } else { shown(tomorrow, tz) })
        }
    }
}

/// The first moment at which the clocks of `tz` show this, or, where they skip it, would have.
fn shown(local: NaiveDateTime, tz: Tz) -> Timestamp {
    let as_utc = Timestamp::from_millis(local.and_utc().timestamp_millis());
    // No clock changes twice within two days.
    let by_offset_at = |near: Timestamp| as_utc.plus_ms(-utc_offset_ms(tz, near));
    let (before, after) = (by_offset_at(as_utc.plus_ms(-DAY_MS)), by_offset_at(as_utc.plus_ms(DAY_MS)));
    let shows = |at: Timestamp| at.plus_ms(utc_offset_ms(tz, at)) == as_utc;
    if shows(before) || !shows(after) { before } else { after }
}

/// Seconds or milliseconds since 1970.
fn since_1970(number: f64) -> Option<CallbackTime> {
    let millis = if number >= LEAST_MILLIS { number } else { number * SECOND_MS as f64 };
    (number.is_finite() && number >= LEAST_SECS)
        .then(|| CallbackTime::At { at: Timestamp::from_millis(millis as i64) })
}

fn read(text: &str) -> Option<CallbackTime> {
    let text = text.trim().trim_end_matches(['.', '!']).trim();
    let number = || text.parse::<f64>().ok().and_then(since_1970);
    with_offset(text).or_else(number).or_else(|| in_words(&text.to_lowercase()))
}

/// ISO 8601 with an offset, in all its forms.
fn with_offset(text: &str) -> Option<CallbackTime> {
    let upper = text.to_ascii_uppercase();
    let utc = ["UTC", "GMT", "Z"].iter().find_map(|name| upper.strip_suffix(name));
    let spelled = utc.map_or(upper.clone(), |rest| format!("{}+00:00", rest.trim_end()));
    let (date, time) = spelled.split_once(['T', ' '])?;
    let joined = format!("{date}T{}", time.replace(' ', "").replace('\u{2212}', "-"));
    let forms = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y%m%dT%H%M%S%.f%#z", "%Y%m%dT%H%M%#z"];
    let at = forms.iter().find_map(|form| DateTime::parse_from_str(&joined, form).ok())?;
    Some(CallbackTime::At { at: at.to_utc().into() })
}

/// A day, a time or both, in figures or in English or German words; all of the text is understood, or none.
fn in_words(text: &str) -> Option<CallbackTime> {
    let spaced: String = text.chars().map(|c| if c == ',' { ' ' } else { c }).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    if let Some(ms) = length_of(&words) {
        return Some(CallbackTime::After { ms });
    }
    let (mut day, mut rest) = match words.as_slice() {
        ["day", "after", "tomorrow", rest @ ..] => (Some(Day::Ahead(2)), rest),
        ["on" | "am", first, rest @ ..] | [first, rest @ ..] if let Some(day) = day_of(first) => {
            (Some(day), rest)
        }
        words => (None, words),
    };
    // `2026-12-01T15:00`, and a time before its day: `3 pm tomorrow`.
    if let ([both], None) = (rest, day)
        && let Some((date, time)) = both.split_once('t')
        && let (Some(date), Some(time)) = (day_of(date), time_of(&[time]))
    {
        return Some(CallbackTime::OnClock { day: Some(date), time: Some(time) });
    }
    if let ([before @ .., last], None) = (rest, day)
        && let Some(last) = day_of(last)
    {
        let before = if let [before @ .., "on"] = before { before } else { before };
        (day, rest) = (Some(last), before);
        if rest.is_empty() {
            return None;
        }
    }
    let rest = if let ["at" | "um", rest @ ..] = rest { rest } else { rest };
    let time = if rest.is_empty() { None } else { Some(time_of(rest)?) };
    (day.is_some() || time.is_some()).then_some(CallbackTime::OnClock { day, time })
}

/// `in two hours`, `in 30 Minuten`.
fn length_of(words: &[&str]) -> Option<i64> {
    let ["in", count, unit] = words else { return None };
    let count = match *count {
        "a" | "an" | "one" | "einer" | "einem" => 1,
        "two" | "zwei" => 2,
        "three" | "drei" => 3,
        "four" | "vier" => 4,
        "five" | "fünf" => 5,
        figures => figures.parse::<u16>().ok().filter(|count| *count > 0)?,
    };
    let unit_ms = match *unit {
        "minute" | "minutes" | "min" | "mins" | "minuten" => MINUTE_MS,
        "hour" | "hours" | "h" | "hrs" | "stunde" | "stunden" => HOUR_MS,
        _ => return None,
    };
    Some(i64::from(count) * unit_ms)
}

/// A date, a day counted from the call's, or a day of the week.
fn day_of(word: &str) -> Option<Day> {
    Some(match word {
        "today" | "heute" => Day::Ahead(0),
        "tomorrow" | "morgen" => Day::Ahead(1),
        "übermorgen" => Day::Ahead(2),
        "montag" => Day::Next(Weekday::Mon),
        "dienstag" => Day::Next(Weekday::Tue),
        "mittwoch" => Day::Next(Weekday::Wed),
        "donnerstag" => Day::Next(Weekday::Thu),
        "freitag" => Day::Next(Weekday::Fri),
        "samstag" | "sonnabend" => Day::Next(Weekday::Sat),
        "sonntag" => Day::Next(Weekday::Sun),
        word if word.ends_with("day") => Day::Next(word.parse().ok()?),
        word => {
            // Four figures for the year: `1.2.26` might be any of three days.
            let is_whole = |date: &NaiveDate| (1900..10_000).contains(&date.year());
            let forms = ["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y"];
            let date = forms.iter().find_map(|form| NaiveDate::parse_from_str(word, form).ok());
            Day::Date(date.filter(is_whole)?)
        }
    })
}

/// A time of day that can only be one: `15:00`, `3 pm`, `3:30pm`, `15 uhr`, `noon`.
fn time_of(words: &[&str]) -> Option<NaiveTime> {
    let text = words.concat().replace("p.m", "pm").replace("a.m", "am").replace("m.", "m");
    if matches!(text.as_str(), "noon" | "mittag" | "mittags") {
        return NaiveTime::from_hms_opt(12, 0, 0);
    }
    let forms = ["%H:%M", "%H:%M:%S%.f"];
    if let Some(time) = forms.iter().find_map(|form| NaiveTime::parse_from_str(&minutes(&text), form).ok()) {
        return Some(time);
    }
    let (clock, is_afternoon) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(clock), _) => (clock, false),
        (_, Some(clock)) => (clock, true),
        (None, None) => return None,
    };
    let (hour, minute) = clock.split_once([':', '.']).unwrap_or((clock, "0"));
    let hour = hour.parse::<u32>().ok().filter(|hour| (1..=12).contains(hour))?;
    NaiveTime::from_hms_opt(hour % 12 + if is_afternoon { 12 } else { 0 }, minute.parse().ok()?, 0)
}

/// `15uhr` as `15:00`, which chrono takes as a time.
fn minutes(text: &str) -> String {
    match text.strip_suffix("uhr") {
        Some(hour) if hour.chars().all(|c| c.is_ascii_digit()) => format!("{hour}:00"),
        Some(clock) => clock.replace('.', ":"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
