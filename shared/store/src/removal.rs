//! Removing a campaign with everything that belongs to it, step by step.

use std::fmt::Display;

use carillon_domain::base::ids::{CampaignId, InteractionId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::evidence::KEPT_MS;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::job::{Checkpoint, Job};
use carillon_domain::records::recording::RecordingCopy;

use crate::access::{Store, Transacted};
use crate::commit::interaction_item;
use crate::error::StoreError;
use crate::item;
use crate::jobs::job_item;
use crate::keys::{self, COUNTER_SHARDS, ENDED_SHARDS, LEAD_SHARDS, TTL_ATTRIBUTE};
use crate::parallel::in_parallel;
use crate::rejected_rows::RejectedBy;
use crate::table::{Condition, Item, ItemWrite, Key, Query, Select, SortRange, text_of};

/// Items that one step removes.
const ITEMS_PER_STEP: usize = 90;
/// Writes that are under way at the same time.
const PARALLEL_WRITES: usize = 30;

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// The job as it stands then.
    Stepped(Box<Job>),
    /// Nothing is left; the job is completed.
    Done,
    /// Another run of the job was faster.
    Overtaken,
}

/// What belongs to a campaign, in the order in which it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Leads(u32),
    RejectedRows,
    Imports,
    Ended(u32),
    Counters(u32),
    Blocks,
    Breakdown,
    SavedColumns,
    ZonesAndFailures,
    /// Who came in the moment in which it was closed.
    LateLeads(u32),
}

impl Part {
    fn nth(n: u32) -> Option<Self> {
        let parts = (0..LEAD_SHARDS).map(Self::Leads);
        let parts = parts.chain([
            Self::Blocks,
            Self::RejectedRows,
            Self::Imports,
            Self::Breakdown,
            Self::SavedColumns,
        ]);
        let parts = parts.chain((0..ENDED_SHARDS).map(Self::Ended));
        let parts = parts.chain((0..COUNTER_SHARDS).map(Self::Counters)).chain([Self::ZonesAndFailures]);
        parts.chain((0..LEAD_SHARDS).map(Self::LateLeads)).nth(usize::try_from(n).unwrap_or(usize::MAX))
    }
}

/// Writes that remove something, and the key behind which the rest of the part lies, if they leave anything
/// there.
#[derive(Default)]
struct Writes {
    writes: Vec<ItemWrite>,
    after: Option<String>,
    recordings: Vec<(InteractionId, RecordingCopy)>,
}

/// Some more of a campaign that goes.
pub struct ToRemove {
    part: Part,
    writes: Vec<ItemWrite>,
    /// How far the job is then.
    to: Checkpoint,
    /// Copies of recordings whose files have to go before: nobody knows of them afterwards.
    pub recordings: Vec<(InteractionId, RecordingCopy)>,
}

impl Store {
    /// What of a campaign a job removes next: leads with their list, imports with their rejected rows, ended
    /// interactions with their transcripts and copied recordings, counters, sums by day, zones, failures; none if but
    /// the campaign is left.
    ///
    /// What belongs to people stays: number records with their opt-outs, and evidence of who was called
    /// or not called and why, for five years. So do interactions that never ended, and what expires
    /// by itself.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn next_to_remove(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        job: &Job,
    ) -> Result<Option<ToRemove>, StoreError> {
        let mut at = job.checkpoint.clone();
        while let Some(part) = Part::nth(at.part) {
            let found = self.find(ws, campaign, part, at.after.as_deref()).await?;
            if found.writes.is_empty() {
                at = Checkpoint { part: at.part + 1, after: None };
                continue;
            }
            let Writes { writes, after, recordings } = found;
            let to = Checkpoint { part: at.part, after };
            return Ok(Some(ToRemove { part, writes, to, recordings }));
        }
        Ok(None)
    }

    /// Removes what was found; the campaign itself, and then the job is over, if that was nothing.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; the step may be done again.
    pub async fn remove_next(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        job: &Job,
        found: Option<ToRemove>,
        now: Timestamp,
    ) -> Result<Removal, StoreError> {
        if let Some(ToRemove { part, writes, to, .. }) = found {
            return self.remove_found(ws, part, writes, job, to, now).await;
        }
        let over = job.completed(now);
        let gone = ItemWrite::delete(keys::campaign(ws, campaign));
        self.with_job(ws, vec![gone], over).await.map(|removal| match removal {
            Removal::Stepped(_) => Removal::Done,
            other => other,
        })
    }

    async fn remove_found(
        &self,
        ws: &WorkspaceId,
        part: Part,
        writes: Vec<ItemWrite>,
        job: &Job,
        to: Checkpoint,
        now: Timestamp,
    ) -> Result<Removal, StoreError> {
        if let Part::Leads(_) | Part::LateLeads(_) = part {
            let leads = writes.len() as u64;
            return self.with_job(ws, writes, job.counting(to, leads, 0, now)).await;
        }
        // Nothing of these is counted, and what is removed twice is gone once.
        let removals = writes.into_iter().map(|write| self.write_again(write));
        if in_parallel(PARALLEL_WRITES, removals).await?.iter().any(Option::is_none) {
            return Err(StoreError::contended("a call's record has changed while it was removed"));
        }
        self.with_job(ws, Vec::new(), job.counting(to, 0, 0, now)).await
    }

    /// Does writes and stores the job after them, all or nothing.
    pub(crate) async fn with_job(
        &self,
        ws: &WorkspaceId,
        mut writes: Vec<ItemWrite>,
        job: Job,
    ) -> Result<Removal, StoreError> {
        writes.push(ItemWrite::put(job_item(ws, &job)?).when(Condition::one_older(job.version)));
        Ok(match self.transact(writes).await? {
            Transacted::Done => Removal::Stepped(Box::new(job)),
            Transacted::Refused(_) => Removal::Overtaken,
        })
    }

    /// The next of what a part holds.
    async fn find(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        part: Part,
        after: Option<&str>,
    ) -> Result<Writes, StoreError> {
        let keys = match part {
            Part::Leads(shard) | Part::LateLeads(shard) => {
                self.keys_in(keys::lead_shard(ws, campaign, shard)).await?
            }
            Part::RejectedRows => self.rejected_keys(ws, campaign).await?,
            Part::Imports => self.keys_in(keys::imports(ws, campaign)).await?,
            Part::Blocks => self.keys_in(keys::lead_blocks(ws, campaign)).await?,
            Part::Breakdown => self.keys_in(keys::breakdown(ws, campaign)).await?,
            Part::SavedColumns => self.keys_in(keys::columns_of(ws, campaign)).await?,
            Part::Ended(shard) => return self.ended_writes(ws, campaign, shard, after).await,
            Part::Counters(shard) => self.keys_in(keys::counters(ws, campaign, shard).pk).await?,
            Part::ZonesAndFailures => {
                let kept =
                    self.get_all(vec![keys::zones(ws, campaign), keys::failures(ws, campaign)]).await?;
                kept.into_keys().collect()
            }
        };
        Ok(Writes { writes: keys.into_iter().map(ItemWrite::delete).collect(), ..Writes::default() })
    }

    /// The first keys of a partition.
    pub(crate) async fn keys_in(&self, pk: String) -> Result<Vec<Key>, StoreError> {
        let query = Query::table(pk.as_str()).select(Select::SortKeys).limit(ITEMS_PER_STEP);
        let page = self.page(query).await?;
        let sort_keys = page.items.iter().filter_map(|item| text_of(item, "sk"));
        Ok(sort_keys.map(|sk| Key { pk: pk.clone(), sk: sk.to_owned() }).collect())
    }

    /// The keys of rejected rows of the imports into a campaign or a contact list.
    pub(crate) async fn rejected_keys(
        &self,
        ws: &WorkspaceId,
        target: &(impl Display + Sync),
    ) -> Result<Vec<Key>, StoreError> {
        for import in self.imports(ws, target).await? {
            let keys = self.keys_in(keys::rejected(ws, RejectedBy::Import(&import.id))).await?;
            if !keys.is_empty() {
                return Ok(keys);
            }
        }
        Ok(Vec::new())
    }

    /// The writes that remove the interactions that one part of the index names, with their transcripts, what was found in them and what is
    /// known of their recordings. What is evidence stays in the index, so the next ones lie behind it.
    async fn ended_writes(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        shard: u32,
        after: Option<&str>,
    ) -> Result<Writes, StoreError> {
        let range = after.map_or(SortRange::All, |after| SortRange::After(after.to_owned()));
        let query = Query::index(keys::ended(ws, campaign, shard)).range(range).limit(ITEMS_PER_STEP / 2);
        let places = self.page(query).await?.items;
        let places: Vec<&str> = places.iter().filter_map(|item| text_of(item, "gsi1sk")).collect();
        let ids = places.iter().filter_map(|place| place.split_once('#')?.1.parse().ok());
        let ids: Vec<InteractionId> = ids.collect();
        let records = self.get_all(ids.iter().map(|id| keys::interaction(ws, id)).collect()).await?;
        let beside = |id| [keys::transcript(ws, id), keys::analysis(ws, id)];
        let mut writes: Vec<ItemWrite> = ids.iter().flat_map(beside).map(ItemWrite::delete).collect();
        for (key, item) in records {
            writes.push(stripped(ws, key, item)?);
        }
        let recordings = self.copies_of(ws, &ids).await?;
        writes.extend(recordings.iter().map(|(id, _)| ItemWrite::delete(keys::recording(ws, id))));
        Ok(Writes { writes, after: places.last().map(|place| (*place).to_owned()), recordings })
    }
}

/// The write that leaves nothing of an interaction but what is evidence of a call.
fn stripped(ws: &WorkspaceId, key: Key, item: Item) -> Result<ItemWrite, StoreError> {
    let interaction: Interaction = item::decode(item)?;
    let expires_at = interaction.started_at.plus_ms(KEPT_MS).as_secs();
    let is_unchanged = Condition::is_version(interaction.version);
    let write = match interaction.for_the_record() {
        None => ItemWrite::delete(key),
        Some(record) => {
            let mut item = interaction_item(ws, &record)?;
            item.insert(TTL_ATTRIBUTE.into(), item::number(expires_at));
            ItemWrite::put(item)
        }
    };
    Ok(write.when(is_unchanged))
}
