//! An order to place a call, as an HTTP request says it.

use std::collections::BTreeMap;

use carillon_domain::base::call::{Line, VoiceProvider};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::dialect::Dialect;
use super::twilio::Addresses;

/// What is done about a machine that is heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnMachine {
    HangUp,
    /// Says this and hangs up.
    Say(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboundCall {
    /// Whose agent speaks, and unless our own account places it, in whose contract it was given.
    #[serde(default)]
    pub provider: VoiceProvider,
    /// How the caller number reaches the network.
    pub line: Line,
    /// The provider's id of the assistant.
    pub agent_id: String,
    /// The provider's id of the caller number; at Retell the number itself.
    pub phone_number_id: String,
    pub to_number: String,
    /// What the caller calls this attempt.
    #[serde(alias = "user_id")]
    pub attempt: Option<String>,
    pub variables: BTreeMap<String, Value>,
    /// What is kept with the call for its caller, and comes back.
    #[serde(default)]
    pub metadata: Value,
    /// A second order under the same key is taken for the first.
    #[serde(default)]
    pub idempotency_key: Option<String>,
    /// What the assistant says first, if the order overrides it.
    pub first_message: Option<String>,
    /// Language of the call, if the order overrides it.
    pub language: Option<String>,
    /// How long to let it ring, in seconds.
    pub ringing_timeout_secs: u16,
    /// Whether the carrier listens for answering machines.
    pub machine_detection: bool,
    /// What it does about one that it hears; nothing if that is the agent's to do.
    #[serde(default)]
    pub on_machine: Option<OnMachine>,
    /// Where the carrier turns about it, if our own account places it.
    #[serde(default)]
    pub addresses: Option<Addresses>,
}

impl OutboundCall {
    /// In whose contract it was given.
    pub(super) const fn dialect(&self) -> Dialect {
        match (self.line, self.provider) {
            (Line::OwnTwilio, _) => Dialect::Twilio,
            (Line::Twilio | Line::SipTrunk, VoiceProvider::ElevenLabs) => Dialect::ElevenLabs,
            (Line::Twilio | Line::SipTrunk, VoiceProvider::Retell) => Dialect::Retell,
        }
    }
}
