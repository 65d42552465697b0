//! Everything a plan is made from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Marks, Plan, UNPACED_WINDOW_MS};
use crate::assistant::CallerNumber;
use crate::campaign::Campaign;
use crate::credits::Credits;
use crate::flight::{CallRequest, Flight};
use crate::ids::{AttemptId, CallerNumberId, CampaignId};
use crate::pacing::{Paces, SLOT_WINDOW_MS, ramped_limit};
use crate::rules::Rulebook;
use crate::share::Contender;
use crate::time::Timestamp;
use crate::workspace::Workspace;
use crate::zone::Zone;

/// Everything a plan is made from.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The moment it is.
    pub now: Timestamp,
    /// The workspace.
    pub workspace: Workspace,
    /// The rules that hold in it.
    pub rules: Arc<Rulebook>,
    /// What it has to spend; none if it has no ledger.
    pub credits: Option<Credits>,
    /// The campaigns that run, and those for which a call was requested.
    pub campaigns: Vec<CampaignScene>,
    /// What is in flight.
    pub flights: Vec<Flight>,
    /// Calls that somebody asked for, oldest first.
    pub requests: Vec<CallRequest>,
    /// How fast the caller numbers and campaigns are going.
    pub paces: Paces,
    /// How many calls have failed so far, for technical reasons.
    pub failures: Failures,
    /// Probes of breakers that were dialled and fly no more.
    pub probes_made: BTreeSet<AttemptId>,
    /// What is known to be empty.
    pub marks: Marks,
}

/// How many calls have ever failed for technical reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    /// By caller number.
    pub numbers: BTreeMap<CallerNumberId, u64>,
    /// By campaign.
    pub campaigns: BTreeMap<CampaignId, u64>,
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

    /// A claim that nobody dialled is released: were it a breaker's probe, it has shown nothing.
    pub fn forget_probe(&mut self, flight: &Flight) {
        let numbers = self.paces.numbers.get_mut(&flight.caller_number).into_iter();
        let campaigns = self.paces.campaigns.get_mut(&flight.campaign).into_iter();
        for pace in numbers.chain(campaigns) {
            pace.breaker.note_release(&flight.attempt);
        }
    }

    /// The probes of breakers that are not among these flights: whether they were dialled is to be
    /// looked up.
    pub fn vanished_probes(paces: &Paces, flights: &[Flight]) -> BTreeSet<AttemptId> {
        let of_numbers = paces.numbers.values().filter_map(|pace| pace.breaker.probe());
        let of_campaigns = paces.campaigns.values().filter_map(|pace| pace.breaker.probe());
        let flies = |probe: &&AttemptId| flights.iter().any(|flight| flight.attempt == **probe);
        of_numbers.chain(of_campaigns).filter(|probe| !flies(probe)).cloned().collect()
    }

    /// How many slots are held.
    pub fn slots(&self) -> usize {
        self.flights.iter().filter(|flight| flight.holds_slot()).count()
    }

    /// How many slots a campaign holds.
    pub fn slots_of(&self, id: &CampaignId) -> usize {
        self.flights.iter().filter(|flight| flight.holds_slot() && flight.campaign == *id).count()
    }

    /// Whether anything of a campaign is in flight, the calls of its people included.
    pub fn is_flying(&self, id: &CampaignId) -> bool {
        self.flights.iter().any(|flight| flight.campaign == *id)
    }
}

impl CampaignScene {
    /// Most calls at once: what it is set to, once it is up to speed.
    pub fn limit(&self, now: Timestamp) -> u32 {
        let spec = &self.campaign.spec;
        let since = self.campaign.running_since.unwrap_or(now);
        ramped_limit(spec.concurrent_limit, spec.ramp_up_minutes, now.since_ms(since))
    }

    /// Whether a call of this campaign is held to a rate.
    pub fn is_paced(&self) -> bool {
        self.campaign.spec.rate_limit_per_minute.is_some()
            || self.numbers.iter().any(|number| number.rate_limit_per_minute.is_some())
    }

    /// When a zone closes in which a call that is claimed now may be placed; none if it may not.
    pub fn closes_at(&self, zone: &Zone, rules: &Rulebook, now: Timestamp) -> Option<Timestamp> {
        self.campaign.hours_in(zone, rules).closes_after(now, now.plus_ms(self.window_ms()))
    }

    /// How long a claim of this campaign stays open, in milliseconds.
    pub fn window_ms(&self) -> i64 {
        if self.is_paced() { SLOT_WINDOW_MS } else { UNPACED_WINDOW_MS }
    }

    /// Whether its leads may be dialled at this time, as far as its own state and days go.
    pub fn is_calling(&self, now: Timestamp) -> bool {
        self.campaign.status.is_running()
            && self.campaign.begins_at(now).is_none()
            && !self.campaign.is_over(now)
    }

    pub(crate) fn contender(&self) -> Contender<'_> {
        let spec = &self.campaign.spec;
        Contender { campaign: &self.campaign.id, priority: spec.priority, weight: spec.weight }
    }
}
