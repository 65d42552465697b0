//! How fast: slots in time.
//!
//! A rate holds in any 60 seconds where calls are placed, not where they are planned. Each
//! claim carries a slot instant, and a call starts between the slot and slot + w by the clock of
//! its dialler. Slots are (60 s + m) / rate apart, where m is w, twice the skew of a clock and the
//! way to the provider. So the window from the first to the (rate + 1)-th call is never
//! shorter than a minute.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::flight::MAX_WAY_MS;
use crate::ids::{CallerNumberId, CampaignId};
use crate::time::{MAX_SKEW_MS, MINUTE_MS, SECOND_MS, Timestamp};

/// How long a slot stays open, in milliseconds: queues, cold starts, requests to the table.
pub const SLOT_WINDOW_MS: i64 = 2 * SECOND_MS;
/// How much later or earlier than others of its slot a call may be placed, in milliseconds.
pub const SLOT_MARGIN_MS: i64 = SLOT_WINDOW_MS + 2 * MAX_SKEW_MS + MAX_WAY_MS;
/// How far ahead slots are given out, in milliseconds.
pub const HORIZON_MS: i64 = 10 * SECOND_MS;
/// How long a caller number rests after the provider was full, in milliseconds.
pub const CONGESTION_REST_MS: i64 = 5 * SECOND_MS;
/// Longest rest of a caller number, in milliseconds.
pub const MAX_CONGESTION_REST_MS: i64 = 5 * MINUTE_MS;

/// Milliseconds between two slots at this rate, with the margin that makes it hold.
pub const fn spacing_ms(rate_per_minute: u32, margin_ms: i64) -> i64 {
    let rate = if rate_per_minute == 0 { 1 } else { rate_per_minute as i64 };
    (MINUTE_MS + margin_ms + rate - 1) / rate
}

/// How a caller number or a campaign is going.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// The earliest slot that is still free.
    pub next_at: Timestamp,
    /// The latest slot that was given out; tells the number that rested longest.
    pub last_at: Timestamp,
    /// No slot before this moment: the provider was full.
    pub rest_until: Timestamp,
    /// How often in a row the provider was full.
    pub congested: u32,
}

impl Pace {
    /// The earliest slot from `now` on.
    pub fn slot(&self, now: Timestamp) -> Timestamp {
        now.max(self.next_at).max(self.rest_until)
    }

    /// Gives out a slot.
    pub fn take(&mut self, slot: Timestamp, rate_per_minute: Option<u32>) {
        self.last_at = slot;
        self.next_at = rate_per_minute.map_or(slot, |rate| slot.plus_ms(spacing_ms(rate, SLOT_MARGIN_MS)));
    }

    /// The provider was full: rest, longer each time in a row.
    pub fn congest(&mut self, now: Timestamp) {
        // Many calls may be refused in one burst: one rest is enough for all of them.
        if now >= self.rest_until {
            if now.since_ms(self.rest_until) > MAX_CONGESTION_REST_MS {
                self.congested = 0;
            }
            let rest_ms = (CONGESTION_REST_MS << self.congested.min(6)).min(MAX_CONGESTION_REST_MS);
            self.rest_until = now.plus_ms(rest_ms);
            self.congested += 1;
        }
    }
}

/// The paces of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paces {
    /// By caller number.
    pub numbers: BTreeMap<CallerNumberId, Pace>,
    /// By campaign.
    pub campaigns: BTreeMap<CampaignId, Pace>,
}

impl Paces {
    /// Forgets those that no longer hold anything back.
    pub fn forget_idle(&mut self, now: Timestamp) {
        let idle = |pace: &Pace| {
            pace.next_at.max(pace.rest_until).max(pace.last_at).plus_ms(MAX_CONGESTION_REST_MS) < now
        };
        self.numbers.retain(|_, pace| !idle(pace));
        self.campaigns.retain(|_, pace| !idle(pace));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_minute_ever_holds_more_than_the_rate(
            rate in 1_u32..200,
            delays in prop::collection::vec(-MAX_SKEW_MS..=SLOT_WINDOW_MS + MAX_SKEW_MS + MAX_WAY_MS, 400),
        ) {
            let mut pace = Pace::default();
            let mut calls = Vec::new();
            for delay in delays {
                let slot = pace.slot(Timestamp::from_millis(0));
                pace.take(slot, Some(rate));
                calls.push(slot.plus_ms(delay));
            }
            calls.sort();
            let rate = usize::try_from(rate).expect("small");
            for pair in calls.windows(rate + 1) {
                prop_assert!(pair[rate].since_ms(pair[0]) >= MINUTE_MS);
            }
        }
    }

    #[test]
    fn without_a_margin_one_late_call_breaks_the_rate() {
        let spacing = spacing_ms(10, 0);
        let first_late_by = SLOT_WINDOW_MS;
        assert!(10 * spacing - first_late_by < MINUTE_MS);
        assert!(10 * spacing_ms(10, SLOT_MARGIN_MS) - first_late_by >= MINUTE_MS);
    }

    #[test]
    fn a_burst_of_refusals_is_one_rest() {
        let mut pace = Pace::default();
        let now = Timestamp::from_millis(1_000_000);
        for _ in 0..50 {
            pace.congest(now);
        }
        assert_eq!(pace.rest_until, now.plus_ms(CONGESTION_REST_MS));
        pace.congest(pace.rest_until);
        assert_eq!(pace.rest_until, now.plus_ms(3 * CONGESTION_REST_MS));
    }

    #[test]
    fn a_refusal_long_after_the_last_one_is_the_first_again() {
        let mut pace = Pace::default();
        let mut now = Timestamp::from_millis(1_000_000);
        for _ in 0..10 {
            pace.congest(now);
            now = pace.rest_until;
        }
        assert_eq!(pace.congested, 10);
        let later = now.plus_ms(MAX_CONGESTION_REST_MS + 1);
        pace.congest(later);
        assert_eq!((pace.congested, pace.rest_until), (1, later.plus_ms(CONGESTION_REST_MS)));
    }
}
