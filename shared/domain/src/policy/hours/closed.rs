//! Why nobody may be called.

use std::fmt;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Serialize, Serializer};

/// What closes the hours at a moment, and on whose clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Closed {
    /// The campaign leaves the day out.
    Date {
        #[serde(serialize_with = "name")]
        place: Tz,
        date: NaiveDate,
    },
    /// It is outside the campaign's hours.
    Hours {
        #[serde(serialize_with = "name")]
        place: Tz,
    },
    Rule {
        #[serde(serialize_with = "name")]
        place: Tz,
        /// This one: `fr@2026-08-11`.
        rule: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        holiday: Option<String>,
    },
}

fn name<S: Serializer>(place: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(place.name())
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
