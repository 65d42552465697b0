//! How attempts end, by their channel: a text can't be busy, and a call can't be undelivered.

use serde::{Deserialize, Serialize};

use super::call::{CallReport, Consequence, Outcome, PersonRequest, ProviderRecord, Turn};
use super::channel::Channel;
use super::interaction_status::Qualification;
use super::time::Timestamp;

/// How a text ended.
///
/// The order is the rank, as with [`Outcome`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageOutcome {
    /// Nobody could say whether it was sent.
    Unconfirmed,
    /// Our account, key or sender was refused: nothing can be sent until somebody mends it.
    SenderRefused,
    /// The provider found the request wrong, the text or the settings that it is sent by.
    TextRejected,
    /// It could not be sent this time.
    NotSent,
    /// It was sent, and no receipt came in time.
    Sent,
    /// The person's carrier does not let us through.
    Filtered,
    /// The number takes no texts.
    NotTextable,
    Undelivered,
    Delivered,
    /// It was delivered, and nobody replied in time.
    NoReply,
    Replied,
    /// It came from the person.
    Received,
}

impl MessageOutcome {
    /// All of them, lowest rank first.
    pub const ALL: [Self; 12] = [
        Self::Unconfirmed,
        Self::SenderRefused,
        Self::TextRejected,
        Self::NotSent,
        Self::Sent,
        Self::Filtered,
        Self::NotTextable,
        Self::Undelivered,
        Self::Delivered,
        Self::NoReply,
        Self::Replied,
        Self::Received,
    ];

    /// The name that clients see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::SenderRefused => "sender_refused",
            Self::TextRejected => "text_rejected",
            Self::NotSent => "not_sent",
            Self::Sent => "sent",
            Self::Filtered => "filtered",
            Self::NotTextable => "not_textable",
            Self::Undelivered => "undelivered",
            Self::Delivered => "delivered",
            Self::NoReply => "no_reply",
            Self::Replied => "replied",
            Self::Received => "received",
        }
    }

    /// Whether it is known to have gone out, so that carriers charge for it.
    pub const fn has_left_us(self) -> bool {
        match self {
            Self::Unconfirmed | Self::SenderRefused | Self::TextRejected | Self::NotSent | Self::Received => {
                false
            }
            Self::Sent
            | Self::Filtered
            | Self::NotTextable
            | Self::Undelivered
            | Self::Delivered
            | Self::NoReply
            | Self::Replied => true,
        }
    }

    const fn consequence(self) -> Consequence {
        match self {
            Self::Sent | Self::Delivered | Self::NoReply | Self::Replied | Self::Received => {
                Consequence::Reached
            }
            Self::Unconfirmed | Self::Undelivered => Consequence::Missed,
            Self::NotSent | Self::TextRejected => Consequence::TakenBack,
            Self::Filtered | Self::NotTextable => Consequence::Permanent,
            Self::SenderRefused => Consequence::AccountFault,
        }
    }
}

/// How an attempt ended. No two channels share a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum AttemptOutcome {
    Call(Outcome),
    Message(MessageOutcome),
}

impl From<Outcome> for AttemptOutcome {
    fn from(outcome: Outcome) -> Self {
        Self::Call(outcome)
    }
}

impl From<MessageOutcome> for AttemptOutcome {
    fn from(outcome: MessageOutcome) -> Self {
        Self::Message(outcome)
    }
}

impl AttemptOutcome {
    /// Whether the provider found the request itself wrong.
    pub const fn is_rejection(self) -> bool {
        matches!(self, Self::Call(Outcome::RequestRejected) | Self::Message(MessageOutcome::TextRejected))
    }

    pub const fn channel(self) -> Channel {
        match self {
            Self::Call(_) => Channel::Call,
            Self::Message(_) => Channel::Sms,
        }
    }

    /// The name that clients see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Call(outcome) => outcome.name(),
            Self::Message(outcome) => outcome.name(),
        }
    }

    pub const fn consequence(self) -> Consequence {
        match self {
            Self::Call(outcome) => outcome.consequence(),
            Self::Message(outcome) => outcome.consequence(),
        }
    }

    /// Whether it says something about the number, and so nothing about the person's others.
    pub const fn is_of_the_number(self) -> bool {
        match self {
            Self::Call(outcome) => outcome.is_of_the_number(),
            Self::Message(outcome) => {
                matches!(outcome, MessageOutcome::Filtered | MessageOutcome::NotTextable)
            }
        }
    }

    /// Whether it is a technical failure that the breakers count: they stop calls, not texts.
    pub const fn is_technical_failure(self) -> bool {
        match self {
            Self::Call(outcome) => outcome.is_technical_failure(),
            Self::Message(_) => false,
        }
    }

    /// Whether a person, or a machine of theirs, was heard: then there may be a request.
    pub const fn is_answered(self) -> bool {
        match self {
            Self::Call(outcome) => outcome.is_answered(),
            Self::Message(outcome) => {
                matches!(outcome, MessageOutcome::Replied | MessageOutcome::Received)
            }
        }
    }

    /// Whether it is known that the person was reached.
    pub const fn is_contact(self) -> bool {
        match self {
            Self::Call(outcome) => outcome.is_contact(),
            Self::Message(outcome) => matches!(
                outcome,
                MessageOutcome::Delivered
                    | MessageOutcome::NoReply
                    | MessageOutcome::Replied
                    | MessageOutcome::Received
            ),
        }
    }
}

/// The provider's account of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageReport {
    pub outcome: MessageOutcome,
    /// How it ended, in the provider's words.
    pub end_reason: String,
    /// What the provider charges, in millionths of a US dollar, if it says so.
    pub cost_micros: Option<u64>,
    /// What the person replied, as far as it is a request.
    pub request: Option<PersonRequest>,
}

/// How it became known that an attempt is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ToldBy {
    /// The provider, by itself.
    Event,
    /// The provider, when it was asked: its event was lost, late or not to be read.
    Inquiry,
    /// The provider's answer to the dial, or to the text.
    Placement,
    /// Nobody: it grew too old.
    Deadline,
}

/// An account of an attempt that is over, whichever its channel.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    pub outcome: AttemptOutcome,
    pub end_reason: &'a str,
    pub transcript: &'a [Turn],
    pub answered_at: Option<Timestamp>,
    pub duration_secs: u32,
    pub cost_micros: Option<u64>,
    pub has_recording: bool,
    pub provider_record: Option<&'a ProviderRecord>,
    pub ended_by_person: Option<bool>,
    pub request: Option<PersonRequest>,
    pub qualification: Option<Qualification>,
    /// The request in the words that were noted.
    pub request_words: &'a str,
    /// Whether nothing left us at all.
    pub never_left: bool,
    pub told_by: ToldBy,
}

impl<'a> Report<'a> {
    /// An account that holds nothing but how it ended.
    pub fn bare(outcome: impl Into<AttemptOutcome>, end_reason: &'a str) -> Self {
        Self {
            outcome: outcome.into(),
            end_reason,
            transcript: &[],
            answered_at: None,
            duration_secs: 0,
            cost_micros: None,
            has_recording: false,
            provider_record: None,
            ended_by_person: None,
            request: None,
            qualification: None,
            request_words: "",
            never_left: false,
            told_by: ToldBy::Event,
        }
    }
}

impl<'a> From<&'a CallReport> for Report<'a> {
    fn from(report: &'a CallReport) -> Self {
        Self {
            transcript: &report.transcript,
            answered_at: report.answered_at,
            duration_secs: report.duration_secs,
            cost_micros: report.cost_micros,
            has_recording: report.has_recording,
            provider_record: report.provider_record.as_ref(),
            ended_by_person: report.ended_by_person,
            request: report.request,
            qualification: report.qualification,
            request_words: &report.request_words,
            ..Self::bare(report.outcome, &report.end_reason)
        }
    }
}

impl<'a> From<&'a MessageReport> for Report<'a> {
    fn from(report: &'a MessageReport) -> Self {
        let (cost_micros, request) = (report.cost_micros, report.request);
        Self { cost_micros, request, ..Self::bare(report.outcome, &report.end_reason) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_outcome_is_read_back_as_that_of_its_channel() {
        let calls = Outcome::ALL.map(AttemptOutcome::Call);
        let all: Vec<_> = calls.into_iter().chain(MessageOutcome::ALL.map(AttemptOutcome::Message)).collect();
        let texts: BTreeSet<String> =
            all.iter().map(|outcome| serde_json::to_string(outcome).expect("text")).collect();
        assert_eq!(texts.len(), all.len(), "no two channels share a name");
        for outcome in all {
            let text = serde_json::to_string(&outcome).expect("text");
            assert_eq!(text, format!("\"{}\"", outcome.name()));
            assert_eq!(serde_json::from_str::<AttemptOutcome>(&text).expect("an outcome"), outcome);
        }
    }
}
