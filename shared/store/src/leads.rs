//! Leads: in bulk, one by one, due ones, all of a campaign.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, BatchStatementErrorCodeEnum, BatchStatementRequest, Select};
use carillon_domain::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::lead::{DueClass, Lead, Origin};
use carillon_domain::time::Timestamp;
use carillon_domain::zone::Zone;
use tokio::task::JoinSet;

use crate::commit::lead_item;
use crate::item::{self, Item, text, text_of};
use crate::keys::{self, INDEX, LEAD_SHARDS};
use crate::table::back_off;
use crate::{Store, StoreError};

/// Leads that one request creates (limit of the service on statements).
pub const CREATE_BATCH: usize = 25;
/// How often the rest of a batch that was throttled is sent again.
const CREATE_TRIES: u32 = 8;
/// Shards that are read at the same time.
const PARALLEL_SHARDS: usize = 32;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowOutcome {
    /// It is a lead now.
    Created,
    /// Its number is a lead of the campaign already.
    Duplicate {
        /// Where that lead came from; none if it came alone.
        of: Option<Origin>,
    },
}

/// What became of a batch of leads, in their order.
pub type CreatedLeads = Vec<RowOutcome>;

/// A lead in the due index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueEntry {
    /// The lead.
    pub lead: LeadId,
    /// When it falls due.
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

    /// Creates up to [`CREATE_BATCH`] leads in one request, each under its own condition.
    ///
    /// A lead that is there with the same origin was created by ourselves, in a request whose reply
    /// was lost.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; the same batch may be sent again.
    pub async fn create_leads(&self, ws: &WorkspaceId, leads: &[Lead]) -> Result<CreatedLeads, StoreError> {
        let mut outcomes = vec![None; leads.len()];
        for tries in 0..CREATE_TRIES {
            let open: Vec<_> = (0..leads.len()).filter(|place| outcomes[*place].is_none()).collect();
            if open.is_empty() {
                break;
            }
            if tries > 0 {
                back_off(tries).await;
            }
            let statements =
                open.iter().map(|place| self.insert(ws, &leads[*place])).collect::<Result<Vec<_>, _>>()?;
            let answer = self
                .client
                .batch_execute_statement()
                .set_statements(Some(statements))
                .send()
                .await
                .map_err(StoreError::service)?;
            for (place, response) in open.into_iter().zip(answer.responses.unwrap_or_default()) {
                match response.error.and_then(|error| error.code) {
                    None => outcomes[place] = Some(RowOutcome::Created),
                    Some(BatchStatementErrorCodeEnum::DuplicateItem) => {
                        outcomes[place] = Some(RowOutcome::Duplicate { of: None });
                    }
                    Some(_) => {}
                }
            }
        }
        let outcomes: Option<Vec<_>> = outcomes.into_iter().collect();
        let Some(mut outcomes) = outcomes else {
            return Err(StoreError::Service {
                code: "throttled".into(),
                source: "rows were not written".into(),
            });
        };
        self.tell_lost_replies(ws, leads, &mut outcomes).await?;
        Ok(outcomes)
    }

    fn insert(&self, ws: &WorkspaceId, lead: &Lead) -> Result<BatchStatementRequest, StoreError> {
        let item = lead_item(ws, lead)?;
        let (names, values): (Vec<_>, Vec<_>) = item.into_iter().unzip();
        let places: Vec<_> = names.iter().map(|name| format!("'{name}': ?")).collect();
        BatchStatementRequest::builder()
            .statement(format!("INSERT INTO \"{}\" VALUE {{{}}}", self.table, places.join(", ")))
            .set_parameters(Some(values))
            .build()
            .map_err(|error| StoreError::Service {
                code: "incomplete request".to_owned(),
                source: Box::new(error),
            })
    }

    /// Looks at the leads that were there already: ours, or somebody else's?
    async fn tell_lost_replies(
        &self,
        ws: &WorkspaceId,
        leads: &[Lead],
        outcomes: &mut [RowOutcome],
    ) -> Result<(), StoreError> {
        let doubtful: Vec<_> = leads
            .iter()
            .zip(outcomes.iter())
            .filter(|(_, outcome)| matches!(outcome, RowOutcome::Duplicate { .. }))
            .map(|(lead, _)| lead.id.clone())
            .collect();
        let stored: HashMap<_, _> = self
            .leads(ws, &distinct(doubtful))
            .await?
            .into_iter()
            .map(|lead| (lead.id.clone(), lead.origin))
            .collect();
        for (lead, outcome) in leads.iter().zip(outcomes) {
            if let (RowOutcome::Duplicate { of }, Some(origin)) = (&mut *outcome, stored.get(&lead.id)) {
                if origin.is_some() && *origin == lead.origin {
                    *outcome = RowOutcome::Created;
                } else {
                    *of = origin.clone();
                }
            }
        }
        Ok(())
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
        let mut leads = Vec::new();
        let mut shards = 0..LEAD_SHARDS;
        let mut reading = JoinSet::new();
        loop {
            while reading.len() < PARALLEL_SHARDS {
                let Some(shard) = shards.next() else { break };
                let (store, pk) = (self.clone(), keys::lead_shard(ws, campaign, shard));
                reading.spawn(async move { store.list::<Lead>(pk).await });
            }
            match reading.join_next().await {
                None => break,
                Some(Ok(shard)) => leads.extend(shard?),
                Some(Err(error)) => return Err(interrupted(error)),
            }
        }
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

fn interrupted(error: tokio::task::JoinError) -> StoreError {
    StoreError::Service { code: "interrupted".into(), source: Box::new(error) }
}

fn due_entry(item: &Item) -> Option<DueEntry> {
    let (due_at, _) = text_of(item, "gsi1sk")?.split_once('#')?;
    Some(DueEntry { lead: text_of(item, "sk")?.parse().ok()?, due_at: due_at.parse().ok()? })
}

fn distinct(mut ids: Vec<LeadId>) -> Vec<LeadId> {
    ids.sort();
    ids.dedup();
    ids
}
