//! What we ask of a voice provider, and what it tells us: the words that every provider's
//! contract is translated into.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::ids::{AttemptId, LeadId};
use crate::base::interaction_status::Qualification;
use crate::base::is_default::is_default;
use crate::base::phone::E164;
use crate::base::time::Timestamp;

mod answer;
mod callback;
mod callback_time;
mod line;
mod voicemail;

pub use answer::Answer;
pub use callback::{CALLBACK_WINDOW_MS, MAX_CALLBACK_AHEAD_MS, PersonRequest};
pub use callback_time::{CallbackReading, CallbackTime, Day};
pub use line::Line;
pub use voicemail::{LineLacks, VoicemailAction, VoicemailOrder, check_line};

/// How an attempt ended.
///
/// The order is the rank: a late report may raise an outcome, never lower it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nobody could say what became of the call before it grew too old.
    Unheard,
    /// Our account, key or trunk was refused: nothing can be dialled until somebody mends it.
    AccountRefused,
    /// The provider found our request wrong: a value of the lead's, or the settings.
    RequestRejected,
    /// The provider broke while the call was up.
    Error,
    /// The call could not be put through this time: congestion, a broken route.
    Failed,
    /// The network or the person's carrier does not let us through (SIP 607, 608).
    Blocked,
    /// The number does not exist or is no telephone.
    InvalidNumber,
    /// The person declined the call (SIP 603).
    Declined,
    /// It rang and nobody answered.
    NoAnswer,
    Busy,
    Voicemail,
    /// Somebody answered, but no conversation came about.
    Incomplete,
    Completed,
}

/// What an outcome means for the lead, before its retry policy is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    Reached,
    /// A miss that the retry policy decides about.
    Missed,
    /// Not the person's doing: try again soon, the attempt is not counted.
    TakenBack,
    /// The same attempt can never succeed.
    Permanent,
    /// The campaign must pause: our own account does not work.
    AccountFault,
}

impl Outcome {
    /// All of them, lowest rank first.
    pub const ALL: [Self; 13] = [
        Self::Unheard,
        Self::AccountRefused,
        Self::RequestRejected,
        Self::Error,
        Self::Failed,
        Self::Blocked,
        Self::InvalidNumber,
        Self::Declined,
        Self::NoAnswer,
        Self::Busy,
        Self::Voicemail,
        Self::Incomplete,
        Self::Completed,
    ];

    /// The name that clients see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unheard => "unheard",
            Self::AccountRefused => "account_refused",
            Self::RequestRejected => "request_rejected",
            Self::Error => "error",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
            Self::InvalidNumber => "invalid_number",
            Self::Declined => "declined",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Voicemail => "voicemail",
            Self::Incomplete => "incomplete",
            Self::Completed => "completed",
        }
    }

    /// What it means for the lead.
    pub const fn consequence(self) -> Consequence {
        match self {
            Self::Completed => Consequence::Reached,
            Self::Incomplete
            | Self::Voicemail
            | Self::Busy
            | Self::NoAnswer
            | Self::Declined
            | Self::Error
            | Self::Unheard => Consequence::Missed,
            Self::Failed | Self::RequestRejected => Consequence::TakenBack,
            Self::InvalidNumber | Self::Blocked => Consequence::Permanent,
            Self::AccountRefused => Consequence::AccountFault,
        }
    }

    /// Whether it says something about the number that was dialled, and so nothing about the
    /// person's others.
    pub const fn is_of_the_number(self) -> bool {
        matches!(self, Self::InvalidNumber | Self::Blocked)
    }

    /// Whether it is a technical failure, which the breakers count. A wrong request is none: what is wrong may
    /// be one lead's, and the campaign counts those in a row.
    pub const fn is_technical_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Error | Self::Blocked | Self::Unheard)
    }

    /// Whether a person picked up.
    pub const fn is_contact(self) -> bool {
        matches!(self, Self::Completed | Self::Incomplete)
    }

    /// Whether a person (or a machine of theirs) picked up.
    pub const fn is_answered(self) -> bool {
        matches!(self, Self::Completed | Self::Incomplete | Self::Voicemail)
    }
}

/// Who speaks: our assistant (`agent`) or the person (`user`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Speaker))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Agent,
    User,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub role: Role,
    /// What was said; empty where nothing was, such as while a tool was used.
    pub message: String,
    /// When, in seconds from the answer.
    pub at_secs: u32,
}

/// The provider's account of a call that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallReport {
    /// How it ended, in our words.
    pub outcome: Outcome,
    /// How it ended, in the provider's words.
    pub end_reason: String,
    /// What was said; empty if there was no conversation.
    pub transcript: Vec<Turn>,
    /// When it was answered, if the provider says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// How long the parties were connected, in seconds.
    pub duration_secs: u32,
    /// What the provider charges, in millionths of a US dollar, if it says so.
    pub cost_micros: Option<u64>,
    /// Whether the provider keeps a recording.
    pub has_recording: bool,
    /// Where the provider has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_record: Option<ProviderRecord>,
    /// Whether the person ended the call.
    pub ended_by_person: Option<bool>,
    /// What the person asked for, if the assistant noted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<PersonRequest>,
    /// What the assistant noted of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualification: Option<Qualification>,
    /// What the person asked for, in the words that were noted; empty if it was nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_words: String,
}

impl Turn {
    /// Whether nothing was said.
    pub fn is_blank(&self) -> bool {
        self.message.trim().is_empty()
    }
}

impl CallReport {
    /// A report that holds nothing but how the call ended.
    pub fn bare(outcome: Outcome, end_reason: impl Into<String>) -> Self {
        Self {
            outcome,
            end_reason: end_reason.into(),
            transcript: Vec::new(),
            answered_at: None,
            duration_secs: 0,
            cost_micros: None,
            has_recording: false,
            provider_record: None,
            ended_by_person: None,
            request: None,
            qualification: None,
            request_words: String::new(),
        }
    }
}

/// The provider's own id of a call, as its webhooks name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderCallId(pub String);

/// A call as its provider has it on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderRecord {
    #[serde(default, skip_serializing_if = "is_default")]
    pub provider: VoiceProvider,
    pub call: ProviderCallId,
}

/// Who places our calls. Each has a folder of its own in the adapters; what it is called there, it is called
/// in paths and secrets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum VoiceProvider {
    /// Also of whatever was stored or is sent without a provider.
    #[default]
    ElevenLabs,
    Retell,
}

impl VoiceProvider {
    pub const ALL: [Self; 2] = [Self::ElevenLabs, Self::Retell];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ElevenLabs => "elevenlabs",
            Self::Retell => "retell",
        }
    }
}

impl fmt::Display for VoiceProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no such provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no voice provider has this name")]
pub struct UnknownProvider;

impl FromStr for VoiceProvider {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, UnknownProvider> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text).ok_or(UnknownProvider)
    }
}

/// Everything that a provider needs to place one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOrder {
    pub provider: VoiceProvider,
    /// Our id of the attempt; travels with the call, so that it can be asked for.
    pub attempt: AttemptId,
    pub lead: LeadId,
    /// Our number.
    pub from: E164,
    pub to: E164,
    /// The provider's id of the assistant.
    pub agent_id: String,
    /// The provider's id of the caller number; at Retell, and on a line of our own, the number itself, in its
    /// international form.
    pub phone_number_id: String,
    /// How the caller number reaches the network.
    pub line: Line,
    /// What the assistant says first, if the campaign sets it.
    pub first_message: Option<String>,
    /// The assistant's instructions for this call, if the campaign or the caller sets them.
    pub prompt: Option<String>,
    /// Language of the call (ISO 639-1), if the assistant sets it.
    pub language: Option<String>,
    /// Values that the provider fills in by itself.
    pub variables: BTreeMap<String, String>,
    /// How long to let it ring, in seconds.
    pub ringing_timeout_secs: u16,
    /// Whether the carrier listens for answering machines.
    pub machine_detection: bool,
    /// What is done about one; none means as the agent is set up.
    pub on_voicemail: Option<VoicemailOrder>,
}

/// What came of asking a provider to place a call, or to send a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement<O = Outcome> {
    /// It is on its way.
    Accepted {
        /// Ids under which webhooks may speak of this call; the conversation's first.
        calls: Vec<ProviderCallId>,
    },
    /// The provider is full (HTTP 429): no call was made and none is counted.
    Congested,
    /// We came too late to ask: no call was made and none is counted.
    TooLate,
    /// The provider refused; no call was made.
    Refused {
        outcome: O,
        /// Why, in the provider's words.
        reason: String,
    },
    /// No answer, or none that tells: the call may or may not have been made.
    Unknown {
        /// What was seen instead of an answer.
        reason: String,
    },
}

impl<O> Placement<O> {
    /// Whether it was made, or may have been.
    pub const fn may_be_made(&self) -> bool {
        match self {
            Self::Accepted { .. } | Self::Unknown { .. } => true,
            Self::Congested | Self::TooLate | Self::Refused { .. } => false,
        }
    }
}

/// What a provider knows of an attempt when asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inquiry<R = CallReport> {
    /// It has never heard of it.
    NotFound,
    /// The call is still up, or its result is being prepared.
    InProgress {
        /// The provider's id of the call.
        call: ProviderCallId,
    },
    Ended {
        /// The provider's id of the call.
        call: ProviderCallId,
        report: R,
    },
}

/// A call that comes in, as far as a provider tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomingCall {
    /// The carrier's id of the call.
    pub carrier_call: Option<ProviderCallId>,
    /// The number that it comes from, if it is one.
    pub caller: Option<E164>,
    /// The number that was called, if it is one.
    pub called: Option<E164>,
}

/// Something that a provider told us by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum VoiceEvent {
    Ended {
        /// The provider's id of the call.
        call: ProviderCallId,
        /// Our attempt, where the event carries it.
        attempt: Option<AttemptId>,
        report: CallReport,
        /// When the provider says it happened.
        at: Timestamp,
        /// Who called, where it was not us.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incoming: Option<IncomingCall>,
    },
    /// The carrier's verdict on who answered.
    MachineDetected {
        /// The provider's id of the call.
        call: ProviderCallId,
        /// Whether it is a fax.
        #[serde(default)]
        is_fax: bool,
        /// When the provider says it happened.
        at: Timestamp,
    },
    /// Something happened to the call that the event does not tell in a form that we read: the provider is to
    /// be asked.
    Changed {
        /// The provider's id of the call.
        call: ProviderCallId,
        /// Our attempt, where the event carries it.
        attempt: Option<AttemptId>,
        /// Its type, in the provider's words.
        event: String,
        /// What can be read of it all the same: counts where the provider does not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told: Option<Box<Self>>,
    },
    /// An event of a type that we don't know, and of no call.
    Unknown {
        /// Its type, in the provider's words.
        event: String,
    },
    /// An event that changes nothing here.
    Ignored {
        /// Its type, in the provider's words.
        event: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_has_one_name_in_paths_and_records() {
        for provider in VoiceProvider::ALL {
            assert_eq!(serde_json::to_value(provider).expect("JSON"), provider.as_str());
            assert_eq!(provider.as_str().parse(), Ok(provider));
        }
        assert_eq!("ElevenLabs".parse::<VoiceProvider>(), Err(UnknownProvider));
    }
}
