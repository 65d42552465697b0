//! The planner's lease: one planner at a time, and each with an epoch of its own.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;

use super::PlanState;
use crate::item::{self, number, text};
use crate::table::met;
use crate::{Store, StoreError, keys};

/// What came of asking for the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lease {
    /// It is ours, with a new epoch.
    Taken(Box<PlanState>),
    /// Another planner holds it, and was told to plan again.
    SlotUsage,
}

/// What came of giving the lease back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Release {
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
            let take = self
                .plan_update(ws)
                .update_expression("SET lease_until = :until, dirty = :no ADD epoch :one")
                .condition_expression("attribute_not_exists(lease_until) OR lease_until < :now")
                .expression_attribute_values(":until", text(until))
                .expression_attribute_values(":now", text(now))
                .expression_attribute_values(":no", AttributeValue::Bool(false))
                .expression_attribute_values(":one", number(1))
                .return_values(ReturnValue::AllNew);
            match self.update_uncontended(take).await {
                Ok(answer) => {
                    let state = item::decode(answer.attributes.unwrap_or_default())?;
                    return Ok(Lease::Taken(Box::new(state)));
                }
                Err(error) if error.is_condition() => {}
                Err(error) => return Err(error),
            }
            if self.set_dirty(ws, now).await? {
                return Ok(Lease::SlotUsage);
            }
        }
        Ok(Lease::SlotUsage)
    }

    /// Gives the lease back without a word of what was learnt; nothing if another planner has it.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn drop_lease(&self, ws: &WorkspaceId, epoch: u64) -> Result<(), StoreError> {
        let dropped = self
            .plan_update(ws)
            .update_expression("REMOVE lease_until")
            .condition_expression("epoch = :epoch")
            .expression_attribute_values(":epoch", number(epoch));
        met(self.update_uncontended(dropped).await.map(drop)).map(drop)
    }

    async fn set_dirty(&self, ws: &WorkspaceId, now: Timestamp) -> Result<bool, StoreError> {
        let set = self
            .plan_update(ws)
            .update_expression("SET dirty = :yes")
            .condition_expression("lease_until >= :now")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":now", text(now));
        met(self.update_uncontended(set).await.map(drop))
    }

    /// Gives the lease back with what the plan learnt, unless something changed meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn release_lease(&self, ws: &WorkspaceId, state: &PlanState) -> Result<Release, StoreError> {
        let value = |error| StoreError::codec(error);
        let mut update = self
            .plan_update(ws)
            .condition_expression("epoch = :epoch AND dirty = :no")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .expression_attribute_values(":epoch", number(state.epoch))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(
                ":rate_states",
                serde_dynamo::to_attribute_value(&state.rate_states).map_err(value)?,
            )
            .expression_attribute_values(
                ":walks",
                serde_dynamo::to_attribute_value(&state.walks).map_err(value)?,
            )
            .expression_attribute_values(":hinted", text(state.hinted_at));
        let learnt = "SET rate_states = :rate_states, walks = :walks, hinted_at = :hinted";
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
        match self.update_uncontended(update).await.map(drop) {
            Ok(()) => Ok(Release::Done),
            Err(error) if error.is_condition() => self.start_again(ws, state.epoch).await,
            Err(error) => Err(error),
        }
    }

    /// Clears `dirty` for another plan in the same epoch.
    async fn start_again(&self, ws: &WorkspaceId, epoch: u64) -> Result<Release, StoreError> {
        let clear = self
            .plan_update(ws)
            .update_expression("SET dirty = :no")
            .condition_expression("epoch = :epoch AND attribute_exists(lease_until)")
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(":epoch", number(epoch))
            .return_values(ReturnValue::AllNew);
        match self.update_uncontended(clear).await {
            Ok(answer) => Ok(Release::Again(Box::new(item::decode(answer.attributes.unwrap_or_default())?))),
            Err(error) if error.is_condition() => Ok(Release::Overtaken),
            Err(error) => Err(error),
        }
    }
}
