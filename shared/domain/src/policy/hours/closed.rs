//! Why nobody may be called.

use std::fmt;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// What closes the hours at a moment, and on whose clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = WhyClosed))]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Closed {
    /// The campaign leaves the day out.
    Date {
        /// The time zone whose clock says so.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "Europe/Moscow"))]
        place: Tz,
        /// The day that is left out.
        #[cfg_attr(feature = "openapi", schema(example = "2026-12-24"))]
        date: NaiveDate,
    },
    /// It is outside the campaign's hours.
    Hours {
        /// The time zone whose clock says so.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "Europe/Moscow"))]
        place: Tz,
    },
    Rule {
        /// The time zone whose clock says so.
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "Europe/Moscow"))]
        place: Tz,
        /// This one, with its version.
        #[cfg_attr(feature = "openapi", schema(example = "fr@2026-08-11"))]
        rule: String,
        /// The holiday that the rule keeps free.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holiday: Option<String>,
    },
}

impl Closed {
    /// What is named first if several things close: what the campaign can change most easily.
    pub(super) const fn rank(&self) -> u8 {
        match self {
            Self::Date { .. } => 0,
            Self::Hours { .. } => 1,
            Self::Rule { .. } => 2,
        }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date { place, date } => write!(f, "the campaign leaves out {date} ({place})"),
            Self::Hours { place } => write!(f, "it is outside the campaign's hours in {place}"),
            Self::Rule { place, rule, holiday: None } => {
                write!(f, "the rule {rule} does not allow it at this time in {place}")
            }
            Self::Rule { place, rule, holiday: Some(holiday) } => {
                write!(f, "the rule {rule} keeps {holiday} free in {place}")
            }
        }
    }
}
