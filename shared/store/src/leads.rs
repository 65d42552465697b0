//! Leads: one by one, due ones, all of a campaign.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::records::lead::{DueClass, Lead};
use tokio::task::JoinSet;

use crate::item::{self, Item, text, text_of};
use crate::keys::{self, INDEX, LEAD_SHARDS};
use crate::{Store, StoreError, in_parallel, interrupted};

mod create;

pub use create::{CREATE_BATCH, CreatedLeads, RowOutcome};

/// Shards that are read at the same time.
const PARALLEL_SHARDS: usize = 32;

/// A lead in the due index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueEntry {
    pub lead: LeadId,
    pub due_at: Timestamp,
}

/// A page of the due index, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DuePage {
    /// What the index names; it may be stale.
    pub entries: Vec<DueEntry>,
    /// Where the next page starts; none if this is the last.
    pub next: Option<HashMap<String, AttributeValue>>,
}

impl Store {
    /// One lead.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn lead(&self, ws: &WorkspaceId, id: &LeadId) -> Result<Option<Lead>, StoreError> {
        self.get(keys::lead(ws, id)).await
    }

    /// Several leads, strongly consistent, in the order of their ids; those that are gone are left
    /// out.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn leads(&self, ws: &WorkspaceId, ids: &[LeadId]) -> Result<Vec<Lead>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut items = self.get_all(ids.iter().map(|id| keys::lead(ws, id)).collect()).await?;
        ids.iter().filter_map(|id| items.remove(&keys::lead(ws, id))).map(item::decode).collect()
    }

    /// A page of the due index; it may be stale, so what it names is only a proposal.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn due_leads(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        class: DueClass,
        zone: Option<&Zone>,
        limit: usize,
        from: Option<HashMap<String, AttributeValue>>,
    ) -> Result<DuePage, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(INDEX)
            .key_condition_expression("gsi1pk = :pk")
            .expression_attribute_values(":pk", text(keys::due(ws, campaign, class, zone)))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(from)
            .send()
            .await
            .map_err(StoreError::service)?;
        let entries = answer.items.unwrap_or_default().iter().filter_map(due_entry).collect();
        Ok(DuePage { entries, next: answer.last_evaluated_key })
    }

    /// The leads of one shard of a campaign, strongly; there are [`LEAD_SHARDS`].
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn leads_in_shard(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        shard: u32,
    ) -> Result<Vec<Lead>, StoreError> {
        self.list(keys::lead_shard(ws, campaign, shard)).await
    }

    /// All leads of a campaign, in file order.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn all_leads(&self, ws: &WorkspaceId, campaign: &CampaignId) -> Result<Vec<Lead>, StoreError> {
        let reads = (0..LEAD_SHARDS).map(|shard| {
            let (store, pk) = (self.clone(), keys::lead_shard(ws, campaign, shard));
            async move { store.list::<Lead>(pk).await }
        });
        let mut leads = in_parallel(PARALLEL_SHARDS, reads).await?.concat();
        leads.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        Ok(leads)
    }

    /// Whether any lead of a campaign has not settled, read strongly; ends with the first one found.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn has_unsettled(&self, ws: &WorkspaceId, campaign: &CampaignId) -> Result<bool, StoreError> {
        let mut shards = 0..LEAD_SHARDS;
        let mut reading = JoinSet::new();
        loop {
            while reading.len() < PARALLEL_SHARDS {
                let Some(shard) = shards.next() else { break };
                let (store, pk) = (self.clone(), keys::lead_shard(ws, campaign, shard));
                reading.spawn(async move { store.has_unsettled_in(&pk).await });
            }
            match reading.join_next().await {
                None => return Ok(false),
                Some(Ok(found)) => {
                    if found? {
                        return Ok(true);
                    }
                }
                Some(Err(error)) => return Err(interrupted(error)),
            }
        }
    }

    async fn has_unsettled_in(&self, shard: &str) -> Result<bool, StoreError> {
        let mut from = None;
        loop {
            let answer = self
                .partition(shard, None)
                .consistent_read(true)
                .select(Select::Count)
                .filter_expression("#state.#name IN (:pending, :retry, :callback, :progress)")
                .expression_attribute_names("#state", "state")
                .expression_attribute_names("#name", "name")
                .expression_attribute_values(":pending", text("pending"))
                .expression_attribute_values(":retry", text("retry_scheduled"))
                .expression_attribute_values(":callback", text("callback_scheduled"))
                .expression_attribute_values(":progress", text("in_progress"))
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(StoreError::service)?;
            if answer.count > 0 {
                return Ok(true);
            }
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(false);
            }
        }
    }
}

fn due_entry(item: &Item) -> Option<DueEntry> {
    let (due_at, _) = text_of(item, "gsi1sk")?.split_once('#')?;
    Some(DueEntry { lead: text_of(item, "sk")?.parse().ok()?, due_at: due_at.parse().ok()? })
}
