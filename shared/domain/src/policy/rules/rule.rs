//! One rule.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::scope::Scope;
use crate::base::channel::Channel;
use crate::policy::hours::WeeklyHours;

/// The longest time over which calls are counted, in hours: a leap year.
pub const MAX_CAP_HOURS: u32 = 366 * 24;

/// What one law, or one workspace, asks for in one jurisdiction from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, the same in all versions.
    pub id: String,
    pub jurisdiction: Scope,
    /// The date of its text; tells the versions of an id apart.
    pub version: NaiveDate,
    /// The first local day on which it holds here; the law itself may be older.
    pub effective_from: NaiveDate,
    /// The first local day on which it holds no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<NaiveDate>,
    /// Whether it was read in a source; else it is from memory.
    #[serde(default)]
    pub verified: bool,
    /// Where it is written, and how it was read.
    pub source: String,
    pub channels: BTreeSet<Channel>,
    /// The only hours that it leaves, on the clock of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<WeeklyHours>,
    /// The calendar whose holidays it keeps free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays: Option<String>,
    /// How often a person may be called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<Cap>,
    /// How long a person is left in peace who has declined, in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest_days_after_refusal: Option<u32>,
    /// What the person must have agreed to before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentDuty>,
    /// What the person must be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosure: Option<Disclosure>,
}

impl Rule {
    /// Whether it holds on this local day.
    pub fn is_effective(&self, day: NaiveDate) -> bool {
        self.effective_from <= day && self.effective_until.is_none_or(|until| day < until)
    }

    /// Its id and version, for the record: `us-federal@2025-04-11`.
    pub fn label(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }
}

/// Most contacts with a person within a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "CapForm")]
pub struct Cap {
    /// So many, at least 1.
    pub max: NonZeroU32,
    /// Within so many hours, 1 to [`MAX_CAP_HOURS`].
    pub per_hours: NonZeroU32,
}

/// A cap as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CapForm {
    max: u32,
    per_hours: u32,
}

/// The numbers are no cap.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{max} in {per_hours} hours is no cap; allow at least 1 within 1 to {MAX_CAP_HOURS} hours")]
pub struct CapError {
    max: u32,
    per_hours: u32,
}

impl TryFrom<CapForm> for Cap {
    type Error = CapError;

    fn try_from(form: CapForm) -> Result<Self, CapError> {
        let CapForm { max, per_hours } = form;
        match (NonZeroU32::new(max), NonZeroU32::new(per_hours)) {
            (Some(max), Some(hours)) if per_hours <= MAX_CAP_HOURS => Ok(Self { max, per_hours: hours }),
            _ => Err(CapError { max, per_hours }),
        }
    }
}

/// What a person must have agreed to before they are called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentDuty {
    pub form: ConsentForm,
    /// How long the proof is kept, in years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_proof_years: Option<u32>,
    /// For whom or what, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How a person must have agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentForm {
    Express,
    Written,
}

/// What a person must be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// At the start, that they speak with an AI.
    AiAtStart,
}
