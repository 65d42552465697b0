//! What can be set on the carrier.

use std::num::NonZeroU32;
use std::ops::Range;

use carillon_domain::base::time::Timestamp;

use crate::twilio::TwilioAccount;
use crate::webhook_faults::WebhookFaults;

/// What can be set on the carrier.
#[derive(Clone)]
pub struct MessageSettings {
    pub seed: u64,
    pub account: TwilioAccount,
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
            account: TwilioAccount::default(),
            inbound_url: String::new(),
            faults: WebhookFaults::default(),
            magic_numbers: true,
            replies: true,
            outages: Vec::new(),
            haste: NonZeroU32::MIN,
        }
    }
}
