//! Interactions and their transcripts.

use carillon_domain::base::call::Turn;
use carillon_domain::base::ids::{CampaignId, InteractionId, WorkspaceId};
use carillon_domain::records::interaction::{Interaction, InteractionStatus};

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, key_attributes};
use crate::keys::{self, ENDED_SHARDS};
use crate::packed::{MAX_PACKED_BYTES, pack, unpack};
use crate::table::{AttributeValue, Item, Query, SortRange, text_of};

/// Largest transcript that is unpacked, in bytes.
const MAX_TRANSCRIPT_BYTES: u64 = 4 << 20;

/// A page of ended interactions, latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndedPage {
    pub interactions: Vec<Interaction>,
    /// Where the next page starts; none if this is the last.
    pub next: Option<String>,
}

impl Store {
    /// One interaction.
    pub async fn interaction(
        &self,
        ws: &WorkspaceId,
        id: &InteractionId,
    ) -> Result<Option<Interaction>, StoreError> {
        self.get(keys::interaction(ws, id)).await
    }

    /// Keeps a transcript beside its interaction, packed.
    ///
    /// # Errors
    /// [`StoreError::TranscriptTooLarge`] if no item can hold it; [`StoreError`] if the table does not
    /// answer.
    pub async fn keep_transcript(
        &self,
        ws: &WorkspaceId,
        id: &InteractionId,
        turns: &[Turn],
    ) -> Result<(), StoreError> {
        let packed = pack(&serde_json::to_vec(turns).unwrap_or_default())?;
        if packed.len() > MAX_PACKED_BYTES {
            return Err(StoreError::TranscriptTooLarge(packed.len()));
        }
        let mut item = key_attributes(keys::transcript(ws, id));
        item.insert("turns".into(), AttributeValue::B(packed));
        self.put(item).await
    }

    /// The transcript of an interaction; empty if there is none.
    pub async fn transcript(&self, ws: &WorkspaceId, id: &InteractionId) -> Result<Vec<Turn>, StoreError> {
        self.table.get(keys::transcript(ws, id)).await?.map_or_else(|| Ok(Vec::new()), turns_in)
    }

    /// The interactions of a campaign that are open: asked for, dialling or talking. The latest first.
    pub async fn open_interactions(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
    ) -> Result<Vec<Interaction>, StoreError> {
        let (active_attempts, requests) = self.in_flight(ws).await?;
        let dialled = active_attempts.iter().filter(|one| one.campaign == *campaign && !one.is_claimed());
        let asked_for = requests.iter().filter(|request| request.lead.campaign() == *campaign);
        let attempts = dialled.map(|one| &one.attempt).chain(asked_for.map(|request| &request.attempt));
        let mut open = self.interactions(ws, attempts.map(InteractionId::of)).await?;
        open.retain(|interaction| interaction.status == InteractionStatus::InProgress);
        open.sort_by(|a, b| (b.started_at, &b.id).cmp(&(a.started_at, &a.id)));
        Ok(open)
    }

    /// Interactions by their ids, in this order, as far as they are there.
    async fn interactions(
        &self,
        ws: &WorkspaceId,
        ids: impl Iterator<Item = InteractionId>,
    ) -> Result<Vec<Interaction>, StoreError> {
        let keys: Vec<_> = ids.map(|id| keys::interaction(ws, &id)).collect();
        let mut items = self.get_all(keys.clone()).await?;
        let found = keys.into_iter().filter_map(|key| items.remove(&key));
        found.map(item::decode).collect()
    }

    /// Ended interactions of a campaign, latest first; `after` is where an earlier page ended.
    pub async fn ended_interactions(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<EndedPage, StoreError> {
        let mut places = Vec::new();
        for shard in 0..ENDED_SHARDS {
            places.extend(self.ended_in(&keys::ended(ws, campaign, shard), after, limit).await?);
        }
        places.sort_by(|a, b| b.0.cmp(&a.0));
        let more = places.len() > limit;
        places.truncate(limit);
        let next = places.last().filter(|_| more).map(|(place, _)| place.clone());
        let interactions = self.interactions(ws, places.into_iter().map(|(_, id)| id)).await?;
        Ok(EndedPage { interactions, next })
    }

    /// Places of one shard before `after`, latest first; one more than the limit if there are.
    async fn ended_in(
        &self,
        pk: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, InteractionId)>, StoreError> {
        let query = Query::index(pk).range(SortRange::before(after)).descending().limit(limit + 1);
        let places = self.page(query).await?.items;
        Ok(places
            .iter()
            .filter_map(|item| {
                let place = text_of(item, "gsi1sk")?;
                let (_, id) = place.split_once('#')?;
                Some((place.to_owned(), id.parse().ok()?))
            })
            .collect())
    }
}

/// The turns that an item holds.
pub(crate) fn turns_in(item: Item) -> Result<Vec<Turn>, StoreError> {
    let Some(AttributeValue::B(packed)) = item.get("turns") else { return Ok(Vec::new()) };
    let plain = unpack(packed, MAX_TRANSCRIPT_BYTES)?;
    Ok(serde_json::from_slice(&plain).unwrap_or_default())
}
