//! Why a lead is not being called, and why a campaign is not calling.
//!
//! Nothing is decided here: what the planner would decide is asked of the code that decides it. The words
//! that say what would help are the API's.

use crate::base::reason::ReasonCode;
use crate::base::time::Timestamp;

mod campaign;
mod capacity;
mod cause;
mod lead;
mod next;
mod no_capacity;
mod prospect;
mod refused;
mod status_reasons;
#[cfg(test)]
mod tests;

pub use campaign::{CampaignExplanation, Population, ZoneNow, campaign};
pub use capacity::{Capacity, NumberNow, Use};
pub use cause::{Attempt, Cause, Closing, NotDue, NotRunning};
pub use lead::{Case, Explanation, Line, QueuePosition, lead};

/// Something that keeps a lead, or a whole campaign, from being called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub cause: Cause,
    /// From when on it holds; none if it holds now.
    pub from: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// Not before somebody changes something; perhaps never.
    UntilChanged,
    /// By itself, at a moment.
    Until(Timestamp),
    /// By itself, nobody knows when: mostly as soon as a call ends.
    UntilFree,
}

impl From<Cause> for Reason {
    fn from(cause: Cause) -> Self {
        Self { cause, from: None }
    }
}

impl Reason {
    pub fn code(&self) -> ReasonCode {
        self.cause.code()
    }

    pub fn lasts(&self) -> Lasts {
        self.cause.lasts()
    }

    /// When it ends by itself, if that is known.
    pub fn until(&self) -> Option<Timestamp> {
        match self.lasts() {
            Lasts::Until(at) => Some(at),
            Lasts::UntilChanged | Lasts::UntilFree => None,
        }
    }

    /// What never ends by itself comes first, then what holds longest.
    fn rank(&self) -> (u8, i64) {
        match self.lasts() {
            Lasts::UntilChanged => (0, 0),
            Lasts::Until(at) => (1, at.as_millis().saturating_neg()),
            Lasts::UntilFree => (2, 0),
        }
    }
}

/// In the order in which they are told.
pub(super) fn sorted(mut reasons: Vec<Reason>) -> Vec<Reason> {
    reasons.sort_by_key(Reason::rank);
    reasons
}
