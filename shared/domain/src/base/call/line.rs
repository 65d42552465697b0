//! How calls reach the network.

use serde::{Deserialize, Serialize};

use super::VoiceProvider;

/// How a caller number reaches the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CallerLine))]
#[serde(rename_all = "snake_case")]
pub enum Line {
    Twilio,
    /// A SIP trunk; the provider answers only once the person has picked up.
    SipTrunk,
    /// Our own Twilio account places the call, and connects the provider's agent once somebody has answered: how a
    /// call that nobody answered ended is told by the carrier itself.
    OwnTwilio,
}

impl Line {
    /// Whether agents of this provider speak over it.
    pub const fn serves(self, provider: VoiceProvider) -> bool {
        match (self, provider) {
            (Self::Twilio | Self::SipTrunk, _) | (Self::OwnTwilio, VoiceProvider::ElevenLabs) => true,
            (Self::OwnTwilio, VoiceProvider::Retell) => false,
        }
    }
}
