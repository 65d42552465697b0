//! Where attempts stand, in the words of the API, and what that says of the lead.

use serde::{Deserialize, Serialize};

use super::call::Outcome;
use super::outcome::{AttemptOutcome, MessageOutcome};

/// Where an interaction stands, in the words of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InteractionStatus {
    /// Asked for, dialling or talking.
    InProgress,
    Completed,
    /// Answered, but no conversation came about.
    Incomplete,
    Voicemail,
    /// Nobody answered, or the call was declined.
    NoAnswer,
    Busy,
    /// It could not be done; `end_reason` says why.
    Error,
    /// A text left us, and no receipt came in time.
    Sent,
    Delivered,
    Undelivered,
    Replied,
    /// A text was delivered, and nobody replied in time.
    NoReply,
    /// A text came from the person.
    Received,
}

impl InteractionStatus {
    /// The status that an outcome gives.
    pub fn of(outcome: impl Into<AttemptOutcome>) -> Self {
        match outcome.into() {
            AttemptOutcome::Call(outcome) => Self::of_call(outcome),
            AttemptOutcome::Message(outcome) => Self::of_message(outcome),
        }
    }

    const fn of_message(outcome: MessageOutcome) -> Self {
        match outcome {
            MessageOutcome::Sent => Self::Sent,
            MessageOutcome::Delivered => Self::Delivered,
            MessageOutcome::Undelivered => Self::Undelivered,
            MessageOutcome::Replied => Self::Replied,
            MessageOutcome::NoReply => Self::NoReply,
            MessageOutcome::Received => Self::Received,
            MessageOutcome::Unconfirmed
            | MessageOutcome::SenderRefused
            | MessageOutcome::TextRejected
            | MessageOutcome::NotSent
            | MessageOutcome::Filtered
            | MessageOutcome::NotTextable => Self::Error,
        }
    }

    const fn of_call(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Completed => Self::Completed,
            Outcome::Incomplete => Self::Incomplete,
            Outcome::Voicemail => Self::Voicemail,
            Outcome::NoAnswer | Outcome::Declined => Self::NoAnswer,
            Outcome::Busy => Self::Busy,
            Outcome::Failed
            | Outcome::Error
            | Outcome::InvalidNumber
            | Outcome::Blocked
            | Outcome::RequestRejected
            | Outcome::AccountRefused
            | Outcome::Unheard => Self::Error,
        }
    }

    /// What the lead's disposition becomes.
    pub const fn disposition(self) -> Option<Disposition> {
        match self {
            Self::InProgress => None,
            Self::Completed
            | Self::Incomplete
            | Self::Sent
            | Self::Delivered
            | Self::Replied
            | Self::NoReply
            | Self::Received => Some(Disposition::Contacted),
            Self::Voicemail => Some(Disposition::Voicemail),
            Self::NoAnswer | Self::Busy => Some(Disposition::NoAnswer),
            Self::Error | Self::Undelivered => Some(Disposition::Error),
        }
    }
}

/// What a lead's latest interaction says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    Contacted,
    Voicemail,
    /// Nobody answered, or the line was busy.
    NoAnswer,
    /// All attempts are used up.
    NoContact,
    /// The person wants to be called back, and will be.
    ScheduledCallback,
    /// The person does not want to be called.
    Dnc,
    /// It could not be done.
    Error,
}
