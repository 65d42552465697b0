//! When a campaign calls, how often and in which order, as the description has it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ChannelName, FrequencyName, InteractionStatusName, RunTakesName};

/// The days between which a campaign calls, both included.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct CampaignPeriod {
    /// The first day; none means from its start on.
    #[schema(format = Date, example = "2026-11-23")]
    start: Option<String>,
    /// The last day, not before today; none means without an end.
    #[schema(format = Date, example = "2026-12-18")]
    end: Option<String>,
}

/// A schedule that repeats, in the campaign's own time zone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct RecurrenceRule {
    /// What it counts.
    frequency: FrequencyName,
    /// Every how many days, weeks or months; 1 unless set.
    #[schema(minimum = 1)]
    every: Option<u32>,
    /// The days: weekdays of a weekly one, 1 to 31 or `last` of a monthly one; a daily one has none.
    #[schema(value_type = Option<Vec<String>>, example = json!(["monday", "thursday"]))]
    on: Option<Vec<String>>,
    /// When a run begins.
    #[schema(example = "09:00")]
    at: String,
    /// The last date on which a run may begin; not before today.
    #[schema(format = Date, example = "2026-12-31")]
    until: Option<String>,
    /// How many runs there are at most.
    #[schema(minimum = 1, maximum = 10000)]
    max_runs: Option<u32>,
    /// Which leads a run takes, with attempts from zero; `unreached` unless set.
    takes: Option<RunTakesName>,
}

/// A step of a cadence.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct SequenceStep {
    /// How; texts can't be sent yet.
    channel: ChannelName,
    /// Minutes from the end of the step before.
    delay_minutes: Option<u32>,
    /// How an earlier step must have ended; left out for the first step alone.
    after: Option<Vec<InteractionStatusName>>,
}

/// How calls are shared out among caller numbers.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum SelectionName {
    /// The number that rested longest.
    RoundRobin,
    /// The number that was used least on its day.
    LeastUsed,
}

/// What happens to a lead that comes one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FirstSubmissionAction {
    /// It is called at once, or at the next allowed moment.
    Call,
}

impl FirstSubmissionAction {
    /// What a campaign does.
    pub(crate) fn of(calls: bool) -> Option<Self> {
        calls.then_some(Self::Call)
    }
}
