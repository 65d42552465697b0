//! The two lanes of a caller number: one for all calls, one that is kept for urgent calls.

use super::{RateState, SLOT_MARGIN_MS, spacing_ms};
use crate::base::channel::Channel;
use crate::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use crate::policy::assistant::CallerNumber;

/// Rates below this keep nothing for urgent calls by themselves: it would cost more than a twentieth of them.
pub const MIN_SHARED_RATE: u32 = 20;
/// Slots that are no farther apart than this need no second lane, in milliseconds: an urgent call
/// comes soon anyway.
pub const RESERVED_SPACING_MS: i64 = 2 * SECOND_MS;
/// After so long a slot no longer shares a minute with one before, in milliseconds.
const APART_MS: i64 = MINUTE_MS + SLOT_MARGIN_MS;

/// How the rate of a caller number is divided.
///
/// Each lane alone keeps its part of the rate in any 60 seconds, so both together keep the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lanes {
    /// Most calls per minute, at least 1.
    per_minute: u32,
    /// How many of them are for urgent calls only; fewer than `per_minute`.
    reserved: u32,
}

/// A lane of a caller number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Ordinary,
    Reserved,
}

/// A moment at which a caller number may be used, and the lane that gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub at: Timestamp,
    pub lane: Lane,
}

impl Lanes {
    /// Divides a rate. `reserved` is at most the rate less one; unless set it is 1 where slots
    /// would be more than [`RESERVED_SPACING_MS`] apart and the rate is [`MIN_SHARED_RATE`] or
    /// more, else 0.
    pub fn new(per_minute: u32, reserved: Option<u32>) -> Self {
        let per_minute = per_minute.max(1);
        let is_worth_it =
            per_minute >= MIN_SHARED_RATE && spacing_ms(per_minute, SLOT_MARGIN_MS) > RESERVED_SPACING_MS;
        let reserved = reserved.unwrap_or(u32::from(is_worth_it)).min(per_minute - 1);
        Self { per_minute, reserved }
    }

    /// The lanes of a number in a channel; none if it has no limit.
    pub fn of(number: &CallerNumber, channel: Channel) -> Option<Self> {
        let reserved = match channel {
            Channel::Call => number.reserved_per_minute,
            Channel::Sms => Some(0),
        };
        number.rate_per_minute(channel).map(|rate| Self::new(rate, reserved))
    }

    /// Calls per minute that are kept for urgent calls.
    pub const fn reserved_per_minute(self) -> u32 {
        self.reserved
    }
}

impl RateState {
    /// The earliest slot from `now` on; an urgent call takes the lane that is free first.
    pub fn slot_in(&self, now: Timestamp, lanes: Option<Lanes>, is_urgent: bool) -> Slot {
        let ordinary = Slot { at: self.slot(now), lane: Lane::Ordinary };
        let reserved = lanes.filter(|lanes| is_urgent && lanes.reserved > 0).map(|lanes| Slot {
            at: now.max(self.rest_until).max(self.reserved_opens_at(lanes)),
            lane: Lane::Reserved,
        });
        // On a tie the reserved lane stays free for the next one.
        reserved.filter(|slot| slot.at < ordinary.at).unwrap_or(ordinary)
    }

    /// Gives out a slot of a lane.
    ///
    /// When the lanes are cut anew, no minute may hold the greater parts of both cuts: a lane
    /// grows only a minute after the last slot that the other one gave out as the greater.
    pub fn take_in(&mut self, slot: Slot, lanes: Option<Lanes>) {
        let Some(lanes) = lanes else {
            self.reserved = 0;
            return self.take(slot.at, None);
        };
        match slot.lane {
            Lane::Ordinary => {
                if lanes.reserved > self.reserved {
                    self.reserved_next_at = self.reserved_opens_at(lanes);
                    self.reserved = lanes.reserved;
                } else if slot.at >= self.reserved_next_at.plus_ms(APART_MS) {
                    self.reserved = lanes.reserved;
                }
                let rate = lanes.per_minute.saturating_sub(self.reserved).max(1);
                self.take(slot.at, Some(rate));
            }
            Lane::Reserved => {
                self.last_at = self.last_at.max(slot.at);
                self.reserved = lanes.reserved;
                self.reserved_next_at = slot.at.plus_ms(spacing_ms(lanes.reserved, SLOT_MARGIN_MS));
            }
        }
    }

    /// When the reserved lane may be used, by these lanes.
    fn reserved_opens_at(&self, lanes: Lanes) -> Timestamp {
        if lanes.reserved == self.reserved {
            self.reserved_next_at
        } else {
            self.reserved_next_at.max(self.last_at).plus_ms(APART_MS)
        }
    }
}
