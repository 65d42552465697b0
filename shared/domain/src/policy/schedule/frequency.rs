//! The days of a recurrence.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, WeekdaySet};

use super::{RecurrenceError, monday};

/// Most days between the runs of a daily schedule.
pub const MAX_EVERY_DAYS: u32 = 365;
/// Most weeks between the weeks of a weekly schedule.
pub const MAX_EVERY_WEEKS: u32 = 52;
/// Most months between the months of a monthly schedule.
pub const MAX_EVERY_MONTHS: u32 = 12;

/// The last number that a day of a month has.
const LAST_DAY: u8 = 31;
const DAYS_PER_WEEK: i32 = 7;
const MONTHS_PER_YEAR: i32 = 12;

/// A day of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MonthDay {
    /// The day with this number, 1 to 31; a month without it is left out.
    Day(u8),
    /// The last day, whatever its number.
    Last,
}

impl MonthDay {
    fn is(self, date: NaiveDate) -> bool {
        match self {
            Self::Day(day) => date.day() == u32::from(day),
            Self::Last => date.day() == u32::from(date.num_days_in_month()),
        }
    }
}

/// On which days a schedule runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Frequency {
    Daily {
        /// 1 for each day, 2 for every other: up to [`MAX_EVERY_DAYS`].
        every_days: u32,
    },
    /// By the week, which begins on Monday.
    Weekly {
        /// 1 for each week, 2 for every other: up to [`MAX_EVERY_WEEKS`].
        every_weeks: u32,
        /// The days of such a week; at least one.
        on: WeekdaySet,
    },
    Monthly {
        /// 1 for each month, 2 for every other: up to [`MAX_EVERY_MONTHS`].
        every_months: u32,
        /// The days of such a month; at least one.
        on: BTreeSet<MonthDay>,
    },
}

impl Frequency {
    pub(super) fn check(&self) -> Result<(), RecurrenceError> {
        let (every, max, unit) = match self {
            Self::Daily { every_days } => (*every_days, MAX_EVERY_DAYS, "days"),
            Self::Weekly { every_weeks, .. } => (*every_weeks, MAX_EVERY_WEEKS, "weeks"),
            Self::Monthly { every_months, .. } => (*every_months, MAX_EVERY_MONTHS, "months"),
        };
        if !(1..=max).contains(&every) {
            return Err(RecurrenceError::Every { given: every.into(), max, unit });
        }
        match self {
            Self::Weekly { on, .. } if on.is_empty() => {
                Err(RecurrenceError::NoDays { example: "[\"monday\"]" })
            }
            Self::Monthly { on, .. } if on.is_empty() => {
                Err(RecurrenceError::NoDays { example: "[1, \"last\"]" })
            }
            Self::Monthly { on, .. } => on.iter().try_for_each(|day| match day {
                MonthDay::Day(1..=LAST_DAY) | MonthDay::Last => Ok(()),
                MonthDay::Day(day) => Err(RecurrenceError::DayOfMonth { given: day.to_string() }),
            }),
            Self::Daily { .. } | Self::Weekly { .. } => Ok(()),
        }
    }

    /// Whether this date, not before `anchor`, is one of the days.
    pub(super) fn is_on(&self, date: NaiveDate, anchor: NaiveDate) -> bool {
        match self {
            Self::Daily { every_days } => {
                is_multiple(date.num_days_from_ce() - anchor.num_days_from_ce(), *every_days)
            }
            Self::Weekly { every_weeks, on } => {
                on.contains(date.weekday())
                    && is_multiple((monday(date) - monday(anchor)) / DAYS_PER_WEEK, *every_weeks)
            }
            Self::Monthly { every_months, on } => {
                on.iter().any(|day| day.is(date)) && is_multiple(month(date) - month(anchor), *every_months)
            }
        }
    }

    /// The days that it names and the month of this date lacks; none if the last day stands in for them.
    pub(super) fn missing_in(&self, month_of: NaiveDate, anchor: NaiveDate) -> Vec<u8> {
        let Self::Monthly { every_months, on } = self else { return Vec::new() };
        if on.contains(&MonthDay::Last) || !is_multiple(month(month_of) - month(anchor), *every_months) {
            return Vec::new();
        }
        let named = on.iter().filter_map(|day| match day {
            MonthDay::Day(day) => Some(*day),
            MonthDay::Last => None,
        });
        named.filter(|day| *day > month_of.num_days_in_month()).collect()
    }
}

fn is_multiple(distance: i32, every: u32) -> bool {
    distance.unsigned_abs().is_multiple_of(every)
}

/// The month of a date, counted through the years.
fn month(date: NaiveDate) -> i32 {
    date.year() * MONTHS_PER_YEAR + date.month0().cast_signed()
}
