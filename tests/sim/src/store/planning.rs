//! The planning state of a workspace, and the index that wakes it.

use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::rate_limit::RateStates;

use crate::table::{PlanState, Planning, Release};
use crate::world::{NoAnswer, World};

/// How often a change of the rate states is made anew on what the planner has stored meanwhile.
const PACE_TRIES: usize = 8;

impl World {
    /// Takes the planner's lease; tells its holder to plan again if there is one.
    pub(crate) async fn take_lease(
        &self,
        ws: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<PlanState>, NoAnswer> {
        // Twice: the holder may let go between the two questions.
        for _ in 0..2 {
            let taken = self.put(ws, |workspace| workspace.planning.take_lease(now, until)).await?;
            if taken.is_some() || self.put(ws, |workspace| workspace.planning.set_dirty(now)).await? {
                return Ok(taken);
            }
        }
        Ok(None)
    }

    /// Gives the lease back without a word of what was learnt.
    pub(crate) async fn drop_lease(&self, ws: usize, epoch: u64) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| workspace.planning.drop_lease(epoch)).await
    }

    /// Gives the lease back with what the plan learnt, unless something changed meanwhile.
    pub(crate) async fn release_lease(&self, ws: usize, learnt: &PlanState) -> Result<Release, NoAnswer> {
        let at = || self.agenda.now();
        self.put(ws, |workspace| workspace.planning.release(learnt, at())).await
    }

    /// Notes that there is new work.
    pub(crate) async fn add_work(&self, ws: usize, now: Timestamp) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| workspace.planning.add_work(now, self.agenda.now())).await
    }

    /// Changes the rate states, whatever the planner does: anew if it has advanced them meanwhile.
    pub(crate) async fn update_paces(
        &self,
        ws: usize,
        now: Timestamp,
        change: impl Fn(&mut RateStates),
    ) -> Result<(), NoAnswer> {
        let look = |planning: &Planning| (planning.state.epoch, planning.state.rate_states.clone());
        for _ in 0..PACE_TRIES {
            let before = self.read(ws, |workspace| look(&workspace.planning)).await?;
            let mut rate_states = before.1.clone();
            change(&mut rate_states);
            let is_stored = self
                .put(ws, |workspace| {
                    let is_same = look(&workspace.planning) == before;
                    if is_same {
                        workspace.planning.replace_paces(rate_states, now);
                    }
                    is_same
                })
                .await?;
            if is_stored {
                return Ok(());
            }
        }
        Err(NoAnswer)
    }

    /// The workspaces that the wake index shows as due.
    pub(crate) async fn due_workspaces(&self, now: Timestamp) -> Result<Vec<usize>, NoAnswer> {
        self.request().await?;
        let (at, lag_ms) = (self.agenda.now(), self.lag_ms());
        let table = self.table.borrow();
        let is_due = |ws: &usize| table.workspaces[*ws].planning.is_due(now, at, lag_ms);
        Ok((0..table.workspaces.len()).filter(is_due).collect())
    }
}
