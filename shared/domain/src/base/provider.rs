//! Everybody whose key a workspace has: who places its calls, and who sends its texts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::call::{Line, VoiceProvider};
use super::message::MessageProvider;

/// A provider of calls or of texts. No two have one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Provider {
    Voice(VoiceProvider),
    Message(MessageProvider),
}

impl From<VoiceProvider> for Provider {
    fn from(provider: VoiceProvider) -> Self {
        Self::Voice(provider)
    }
}

impl From<MessageProvider> for Provider {
    fn from(provider: MessageProvider) -> Self {
        Self::Message(provider)
    }
}

impl Provider {
    pub fn all() -> impl Iterator<Item = Self> {
        VoiceProvider::ALL.map(Self::Voice).into_iter().chain(MessageProvider::ALL.map(Self::Message))
    }

    /// Whose account places the calls of this provider's agents over a line.
    pub const fn placing(provider: VoiceProvider, line: Line) -> Self {
        match line {
            Line::Twilio | Line::SipTrunk => Self::Voice(provider),
            Line::OwnTwilio => Self::Message(MessageProvider::Twilio),
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Voice(provider) => provider.as_str(),
            Self::Message(provider) => provider.as_str(),
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no such provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no provider has this name")]
pub struct NoProvider;

impl FromStr for Provider {
    type Err = NoProvider;

    fn from_str(text: &str) -> Result<Self, NoProvider> {
        Self::all().find(|provider| provider.as_str() == text).ok_or(NoProvider)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_one_provider() {
        for provider in Provider::all() {
            assert_eq!(provider.as_str().parse(), Ok(provider));
        }
        assert_eq!("Twilio".parse::<Provider>(), Err(NoProvider));
    }
}
