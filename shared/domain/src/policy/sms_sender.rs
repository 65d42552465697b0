//! How text messages are sent from a number of ours.

use serde::{Deserialize, Serialize};

use crate::base::message::{MessageProvider, MessageType};

/// Texts per minute from one number unless it says otherwise: what carriers take of an ordinary one, a text a second.
pub const DEFAULT_MESSAGES_PER_MINUTE: u32 = 60;
/// Most texts per minute that a number may be set to: what Twilio takes of a short code, 100 a second.
pub const MAX_MESSAGES_PER_MINUTE: u32 = 6_000;

/// How text messages are sent from a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SmsSender {
    /// Who sends them.
    pub provider: MessageProvider,
    /// The provider's id of the service through which they go, if they do: Twilio's `MG…`; of AWS the id or ARN of the
    /// number or of its pool, where the number alone does not name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub messaging_service: Option<String>,
    /// What AWS is told that they are; left out, what the number is registered for. Twilio is told nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_type: Option<MessageType>,
    /// Most texts per minute, 60 unless set; null means no limit.
    #[serde(default = "default_rate")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 6000, default = 60))]
    pub rate_limit_per_minute: Option<u32>,
    /// Who answers STOP, START and HELP.
    #[serde(default)]
    pub keywords: KeywordsAnsweredBy,
    /// What we answer; left out, texts of ours in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replies: Option<KeywordReplies>,
}

/// Who answers STOP, START and HELP: Carillon, or whoever is in front of it (the messaging service's own opt-out
/// management, or the carrier, as with toll-free numbers in the US). Never both: the person gets one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeywordsAnsweredBy {
    /// The provider, or the carrier behind it. Twilio and AWS do unless they were told otherwise.
    #[default]
    Provider,
    Carillon,
}

/// What Carillon answers to STOP, START and HELP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeywordReplies {
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 320))]
    pub stop: String,
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 320))]
    pub start: String,
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 320))]
    pub help: String,
}

impl KeywordReplies {
    /// Most characters of one: two segments.
    pub const MAX_CHARS: usize = 320;

    /// What is answered where nothing was set.
    pub fn of_workspace(name: &str) -> Self {
        Self {
            stop: format!(
                "{name}: you are unsubscribed and will get no more calls or messages. Reply START to come back."
            ),
            start: format!(
                "{name}: you will get calls and messages again. Reply STOP to end them, HELP for help."
            ),
            help: format!("{name}: reply STOP to get no more calls or messages."),
        }
    }
}

const fn default_rate() -> Option<u32> {
    Some(DEFAULT_MESSAGES_PER_MINUTE)
}
