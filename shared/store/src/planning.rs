//! The planning state of a workspace: epoch, lease, paces, marks, and when to look again.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use carillon_domain::ids::{CampaignId, WorkspaceId};
use carillon_domain::pacing::Paces;
use carillon_domain::plan::{Failures, Marks};
use carillon_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{self, Item, number, text};
use crate::keys::{self, FAILURES_PREFIX, INDEX};
use crate::table::met;
use crate::{Store, StoreError};

/// How often a change of paces is made anew on what a planner has stored meanwhile.
const PACE_TRIES: usize = 8;
/// Most workspaces that one look at a wake shard returns.
const WAKE_PAGE: i32 = 1_000;

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
    pub paces: Paces,
    /// How many calls have failed so far; each end of a call adds to them.
    #[serde(skip)]
    pub failures: Failures,
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

/// The marks as they are stored, apart from the rest: most plans change nothing in them.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct MarksItem {
    pub(crate) marks: Marks,
}

impl PlanState {
    fn of(item: Item) -> Result<Self, StoreError> {
        let mut failures = Failures::default();
        for (name, count) in &item {
            let (Some(id), Ok(count)) = (name.strip_prefix(FAILURES_PREFIX), count.as_n()) else { continue };
            let count = count.parse().unwrap_or_default();
            if let Ok(number) = id.parse() {
                failures.numbers.insert(number, count);
            } else if let Ok(campaign) = id.parse() {
                failures.campaigns.insert(campaign, count);
            }
        }
        Ok(Self { failures, ..item::decode(item)? })
    }
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
                    let state = PlanState::of(answer.attributes.unwrap_or_default())?;
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
                ":paces",
                serde_dynamo::to_attribute_value(&state.paces).map_err(value)?,
            )
            .expression_attribute_values(
                ":walks",
                serde_dynamo::to_attribute_value(&state.walks).map_err(value)?,
            )
            .expression_attribute_values(":hinted", text(state.hinted_at));
        let learnt = "SET paces = :paces, walks = :walks, hinted_at = :hinted";
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
            Ok(answer) => Ok(Release::Again(Box::new(PlanState::of(answer.attributes.unwrap_or_default())?))),
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
        let note = self
            .plan_update(ws)
            .update_expression(
                "SET work_added_at = :now, dirty = :yes, wake_at = :now, gsi1pk = :pk, gsi1sk = :sk \
                 ADD epoch :zero",
            )
            .expression_attribute_values(":now", text(now))
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":pk", text(entry.pk))
            .expression_attribute_values(":sk", text(entry.sk));
        self.update_uncontended(note).await.map(drop)
    }

    /// Makes a caller number rest after the provider was full, whatever the planner does.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn update_paces(
        &self,
        ws: &WorkspaceId,
        now: Timestamp,
        change: impl Fn(&mut Paces),
    ) -> Result<(), StoreError> {
        for _ in 0..PACE_TRIES {
            let Some(state) = self.plan_state(ws).await? else { return Ok(()) };
            let mut paces = state.paces.clone();
            change(&mut paces);
            let value = |paces| serde_dynamo::to_attribute_value(paces).map_err(StoreError::codec);
            // A planner at work must not overwrite it, so its epoch ends; and what it has claimed
            // since we read must not be undone.
            let update = self
                .plan_update(ws)
                .update_expression(
                    "SET paces = :paces, work_added_at = :now ADD epoch :one REMOVE lease_until",
                )
                .condition_expression("epoch = :epoch AND (attribute_not_exists(paces) OR paces = :before)")
                .expression_attribute_values(":paces", value(&paces)?)
                .expression_attribute_values(":before", value(&state.paces)?)
                .expression_attribute_values(":now", text(now))
                .expression_attribute_values(":epoch", number(state.epoch))
                .expression_attribute_values(":one", number(1));
            if met(self.update_uncontended(update).await.map(drop))? {
                return Ok(());
            }
        }
        Err(StoreError::Service { code: "contended".to_owned(), source: "the paces kept changing".into() })
    }

    fn plan_update(&self, ws: &WorkspaceId) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.table).set_key(Some(keys::planning(ws).into_attributes()))
    }

    /// The planning state, for whoever only looks.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn plan_state(&self, ws: &WorkspaceId) -> Result<Option<PlanState>, StoreError> {
        self.get_item(keys::planning(ws)).await?.map(PlanState::of).transpose()
    }

    /// Keeps what a plan found empty. It was seen, whoever plans by now: no condition.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn keep_marks(&self, ws: &WorkspaceId, marks: &Marks) -> Result<(), StoreError> {
        self.put_item(item::encode(keys::marks(ws), &MarksItem { marks: marks.clone() })?).await
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
