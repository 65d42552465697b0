//! What is said to a person, text by text, and what keeps one from being said.

use serde::{Deserialize, Serialize};

use crate::base::channel::Channel;

/// A text that is made of a lead's values, by the name of its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TemplateName))]
pub enum Text {
    #[serde(rename = "agenda_template")]
    Agenda,
    #[serde(rename = "end_call_message_template")]
    EndCallMessage,
    #[serde(rename = "voicemail_message_template")]
    VoicemailMessage,
    #[serde(rename = "welcome_message_template", alias = "welcome_message")]
    WelcomeMessage,
    #[serde(rename = "sms_message_template")]
    SmsMessage,
    /// The assistant's.
    #[serde(rename = "prompt_template", alias = "prompt")]
    Prompt,
    /// The values themselves: one that the assistant needs is not there.
    #[serde(rename = "variables")]
    Variables,
}

impl Text {
    /// Whether an attempt of this channel needs it.
    pub const fn is_needed_in(self, channel: Channel) -> bool {
        match self {
            Self::Agenda
            | Self::EndCallMessage
            | Self::VoicemailMessage
            | Self::WelcomeMessage
            | Self::Prompt => matches!(channel, Channel::Call),
            Self::SmsMessage => matches!(channel, Channel::Sms),
            Self::Variables => true,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Agenda => "agenda",
            Self::EndCallMessage => "end call message",
            Self::VoicemailMessage => "voicemail message",
            Self::WelcomeMessage => "welcome message",
            Self::SmsMessage => "SMS message",
            Self::Prompt => "prompt",
            Self::Variables => "variables",
        }
    }
}

/// A text that can't be made of one lead's values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{}{}{}: {reason}", text.name(), part("line", *line), part("column", *column))]
pub struct TextFault {
    pub text: Text,
    /// The line of its template, from 1; none if the fault is in no template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The character in it, from 1, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    pub reason: String,
}

fn part(name: &str, number: Option<usize>) -> String {
    number.map(|number| format!(", {name} {number}")).unwrap_or_default()
}
