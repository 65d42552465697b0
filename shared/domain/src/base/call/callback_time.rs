//! When somebody wants to be called back, as people say it and language models write it down.

mod phrase;
mod tokens;
mod words;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer;
use crate::base::time::{DAY_MS, SECOND_MS, Timestamp};
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
    /// On the person's clock; an hour from 1 to 6 of which nobody says which half of the day is meant is one of the
    /// afternoon. Without a time: once calls are allowed on that day; without a day: when the clock
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
    with_offset(text).or_else(number).or_else(|| phrase::read(&text.to_lowercase()))
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

#[cfg(test)]
mod tests;
