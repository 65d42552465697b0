//! The planning state of a workspace: epoch, lease, rate states, marks, and when to look again.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::planning::EmptyPartitions;
use carillon_domain::policy::rate_limit::RateStates;
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, text};
use crate::keys;
use crate::table::{Change, Condition};

mod lease;
mod wake;

pub use lease::{Lease, Release};
pub(crate) use wake::wake_at;

/// How often a change of rate states is made anew on what a planner has stored meanwhile.
const PACE_TRIES: usize = 8;

/// What a planner finds when it takes the lease.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct PlanState {
    /// The planner's epoch: whoever has a lower one can claim nothing.
    pub epoch: u64,
    /// The campaigns to look at.
    #[serde(default)]
    pub active: BTreeSet<CampaignId>,
    /// The campaigns that run, as the workspace's limit counts them.
    #[serde(default)]
    pub running: BTreeSet<CampaignId>,
    /// How fast things are going.
    #[serde(default)]
    pub rate_states: RateStates,
    /// When somebody last added work.
    #[serde(default)]
    pub work_added_at: Timestamp,
    /// The walks over campaigns' leads that were asked for, and when.
    #[serde(default)]
    pub walks: BTreeMap<CampaignId, Timestamp>,
    /// The delayed hint that is on its way, if it lies ahead.
    #[serde(default)]
    pub hinted_at: Timestamp,
    /// When the workspace is to be looked at again.
    #[serde(default)]
    pub wake_at: Option<Timestamp>,
    /// Until when the end of a call gives a plan nothing to do; none while somebody plans.
    #[serde(default)]
    pub rests_until: Option<Timestamp>,
    /// Whether the last planner had to plan again because of what came meanwhile.
    #[serde(default)]
    pub is_busy: bool,
}

/// The attribute of [`PlanState::rests_until`]: whoever changes what a plan is made of removes it.
pub(crate) const RESTS_UNTIL: &str = "rests_until";

/// The attribute that counts failures, in an item for each campaign and each caller number.
pub(crate) const FAILED: &str = "failed";

/// The marks as they are stored, apart from the rest: most plans change nothing in them.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct MarksItem {
    pub(crate) empty_partitions: EmptyPartitions,
}

impl Store {
    /// Changes the rate states, whatever the planner does. After a lost reply the change is made again on what it
    /// left: it has to come to the same then.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, or others kept changing them.
    pub async fn update_paces(
        &self,
        ws: &WorkspaceId,
        now: Timestamp,
        change: impl Fn(&mut RateStates),
    ) -> Result<(), StoreError> {
        for _ in 0..PACE_TRIES {
            let Some(state) = self.plan_state(ws).await? else { return Ok(()) };
            let mut rate_states = state.rate_states.clone();
            change(&mut rate_states);
            // A planner at work must not overwrite it, so its epoch ends; and what it has claimed
            // since we read must not be undone.
            let changes = vec![
                Change::Set("rate_states", item::value(&rate_states)?),
                Change::Set("work_added_at", text(now)),
                Change::Add("epoch", 1),
                Change::Remove("lease_until"),
                Change::Remove(RESTS_UNTIL),
            ];
            let before = Condition::Equals("rate_states", item::value(&state.rate_states)?);
            let unchanged = Condition::at_epoch(state.epoch).and(Condition::Absent("rate_states").or(before));
            if self.update_if(keys::planning(ws), changes, Some(unchanged)).await?.is_some() {
                return Ok(());
            }
        }
        Err(StoreError::contended("the rate states kept changing"))
    }

    /// The planning state, for whoever only looks.
    pub async fn plan_state(&self, ws: &WorkspaceId) -> Result<Option<PlanState>, StoreError> {
        self.get(keys::planning(ws)).await
    }

    /// Keeps what a plan found empty. It was seen, whoever plans by now: no condition.
    pub async fn keep_marks(
        &self,
        ws: &WorkspaceId,
        empty_partitions: &EmptyPartitions,
    ) -> Result<(), StoreError> {
        self.put(item::encode(
            keys::empty_partitions(ws),
            &MarksItem { empty_partitions: empty_partitions.clone() },
        )?)
        .await
    }
}
