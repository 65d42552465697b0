//! The planning state of a workspace: epoch, lease, paces, marks, and when to look again.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use carillon_domain::ids::{CampaignId, WorkspaceId};
use carillon_domain::pacing::Paces;
use carillon_domain::plan::Marks;
use carillon_domain::time::Timestamp;
use serde::Deserialize;

use crate::item::{self, number, text};
use crate::keys::{self, INDEX};
use crate::table::met;
use crate::{Store, StoreError};

/// Most workspaces that one look at a wake shard returns.
const WAKE_PAGE: i32 = 1_000;

/// What a planner finds when it takes the lease.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PlanState {
    /// The planner's epoch: whoever has a lower one can claim nothing.
    pub epoch: u64,
    /// The campaigns to look at.
    #[serde(default)]
    pub active: BTreeSet<CampaignId>,
    /// How fast things are going.
    #[serde(default)]
    pub paces: Paces,
    /// What is known to be empty.
    #[serde(default)]
    pub marks: Marks,
    /// When somebody last added work.
    #[serde(default)]
    pub work_added_at: Timestamp,
    /// The delayed hint that is on its way, if it lies ahead.
    #[serde(default)]
    pub hinted_at: Timestamp,
    /// When the workspace is to be looked at again.
    #[serde(default)]
    pub wake_at: Option<Timestamp>,
}

/// What came of asking for the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lease {
    /// It is ours, with a new epoch.
    Taken(Box<PlanState>),
    /// Another planner holds it, and was told to plan again.
    Held,
}

/// What came of giving the lease back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Release {
    /// Done.
    Done,
    /// Something changed meanwhile: plan again.
    Again(Box<PlanState>),
    /// Another planner has taken over.
    Overtaken,
}

impl Store {
    /// Takes the planner's lease and the next epoch; tells the holder to plan again if there is
    /// one.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn take_lease(
        &self,
        ws: &WorkspaceId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Lease, StoreError> {
        // Twice: the holder may let go between the two questions.
        for _ in 0..2 {
            let taken = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(keys::planning(ws).into_attributes()))
                .update_expression("SET lease_until = :until, dirty = :no ADD epoch :one")
                .condition_expression("attribute_not_exists(lease_until) OR lease_until < :now")
                .expression_attribute_values(":until", text(until))
                .expression_attribute_values(":now", text(now))
                .expression_attribute_values(":no", AttributeValue::Bool(false))
                .expression_attribute_values(":one", number(1))
                .return_values(ReturnValue::AllNew)
                .send()
                .await
                .map_err(StoreError::service);
            match taken {
                Ok(answer) => {
                    let state = item::decode(answer.attributes.unwrap_or_default())?;
                    return Ok(Lease::Taken(Box::new(state)));
                }
                Err(error) if error.is_condition() => {}
                Err(error) => return Err(error),
            }
            if self.set_dirty(ws, now).await? {
                return Ok(Lease::Held);
            }
        }
        Ok(Lease::Held)
    }

    async fn set_dirty(&self, ws: &WorkspaceId, now: Timestamp) -> Result<bool, StoreError> {
        let set = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::planning(ws).into_attributes()))
            .update_expression("SET dirty = :yes")
            .condition_expression("lease_until >= :now")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":now", text(now));
        met(set.send().await.map(drop).map_err(StoreError::service))
    }

    /// Gives the lease back with what the plan learnt, unless something changed meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn release_lease(&self, ws: &WorkspaceId, state: &PlanState) -> Result<Release, StoreError> {
        let value = |error| StoreError::codec(error);
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::planning(ws).into_attributes()))
            .condition_expression("epoch = :epoch AND dirty = :no")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .expression_attribute_values(":epoch", number(state.epoch))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(
                ":paces",
                serde_dynamo::to_attribute_value(&state.paces).map_err(value)?,
            )
            .expression_attribute_values(
                ":marks",
                serde_dynamo::to_attribute_value(&state.marks).map_err(value)?,
            )
            .expression_attribute_values(":hinted", text(state.hinted_at));
        let learnt = "SET paces = :paces, marks = :marks, hinted_at = :hinted";
        update = match state.wake_at {
            None => update.update_expression(format!("{learnt} REMOVE lease_until, wake_at, gsi1pk, gsi1sk")),
            Some(wake_at) => {
                let entry = keys::wake_entry(ws, wake_at);
                update
                    .update_expression(format!(
                        "{learnt}, wake_at = :wake, gsi1pk = :pk, gsi1sk = :sk REMOVE lease_until"
                    ))
                    .expression_attribute_values(":wake", text(wake_at))
                    .expression_attribute_values(":pk", text(entry.pk))
                    .expression_attribute_values(":sk", text(entry.sk))
            }
        };
        match update.send().await.map(drop).map_err(StoreError::service) {
            Ok(()) => Ok(Release::Done),
            Err(error) if error.is_condition() => self.start_again(ws, state.epoch).await,
            Err(error) => Err(error),
        }
    }

    /// Clears `dirty` for another plan in the same epoch.
    async fn start_again(&self, ws: &WorkspaceId, epoch: u64) -> Result<Release, StoreError> {
        let cleared = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::planning(ws).into_attributes()))
            .update_expression("SET dirty = :no")
            .condition_expression("epoch = :epoch AND attribute_exists(lease_until)")
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(":epoch", number(epoch))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(StoreError::service);
        match cleared {
            Ok(answer) => Ok(Release::Again(Box::new(item::decode(answer.attributes.unwrap_or_default())?))),
            Err(error) if error.is_condition() => Ok(Release::Overtaken),
            Err(error) => Err(error),
        }
    }

    /// Notes that there is new work: marks seen before count for nothing, the planner at work
    /// plans again, and the tick finds the workspace even if every hint is lost.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn add_work(&self, ws: &WorkspaceId, now: Timestamp) -> Result<(), StoreError> {
        let entry = keys::wake_entry(ws, now);
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::planning(ws).into_attributes()))
            .update_expression(
                "SET work_added_at = :now, dirty = :yes, wake_at = :now, gsi1pk = :pk, gsi1sk = :sk \
                 ADD epoch :zero",
            )
            .expression_attribute_values(":now", text(now))
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":pk", text(entry.pk))
            .expression_attribute_values(":sk", text(entry.sk))
            .send()
            .await
            .map(drop)
            .map_err(StoreError::service)
    }

    /// Makes a caller number rest after the provider was full, whatever the planner does.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn update_paces(
        &self,
        ws: &WorkspaceId,
        change: impl Fn(&mut Paces),
    ) -> Result<(), StoreError> {
        let Some(mut state) = self.get::<PlanState>(keys::planning(ws)).await? else { return Ok(()) };
        change(&mut state.paces);
        let paces = serde_dynamo::to_attribute_value(&state.paces).map_err(StoreError::codec)?;
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::planning(ws).into_attributes()))
            // A planner at work must not overwrite it: its epoch is over.
            .update_expression("SET paces = :paces ADD epoch :one REMOVE lease_until")
            .condition_expression("epoch = :epoch")
            .expression_attribute_values(":paces", paces)
            .expression_attribute_values(":epoch", number(state.epoch))
            .expression_attribute_values(":one", number(1));
        met(update.send().await.map(drop).map_err(StoreError::service)).map(drop)
    }

    /// The planning state, for whoever only looks.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn plan_state(&self, ws: &WorkspaceId) -> Result<Option<PlanState>, StoreError> {
        self.get(keys::planning(ws)).await
    }

    /// The workspaces that are to be looked at by now.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn due_workspaces(&self, now: Timestamp) -> Result<Vec<WorkspaceId>, StoreError> {
        let mut due = Vec::new();
        for shard in 0..keys::WAKE_SHARDS {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(INDEX)
                .key_condition_expression("gsi1pk = :pk AND gsi1sk < :after")
                .expression_attribute_values(":pk", text(keys::wake(shard)))
                // `$` follows `#`: everything up to and including this moment.
                .expression_attribute_values(":after", text(format!("{now}$")))
                .limit(WAKE_PAGE)
                .send()
                .await
                .map_err(StoreError::service)?;
            let names = answer.items.unwrap_or_default();
            due.extend(names.iter().filter_map(|item| {
                let (_, ws) = item::text_of(item, "gsi1sk")?.split_once('#')?;
                ws.parse::<WorkspaceId>().ok()
            }));
        }
        Ok(due)
    }
}
