//! What can be set on the simulated network.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::Range;

use carillon_domain::base::time::Timestamp;

use super::people::{Mix, People};
use crate::webhook_faults::WebhookFaults;

/// Calls that may be up at once unless set.
const DEFAULT_MAX_CONCURRENT: usize = 1_000;
/// How long a new call stays out of the list of conversations unless set, in milliseconds.
const DEFAULT_LISTING_LAG_MS: i64 = 1_000;

/// What can be set on the simulated network.
#[derive(Clone)]
pub struct NetworkSettings {
    /// Chooses everything that is left to chance.
    pub seed: u64,
    /// The `xi-api-key` that callers must send.
    pub api_key: String,
    /// What webhooks are signed with.
    pub webhook_secret: String,
    /// What it sends along when it asks what a call that comes in begins with.
    pub initiation_secret: String,
    /// Where webhooks go; without it nothing is sent by itself.
    pub webhook_url: Option<String>,
    /// Calls that may be up at once; one more is refused with 429.
    pub max_concurrent: usize,
    /// What goes wrong with webhooks.
    pub faults: WebhookFaults,
    /// Whether a `post_call_transcription` that was not taken is sent again. (The provider's own
    /// default is off.)
    pub retry_enabled: bool,
    /// Whether `answering_machine_detection` is sent where a call asked for it.
    pub machine_detection_events: bool,
    /// Our caller numbers by the provider's id; if there are none, any id is a number.
    pub caller_numbers: BTreeMap<String, String>,
    /// How often people do what.
    pub mix: Mix,
    /// Whether the numbers of [`super::magic`] do what its table says.
    pub magic_numbers: bool,
    /// How many times as fast as usual it rings, people talk, and the provider works on a call that is over; for
    /// benchmarks.
    pub haste: NonZeroU32,
    /// When it answers nothing but 503.
    pub outages: Vec<Range<Timestamp>>,
    /// How long a new call stays out of the list of conversations, in milliseconds.
    pub listing_lag_ms: i64,
    /// Whether HTTP answers to dials wait for [`super::Network::release_answers`] rather than
    /// for the clock, as a test on a clock that stands still needs it.
    pub hold_answers: bool,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            api_key: "xi_local".to_owned(),
            webhook_secret: "wsec_local".to_owned(),
            initiation_secret: "init_local".to_owned(),
            webhook_url: None,
            max_concurrent: DEFAULT_MAX_CONCURRENT,
            faults: WebhookFaults::default(),
            retry_enabled: true,
            machine_detection_events: false,
            caller_numbers: BTreeMap::new(),
            mix: Mix::default(),
            magic_numbers: true,
            haste: NonZeroU32::MIN,
            outages: Vec::new(),
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
}
