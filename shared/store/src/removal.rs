//! Removing a campaign with everything that belongs to it.

use carillon_domain::base::ids::{InteractionId, WorkspaceId};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::evidence::KEPT_MS;
use carillon_domain::records::interaction::Interaction;

use crate::access::Store;
use crate::commit::interaction_item;
use crate::error::StoreError;
use crate::item;
use crate::keys::{self, COUNTER_SHARDS, ENDED_SHARDS, LEAD_SHARDS, TTL_ATTRIBUTE};
use crate::parallel::in_parallel;
use crate::table::{Condition, ItemWrite, Key, Query, text_of};

/// Partitions that are emptied at the same time.
const PARALLEL_PARTITIONS: usize = 32;

impl Store {
    /// Removes a campaign's leads, ended interactions with their transcripts, imports with their
    /// rejected rows, counters, sums by day, zones, failures, and the campaign itself last.
    ///
    /// What belongs to people stays: number records with their opt-outs, and evidence of who was called
    /// or not called and why, for five years. So do interactions that never ended, and what expires
    /// by itself. Says whether the campaign itself was this version at the end: one that somebody has changed
    /// meanwhile stays.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; the removal may be asked for again.
    pub async fn remove_campaign(&self, ws: &WorkspaceId, campaign: &Campaign) -> Result<bool, StoreError> {
        let id = &campaign.id;
        let mut partitions: Vec<String> =
            (0..LEAD_SHARDS).map(|shard| keys::lead_shard(ws, id, shard)).collect();
        for import in self.imports(ws, id).await? {
            partitions.push(keys::rejected(ws, &import.id));
        }
        self.empty_all(partitions).await?;
        for shard in 0..ENDED_SHARDS {
            self.remove_ended(ws, &keys::ended(ws, id, shard)).await?;
        }
        let counters = (0..COUNTER_SHARDS).map(|shard| keys::counters(ws, id, shard).pk);
        self.empty_all(counters.chain([keys::imports(ws, id), keys::breakdown(ws, id)]).collect()).await?;
        self.remove(keys::zones(ws, id)).await?;
        self.remove(keys::failures(ws, id)).await?;
        self.write_if(ItemWrite::delete(keys::campaign(ws, id)), Condition::is_version(campaign.version))
            .await
    }

    /// Removes all items of these partitions, several at the same time.
    async fn empty_all(&self, partitions: Vec<String>) -> Result<(), StoreError> {
        let emptying = partitions.into_iter().map(|pk| {
            let store = self.clone();
            async move { store.empty(pk).await }
        });
        in_parallel(PARALLEL_PARTITIONS, emptying).await.map(drop)
    }

    async fn empty(&self, pk: String) -> Result<(), StoreError> {
        for item in self.query_all(Query::table(pk)).await? {
            if let Some(key) = Key::of(&item) {
                self.remove(key).await?;
            }
        }
        Ok(())
    }

    /// Removes the interactions that one part of the index names, with their transcripts.
    async fn remove_ended(&self, ws: &WorkspaceId, pk: &str) -> Result<(), StoreError> {
        let ended = self.query_all(Query::index(pk)).await?;
        let ids = ended.iter().filter_map(|item| text_of(item, "gsi1sk")?.split_once('#')?.1.parse().ok());
        let ids: Vec<InteractionId> = ids.collect();
        for some in ids.chunks(PARALLEL_PARTITIONS) {
            self.strip(ws, some).await?;
        }
        Ok(())
    }

    /// Removes interactions and their transcripts, but for what is evidence of a call.
    async fn strip(&self, ws: &WorkspaceId, ids: &[InteractionId]) -> Result<(), StoreError> {
        let records = self.get_all(ids.iter().map(|id| keys::interaction(ws, id)).collect()).await?;
        for (key, item) in records {
            let interaction: Interaction = item::decode(item)?;
            self.remove(keys::transcript(ws, &interaction.id)).await?;
            let expires_at = interaction.started_at.plus_ms(KEPT_MS).as_secs();
            match interaction.for_the_record() {
                None => self.remove(key).await?,
                Some(record) => {
                    let mut item = interaction_item(ws, &record)?;
                    item.insert(TTL_ATTRIBUTE.into(), item::number(expires_at));
                    self.put(item).await?;
                }
            }
        }
        Ok(())
    }
}
