//! The days on which a campaign runs.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::base::time::Timestamp;

mod date;
mod form;
mod frequency;
mod period;
#[cfg(test)]
mod tests;
mod time_of_day;
mod wall;

pub use date::optional as optional_date;
pub use frequency::{Frequency, MAX_EVERY_DAYS, MAX_EVERY_MONTHS, MAX_EVERY_WEEKS, MonthDay};
pub use period::{Period, PeriodError};
pub use time_of_day::{TimeOfDay, TimeOfDayError};
pub use wall::local_date;

use form::RecurrenceForm;

/// Most runs that a schedule may be limited to.
pub const MAX_RUNS: u32 = 10_000;

/// How many days [`Recurrence::next_run`] looks at. The rarest rule that runs at all is every
/// 29 February, which stays away for eight years around 2100.
const HORIZON_DAYS: usize = 8 * 366;
/// How many days a run can be away from the date that it is planned for: no change of the clocks
/// leaves out more than one day (Samoa, 2011).
const MAX_MOVED_DAYS: u64 = 1;

/// Which leads a run takes: those that no run has taken (`new`), those that were not reached
/// (`unreached`), or `all`. Who opted out is never among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunTakes {
    /// Those that no run has taken yet.
    New,
    /// Those that were not reached.
    #[default]
    Unreached,
    All,
}

/// A run of a recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The date that it is planned for.
    pub date: NaiveDate,
    pub at: Timestamp,
    /// Whether the clocks leave out the time that it is planned for.
    pub is_moved: bool,
}

/// Why this is no recurrence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// The interval is out of bounds.
    #[error("`every` is {given}; give 1 to {max} {unit}")]
    Every {
        given: i64,
        /// The most that is possible.
        max: u32,
        /// What it counts: `days`, `weeks` or `months`.
        unit: &'static str,
    },
    /// No day of the week or month is chosen.
    #[error("`on` names no day, so it would never run; give at least one, such as {example}")]
    NoDays { example: &'static str },
    /// A daily schedule chooses days.
    #[error(
        "a daily schedule has no `on`; leave it out, or choose days with the frequency weekly or monthly"
    )]
    DaysOfDaily,
    /// A weekly schedule names something else than a weekday.
    #[error("`{given}` is not a day of the week; give monday, tuesday, wednesday and so on")]
    DayOfWeek { given: String },
    /// A monthly schedule names something else than a day of the month.
    #[error("`{given}` is not a day of the month; give 1 to 31, or last")]
    DayOfMonth { given: String },
    /// The number of runs is out of bounds.
    #[error("`max_runs` is {given}; give 1 to {MAX_RUNS}, or leave it out for no limit")]
    MaxRuns { given: i64 },
}

/// A schedule that repeats, on the clock of the campaign's time zone.
///
/// As JSON `{"frequency":"weekly","every":2,"on":["monday"],"at":"09:00","takes":"unreached"}`,
/// with `until` (a date) and `max_runs` if there are any. A monthly one has numbers or `last` in
/// `on`, a daily one has no `on`.
///
/// A time of day that the clocks leave out is moved forward by as much as they leave out: 02:30
/// becomes 03:30. One that comes twice counts the first time only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RecurrenceForm", into = "RecurrenceForm")]
pub struct Recurrence {
    frequency: Frequency,
    at: TimeOfDay,
    until: Option<NaiveDate>,
    max_runs: Option<u32>,
    takes: RunTakes,
}

impl Recurrence {
    /// The recurrence with these days at this time; `until` is the last date on which a run may
    /// begin, `max_runs` is 1 to [`MAX_RUNS`].
    ///
    /// # Errors
    /// [`RecurrenceError`] names the first fault.
    pub fn new(
        frequency: Frequency,
        at: TimeOfDay,
        until: Option<NaiveDate>,
        max_runs: Option<u32>,
        takes: RunTakes,
    ) -> Result<Self, RecurrenceError> {
        frequency.check()?;
        match max_runs {
            Some(given) if !(1..=MAX_RUNS).contains(&given) => {
                Err(RecurrenceError::MaxRuns { given: given.into() })
            }
            _ => Ok(Self { frequency, at, until, max_runs, takes }),
        }
    }

    pub const fn frequency(&self) -> &Frequency {
        &self.frequency
    }

    pub const fn at(&self) -> TimeOfDay {
        self.at
    }

    /// The last date on which a run may begin.
    pub const fn until(&self) -> Option<NaiveDate> {
        self.until
    }

    /// How many runs there are at most.
    pub const fn max_runs(&self) -> Option<u32> {
        self.max_runs
    }

    /// Which leads a run takes.
    pub const fn takes(&self) -> RunTakes {
        self.takes
    }

    /// Whether another run may follow, if this many have begun.
    pub fn has_runs_left(&self, begun: u32) -> bool {
        self.max_runs.is_none_or(|max| begun < max)
    }

    /// The first run later than `after`; none if `until` or the rule itself rules out all (every
    /// 12 months on the 31st, counted from a February). Ask
    /// [`has_runs_left`](Self::has_runs_left) besides.
    ///
    /// Nothing runs before `anchor`, a date in `tz` from which intervals are counted: the days
    /// from itself, the weeks from the Monday before it, the months from its own.
    pub fn next_run(&self, tz: Tz, after: Timestamp, anchor: NaiveDate) -> Option<Timestamp> {
        let today = local_date(tz, after);
        let from = today.checked_sub_days(chrono::Days::new(MAX_MOVED_DAYS)).unwrap_or(today).max(anchor);
        let run = self.planned(tz, from, anchor).find(|run| run.at > after)?;
        self.until.is_none_or(|until| local_date(tz, run.at) <= until).then_some(run.at)
    }

    /// The runs of the dates from `from` on, whatever `until` says; counted from `anchor`, as in
    /// [`next_run`](Self::next_run).
    pub fn planned(&self, tz: Tz, from: NaiveDate, anchor: NaiveDate) -> impl Iterator<Item = Run> {
        let dates = from.max(anchor).iter_days().take(HORIZON_DAYS);
        dates.filter(move |date| self.frequency.is_on(*date, anchor)).map(move |date| {
            let local = self.at.on(date);
            let at = wall::instant(tz, local);
            Run { date, at, is_moved: !wall::shows(tz, at, local) }
        })
    }

    /// The days that it names and the month of this date lacks, if that month has no other in their place.
    pub fn missing_in(&self, month: NaiveDate, anchor: NaiveDate) -> Vec<u8> {
        self.frequency.missing_in(month, anchor)
    }
}

/// The Monday on or before a date, in days since 0001-01-01.
fn monday(date: NaiveDate) -> i32 {
    date.num_days_from_ce().saturating_sub_unsigned(date.weekday().num_days_from_monday())
}
