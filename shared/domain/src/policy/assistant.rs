//! The AI voice agents and the numbers that they call from.

use serde::{Deserialize, Serialize};

use crate::base::call::{Line, VoiceProvider};
use crate::base::channel::Channel;
use crate::base::ids::{AssistantId, CallerNumberId};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::policy::sms_sender::SmsSender;
use crate::policy::variables::VariableSchema;

/// Calls per minute from one caller number, unless it says otherwise.
pub const DEFAULT_RATE_PER_MINUTE: u32 = 10;
/// Most calls of a day that a caller number may be limited to.
pub const MAX_DAILY_CAP: u32 = 1_000_000;

/// Whether an assistant may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AssistantStatus {
    Draft,
    Active,
    /// Not to be used for now.
    Paused,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assistant {
    pub id: AssistantId,
    pub version: u64,
    /// The name it goes by; `assistant_name` in templates.
    pub name: String,
    /// Never changed: another provider has other agents.
    #[serde(default)]
    pub provider: VoiceProvider,
    /// The provider's id of the agent.
    pub agent_id: String,
    /// Whether it may be used.
    pub status: AssistantStatus,
    /// The numbers that it calls from.
    pub caller_number_ids: Vec<CallerNumberId>,
    /// Its instructions; sent as the provider's override when set.
    pub prompt_template: Option<String>,
    /// Language of its calls (ISO 639-1).
    pub language: Option<String>,
    /// What may be set of it for one lead, with the defaults.
    pub variables: VariableSchema,
    /// The assistant that speaks with people whom this one called, when they call back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paired_assistant_id: Option<AssistantId>,
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A number of ours that we dial from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerNumber {
    pub id: CallerNumberId,
    pub version: u64,
    pub number: E164,
    pub label: Option<String>,
    /// Never changed: another provider has another id of the number.
    #[serde(default)]
    pub provider: VoiceProvider,
    /// The provider's id of the number; at Retell, and on a line of our own, the number itself.
    pub phone_number_id: String,
    /// How it reaches the network.
    pub line: Line,
    /// Most calls per minute; none means no limit.
    pub rate_limit_per_minute: Option<u32>,
    /// How many of them are for urgent calls only; fewer than the limit. None means as
    /// [`crate::policy::rate_limit::Lanes::new`] divides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_per_minute: Option<u32>,
    /// Most calls at once; none means no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrent_limit: Option<u32>,
    /// Most calls on a day of the number's place (of UTC, if that is not known); none means no
    /// limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_cap: Option<u32>,
    /// How texts are sent from it, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<SmsSender>,
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl CallerNumber {
    /// Whether people can be reached from it in this way.
    pub const fn serves(&self, channel: Channel) -> bool {
        match channel {
            Channel::Call => true,
            Channel::Sms => self.sms.is_some(),
        }
    }

    /// Most attempts per minute in a channel; none means no limit.
    pub fn rate_per_minute(&self, channel: Channel) -> Option<u32> {
        match channel {
            Channel::Call => self.rate_limit_per_minute,
            Channel::Sms => self.sms.as_ref().and_then(|sender| sender.rate_limit_per_minute),
        }
    }
}
