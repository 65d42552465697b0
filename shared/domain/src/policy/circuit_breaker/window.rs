//! The calls that a breaker judges by: the running half of the window and the half before.

use serde::{Deserialize, Serialize};

use crate::base::is_default::is_default;
use crate::base::time::{MINUTE_MS, SECOND_MS, Timestamp};

/// Shortest half of a window, in milliseconds: the window is the last 5 minutes at least.
pub const HALF_MS: i64 = 2 * MINUTE_MS + 30 * SECOND_MS;
/// Fewest calls in a half that is over: the window is the last 20 calls at least.
pub const HALF_CALLS: u32 = 10;
/// Fewer failures than this never open a breaker.
pub const MIN_FAILURES: u32 = 5;

/// Claims and failures of the last calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Window {
    /// When the running half began.
    #[serde(skip_serializing_if = "is_default")]
    since: Timestamp,
    #[serde(skip_serializing_if = "is_default")]
    now: Count,
    #[serde(skip_serializing_if = "is_default")]
    before: Count,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Count {
    claims: u32,
    #[serde(skip_serializing_if = "is_default")]
    failures: u32,
}

impl Window {
    /// Counts a claim. Says whether a half was over and this is the first of the next.
    pub(super) fn note_claim(&mut self, now: Timestamp) -> bool {
        let is_first = is_default(self);
        let is_over = self.now.claims >= HALF_CALLS && now.since_ms(self.since) >= HALF_MS;
        if is_over {
            self.before = self.now;
            self.now = Count::default();
        }
        if is_first || is_over {
            self.since = now;
        }
        self.now.claims = self.now.claims.saturating_add(1);
        is_over
    }

    /// Counts failures, as far as there are calls to hold them against.
    pub(super) fn note_failures(&mut self, new: u64) {
        let room = self.claims().saturating_sub(self.failures());
        self.now.failures += u32::try_from(new).map_or(room, |new| new.min(room));
    }

    /// Whether half of the calls failed, and enough of them to say so.
    pub(super) fn is_bad(&self) -> bool {
        let failures = self.failures();
        failures >= MIN_FAILURES && u64::from(failures) * 2 >= u64::from(self.claims())
    }

    fn claims(&self) -> u32 {
        self.now.claims.saturating_add(self.before.claims)
    }

    fn failures(&self) -> u32 {
        self.now.failures.saturating_add(self.before.failures)
    }
}
