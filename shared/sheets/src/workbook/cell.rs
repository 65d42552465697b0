//! A cell as text, as a CSV would have it.

use calamine::{Data, ExcelDateTime};
use chrono::{NaiveTime, TimeDelta, Timelike};

/// Digits that spreadsheets keep of a number, behind the first one.
const MAX_DIGITS: usize = 14;
const DAY_SECS: f64 = 86_400.0;

/// What stands in a cell that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Text(String),
    /// An error of the spreadsheet, such as `#N/A`.
    Error(String),
}

impl Cell {
    /// None if it is blank.
    pub(super) fn of(value: &Data) -> Option<Self> {
        let text = match value {
            Data::Empty => return None,
            Data::Error(error) => return Some(Self::Error(error.to_string())),
            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
            Data::Int(number) => number.to_string(),
            Data::Float(number) => decimal(*number),
            Data::Bool(is) => is.to_string(),
            Data::DateTime(moment) => iso(moment),
        };
        (!text.trim().is_empty()).then_some(Self::Text(text))
    }
}

/// A number with all of its digits, and without an exponent: it may be a telephone number.
fn decimal(number: f64) -> String {
    let rounded = format!("{number:.MAX_DIGITS$e}").parse::<f64>().unwrap_or(number);
    rounded.to_string()
}

/// A date, a time, or both, as ISO 8601 has them; a length of time in hours.
fn iso(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    if moment.is_duration() {
        let secs = (days.abs() * DAY_SECS).round();
        let sign = if days < 0.0 { "-" } else { "" };
        let (minutes, secs) = ((secs / 60.0).floor(), secs % 60.0);
        return format!("{sign}{:02}:{:02}:{secs:02}", (minutes / 60.0).floor(), minutes % 60.0);
    }
    let Some(exact) = moment.as_datetime() else { return decimal(days) };
    // What was written as seconds is a fraction of a day, and a little beside.
    let rounded = exact + TimeDelta::milliseconds(500);
    let rounded = rounded.with_nanosecond(0).unwrap_or(rounded);
    let time = rounded.time();
    if (0.0..1.0).contains(&days) {
        time.format("%H:%M:%S").to_string()
    } else if time == NaiveTime::MIN {
        rounded.format("%Y-%m-%d").to_string()
    } else {
        rounded.format("%Y-%m-%dT%H:%M:%S").to_string()
    }
}

#[cfg(test)]
mod tests {
    use calamine::{CellErrorType, ExcelDateTimeType};

    use super::*;

    fn text(value: Data) -> String {
        match Cell::of(&value) {
            Some(Cell::Text(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_keep_their_digits_and_get_none() {
        for (number, expected) in [
            (491_701_234_567.0, "491701234567"),
            (4.917_012_345_67e14, "491701234567000"),
            (1e20, "100000000000000000000"),
            (7.0, "7"),
            (0.1 + 0.2, "0.3"),
            (2.5, "2.5"),
            (-3.0, "-3"),
        ] {
            assert_eq!(text(Data::Float(number)), expected);
        }
        assert_eq!(text(Data::Bool(true)), "true");
        assert_eq!(Cell::of(&Data::Error(CellErrorType::NA)), Some(Cell::Error("#N/A".into())));
        assert_eq!(Cell::of(&Data::String("  ".into())), None);
    }

    #[test]
    fn moments_are_iso() {
        let moment = |days, kind| text(Data::DateTime(ExcelDateTime::new(days, kind, false)));
        for (days, expected) in [
            (46_327.0, "2026-11-01"),
            (46_327.375, "2026-11-01T09:00:00"),
            (46_327.291_666_666_6, "2026-11-01T07:00:00"),
            (0.375, "09:00:00"),
        ] {
            assert_eq!(moment(days, ExcelDateTimeType::DateTime), expected);
        }
        assert_eq!(moment(1.562_5, ExcelDateTimeType::TimeDelta), "37:30:00");
    }
}
