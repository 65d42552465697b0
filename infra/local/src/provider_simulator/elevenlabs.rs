//! The network as ElevenLabs Agents.

use std::ops::Range;

use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::time::Timestamp;

use super::call::ID_ALPHABET;
use crate::draw::Draw;

pub(super) mod conversation;
pub(super) mod initiation;
mod listing;
pub(super) mod refusal;
mod request;
pub(super) mod server;
pub mod signature;
mod transcript;
pub(super) mod webhook;

/// The provider that it stands for.
pub const PROVIDER: VoiceProvider = VoiceProvider::ElevenLabs;

/// Our account there.
#[derive(Clone)]
pub struct Account {
    /// The `xi-api-key` that callers must send.
    pub api_key: String,
    /// What webhooks are signed with.
    pub webhook_secret: String,
    /// What it sends along when it asks what a call that comes in begins with.
    pub initiation_secret: String,
    /// Where webhooks go.
    pub webhook_url: Option<String>,
    /// Whether a `post_call_transcription` that was not taken is sent again. (The provider's own
    /// default is off.)
    pub retry_enabled: bool,
    /// Whether `answering_machine_detection` is sent where a call asked for it.
    pub machine_detection_events: bool,
    /// When it answers nothing but 503.
    pub outages: Vec<Range<Timestamp>>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            api_key: "xi_local".to_owned(),
            webhook_secret: "wsec_local".to_owned(),
            initiation_secret: "init_local".to_owned(),
            webhook_url: None,
            retry_enabled: true,
            machine_detection_events: false,
            outages: Vec::new(),
        }
    }
}

/// An id of a conversation.
pub(super) fn call_id(draw: &mut Draw) -> String {
    format!("conv_{}", draw.text(ID_ALPHABET, 28))
}
