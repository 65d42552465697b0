//! What people wish in a call.

use serde::{Deserialize, Serialize};

use crate::base::time::{DAY_MS, Timestamp};
use crate::base::timing::SOONEST_MS;

/// How far ahead a call-back may lie, in milliseconds: ninety days, whoever asks for it.
pub const MAX_CALL_BACK_AHEAD_MS: i64 = 90 * DAY_MS;

/// What a person wished in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Wish {
    CallBack {
        at: Timestamp,
    },
    /// Never to be called again.
    DoNotCall,
}

impl Wish {
    /// The wish of a call that began then, as it can be kept from now on: a call-back no sooner than
    /// planners look again.
    ///
    /// A language model wrote the moment. One that lay behind when the call began, or lies further ahead
    /// than [`MAX_CALL_BACK_AHEAD_MS`], is a slip of its: then nothing was wished.
    pub(crate) fn kept(self, began_at: Timestamp, now: Timestamp) -> Option<Self> {
        match self {
            Self::CallBack { at } if at < began_at || at.since_ms(now) > MAX_CALL_BACK_AHEAD_MS => None,
            Self::CallBack { at } => Some(Self::CallBack { at: at.max(now.plus_ms(SOONEST_MS)) }),
            Self::DoNotCall => Some(Self::DoNotCall),
        }
    }
}
