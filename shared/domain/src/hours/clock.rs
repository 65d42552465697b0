//! One clock on a wall, and the half hours of its week that are open.

use chrono_tz::Tz;

use super::window::Window;
use crate::time::{DAY_MS, MINUTE_MS, Timestamp};
use crate::zone::utc_offset_ms;

const HALF_HOUR_MS: i64 = 30 * MINUTE_MS;
const HALF_HOURS_PER_DAY: u32 = 48;
/// 1970-01-01 was a Thursday, the fourth day from Monday.
const WEEKDAY_OF_DAY_ZERO: i64 = 3;

/// A set of half hours of a day; bit 0 is the one from midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Slots(u64);

impl Slots {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self((1 << HALF_HOURS_PER_DAY) - 1);
    /// A week without an end.
    pub(super) const ALWAYS: [Self; 7] = [Self::ALL; 7];

    /// The half hours of a window.
    pub(super) const fn of(window: Window) -> Self {
        let (from, to) = (window.from().half_hours(), window.to().half_hours());
        Self((1 << to) - (1 << from))
    }

    #[cfg(test)]
    pub(super) fn of_half_hours(half_hours: impl Iterator<Item = i64>) -> Self {
        Self(half_hours.fold(0, |slots, half_hour| slots | 1 << half_hour))
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// The clock of a zone, with the half hours of its week that are open by it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock<'a> {
    pub(super) tz: Tz,
    /// Each day, Monday first.
    pub(super) week: &'a [Slots; 7],
    /// Open at most, on every day.
    pub(super) within: Slots,
}

/// A time during which a clock is open, or closed, without a break. The next may be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) is_open: bool,
    /// Its end, which is not part of it.
    pub(super) until: Timestamp,
}

/// A moment as a clock shows it.
struct Reading {
    offset_ms: i64,
    /// Since local midnight.
    in_day_ms: i64,
    /// The half hours from this one on: bit 0 is now.
    slots: u64,
}

impl Clock<'_> {
    /// Whether it is open.
    pub(super) fn is_open(&self, at: Timestamp) -> bool {
        self.read(at).slots & 1 == 1
    }

    /// What it is, and until when at least: to the next edge of a window, midnight or change of
    /// the clocks.
    pub(super) fn stretch(&self, at: Timestamp) -> Stretch {
        let Reading { offset_ms, in_day_ms, slots } = self.read(at);
        let is_open = slots & 1 == 1;
        let alike = if is_open { slots.trailing_ones() } else { slots.trailing_zeros() };
        let now = in_day_ms / HALF_HOUR_MS;
        let end = (now + i64::from(alike)).min(i64::from(HALF_HOURS_PER_DAY));
        let until = at.plus_ms(end * HALF_HOUR_MS - in_day_ms);
        Stretch { is_open, until: self.clocks_change(at, offset_ms, until).unwrap_or(until) }
    }

    fn read(&self, at: Timestamp) -> Reading {
        let offset_ms = utc_offset_ms(self.tz, at);
        let local_ms = at.as_millis().saturating_add(offset_ms);
        let in_day_ms = local_ms.rem_euclid(DAY_MS);
        let weekday = (local_ms.div_euclid(DAY_MS) + WEEKDAY_OF_DAY_ZERO).rem_euclid(7);
        let day = self.week[usize::try_from(weekday).unwrap_or_default()].and(self.within);
        Reading { offset_ms, in_day_ms, slots: day.0 >> (in_day_ms / HALF_HOUR_MS) }
    }

    /// The first moment up to `until` at which the clocks are no longer `offset_ms` ahead, as they
    /// are at `at`. (No zone changes its clocks twice in a day.)
    fn clocks_change(&self, at: Timestamp, offset_ms: i64, until: Timestamp) -> Option<Timestamp> {
        let changed = |at| utc_offset_ms(self.tz, at) != offset_ms;
        if !changed(until) {
            return None;
        }
        let (mut before, mut after) = (at, until);
        while after.since_ms(before) > 1 {
            let middle = before.plus_ms(after.since_ms(before) / 2);
            if changed(middle) { after = middle } else { before = middle }
        }
        Some(after)
    }
}
