//! Breakers: calls stop while too many of them fail for technical reasons.
//!
//! Closed, every call is allowed. Too many failures open the breaker: no call is made for a while,
//! longer each time in a row. Then one call is the probe: if it fails the breaker opens again,
//! else it closes.
//!
//! A failure is known only when its call is over, by a counter that never falls. It is held
//! against the calls of the time in which it is seen: those of the running half of the window and
//! of the half before. One that comes later still counts against newer calls. At worst that trips
//! the breaker too early, and a probe mends it. While open, late failures count for nothing.

use serde::{Deserialize, Serialize};

use crate::base::ids::AttemptId;
use crate::base::is_default::is_default;
use crate::base::time::{MINUTE_MS, Timestamp};

mod window;

#[cfg(test)]
mod tests;

pub use window::{HALF_CALLS, HALF_MS, MIN_FAILURES, Window};

/// How long the breaker is open at first, in milliseconds; doubles each time in a row.
pub const MIN_OPEN_MS: i64 = MINUTE_MS;
/// Longest time for which it is open, in milliseconds.
pub const MAX_OPEN_MS: i64 = 30 * MINUTE_MS;
/// A campaign whose breaker opened this often in a row is to be paused.
pub const MAX_OPENINGS: u32 = 5;

/// The breaker of a campaign or of a caller number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CircuitBreaker {
    /// The counter of failures as it was last taken in; none before the first time.
    #[serde(skip_serializing_if = "is_default")]
    seen: Option<u64>,
    /// How often in a row it opened: without half a window of good calls between.
    #[serde(skip_serializing_if = "is_default")]
    openings: u32,
    #[serde(skip_serializing_if = "is_default")]
    state: BreakerState,
}

/// What a breaker lets through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum BreakerState {
    /// Every call; they are counted.
    Closed { window: Window },
    /// None until a moment, then one as a probe.
    Open { until: Timestamp },
    /// None: a probe is on its way.
    Probing {
        attempt: AttemptId,
        /// Until when it would be open without it: somebody may have asked for that very call before.
        #[serde(default)]
        until: Timestamp,
    },
}

impl Default for BreakerState {
    fn default() -> Self {
        Self::Closed { window: Window::default() }
    }
}

/// How a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    Freely,
    /// As the only one: it shows whether calls go through again.
    AsProbe,
}

/// What became of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// It is on its way still.
    Flying,
    /// It was dialled and is over.
    Over,
    /// It came to nothing before it was dialled.
    NotMade,
}

/// What a look at the counter changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerChange {
    /// Too many failed, or the probe did.
    Opened,
    Closed,
}

impl CircuitBreaker {
    pub const fn state(&self) -> &BreakerState {
        &self.state
    }

    /// How often in a row it opened.
    pub const fn openings(&self) -> u32 {
        self.openings
    }

    /// Takes in the counter of failures as a plan finds it.
    ///
    /// The active attempts must have been read before the counter: a call raises it in the transaction
    /// that ends its active attempt, so a probe that was over then has left its failure in the counter.
    pub fn on_plan(&mut self, now: Timestamp, failures: u64, probe: Probe) -> Option<BreakerChange> {
        let new = self.seen.map_or(0, |seen| failures.saturating_sub(seen));
        let change = match &mut self.state {
            // Judged when it is over: what fails meanwhile may be an older call, or the probe.
            BreakerState::Probing { .. } if probe == Probe::Flying => return None,
            BreakerState::Probing { attempt, .. } if probe == Probe::NotMade => {
                let attempt = attempt.clone();
                self.note_release(&attempt);
                None
            }
            BreakerState::Probing { .. } if new > 0 => Some(BreakerChange::Opened),
            BreakerState::Probing { .. } => Some(BreakerChange::Closed),
            BreakerState::Open { .. } => None,
            BreakerState::Closed { window } => {
                // Good calls never open it, whatever they push out of the window.
                window.note_failures(new);
                (new > 0 && window.is_bad()).then_some(BreakerChange::Opened)
            }
        };
        self.seen = Some(failures);
        match change {
            Some(BreakerChange::Opened) => self.open(now),
            Some(BreakerChange::Closed) => self.state = BreakerState::default(),
            None => {}
        }
        change
    }

    /// Whether a call may be claimed.
    ///
    /// # Errors
    /// The moment from which one may be; none if a probe decides it.
    pub fn allows(&self, now: Timestamp) -> Result<Permission, Option<Timestamp>> {
        match &self.state {
            BreakerState::Closed { .. } => Ok(Permission::Freely),
            BreakerState::Open { until } if now < *until => Err(Some(*until)),
            BreakerState::Open { .. } => Ok(Permission::AsProbe),
            BreakerState::Probing { .. } => Err(None),
        }
    }

    /// A call was claimed, as [`CircuitBreaker::allows`] permits.
    pub fn note_claim(&mut self, attempt: &AttemptId, now: Timestamp) {
        match &mut self.state {
            BreakerState::Closed { window } => {
                if window.note_claim(now) {
                    self.openings = 0;
                }
            }
            BreakerState::Open { until } => {
                self.state = BreakerState::Probing { attempt: attempt.clone(), until: *until };
            }
            BreakerState::Probing { .. } => {}
        }
    }

    /// A claim came to nothing before it was dialled: if it was the probe, the next one is.
    pub fn note_release(&mut self, attempt: &AttemptId) {
        match &self.state {
            BreakerState::Probing { attempt: probe, until } if probe == attempt => {
                self.state = BreakerState::Open { until: *until };
            }
            BreakerState::Closed { .. } | BreakerState::Open { .. } | BreakerState::Probing { .. } => {}
        }
    }

    /// The probe that is on its way.
    pub const fn probe(&self) -> Option<&AttemptId> {
        match &self.state {
            BreakerState::Probing { attempt, .. } => Some(attempt),
            BreakerState::Closed { .. } | BreakerState::Open { .. } => None,
        }
    }

    /// Until when no call is made.
    pub const fn open_until(&self) -> Option<Timestamp> {
        match &self.state {
            BreakerState::Open { until } => Some(*until),
            BreakerState::Closed { .. } | BreakerState::Probing { .. } => None,
        }
    }

    /// Whether it opened so often in a row that somebody has to look after the campaign. Who pauses
    /// it puts a new breaker in place, or the campaign could not be resumed.
    pub const fn is_hopeless(&self) -> bool {
        self.openings >= MAX_OPENINGS && matches!(self.state, BreakerState::Open { .. })
    }

    /// Whether nothing is lost if it is forgotten.
    pub(crate) fn is_untouched(&self) -> bool {
        self.openings == 0 && is_default(&self.state)
    }

    fn open(&mut self, now: Timestamp) {
        let open_ms = (MIN_OPEN_MS << self.openings.min(5)).min(MAX_OPEN_MS);
        self.openings = self.openings.saturating_add(1);
        self.state = BreakerState::Open { until: now.plus_ms(open_ms) };
    }
}
