//! The planning state of a workspace: epoch, lease, rate states, marks, and when to look again.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::planning::EmptyPartitions;
use carillon_domain::policy::rate_limit::RateStates;
use serde::{Deserialize, Serialize};

use crate::item::{self, number, text};
use crate::keys;
use crate::table::met;
use crate::{Store, StoreError};

mod lease;
mod wake;

pub use lease::{Lease, Release};

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
}

/// The attribute that counts failures, in an item for each campaign and each caller number.
pub(crate) const FAILED: &str = "failed";

/// The marks as they are stored, apart from the rest: most plans change nothing in them.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct MarksItem {
    pub(crate) empty_partitions: EmptyPartitions,
}

impl Store {
    /// Makes a caller number rest after the provider was full, whatever the planner does.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
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
            let value =
                |rate_states| serde_dynamo::to_attribute_value(rate_states).map_err(StoreError::codec);
            // A planner at work must not overwrite it, so its epoch ends; and what it has claimed
            // since we read must not be undone.
            let update = self
                .plan_update(ws)
                .update_expression(
                    "SET rate_states = :rate_states, work_added_at = :now ADD epoch :one REMOVE lease_until",
                )
                .condition_expression(
                    "epoch = :epoch AND (attribute_not_exists(rate_states) OR rate_states = :before)",
                )
                .expression_attribute_values(":rate_states", value(&rate_states)?)
                .expression_attribute_values(":before", value(&state.rate_states)?)
                .expression_attribute_values(":now", text(now))
                .expression_attribute_values(":epoch", number(state.epoch))
                .expression_attribute_values(":one", number(1));
            if met(self.update_uncontended(update).await.map(drop))? {
                return Ok(());
            }
        }
        Err(StoreError::Service {
            code: "contended".to_owned(),
            source: "the rate states kept changing".into(),
        })
    }

    fn plan_update(&self, ws: &WorkspaceId) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.table).set_key(Some(keys::planning(ws).into_attributes()))
    }

    /// The planning state, for whoever only looks.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn plan_state(&self, ws: &WorkspaceId) -> Result<Option<PlanState>, StoreError> {
        self.get(keys::planning(ws)).await
    }

    /// Keeps what a plan found empty. It was seen, whoever plans by now: no condition.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn keep_marks(
        &self,
        ws: &WorkspaceId,
        empty_partitions: &EmptyPartitions,
    ) -> Result<(), StoreError> {
        self.put_item(item::encode(
            keys::empty_partitions(ws),
            &MarksItem { empty_partitions: empty_partitions.clone() },
        )?)
        .await
    }
}
