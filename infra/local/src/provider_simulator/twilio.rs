//! The network as Twilio: calls that an account of ours places. What is to be done with one is asked once somebody has
//! answered; how it ended is told, and who answered.

use std::ops::Range;

use carillon_domain::base::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::twilio::TwilioAccount;

pub(super) mod leg;
pub(super) mod refusal;
mod request;
pub(super) mod server;
pub(super) mod twiml;
pub(super) mod webhook;

/// Our account there.
#[derive(Debug, Clone, Default)]
pub struct Account {
    pub account: TwilioAccount,
    /// When it answers nothing but 503.
    pub outages: Vec<Range<Timestamp>>,
}

/// Where it turns about a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// Asked what is to be done once somebody has answered.
    pub answer: String,
    /// Told how the call ended.
    pub status: Option<String>,
    /// Told whether a machine answered.
    pub machine: Option<String>,
    /// Whether that waits until the machine has said what it has to say.
    pub awaits_end_of_greeting: bool,
}

/// Who speaks for us in a call that our own account has placed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Agent {
    /// The provider that placed the call: none of our account's.
    #[default]
    Provided,
    /// Nobody yet.
    Absent,
    /// Its provider has said how it is reached, and Twilio has not been told.
    Registered,
    Connected,
}

impl Agent {
    /// Whether there is a conversation.
    pub(super) const fn speaks(self) -> bool {
        matches!(self, Self::Provided | Self::Connected)
    }
}
