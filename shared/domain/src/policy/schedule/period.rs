//! From when to when a campaign may call at all.

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{date, wall};
use crate::base::time::Timestamp;

/// Why these dates are no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// It is over before it has begun.
    #[error("the period ends on {end}, before its start on {start}; end on {start} or later")]
    Backwards { start: NaiveDate, end: NaiveDate },
}

/// The days of a campaign in its own time zone, the first and the last included. As JSON
/// `{"start":"2027-01-01","end":"2027-01-31"}`; what is not there sets no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "PeriodForm", into = "PeriodForm")]
pub struct Period {
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
}

impl Period {
    /// The days from `start` to `end`.
    ///
    /// # Errors
    /// [`PeriodError`] if the end lies before the start.
    pub fn new(start: Option<NaiveDate>, end: Option<NaiveDate>) -> Result<Self, PeriodError> {
        match (start, end) {
            (Some(start), Some(end)) if end < start => Err(PeriodError::Backwards { start, end }),
            _ => Ok(Self { start, end }),
        }
    }

    pub const fn start(&self) -> Option<NaiveDate> {
        self.start
    }

    pub const fn end(&self) -> Option<NaiveDate> {
        self.end
    }

    /// Whether it has no bounds.
    pub const fn is_unbounded(&self) -> bool {
        self.start.is_none() && self.end.is_none()
    }

    /// The first moment of the first day; none if it has always been.
    ///
    /// If the clocks leave out midnight it is the first that they show of that day.
    pub fn begins_at(&self, tz: Tz) -> Option<Timestamp> {
        Some(wall::first_instant(tz, self.start?))
    }

    /// The first moment after the last day, which is no longer part of it; none if it never ends.
    pub fn over_at(&self, tz: Tz) -> Option<Timestamp> {
        Some(wall::first_instant(tz, self.end?.succ_opt()?))
    }

    /// Whether this moment is part of it.
    pub fn contains(&self, tz: Tz, at: Timestamp) -> bool {
        self.begins_at(tz).is_none_or(|begins_at| begins_at <= at)
            && self.over_at(tz).is_none_or(|over_at| at < over_at)
    }
}

/// The days between which a campaign calls, both included.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct PeriodForm {
    /// The first day; none means from its start on.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "2026-11-23"))]
    start: Option<NaiveDate>,
    /// The last day, not before today; none means without an end.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "2026-12-18"))]
    end: Option<NaiveDate>,
}

#[cfg(feature = "openapi")]
crate::written_as::written_as!(Period => PeriodForm);

impl TryFrom<PeriodForm> for Period {
    type Error = PeriodError;

    fn try_from(form: PeriodForm) -> Result<Self, PeriodError> {
        Self::new(form.start, form.end)
    }
}

impl From<Period> for PeriodForm {
    fn from(period: Period) -> Self {
        Self { start: period.start, end: period.end }
    }
}
