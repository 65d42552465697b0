//! Planning a workspace: who is dialled next, when, and from which number.
//!
//! A plan is made in steps, each pure: [`upkeep`] looks after what is in flight,
//! [`openings`] says what to look for in the due index, [`choose`] turns what was found into
//! claims, [`wake_at`] says when to look again. A claim leaves nothing to choose: its slot,
//! its number and its caller number are fixed, and the epoch refuses a planner that was
//! overtaken.

mod choose;
mod marks;
mod openings;
#[cfg(test)]
mod tests;
mod upkeep;
mod wake;

pub use choose::{Claim, Plan, choose};
pub use marks::{INDEX_LAG_MS, Mark, Marks};
pub use openings::{Opening, openings};
pub use upkeep::{Upkeep, release, upkeep};
pub use wake::{LOOK_AGAIN_MS, wake_at};

use crate::assistant::CallerNumber;
use crate::campaign::Campaign;
use crate::flight::{CallRequest, Flight};
use crate::ids::CampaignId;
use crate::pacing::Paces;
use crate::time::{SECOND_MS, Timestamp};
use crate::zone::Zone;

/// Most calls at once in a workspace, unless it says otherwise.
pub const DEFAULT_WORKSPACE_LIMIT: usize = 1_000;
/// Most claims in one pass, and so in one transaction.
pub const MAX_CLAIMS: usize = 20;
/// How long a claim without a rate may wait for its dialler, in milliseconds.
pub const UNPACED_WINDOW_MS: i64 = 10 * SECOND_MS;
/// A claim that nobody dialled after this long is sent to the diallers again, in milliseconds.
pub const RESEND_AFTER_MS: i64 = 3 * SECOND_MS;

/// Everything a plan is made from.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The moment it is.
    pub now: Timestamp,
    /// Most calls at once in the workspace.
    pub workspace_limit: usize,
    /// The campaigns that run, and those for which a call was requested.
    pub campaigns: Vec<CampaignScene>,
    /// What is in flight.
    pub flights: Vec<Flight>,
    /// Calls that somebody asked for, oldest first.
    pub requests: Vec<CallRequest>,
    /// How fast the caller numbers and campaigns are going.
    pub paces: Paces,
    /// What is known to be empty.
    pub marks: Marks,
}

/// A campaign as the planner sees it.
#[derive(Debug, Clone)]
pub struct CampaignScene {
    /// The campaign.
    pub campaign: Campaign,
    /// The numbers that it calls from.
    pub numbers: Vec<CallerNumber>,
    /// The zones that its leads are in.
    pub zones: Vec<Zone>,
}

impl Scene {
    /// The campaign of this id.
    pub fn campaign(&self, id: &CampaignId) -> Option<&CampaignScene> {
        self.campaigns.iter().find(|scene| scene.campaign.id == *id)
    }

    /// The scene once the claims of a plan are written, as far as they are: `won` are those that
    /// were. A call that was asked for and not claimed goes on waiting.
    pub fn take_in(&mut self, plan: &Plan, won: Vec<Flight>) {
        self.requests.retain(|request| won.iter().all(|flight| flight.attempt != request.attempt));
        self.flights.extend(won);
        self.paces = plan.paces.clone();
    }

    /// How many slots a campaign holds.
    pub fn slots_of(&self, id: &CampaignId) -> usize {
        self.flights.iter().filter(|flight| flight.campaign == *id).count()
    }

    /// How many more calls the workspace may have in flight.
    pub fn free_slots(&self) -> usize {
        self.workspace_limit.saturating_sub(self.flights.len())
    }

    /// How many more calls a campaign may have in flight.
    pub fn free_slots_of(&self, scene: &CampaignScene) -> usize {
        let limit = usize::try_from(scene.campaign.spec.concurrent_limit).unwrap_or(usize::MAX);
        limit.saturating_sub(self.slots_of(&scene.campaign.id)).min(self.free_slots())
    }
}

impl CampaignScene {
    /// Whether a call of this campaign is held to a rate.
    pub fn is_paced(&self) -> bool {
        self.campaign.spec.rate_limit_per_minute.is_some()
            || self.numbers.iter().any(|number| number.rate_limit_per_minute.is_some())
    }

    /// When a zone closes in which a call that is claimed now may be placed; none if it may not.
    pub fn closes_at(&self, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
        self.campaign.hours_in(zone).closes_after(now, now.plus_ms(self.window_ms()))
    }

    /// How long a claim of this campaign stays open, in milliseconds.
    pub fn window_ms(&self) -> i64 {
        if self.is_paced() { crate::pacing::SLOT_WINDOW_MS } else { UNPACED_WINDOW_MS }
    }
}
