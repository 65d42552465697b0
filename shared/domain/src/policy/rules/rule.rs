//! One rule.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::scope::RuleScope;
use crate::base::channel::Channel;
use crate::policy::hours::WeeklyHours;

/// The longest time over which calls are counted, in hours: a leap year.
pub const MAX_CAP_HOURS: u32 = 366 * 24;

/// A rule that holds: a built-in one, or one of the workspace's own. What is left out it does not ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, the same in all versions; that of a workspace's own begins with `own-`.
    #[cfg_attr(feature = "openapi", schema(example = "us-federal"))]
    pub id: String,
    /// The places that it holds for.
    pub jurisdiction: RuleScope,
    /// The date of its text; tells the versions of an id apart.
    #[cfg_attr(feature = "openapi", schema(example = "2025-04-11"))]
    pub version: NaiveDate,
    /// The first day on which it holds here, on the person's calendar; the law itself may be older.
    #[cfg_attr(feature = "openapi", schema(example = "2025-04-11"))]
    pub effective_from: NaiveDate,
    /// The first day on which it holds no more; it has no end where this is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "2027-01-01"))]
    pub effective_until: Option<NaiveDate>,
    /// Whether it was read in a source; else it is from memory.
    #[serde(default)]
    pub verified: bool,
    /// Where it is written, and how it was read.
    #[cfg_attr(feature = "openapi", schema(example = "47 CFR 64.1200(c)(1)"))]
    pub source: String,
    /// The ways to reach people that it holds for.
    pub channels: BTreeSet<Channel>,
    /// The only hours that it leaves, on the clock of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<WeeklyHours>,
    /// The calendar whose holidays it keeps free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "fr"))]
    pub holidays: Option<String>,
    /// How often a person may be called; all of them count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub caps: Vec<Cap>,
    /// How long a person is left in peace who has declined, in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 3660, example = 60))]
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

/// At most so many attempts to one person within a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RuleCap))]
#[serde(try_from = "CapForm")]
pub struct Cap {
    /// Most attempts that are allowed.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 32, example = 4))]
    pub max: NonZeroU32,
    /// The time, in hours: any so many in a row.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 2160, example = 720))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsentDuty {
    /// How the person must have agreed.
    pub form: ConsentForm,
    /// How long the proof is kept, in years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = 5))]
    pub keep_proof_years: Option<u32>,
    /// For whom or what, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub note: Option<String>,
}

/// How a person must have agreed: in so many words (`express`) or in writing (`written`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConsentForm {
    Express,
    Written,
}

/// What a person must be told: at the start, that they speak with an AI (`ai_at_start`); in a text, how to get no more
/// (`opt_out_in_texts`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// At the start, that they speak with an AI.
    AiAtStart,
    /// In a text, how to get no more of them. It is put behind a text that does not say it.
    OptOutInTexts,
}
