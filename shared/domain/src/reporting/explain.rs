//! Why a lead is not being called, and why a campaign is not calling.
//!
//! Nothing is decided here: what the planner would decide is asked of the code that decides it, and
//! put into words that say what would help.

use chrono_tz::Tz;

use crate::base::ids::{CampaignId, LeadId};
use crate::base::phone::E164;
use crate::base::reason::ReasonCode;
use crate::base::time::Timestamp;
use crate::policy::caps::Cap;
use crate::policy::do_not_call::ListName;
use crate::records::campaign::PauseReason;

mod campaign;
mod capacity;
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
pub use lead::{Case, Explanation, Line, QueuePosition, lead};

/// Something that keeps a lead, or a whole campaign, from being called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub code: ReasonCode,
    /// What it is and what would help, for people.
    pub words: String,
    pub lasts: Lasts,
    /// From when on it holds; none if it holds now.
    pub from: Option<Timestamp>,
    /// What it is made of.
    pub details: Details,
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

/// What a reason is made of, as far as it has such parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// The rule that forbids it: `fr@2026-08-11`.
    pub rule: Option<String>,
    /// The holiday that the rule keeps free.
    pub holiday: Option<String>,
    /// The places whose clocks count.
    pub places: Vec<Tz>,
    pub list: Option<ListName>,
    /// The number that the list holds, or that is in a call.
    pub number: Option<E164>,
    /// What is used up: of how often the person may be called.
    pub cap: Option<Cap>,
    /// What is full: how many there may be.
    pub limit: Option<u32>,
    pub held: Option<usize>,
    /// The campaign that is in the way.
    pub campaign: Option<CampaignId>,
    /// The lead that is in the way.
    pub lead: Option<LeadId>,
    /// Why the campaign is paused.
    pub pause: Option<PauseReason>,
}

impl Reason {
    pub(super) fn new(code: ReasonCode, lasts: Lasts, words: impl Into<String>) -> Self {
        Self { code, words: words.into(), lasts, from: None, details: Details::default() }
    }

    pub(super) fn with(self, details: Details) -> Self {
        Self { details, ..self }
    }

    /// When it ends by itself, if that is known.
    pub const fn until(&self) -> Option<Timestamp> {
        match self.lasts {
            Lasts::Until(at) => Some(at),
            Lasts::UntilChanged | Lasts::UntilFree => None,
        }
    }

    /// What never ends by itself comes first, then what holds longest.
    fn rank(&self) -> (u8, i64) {
        match self.lasts {
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
