//! A recurrence as it is written.

use chrono::{NaiveDate, Weekday, WeekdaySet};
use serde::{Deserialize, Serialize};

use super::frequency::{Frequency, MAX_EVERY_DAYS, MAX_EVERY_MONTHS, MAX_EVERY_WEEKS, MonthDay};
use super::{Recurrence, RecurrenceError, RunTakes, TimeOfDay, date};

const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "monday"),
    (Weekday::Tue, "tuesday"),
    (Weekday::Wed, "wednesday"),
    (Weekday::Thu, "thursday"),
    (Weekday::Fri, "friday"),
    (Weekday::Sat, "saturday"),
    (Weekday::Sun, "sunday"),
];
/// The last day of a month.
const LAST: &str = "last";

/// A schedule that repeats, in the campaign's own time zone.
// Numbers are wide, so that one out of bounds is refused with the bounds.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RecurrenceForm {
    /// What it counts: days, weeks or months.
    frequency: Kind,
    /// Every how many days, weeks or months; 1 unless set.
    #[serde(default = "one")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 365, default = 1))]
    every: i64,
    /// The days: weekdays of a weekly one, 1 to 31 or `last` of a monthly one; a daily one has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(example = json!(["monday", "thursday"])))]
    on: Vec<DayForm>,
    /// The time of day at which a run begins.
    at: TimeOfDay,
    /// The last date on which a run may begin; not before today.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "2026-12-31"))]
    until: Option<NaiveDate>,
    /// How many runs there are at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10000))]
    max_runs: Option<i64>,
    /// Which leads a run takes, with attempts from zero.
    #[serde(default)]
    takes: RunTakes,
}

/// What a schedule that repeats counts.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Frequency))]
#[serde(rename_all = "snake_case")]
enum Kind {
    Daily,
    Weekly,
    Monthly,
}

/// A day of the week (`monday`), of the month (1 to 31), or its `last`.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RecurrenceDay))]
#[serde(
    untagged,
    expecting = "a day must be one of the week such as \"monday\", a number from 1 to 31, or \"last\""
)]
enum DayForm {
    Number(i64),
    Name(String),
}

#[cfg(feature = "openapi")]
crate::written_as::written_as!(Recurrence => RecurrenceForm);

const fn one() -> i64 {
    1
}

impl DayForm {
    fn day_of_week(self) -> Result<Weekday, RecurrenceError> {
        let given = match self {
            Self::Number(number) => number.to_string(),
            Self::Name(name) => name,
        };
        let day = WEEKDAYS.into_iter().find(|(_, name)| *name == given);
        day.map(|(day, _)| day).ok_or(RecurrenceError::DayOfWeek { given })
    }

    fn day_of_month(self) -> Result<MonthDay, RecurrenceError> {
        match self {
            Self::Name(name) if name == LAST => Ok(MonthDay::Last),
            Self::Name(given) => Err(RecurrenceError::DayOfMonth { given }),
            Self::Number(number) => u8::try_from(number)
                .map(MonthDay::Day)
                .map_err(|_| RecurrenceError::DayOfMonth { given: number.to_string() }),
        }
    }

    fn of_month_day(day: MonthDay) -> Self {
        match day {
            MonthDay::Day(number) => Self::Number(number.into()),
            MonthDay::Last => Self::Name(LAST.to_owned()),
        }
    }
}

/// Leaves what fits a count to the checks of [`Recurrence::new`].
fn interval(given: i64, max: u32, unit: &'static str) -> Result<u32, RecurrenceError> {
    u32::try_from(given).map_err(|_| RecurrenceError::Every { given, max, unit })
}

impl TryFrom<RecurrenceForm> for Recurrence {
    type Error = RecurrenceError;

    fn try_from(form: RecurrenceForm) -> Result<Self, RecurrenceError> {
        let RecurrenceForm { frequency, every, on, at, until, max_runs, takes } = form;
        let days = on.into_iter();
        let frequency = match frequency {
            Kind::Daily if days.len() > 0 => return Err(RecurrenceError::DaysOfDaily),
            Kind::Daily => Frequency::Daily { every_days: interval(every, MAX_EVERY_DAYS, "days")? },
            Kind::Weekly => Frequency::Weekly {
                every_weeks: interval(every, MAX_EVERY_WEEKS, "weeks")?,
                on: days.map(DayForm::day_of_week).collect::<Result<_, _>>()?,
            },
            Kind::Monthly => Frequency::Monthly {
                every_months: interval(every, MAX_EVERY_MONTHS, "months")?,
                on: days.map(DayForm::day_of_month).collect::<Result<_, _>>()?,
            },
        };
        let count = |given| u32::try_from(given).map_err(|_| RecurrenceError::MaxRuns { given });
        Self::new(frequency, at, until, max_runs.map(count).transpose()?, takes)
    }
}

impl From<Recurrence> for RecurrenceForm {
    fn from(recurrence: Recurrence) -> Self {
        let Recurrence { frequency, at, until, max_runs, takes } = recurrence;
        let (frequency, every, on) = match frequency {
            Frequency::Daily { every_days } => (Kind::Daily, every_days, Vec::new()),
            Frequency::Weekly { every_weeks, on } => (Kind::Weekly, every_weeks, of_week_days(on)),
            Frequency::Monthly { every_months, on } => {
                (Kind::Monthly, every_months, on.into_iter().map(DayForm::of_month_day).collect())
            }
        };
        Self { frequency, every: every.into(), on, at, until, max_runs: max_runs.map(i64::from), takes }
    }
}

fn of_week_days(on: WeekdaySet) -> Vec<DayForm> {
    let days = WEEKDAYS.into_iter().filter(|(day, _)| on.contains(*day));
    days.map(|(_, name)| DayForm::Name(name.to_owned())).collect()
}
