//! Everything a plan is made from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{EmptyPartitions, Plan};
use crate::base::channel::Channel;
use crate::base::ids::{AttemptId, CallerNumberId, CampaignId};
use crate::base::time::Timestamp;
use crate::base::timing::UNPACED_WINDOW_MS;
use crate::base::zone::Zone;
use crate::policy::assistant::CallerNumber;
use crate::policy::fair_share::Contender;
use crate::policy::rate_limit::{RateStates, SLOT_WINDOW_MS, ramped_limit};
use crate::policy::rules::Rulebook;
use crate::records::active_attempt::{ActiveAttempt, CallRequest};
use crate::records::campaign::Campaign;
use crate::records::credits::Credits;
use crate::records::lead::Lead;
use crate::records::workspace::Workspace;

/// Everything a plan is made from.
#[derive(Debug, Clone)]
pub struct PlanningSnapshot {
    pub now: Timestamp,
    pub workspace: Workspace,
    /// The rules that hold in it.
    pub rules: Arc<Rulebook>,
    /// What it has to spend; none if it has no threshold to hold that against.
    pub credits: Option<Credits>,
    /// The campaigns that run, and those for which a call was requested.
    pub campaigns: Vec<CampaignSnapshot>,
    pub active_attempts: Vec<ActiveAttempt>,
    /// Calls that somebody asked for, oldest first.
    pub requests: Vec<CallRequest>,
    /// How fast the caller numbers and campaigns are going.
    pub rate_states: RateStates,
    /// How many calls have failed so far, for technical reasons.
    pub failures: Failures,
    /// Probes of breakers that were dialled and fly no more.
    pub probes_made: BTreeSet<AttemptId>,
    /// What is known to be empty.
    pub empty_partitions: EmptyPartitions,
}

/// How many calls have ever failed for technical reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    pub numbers: BTreeMap<CallerNumberId, u64>,
    pub campaigns: BTreeMap<CampaignId, u64>,
}

/// A campaign as the planner sees it.
#[derive(Debug, Clone)]
pub struct CampaignSnapshot {
    pub campaign: Campaign,
    /// The numbers that it calls from.
    pub numbers: Vec<CallerNumber>,
    /// The zones that its leads are in.
    pub zones: Vec<Zone>,
}

impl PlanningSnapshot {
    /// The campaign of this id.
    pub fn campaign(&self, id: &CampaignId) -> Option<&CampaignSnapshot> {
        self.campaigns.iter().find(|snapshot| snapshot.campaign.id == *id)
    }

    /// The snapshot once the claims of a plan are written. A call that was asked for and not claimed goes on
    /// waiting.
    pub fn take_in(&mut self, plan: &Plan) {
        let is_claimed = |request: &CallRequest| {
            plan.active_attempts().any(|active_attempt| active_attempt.attempt == request.attempt)
        };
        self.requests.retain(|request| !is_claimed(request));
        self.active_attempts.extend(plan.active_attempts().cloned());
        self.rate_states = plan.rate_states.clone();
    }

    /// Takes back what was taken in of a plan's claims and then not won.
    pub fn give_back(&mut self, plan: &Plan, won: &[ActiveAttempt]) {
        for lost in plan.active_attempts().filter(|claim| !won.contains(claim)) {
            self.active_attempts.retain(|active_attempt| active_attempt.attempt != lost.attempt);
            self.requests.extend(lost.request());
        }
    }

    /// A claim that nobody dialled is released: were it a breaker's probe, it has shown nothing.
    pub fn forget_probe(&mut self, active_attempt: &ActiveAttempt) {
        let numbers = self.rate_states.numbers.get_mut(&active_attempt.caller_number).into_iter();
        let campaigns = self.rate_states.campaigns.get_mut(&active_attempt.campaign).into_iter();
        for rate_state in numbers.chain(campaigns) {
            rate_state.breaker.note_release(&active_attempt.attempt);
        }
    }

    /// The probes of breakers that are not among these active attempts: whether they were dialled is to be
    /// looked up.
    pub fn vanished_probes(
        rate_states: &RateStates,
        active_attempts: &[ActiveAttempt],
    ) -> BTreeSet<AttemptId> {
        let of_numbers = rate_states.numbers.values().filter_map(|rate_state| rate_state.breaker.probe());
        let of_campaigns = rate_states.campaigns.values().filter_map(|rate_state| rate_state.breaker.probe());
        let flies = |probe: &&AttemptId| {
            active_attempts.iter().any(|active_attempt| active_attempt.attempt == **probe)
        };
        of_numbers.chain(of_campaigns).filter(|probe| !flies(probe)).cloned().collect()
    }

    /// How many slots are held.
    pub fn slots(&self) -> usize {
        self.active_attempts.iter().filter(|active_attempt| active_attempt.holds_slot()).count()
    }

    /// How many slots a campaign holds.
    pub fn slots_of(&self, id: &CampaignId) -> usize {
        self.active_attempts
            .iter()
            .filter(|active_attempt| active_attempt.holds_slot() && active_attempt.campaign == *id)
            .count()
    }

    /// Whether anything of a campaign is in flight, the calls of its people included.
    pub fn is_flying(&self, id: &CampaignId) -> bool {
        self.active_attempts.iter().any(|active_attempt| active_attempt.campaign == *id)
    }
}

impl CampaignSnapshot {
    /// Most calls at once: what it is set to, once it is up to speed.
    pub fn limit(&self, now: Timestamp) -> u32 {
        let spec = &self.campaign.spec;
        let since = self.campaign.running_since.unwrap_or(now);
        ramped_limit(spec.concurrent_limit, spec.ramp_up_minutes, now.since_ms(since))
    }

    /// Whether an attempt of this campaign is held to a rate in this channel.
    pub fn is_paced(&self, channel: Channel) -> bool {
        let mut numbers = self.numbers.iter().filter(|number| number.serves(channel));
        self.campaign.spec.rate_per_minute(channel).is_some()
            || numbers.any(|number| number.rate_per_minute(channel).is_some())
    }

    /// When a zone closes in which a call, or a text, that is claimed now may be placed; none if it may not.
    pub fn closes_at(
        &self,
        zone: &Zone,
        rules: &Rulebook,
        channel: Channel,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let hours = self.campaign.hours_for(channel, zone, rules);
        hours.closes_after(now, now.plus_ms(self.window_in(channel)))
    }

    /// How long a claim of this campaign stays open in a channel, in milliseconds.
    pub fn window_in(&self, channel: Channel) -> i64 {
        if self.is_paced(channel) { SLOT_WINDOW_MS } else { UNPACED_WINDOW_MS }
    }

    /// The longest that a claim of this campaign stays open, in milliseconds.
    pub fn window_ms(&self) -> i64 {
        let channels = self.campaign.spec.cadence.channels();
        channels.map(|channel| self.window_in(channel)).max().unwrap_or(SLOT_WINDOW_MS)
    }

    /// Whether its leads may be dialled at this time, as far as its own state and days go.
    pub fn is_calling(&self, now: Timestamp) -> bool {
        self.campaign.status.is_running()
            && self.campaign.begins_at(now).is_none()
            && !self.campaign.is_over(now)
    }

    /// How a lead's next attempt reaches them.
    pub fn channel_of(&self, lead: &Lead) -> Channel {
        self.campaign.channel_of(lead)
    }

    pub(crate) fn contender(&self) -> Contender<'_> {
        let spec = &self.campaign.spec;
        Contender { campaign: &self.campaign.id, priority: spec.priority, weight: spec.weight }
    }
}
