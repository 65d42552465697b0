//! The half hours of a day.

use super::window::Window;
use crate::base::time::MINUTE_MS;

pub(super) const HALF_HOUR_MS: i64 = 30 * MINUTE_MS;
pub(super) const HALF_HOURS_PER_DAY: u32 = 48;

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

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The one in which a time of day lies.
    pub(super) const fn at(in_day_ms: i64) -> Self {
        Self(1 << (in_day_ms / HALF_HOUR_MS))
    }

    /// Its bits from a half hour on.
    pub(super) const fn from(self, half_hour: i64) -> u64 {
        self.0 >> half_hour
    }
}
