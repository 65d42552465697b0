//! The planning state of a workspace: epoch, lease, rate states, marks, and when to look again.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::planning::EmptyPartitions;
use carillon_domain::policy::rate_limit::RateStates;

/// What a planner finds when it takes the lease.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlanState {
    pub(crate) epoch: u64,
    pub(crate) active: BTreeSet<CampaignId>,
    /// The campaigns that run, as the workspace's limit counts them.
    pub(crate) running: BTreeSet<CampaignId>,
    /// The walks over campaigns' leads that were asked for, and when.
    pub(crate) walks: BTreeMap<CampaignId, Timestamp>,
    pub(crate) rate_states: RateStates,
    pub(crate) empty_partitions: EmptyPartitions,
    pub(crate) work_added_at: Timestamp,
    pub(crate) hinted_at: Timestamp,
    pub(crate) wake_at: Option<Timestamp>,
}

#[derive(Debug, Default)]
pub(crate) struct Planning {
    pub(crate) state: PlanState,
    lease_until: Option<Timestamp>,
    is_dirty: bool,
    /// What the wake index showed before its last change, and when that was.
    wake_before: Option<Timestamp>,
    wake_changed_at: Timestamp,
}

/// What came of giving the lease back.
#[derive(Debug)]
pub(crate) enum Release {
    Done,
    Again(Box<PlanState>),
    Overtaken,
}

impl Planning {
    /// Takes the lease and the next epoch, if nobody holds it.
    pub(crate) fn take_lease(&mut self, now: Timestamp, until: Timestamp) -> Option<PlanState> {
        if self.lease_until.is_some_and(|lease_until| lease_until >= now) {
            return None;
        }
        self.lease_until = Some(until);
        self.is_dirty = false;
        self.state.epoch += 1;
        Some(self.state.clone())
    }

    /// Tells the holder of the lease to plan again, if there is one.
    pub(crate) fn set_dirty(&mut self, now: Timestamp) -> bool {
        let is_held = self.lease_until.is_some_and(|lease_until| lease_until >= now);
        self.is_dirty |= is_held;
        is_held
    }

    /// Gives the lease back with what the plan learnt, unless something changed meanwhile. `at` is
    /// the true time.
    pub(crate) fn release(&mut self, learnt: &PlanState, at: Timestamp) -> Release {
        if self.state.epoch != learnt.epoch {
            return Release::Overtaken;
        }
        if self.is_dirty {
            if self.lease_until.is_none() {
                return Release::Overtaken;
            }
            self.is_dirty = false;
            return Release::Again(Box::new(self.state.clone()));
        }
        self.state.rate_states = learnt.rate_states.clone();
        self.state.empty_partitions = learnt.empty_partitions.clone();
        self.state.walks = learnt.walks.clone();
        self.state.hinted_at = learnt.hinted_at;
        self.lease_until = None;
        self.set_wake(learnt.wake_at, at);
        Release::Done
    }

    /// Notes that there is new work. `at` is the true time.
    pub(crate) fn add_work(&mut self, now: Timestamp, at: Timestamp) {
        self.state.work_added_at = now;
        self.is_dirty = true;
        self.set_wake(Some(now), at);
    }

    /// Gives the lease back, unless another planner has it.
    pub(crate) fn drop_lease(&mut self, epoch: u64) {
        if self.state.epoch == epoch {
            self.lease_until = None;
        }
    }

    /// Stores other rate states and ends the planner's epoch.
    pub(crate) fn replace_paces(&mut self, rate_states: RateStates, now: Timestamp) {
        self.state.rate_states = rate_states;
        self.state.work_added_at = now;
        self.state.epoch += 1;
        self.lease_until = None;
    }

    /// A campaign changed: planners under way can claim nothing more. `at` is the true time.
    pub(super) fn supersede(
        &mut self,
        campaign: CampaignId,
        active: bool,
        runs: bool,
        now: Timestamp,
        at: Timestamp,
    ) {
        self.state.epoch += 1;
        self.lease_until = None;
        let note = |is_in: bool, among: &mut BTreeSet<CampaignId>| {
            if is_in { among.insert(campaign.clone()) } else { among.remove(&campaign) }
        };
        note(active, &mut self.state.active);
        note(runs, &mut self.state.running);
        self.set_wake(Some(now), at);
    }

    /// Whether one more campaign may run.
    pub(super) fn has_room_for(&self, campaign: &CampaignId, limit: u32) -> bool {
        let running = &self.state.running;
        running.contains(campaign) || usize::try_from(limit).is_ok_and(|limit| running.len() < limit)
    }

    fn set_wake(&mut self, wake_at: Option<Timestamp>, at: Timestamp) {
        self.wake_before = self.state.wake_at;
        self.wake_changed_at = at;
        self.state.wake_at = wake_at;
    }

    /// Whether the wake index shows the workspace as due, as it is seen with a lag.
    pub(crate) fn is_due(&self, now: Timestamp, at: Timestamp, lag_ms: i64) -> bool {
        let is_stale = at.since_ms(self.wake_changed_at) < lag_ms;
        let seen = if is_stale { self.wake_before } else { self.state.wake_at };
        seen.is_some_and(|wake_at| wake_at <= now)
    }
}
