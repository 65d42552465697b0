//! Call-backs, and what else people ask for in a call.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::callback_time::CallbackTime;
use crate::base::time::{DAY_MS, MINUTE_MS, Timestamp};
use crate::base::timing::SOONEST_MS;

/// How far ahead a call-back may lie, in milliseconds: ninety days, whoever asks for it.
pub const MAX_CALLBACK_AHEAD_MS: i64 = 90 * DAY_MS;
/// How long after its moment a call-back still counts as kept, in milliseconds.
pub const CALLBACK_WINDOW_MS: i64 = 10 * MINUTE_MS;

/// What a person asked for in a call. The order is how strict it is: a stricter word of the same call counts
/// more, the same one again changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum PersonRequest {
    Callback {
        at: Timestamp,
    },
    /// To be called back when their own clock says so.
    CallbackWhen {
        when: CallbackTime,
    },
    /// Something that we can't read, or a call-back that can't be made: nobody calls them until a person has
    /// settled what they want.
    Unclear,
    /// Never to be called again.
    DoNotCall,
}

impl PersonRequest {
    /// The request of a call that began then, as it can be kept from now on: a call-back no sooner than
    /// planners look again.
    ///
    /// A language model wrote the moment. One that lay behind when the call began, or lies further ahead
    /// than [`MAX_CALLBACK_AHEAD_MS`], is a slip of its; that something was asked for is not.
    pub(crate) fn kept(self, began_at: Timestamp, now: Timestamp, clocks: &[Tz]) -> Self {
        let at = match self {
            Self::Callback { at } => Some(at),
            Self::CallbackWhen { when } => when.moment(began_at, clocks),
            Self::Unclear | Self::DoNotCall => return self,
        };
        let can_be_kept = |at: &Timestamp| *at >= began_at && at.since_ms(now) <= MAX_CALLBACK_AHEAD_MS;
        at.filter(can_be_kept)
            .map_or(Self::Unclear, |at| Self::Callback { at: at.max(now.plus_ms(SOONEST_MS)) })
    }

    /// Whether a person has to settle it.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Unclear | Self::CallbackWhen { .. })
    }

    /// Whether it says more than what was taken up of the same call before.
    pub fn is_news_after(self, known: Option<Self>) -> bool {
        known.is_none_or(|known| self.strictness() > known.strictness())
    }

    const fn strictness(self) -> u8 {
        match self {
            Self::Callback { .. } | Self::CallbackWhen { .. } => 0,
            Self::Unclear => 1,
            Self::DoNotCall => 2,
        }
    }
}
