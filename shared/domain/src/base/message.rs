//! What we ask of whoever sends our text messages, and what they tell us.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::call::PersonRequest;
use crate::base::ids::{AttemptId, LeadId};
use crate::base::outcome::{MessageOutcome, MessageReport};
use crate::base::phone::E164;

/// Most characters of a text message: Twilio takes no more (error 21617).
pub const MAX_MESSAGE_CHARS: usize = 1_600;

/// Who sends our text messages. What it is called here, it is called in paths and secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MessageProvider {
    Twilio,
    /// AWS End User Messaging SMS.
    Aws,
}

impl MessageProvider {
    pub const ALL: [Self; 2] = [Self::Twilio, Self::Aws];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Twilio => "twilio",
            Self::Aws => "aws",
        }
    }

    /// Whether it is reached in the account that our functions run in, with their own role: then no workspace has a key
    /// for it, it tells its news to a queue of ours instead of an address, and can't be asked about a text later.
    pub const fn is_in_our_account(self) -> bool {
        match self {
            Self::Twilio => false,
            Self::Aws => true,
        }
    }
}

impl fmt::Display for MessageProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no such provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no message provider has this name")]
pub struct UnknownMessageProvider;

impl FromStr for MessageProvider {
    type Err = UnknownMessageProvider;

    fn from_str(text: &str) -> Result<Self, UnknownMessageProvider> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text).ok_or(UnknownMessageProvider)
    }
}

/// What AWS is told that a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageType {
    /// Somebody waits for it.
    Transactional,
    /// Nobody does.
    Promotional,
}

/// Everything that a provider needs to send one text message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageOrder {
    pub provider: MessageProvider,
    /// Our id of the attempt; comes back with each word about the message.
    pub attempt: AttemptId,
    pub lead: LeadId,
    pub from: E164,
    pub to: E164,
    /// The provider's id of the service through which the number sends, if it does.
    pub messaging_service: Option<String>,
    /// What the provider is told that it is, where that was set.
    pub message_type: Option<MessageType>,
    pub text: String,
}

/// What answers a text that came in, where that does not go back with the provider's own request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyOrder {
    pub provider: MessageProvider,
    /// Our number.
    pub from: E164,
    pub to: E164,
    /// As [`MessageOrder::messaging_service`].
    pub messaging_service: Option<String>,
    pub text: String,
}

/// Why a provider did not take a message; nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageRefusal {
    pub outcome: MessageOutcome,
    /// What the refusal tells of the person: that they have opted out with the provider.
    pub request: Option<PersonRequest>,
}

/// Something that a provider told us of a message of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageEvent {
    /// It came to an end, for now: a better word may follow.
    Ended(MessageReport),
    /// It is on its way still.
    OnItsWay {
        /// What it costs, if that is told by now.
        cost_micros: Option<u64>,
    },
}

/// A text message that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundMessage {
    /// The provider's own id of it.
    pub id: String,
    pub from: E164,
    /// Our number.
    pub to: E164,
    pub text: String,
    /// What the provider took it for, where it manages opt-outs.
    pub keyword: Option<Keyword>,
}

/// A word by which somebody opts out, opts in again or asks for help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keyword {
    Stop,
    Start,
    Help,
}
