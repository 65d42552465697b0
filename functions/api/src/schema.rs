//! The domain's words, for the description of the API. The domain itself knows nothing of HTTP.

mod laws;
mod queue_position;
mod turns;
mod words;

use carillon_domain::records::interaction::InteractionStatus;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use laws::{OwnRule, Rule};
pub(crate) use queue_position::{CampaignPatch, DueClassName, MoveName, WhyClosed};
pub(crate) use turns::{CampaignPeriod, FirstSubmissionAction, RecurrenceRule, SelectionName, SequenceStep};
pub(crate) use words::*;

/// A window of a day.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct DayWindow {
    /// When it opens.
    #[schema(example = "09:00")]
    from: String,
    /// When it closes.
    #[schema(example = "18:00")]
    to: String,
}

/// The windows of each weekday, at most four a day; a day that is not there is off.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct WeekHours {
    monday: Option<Vec<DayWindow>>,
    tuesday: Option<Vec<DayWindow>>,
    wednesday: Option<Vec<DayWindow>>,
    thursday: Option<Vec<DayWindow>>,
    friday: Option<Vec<DayWindow>>,
    saturday: Option<Vec<DayWindow>>,
    sunday: Option<Vec<DayWindow>>,
}

/// Whose clock a campaign's hours are read on.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum WhoseHours {
    /// That of each recipient.
    Recipient,
    /// That of the campaign.
    Campaign,
}

/// Kinds of misses that a campaign may retry.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum MissName {
    NoAnswer,
    Busy,
    Voicemail,
    Error,
    Incomplete,
}

/// How an attempt ended.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum OutcomeName {
    Completed,
    Incomplete,
    Voicemail,
    NoAnswer,
    Busy,
    Declined,
    InvalidNumber,
    Blocked,
    Failed,
    Error,
    RequestRejected,
    AccountRefused,
    Unheard,
}

/// What a lead's latest interaction says about it.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum DispositionName {
    Contacted,
    Voicemail,
    NoAnswer,
    NoContact,
    Dnc,
    Error,
}

/// How it is known where a lead may be called.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum ZoneSourceName {
    /// The lead says so.
    Lead,
    /// The number's prefix says so.
    Prefix,
    /// It is not known: the campaign's zone.
    Campaign,
}

/// How an interaction came about.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum StartedByName {
    Campaign,
    Manual,
    FirstSubmission,
    Callback,
    Inbound,
}

/// Who called whom.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum DirectionName {
    /// We called.
    Outbound,
    /// They called.
    Inbound,
}

/// How a caller number reaches the network.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum LineName {
    Twilio,
    SipTrunk,
}

/// Whether an assistant may be used.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum AssistantStatusName {
    /// Still being written.
    Draft,
    /// Ready for calls.
    Active,
    /// Not to be used for now.
    Paused,
}

/// Where an import stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum ImportStatusName {
    /// Its file was announced and has not come.
    AwaitingFile,
    Running,
    Completed,
    /// The file can't be read at all; `error` says why.
    Failed,
}

/// Where a campaign stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum CampaignStatusName {
    Draft,
    Scheduled,
    Running,
    Paused,
    Completed,
    Cancelled,
}

/// Where a lead stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LeadStatusName {
    Pending,
    InProgress,
    RetryScheduled,
    CallbackScheduled,
    Completed,
    Exhausted,
    Skipped,
    Failed,
}

impl LeadStatusName {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::RetryScheduled => "retry_scheduled",
            Self::CallbackScheduled => "callback_scheduled",
            Self::Completed => "completed",
            Self::Exhausted => "exhausted",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// Where an interaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InteractionStatusName {
    InProgress,
    Completed,
    Incomplete,
    Voicemail,
    NoAnswer,
    Busy,
    Error,
}

impl InteractionStatusName {
    pub(crate) const fn is(self, status: InteractionStatus) -> bool {
        matches!(
            (self, status),
            (Self::InProgress, InteractionStatus::InProgress)
                | (Self::Completed, InteractionStatus::Completed)
                | (Self::Incomplete, InteractionStatus::Incomplete)
                | (Self::Voicemail, InteractionStatus::Voicemail)
                | (Self::NoAnswer, InteractionStatus::NoAnswer)
                | (Self::Busy, InteractionStatus::Busy)
                | (Self::Error, InteractionStatus::Error)
        )
    }
}
