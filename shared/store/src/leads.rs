//! Leads: one by one, due ones, all of a campaign.

use std::collections::{HashMap, HashSet};

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::records::lead::{DueClass, Lead};
use carillon_domain::records::number_record::NumberRecord;

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, text};
use crate::keys::{self, LEAD_SHARDS};
use crate::number_records::{record_keys, records_in};
use crate::parallel::in_parallel;
use crate::table::{Condition, Item, Key, PageStart, Query, Select, SortRange, text_of};

mod create;
mod order;
mod places;

pub use create::{CREATE_BATCH, CreatedLeads, RowOutcome};
pub(crate) use order::listed;
pub use order::{OrderPage, OrderPlace};
pub use places::{Held, Holder};
pub(crate) use places::{POINTS_TO, lead_in, pointer_item, removal};

/// Shards that are read at the same time.
const PARALLEL_SHARDS: usize = 32;

/// Fewest leads of a shard that are asked for, where only some are wanted.
const MIN_OF_SHARD: usize = 8;

/// States of leads that have not settled, as they are stored.
const UNSETTLED: [&str; 4] = ["pending", "retry_scheduled", "callback_scheduled", "in_progress"];

/// A lead in the due index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueEntry {
    pub lead: LeadId,
    pub due_at: Timestamp,
    /// Its numbers when it was written: what is known of them can be read with the lead.
    pub numbers: Vec<E164>,
}

/// A page of the due index, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DuePage {
    /// What the index names; it may be stale.
    pub entries: Vec<DueEntry>,
    /// Where the next page starts; none if this is the last.
    pub next: Option<PageStart>,
}

impl Store {
    /// One lead.
    pub async fn lead(&self, ws: &WorkspaceId, id: &LeadId) -> Result<Option<Lead>, StoreError> {
        Ok(self.table.get(keys::lead(ws, id)).await?.map(lead_in).transpose()?.flatten())
    }

    /// Several leads, strongly consistent, in the order of their ids; those that are gone are left
    /// out.
    pub async fn leads(&self, ws: &WorkspaceId, ids: &[LeadId]) -> Result<Vec<Lead>, StoreError> {
        leads_in(&mut self.get_all(ids.iter().map(|id| keys::lead(ws, id)).collect()).await?, ws, ids)
    }

    /// Several leads and what is known of their numbers, strongly. Those that they are likely to have are read
    /// with the leads, others after them.
    pub async fn leads_with_records(
        &self,
        ws: &WorkspaceId,
        ids: &[LeadId],
        likely: &[E164],
    ) -> Result<(Vec<Lead>, Vec<NumberRecord>), StoreError> {
        let records = record_keys(ws, likely).into_iter().map(|(key, _)| key);
        let mut items =
            self.get_all(ids.iter().map(|id| keys::lead(ws, id)).chain(records).collect()).await?;
        let leads = leads_in(&mut items, ws, ids)?;
        let mut records = records_in(&mut items, ws, likely)?;
        let read: HashSet<Subscriber> = records.iter().map(NumberRecord::subscriber).collect();
        let others = leads.iter().flat_map(Lead::phones);
        let others: Vec<E164> =
            others.filter(|number| !read.contains(&Subscriber::of(number))).cloned().collect();
        records.extend(self.number_records(ws, &others).await?);
        Ok((leads, records))
    }

    /// A page of the due index; it may be stale, so what it names is only a proposal.
    pub async fn due_leads(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        class: DueClass,
        zone: Option<&Zone>,
        limit: usize,
        from: Option<PageStart>,
    ) -> Result<DuePage, StoreError> {
        let query = Query::index(keys::due(ws, campaign, class, zone)).limit(limit).start(from);
        let page = self.page(query).await?;
        Ok(DuePage { entries: page.items.iter().filter_map(due_entry).collect(), next: page.next })
    }

    /// The leads of one shard of a campaign, strongly; there are [`LEAD_SHARDS`].
    pub async fn leads_in_shard(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        shard: u32,
    ) -> Result<Vec<Lead>, StoreError> {
        let leads = Query::table(keys::lead_shard(ws, campaign, shard)).filter(Condition::Absent(POINTS_TO));
        self.query_all(leads).await?.into_iter().map(item::decode).collect()
    }

    /// At most `limit` leads of one shard behind an id, strongly, in the order of their ids; and whether there may
    /// be more.
    pub async fn leads_behind(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        shard: u32,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Lead>, bool), StoreError> {
        let range = after.map_or(SortRange::All, |after| SortRange::After(after.to_owned()));
        let query = Query::table(keys::lead_shard(ws, campaign, shard)).range(range);
        let (leads, are_all) = self.first_in(query, limit).await?;
        Ok((leads, !are_all))
    }

    /// All leads of a campaign, in file order.
    pub async fn all_leads(&self, ws: &WorkspaceId, campaign: &CampaignId) -> Result<Vec<Lead>, StoreError> {
        let reads = (0..LEAD_SHARDS).map(|shard| self.leads_in_shard(ws, campaign, shard));
        let mut leads = in_parallel(PARALLEL_SHARDS, reads).await?.concat();
        leads.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        Ok(leads)
    }

    /// Leads of a campaign, so many at most, as its shards give them; and whether these are all. By their keys they
    /// are as good as drawn by lot.
    pub async fn some_leads(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        most: usize,
    ) -> Result<(Vec<Lead>, bool), StoreError> {
        let (mut leads, mut are_all, mut seen) = (Vec::new(), true, 0);
        let all = Vec::from_iter(0..LEAD_SHARDS);
        for shards in all.chunks(PARALLEL_SHARDS) {
            if leads.len() >= most {
                break;
            }
            // Twice their share: shards are not equally full.
            let each = MIN_OF_SHARD.max(2 * most.div_ceil(shards.len()));
            let reads = shards.iter().map(|shard| keys::lead_shard(ws, campaign, *shard));
            let reads = reads.map(|shard| self.first_in(Query::table(shard), each));
            for (found, is_whole) in in_parallel(PARALLEL_SHARDS, reads).await? {
                leads.extend(found);
                are_all &= is_whole;
            }
            seen += shards.len();
        }
        are_all &= seen == all.len() && leads.len() <= most;
        leads.truncate(most);
        Ok((leads, are_all))
    }

    /// The first leads of a part of a shard, without the pointers between them, and whether these are all.
    async fn first_in(&self, part: Query, most: usize) -> Result<(Vec<Lead>, bool), StoreError> {
        let (mut leads, mut query) = (Vec::new(), part);
        loop {
            let page = self.page(query.clone().limit(most - leads.len())).await?;
            for item in page.items {
                leads.extend(lead_in(item)?);
            }
            if page.next.is_none() || leads.len() >= most {
                return Ok((leads, page.next.is_none()));
            }
            query.start = page.next;
        }
    }

    /// Whether any lead of a campaign has not settled, read strongly; ends with the first one found.
    pub async fn has_unsettled(&self, ws: &WorkspaceId, campaign: &CampaignId) -> Result<bool, StoreError> {
        for shards in Vec::from_iter(0..LEAD_SHARDS).chunks(PARALLEL_SHARDS) {
            let shards = shards.iter().map(|shard| keys::lead_shard(ws, campaign, *shard));
            let reads = shards.map(|shard| self.has_unsettled_in(shard));
            if in_parallel(PARALLEL_SHARDS, reads).await?.contains(&true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn has_unsettled_in(&self, shard: String) -> Result<bool, StoreError> {
        let is_unsettled = UNSETTLED.map(|name| Condition::Equals("state.name", text(name)));
        let mut query = Query::table(shard).select(Select::Count).filter(Condition::Any(is_unsettled.into()));
        loop {
            let page = self.page(query.clone()).await?;
            if page.count > 0 || page.next.is_none() {
                return Ok(page.count > 0);
            }
            query.start = page.next;
        }
    }
}

fn due_entry(item: &Item) -> Option<DueEntry> {
    let (place, numbers) = text_of(item, "gsi1sk")?.rsplit_once('#')?;
    let (due_at, _) = place.split_once('#')?;
    Some(DueEntry {
        lead: text_of(item, "sk")?.parse().ok()?,
        due_at: due_at.parse().ok()?,
        numbers: numbers.split(',').filter_map(|number| number.parse().ok()).collect(),
    })
}

/// The leads with these ids among the items that were read.
fn leads_in(
    items: &mut HashMap<Key, Item>,
    ws: &WorkspaceId,
    ids: &[LeadId],
) -> Result<Vec<Lead>, StoreError> {
    let found = ids.iter().filter_map(|id| items.remove(&keys::lead(ws, id)));
    found.filter_map(|item| lead_in(item).transpose()).collect()
}
