//! How fast: slots in time.
//!
//! A rate holds in any 60 seconds where calls are placed, not where they are planned. Each
//! claim carries a slot instant, and a call starts between the slot and slot + w by the clock of
//! its dialer. Slots are (60 s + m) / rate apart, where m is w, twice the skew of a clock and the
//! way to the provider. So the window from the first to the (rate + 1)-th call is never
//! shorter than a minute.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::channel::Channel;
use crate::base::ids::{CallerNumberId, CampaignId};
use crate::base::is_default::is_default;
use crate::base::time::{HOUR_MS, MAX_SKEW_MS, MINUTE_MS, SECOND_MS, Timestamp};
use crate::base::timing::MAX_WAY_MS;
use crate::bug::{Switch, planted};
use crate::policy::circuit_breaker::CircuitBreaker;
use crate::policy::fair_share::Shares;

mod lane;
mod ramp;
#[cfg(test)]
mod tests;
mod usage;

pub use lane::{Lane, Lanes, MIN_SHARED_RATE, RESERVED_SPACING_MS, Slot};
pub use ramp::{ms_to_next_step, ramped_limit};
pub use usage::LAST_CALL_MS;

/// How long a slot stays open, in milliseconds: for requests to the table. Queues and cold starts are over by
/// then, as slots are given out ahead.
pub const SLOT_WINDOW_MS: i64 = SECOND_MS;
/// How much later or earlier than others of its slot a call may be placed, in milliseconds.
pub const SLOT_MARGIN_MS: i64 = SLOT_WINDOW_MS + 2 * MAX_SKEW_MS + MAX_WAY_MS;
/// How far ahead slots are given out, in milliseconds.
pub const HORIZON_MS: i64 = 10 * SECOND_MS;
/// How long a caller number rests after the provider was full, in milliseconds.
pub const CONGESTION_REST_MS: i64 = 5 * SECOND_MS;
/// Where so many calls were made since the provider was last full, one that it refuses stands alone.
pub const CALLS_PER_REFUSAL: u32 = 20;
/// Longest rest of a caller number, in milliseconds.
pub const MAX_CONGESTION_REST_MS: i64 = 5 * MINUTE_MS;
/// How long the breaker of something that makes no calls is remembered, in milliseconds: longer
/// than any active attempt, so that no probe is forgotten while it flies.
pub const BREAKER_MEMORY_MS: i64 = 2 * HOUR_MS;

/// Milliseconds between two slots at this rate, with the margin that makes it hold.
pub fn spacing_ms(rate_per_minute: u32, margin_ms: i64) -> i64 {
    let margin_ms = if planted(Switch::RateWithoutMargin) { 0 } else { margin_ms };
    let rate = if rate_per_minute == 0 { 1 } else { rate_per_minute as i64 };
    (MINUTE_MS + margin_ms + rate - 1) / rate
}

/// How a caller number or a campaign is going.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateState {
    /// The earliest slot that is still free; with lanes, the ordinary lane's.
    #[serde(skip_serializing_if = "is_default")]
    pub next_at: Timestamp,
    /// The latest slot that was given out; tells the number that rested longest.
    #[serde(skip_serializing_if = "is_default")]
    pub last_at: Timestamp,
    /// No slot before this moment: the provider was full.
    #[serde(skip_serializing_if = "is_default")]
    pub rest_until: Timestamp,
    /// How often in a row the provider was full.
    #[serde(skip_serializing_if = "is_default")]
    pub congested: u32,
    /// Calls that the number was chosen for since the provider was last full.
    #[serde(skip_serializing_if = "is_default")]
    pub calls_since_full: u32,
    /// Calls per minute that the ordinary lane has left to the reserved one so far.
    #[serde(skip_serializing_if = "is_default")]
    pub reserved: u32,
    /// The earliest slot of the reserved lane that is still free.
    #[serde(skip_serializing_if = "is_default")]
    pub reserved_next_at: Timestamp,
    /// When the number's day is over and `used` is nothing again.
    #[serde(skip_serializing_if = "is_default")]
    pub resets_at: Timestamp,
    /// Slots that a caller number gave out on its day.
    #[serde(skip_serializing_if = "is_default")]
    pub used: u32,
    /// When those were dialled that were taken back last: whoever takes one back may do so again after a lost reply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uncounted: Vec<Timestamp>,
    /// Stops the calls while too many fail.
    #[serde(skip_serializing_if = "is_default")]
    pub breaker: CircuitBreaker,
}

impl RateState {
    /// The earliest slot from `now` on.
    pub fn slot(&self, now: Timestamp) -> Timestamp {
        now.max(self.next_at).max(self.rest_until)
    }

    pub fn take(&mut self, slot: Timestamp, rate_per_minute: Option<u32>) {
        self.last_at = self.last_at.max(slot);
        self.next_at = rate_per_minute
            .map_or_else(Timestamp::default, |rate| slot.plus_ms(spacing_ms(rate, SLOT_MARGIN_MS)));
    }

    /// The provider was full: rest, longer each time in a row. A refusal that stands alone among many calls is no
    /// cause to rest, and whoever has worked for longer than the last rest begins anew.
    pub fn congest(&mut self, now: Timestamp) {
        let is_alone = std::mem::take(&mut self.calls_since_full) >= CALLS_PER_REFUSAL;
        // Many calls may be refused in one burst: one rest is enough for all of them.
        if is_alone || now < self.rest_until {
            return;
        }
        let rest_ms = |times: u32| (CONGESTION_REST_MS << times.min(6)).min(MAX_CONGESTION_REST_MS);
        if now.since_ms(self.rest_until) > rest_ms(self.congested.saturating_sub(1)) {
            self.congested = 0;
        }
        self.rest_until = now.plus_ms(rest_ms(self.congested));
        self.congested += 1;
    }

    /// The pace without what no longer holds anything back; none if nothing is left of it.
    fn trimmed(&self, now: Timestamp) -> Option<Self> {
        let ends_at = self.next_at.max(self.reserved_next_at).max(self.rest_until).max(self.last_at);
        let breaker_ends_at = ends_at.max(self.breaker.open_until().unwrap_or_default());
        if ends_at.plus_ms(MAX_CONGESTION_REST_MS) >= now
            || (!self.breaker.is_untouched() && breaker_ends_at.plus_ms(BREAKER_MEMORY_MS) >= now)
        {
            return Some(self.clone());
        }
        let is_counting = self.used_today(now) > 0;
        is_counting.then(|| Self { resets_at: self.resets_at, used: self.used, ..Self::default() })
    }
}

/// The rate states of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateStates {
    pub numbers: BTreeMap<CallerNumberId, RateState>,
    /// The same for texts.
    #[serde(skip_serializing_if = "is_default")]
    pub messages: BTreeMap<CallerNumberId, RateState>,
    /// The texts of the campaigns that have a rate of their own for them.
    #[serde(skip_serializing_if = "is_default")]
    pub campaign_messages: BTreeMap<CampaignId, RateState>,
    pub campaigns: BTreeMap<CampaignId, RateState>,
    /// How the campaigns stand in sharing the workspace's capacity.
    #[serde(skip_serializing_if = "is_default")]
    pub shares: Shares,
}

impl RateStates {
    /// How the numbers are going in a channel.
    pub const fn of_numbers(&self, channel: Channel) -> &BTreeMap<CallerNumberId, RateState> {
        match channel {
            Channel::Call => &self.numbers,
            Channel::Sms => &self.messages,
        }
    }

    /// The same, to be changed.
    pub const fn of_numbers_mut(&mut self, channel: Channel) -> &mut BTreeMap<CallerNumberId, RateState> {
        match channel {
            Channel::Call => &mut self.numbers,
            Channel::Sms => &mut self.messages,
        }
    }

    /// Forgets what no longer holds anything back.
    pub fn forget_idle(&mut self, now: Timestamp) {
        trim(&mut self.numbers, now);
        trim(&mut self.messages, now);
        trim(&mut self.campaigns, now);
        trim(&mut self.campaign_messages, now);
        let campaigns = &self.campaigns;
        self.shares.retain(|id| campaigns.contains_key(id));
    }
}

fn trim<K: Ord>(rate_states: &mut BTreeMap<K, RateState>, now: Timestamp) {
    rate_states.retain(|_, rate_state| match rate_state.trimmed(now) {
        Some(trimmed) => {
            *rate_state = trimmed;
            true
        }
        None => false,
    });
}
