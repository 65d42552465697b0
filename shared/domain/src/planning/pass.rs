//! One look at a workspace, pass by pass.

use std::collections::HashSet;

use super::due_queries::{Drained, due_queries};
use super::{Candidates, DueQueries, Plan, PlanningSnapshot, wake_at};
use crate::base::channel::Channel;
use crate::base::ids::LeadId;
use crate::base::time::Timestamp;

/// Most passes in one round; each claims up to [`MAX_CLAIMS`](super::MAX_CLAIMS) leads. Then whoever
/// asked for a call meanwhile has their turn.
const MAX_PASSES: usize = 10;
/// Leads that a pass reads beyond those that it wants: now and then the index is stale.
const SPARE: usize = 1;
/// The same after a pass that could not use most of what it read.
const SPARE_WHERE_FEW_CAN_BE_USED: usize = 50;

/// The passes of one look at a workspace: who could not be used in one does not stand in the way of
/// others in the next.
#[derive(Debug, Default)]
pub struct Round {
    passes: usize,
    is_over: bool,
    /// Whether the last pass claimed or revised somebody: there may be more to do.
    has_more: bool,
    /// Whether the last pass could not use most of what it read.
    is_sparse: bool,
    passed_over: HashSet<LeadId>,
    drained: Drained,
    /// The first slot beyond the horizon that somebody could use.
    next_slot_at: Option<Timestamp>,
}

impl Round {
    /// Where the next pass looks for leads; none once the round is over.
    ///
    /// `work_added_at` is when somebody last added due work by another way than a call's end.
    pub fn next(&mut self, snapshot: &PlanningSnapshot, work_added_at: Timestamp) -> Option<DueQueries> {
        if self.is_over || self.passes == MAX_PASSES {
            return None;
        }
        self.passes += 1;
        let due_queries = due_queries(snapshot, work_added_at, &self.drained);
        if due_queries.places.is_empty() && snapshot.requests.is_empty() {
            self.has_more = false;
            return None;
        }
        Some(due_queries)
    }

    /// Leads that were found before and can't be used now: to be looked past.
    pub const fn passed_over(&self) -> &HashSet<LeadId> {
        &self.passed_over
    }

    /// Leads that the next pass is to read beyond those that it wants.
    pub const fn spare(&self) -> usize {
        if self.is_sparse { SPARE_WHERE_FEW_CAN_BE_USED } else { SPARE }
    }

    /// Takes in what came of a pass; says whether there is anything to commit.
    pub fn note(
        &mut self,
        snapshot: &PlanningSnapshot,
        due_queries: &DueQueries,
        candidates: &Candidates,
        plan: &Plan,
    ) -> bool {
        let known = (self.passed_over.len(), self.drained.len());
        self.passed_over.extend(plan.passed_over.iter().cloned());
        self.drained.extend(plan.full.iter().map(|campaign| (campaign.clone(), Channel::Call)));
        let found = candidates.leads.iter().filter_map(|lead| {
            let id = lead.id.campaign();
            Some((snapshot.campaign(&id)?.channel_of(lead), id)).map(|(channel, id)| (id, channel))
        });
        let found: Drained = found.collect();
        let looked_into = due_queries.places.iter().map(|one| (one.campaign.clone(), one.channel));
        self.drained.extend(looked_into.filter(|place| !found.contains(place)));
        self.next_slot_at = [self.next_slot_at, plan.next_slot_at].into_iter().flatten().min();
        self.is_sparse = plan.claims.len() * 2 < candidates.leads.len();
        self.has_more = !plan.claims.is_empty() || !plan.revised.is_empty();
        self.is_over = !self.has_more && known == (self.passed_over.len(), self.drained.len());
        self.has_more
    }

    /// When to look at the workspace again, which `snapshot` shows as it is after the round.
    pub fn wake_at(&self, snapshot: &PlanningSnapshot) -> Option<Timestamp> {
        let more_at = self.has_more.then_some(snapshot.now);
        [wake_at(snapshot, self.next_slot_at), more_at].into_iter().flatten().min()
    }
}
