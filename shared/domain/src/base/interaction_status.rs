//! Where attempts stand, in the words of the API, and what that says of the lead.

use serde::{Deserialize, Serialize};

use super::call::{Outcome, PersonRequest};
use super::outcome::{AttemptOutcome, MessageOutcome};

/// Where an interaction stands, in the words of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InteractionStatus {
    /// Asked for, dialling or talking.
    InProgress,
    Completed,
    /// The person is to be called back at a moment that they named.
    ScheduledCallback,
    /// There was a conversation, and something is to be done by people.
    FollowUp,
    /// There was a conversation, and the person is one whom the campaign looks for.
    Qualified,
    /// There was a conversation, and the person is none of them.
    Disqualified,
    /// The person does not want to be called.
    Dnc,
    /// Answered, but no conversation came about.
    Incomplete,
    Voicemail,
    /// Nobody answered, or the call was declined.
    NoAnswer,
    Busy,
    /// Nobody was reached by it either, and it was the last attempt.
    NoContact,
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

/// What the assistant has noted of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Qualification {
    Qualified,
    Disqualified,
    FollowUp,
}

impl From<Qualification> for InteractionStatus {
    fn from(qualification: Qualification) -> Self {
        match qualification {
            Qualification::Qualified => Self::Qualified,
            Qualification::Disqualified => Self::Disqualified,
            Qualification::FollowUp => Self::FollowUp,
        }
    }
}

impl InteractionStatus {
    /// The status of an attempt that has ended so: of a call that was answered what the person asked for counts first, and
    /// then what the assistant has noted of them.
    pub fn ended(
        outcome: AttemptOutcome,
        request: Option<PersonRequest>,
        qualification: Option<Qualification>,
    ) -> Self {
        match (outcome, request) {
            (AttemptOutcome::Call(call), Some(PersonRequest::DoNotCall)) if call.is_answered() => Self::Dnc,
            (AttemptOutcome::Call(call), Some(PersonRequest::Callback { .. })) if call.is_answered() => {
                Self::ScheduledCallback
            }
            _ => Self::qualified(outcome, qualification),
        }
    }

    /// The status of the last attempt of a lead whose attempts are used up: where it says that nobody was reached, nobody
    /// will be.
    pub const fn of_last_attempt(self) -> Self {
        match self {
            Self::NoAnswer | Self::Busy => Self::NoContact,
            other => other,
        }
    }

    /// The status that an outcome gives, with what the assistant has noted of the person.
    pub fn qualified(outcome: AttemptOutcome, qualification: Option<Qualification>) -> Self {
        match (outcome, qualification) {
            (AttemptOutcome::Call(call), Some(noted)) if call.is_contact() => noted.into(),
            _ => Self::of(outcome),
        }
    }

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

    /// The name that clients see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::ScheduledCallback => "scheduled_callback",
            Self::FollowUp => "follow_up",
            Self::Qualified => "qualified",
            Self::Disqualified => "disqualified",
            Self::Dnc => "dnc",
            Self::Incomplete => "incomplete",
            Self::Voicemail => "voicemail",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::NoContact => "no_contact",
            Self::Error => "error",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Replied => "replied",
            Self::NoReply => "no_reply",
            Self::Received => "received",
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
            | Self::FollowUp
            | Self::Received => Some(Disposition::Contacted),
            Self::ScheduledCallback => Some(Disposition::ScheduledCallback),
            Self::Qualified => Some(Disposition::Qualified),
            Self::Disqualified => Some(Disposition::Disqualified),
            Self::Dnc => Some(Disposition::Dnc),
            Self::Voicemail => Some(Disposition::Voicemail),
            Self::NoAnswer | Self::Busy => Some(Disposition::NoAnswer),
            Self::NoContact => Some(Disposition::NoContact),
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
    /// The person is one whom the campaign looks for, as the assistant has noted.
    Qualified,
    /// The person is none of them.
    Disqualified,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Timestamp;

    #[test]
    fn what_was_asked_for_counts_before_what_was_noted_and_both_need_somebody_who_answered() {
        let callback = Some(PersonRequest::Callback { at: Timestamp::from_millis(5) });
        let (never, unclear) = (Some(PersonRequest::DoNotCall), Some(PersonRequest::Unclear));
        let (good, bad) = (Some(Qualification::Qualified), Some(Qualification::Disqualified));
        for (outcome, request, noted, status) in [
            (Outcome::Completed, None, None, InteractionStatus::Completed),
            (Outcome::Completed, None, good, InteractionStatus::Qualified),
            (Outcome::Completed, callback, good, InteractionStatus::ScheduledCallback),
            (Outcome::Completed, never, good, InteractionStatus::Dnc),
            (Outcome::Completed, unclear, bad, InteractionStatus::Disqualified),
            (Outcome::Incomplete, None, Some(Qualification::FollowUp), InteractionStatus::FollowUp),
            (Outcome::Voicemail, None, good, InteractionStatus::Voicemail),
            (Outcome::NoAnswer, never, bad, InteractionStatus::NoAnswer),
        ] {
            assert_eq!(InteractionStatus::ended(outcome.into(), request, noted), status, "{outcome:?}");
        }
        let replied = InteractionStatus::ended(MessageOutcome::Replied.into(), never, good);
        assert_eq!(replied, InteractionStatus::Replied, "a text is what became of it");
        for status in
            [InteractionStatus::ScheduledCallback, InteractionStatus::NoReply, InteractionStatus::Dnc]
        {
            assert_eq!(serde_json::to_value(status).expect("JSON"), status.name());
        }
    }
}
