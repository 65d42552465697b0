//! How often a caller number was used on its day.

use chrono_tz::Tz;

use super::RateState;
use crate::base::phone::E164;
use crate::base::time::{DAY_MS, MAX_SKEW_MS, Timestamp};
use crate::base::timing::{MAX_WAY_MS, UNPACED_WINDOW_MS};
use crate::base::zone::{Zone, utc_offset_ms};

/// A number with a daily cap gives no slot in the last moments of its day, in milliseconds: the
/// call might be placed on the next day and count for this one.
pub const LAST_CALL_MS: i64 = UNPACED_WINDOW_MS + 2 * MAX_SKEW_MS + MAX_WAY_MS;

/// Calls taken back that are remembered: more than are taken back while a write is tried again.
const UNCOUNTED_REMEMBERED: usize = 16;

impl RateState {
    /// How many slots the number gave out on its day.
    pub fn used_today(&self, now: Timestamp) -> u32 {
        if now < self.resets_at { self.used } else { 0 }
    }

    /// When the count of the number begins anew: at the midnight of its place, late enough that a
    /// slot from then on is on the new day by any clock.
    pub fn day_ends_at(&self, number: &E164, now: Timestamp) -> Timestamp {
        if now < self.resets_at { self.resets_at } else { next_reset(number, now) }
    }

    /// Takes one back that was dialled at a moment of the number's present day; once, however often it is asked.
    /// Of two that were dialled in the same millisecond one stays: the cap holds either way.
    pub fn uncount(&mut self, number: &E164, dialled_at: Timestamp) {
        if next_reset(number, dialled_at) != self.resets_at || self.uncounted.contains(&dialled_at) {
            return;
        }
        self.used = self.used.saturating_sub(1);
        self.uncounted.insert(0, dialled_at);
        self.uncounted.truncate(UNCOUNTED_REMEMBERED);
    }

    pub(crate) fn count(&mut self, number: &E164, now: Timestamp) {
        self.used = self.used_today(now).saturating_add(1);
        self.resets_at = self.day_ends_at(number, now);
        self.calls_since_full = self.calls_since_full.saturating_add(1);
    }
}

/// The first reset after `now`.
fn next_reset(number: &E164, now: Timestamp) -> Timestamp {
    let tz = Zone::of(None, number).0.places().first().copied().unwrap_or(Tz::UTC);
    next_midnight(tz, now.plus_ms(-MAX_SKEW_MS)).plus_ms(MAX_SKEW_MS)
}

/// The first moment of the next day in `tz`.
pub(super) fn next_midnight(tz: Tz, now: Timestamp) -> Timestamp {
    let day_of = |at: Timestamp| (at.as_millis() + utc_offset_ms(tz, at)).div_euclid(DAY_MS);
    let midnight = |offset_ms: i64| Timestamp::from_millis((day_of(now) + 1) * DAY_MS - offset_ms);
    let by_now = midnight(utc_offset_ms(tz, now));
    // The clocks may change until then, or at midnight itself.
    let by_then = midnight(utc_offset_ms(tz, by_now));
    let (first, second) = (by_now.min(by_then), by_now.max(by_then));
    if day_of(first) > day_of(now) { first } else { second }
}
