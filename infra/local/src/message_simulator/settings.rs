//! What can be set on the carrier.

use std::num::NonZeroU32;
use std::ops::Range;

use carillon_domain::base::time::Timestamp;

use crate::webhook_faults::WebhookFaults;

/// What can be set on the carrier.
#[derive(Clone)]
pub struct MessageSettings {
    pub seed: u64,
    pub account: String,
    /// What requests are authorized by, and webhooks are signed with.
    pub auth_token: String,
    /// Where messages that come in are told.
    pub inbound_url: String,
    pub faults: WebhookFaults,
    /// Whether the numbers of [`person`](super::person) do what its table says.
    pub magic_numbers: bool,
    /// Whether people reply.
    pub replies: bool,
    /// When it answers nothing but 503.
    pub outages: Vec<Range<Timestamp>>,
    /// How many times as fast as usual receipts and replies come.
    pub haste: NonZeroU32,
}

impl Default for MessageSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            account: "AC00000000000000000000000000000000".to_owned(),
            auth_token: "token_local".to_owned(),
            inbound_url: String::new(),
            faults: WebhookFaults::default(),
            magic_numbers: true,
            replies: true,
            outages: Vec::new(),
            haste: NonZeroU32::MIN,
        }
    }
}
