//! What can be set on the simulated network.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::Range;

use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::time::Timestamp;

use super::dialect::Dialect;
use super::people::{Mix, People};
use super::{elevenlabs, retell, twilio};
use crate::webhook_faults::WebhookFaults;

/// Calls of one account that may be up at once unless set.
const DEFAULT_MAX_CONCURRENT: usize = 1_000;
/// How long a new call stays out of lists unless set, in milliseconds.
const DEFAULT_LISTING_LAG_MS: i64 = 1_000;

/// What can be set on the simulated network.
#[derive(Clone)]
pub struct NetworkSettings {
    /// Chooses everything that is left to chance.
    pub seed: u64,
    /// Our account where it speaks as ElevenLabs.
    pub elevenlabs: elevenlabs::Account,
    /// Our account where it speaks as Retell.
    pub retell: retell::Account,
    /// Our account where it speaks as Twilio.
    pub twilio: twilio::Account,
    /// Calls of one account that may be up at once; one more is refused with 429.
    pub max_concurrent: usize,
    /// What goes wrong with webhooks.
    pub faults: WebhookFaults,
    /// Our caller numbers by the provider's id (at Retell themselves); if there are none, any id is a number.
    pub caller_numbers: BTreeMap<String, String>,
    /// How often people do what.
    pub mix: Mix,
    /// Whether the numbers of [`super::magic`] do what its table says.
    pub magic_numbers: bool,
    /// How many times as fast as usual it rings, people talk, and the provider works on a call that is over; for
    /// benchmarks.
    pub haste: NonZeroU32,
    /// How long a new call stays out of lists, in milliseconds.
    pub listing_lag_ms: i64,
    /// Whether HTTP answers to dials wait for [`super::Network::release_answers`] rather than
    /// for the clock, as a test on a clock that stands still needs it.
    pub hold_answers: bool,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            elevenlabs: elevenlabs::Account::default(),
            retell: retell::Account::default(),
            twilio: twilio::Account::default(),
            max_concurrent: DEFAULT_MAX_CONCURRENT,
            faults: WebhookFaults::default(),
            caller_numbers: BTreeMap::new(),
            mix: Mix::default(),
            magic_numbers: true,
            haste: NonZeroU32::MIN,
            listing_lag_ms: DEFAULT_LISTING_LAG_MS,
            hold_answers: false,
        }
    }
}

impl NetworkSettings {
    /// The people behind the numbers.
    pub(super) fn people(&self) -> People {
        People { seed: self.seed, mix: self.mix, magic_numbers: self.magic_numbers }
    }

    /// Where its webhooks go; without it nothing is sent by itself.
    pub(super) fn webhook_url(&self, provider: VoiceProvider) -> Option<&str> {
        let url = match provider {
            VoiceProvider::ElevenLabs => &self.elevenlabs.webhook_url,
            VoiceProvider::Retell => &self.retell.webhook_url,
        };
        url.as_deref()
    }

    /// Whether whoever speaks so is out of order.
    pub(super) fn is_out(&self, dialect: Dialect, now: Timestamp) -> bool {
        let outages: &[Range<Timestamp>] = match dialect {
            Dialect::ElevenLabs => &self.elevenlabs.outages,
            Dialect::Retell => &self.retell.outages,
            Dialect::Twilio => &self.twilio.outages,
        };
        outages.iter().any(|outage| outage.contains(&now))
    }
}
