//! Call-backs, and what else people ask for in a call.

use serde::{Deserialize, Serialize};

use crate::base::time::{DAY_MS, MINUTE_MS, Timestamp};
use crate::base::timing::SOONEST_MS;

/// How far ahead a call-back may lie, in milliseconds: ninety days, whoever asks for it.
pub const MAX_CALLBACK_AHEAD_MS: i64 = 90 * DAY_MS;
/// How long after its moment a call-back still counts as kept, in milliseconds.
pub const CALLBACK_WINDOW_MS: i64 = 10 * MINUTE_MS;

/// What a person asked for in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum PersonRequest {
    Callback {
        at: Timestamp,
    },
    /// Never to be called again.
    DoNotCall,
}

impl PersonRequest {
    /// The request of a call that began then, as it can be kept from now on: a call-back no sooner than
    /// planners look again.
    ///
    /// A language model wrote the moment. One that lay behind when the call began, or lies further ahead
    /// than [`MAX_CALLBACK_AHEAD_MS`], is a slip of its: then nothing was asked for.
    pub(crate) fn kept(self, began_at: Timestamp, now: Timestamp) -> Option<Self> {
        match self {
            Self::Callback { at } if at < began_at || at.since_ms(now) > MAX_CALLBACK_AHEAD_MS => None,
            Self::Callback { at } => Some(Self::Callback { at: at.max(now.plus_ms(SOONEST_MS)) }),
            Self::DoNotCall => Some(Self::DoNotCall),
        }
    }
}
