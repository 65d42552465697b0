//! The evidence of a campaign: what each dial, and each refusal to dial, rested on.

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::records::evidence::RefusalRecord;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::reporting::export::EvidenceFacts;

use crate::access::Store;
use crate::error::StoreError;
use crate::item;
use crate::keys::{self, REFUSAL_SHARDS, ended_place};
use crate::parallel::in_parallel;
use crate::table::{Query, SortRange, text_of};

/// Fewest refusals that are read of a shard at once.
const MIN_READ: usize = 8;

/// What a decision to dial or not came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a page of them is made, shown and dropped")]
pub enum EvidenceEntry {
    /// A dial, by the record of its attempt, which has ended.
    Dial(Interaction),
    Refusal(RefusalRecord),
}

impl From<EvidenceEntry> for EvidenceFacts {
    fn from(entry: EvidenceEntry) -> Self {
        match entry {
            EvidenceEntry::Dial(dial) => dial.into(),
            EvidenceEntry::Refusal(refusal) => refusal.into(),
        }
    }
}

/// A page of evidence, latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidencePage {
    /// The entries; fewer than were asked for may be followed by others.
    pub entries: Vec<EvidenceEntry>,
    /// Where the next page starts; none if this is the last.
    pub next: Option<String>,
}

/// Entries with their places, latest first, and the place down to which none is missing.
#[derive(Default)]
struct Read {
    entries: Vec<(String, EvidenceEntry)>,
    complete_to: Option<String>,
}

impl Store {
    /// At most `limit` entries of a campaign's evidence, latest first; `after` is where an earlier
    /// page ended. Both dials and refusals outlive the campaign.
    pub async fn evidence(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<EvidencePage, StoreError> {
        let dials = self.dials(ws, campaign, after, limit).await?;
        let refusals = self.refusals(ws, campaign, after, limit).await?;
        let mut read = merged([dials, refusals]);
        let mut next = read.complete_to;
        if read.entries.len() > limit {
            read.entries.truncate(limit);
            next = read.entries.last().map(|(place, _)| place.clone());
        }
        Ok(EvidencePage { entries: read.entries.into_iter().map(|(_, entry)| entry).collect(), next })
    }

    /// Dials that have ended. What was never dialled, or came in, has no evidence.
    async fn dials(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Read, StoreError> {
        let page = self.ended_interactions(ws, campaign, after, limit).await?;
        let dials = page.interactions.into_iter().filter(|interaction| interaction.evidence.is_some());
        let entries = dials.filter_map(|dial| Some((ended_place(&dial)?, EvidenceEntry::Dial(dial))));
        Ok(Read { entries: entries.collect(), complete_to: page.next })
    }

    async fn refusals(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Read, StoreError> {
        let shards = usize::try_from(REFUSAL_SHARDS).unwrap_or(usize::MAX);
        // Leads are spread evenly: with twice its part, no shard holds the others up.
        let at_once = (2 * limit / shards).max(MIN_READ);
        let reads = (0..REFUSAL_SHARDS).map(|shard| {
            let pk = keys::refusals(ws, campaign, shard);
            async move { self.refusals_in(&pk, after, at_once).await }
        });
        Ok(merged(in_parallel(shards, reads).await?))
    }

    /// Refusals of one shard before `after`.
    async fn refusals_in(&self, pk: &str, after: Option<&str>, limit: usize) -> Result<Read, StoreError> {
        let query = Query::table(pk).range(SortRange::before(after)).descending().limit(limit);
        let page = self.page(query).await?;
        let mut entries = Vec::new();
        for item in page.items {
            let place = text_of(&item, "sk").unwrap_or_default().to_owned();
            entries.push((place, EvidenceEntry::Refusal(item::decode(item)?)));
        }
        let last = entries.last().map(|(place, _)| place.clone());
        Ok(Read { entries, complete_to: last.filter(|_| page.next.is_some()) })
    }
}

/// Everything in order, as far down as nothing is missing.
fn merged(reads: impl IntoIterator<Item = Read>) -> Read {
    let mut all = Read::default();
    for read in reads {
        all.entries.extend(read.entries);
        all.complete_to = all.complete_to.max(read.complete_to);
    }
    all.entries.retain(|(place, _)| all.complete_to.as_ref().is_none_or(|end| place >= end));
    all.entries.sort_by(|(one, _), (other, _)| other.cmp(one));
    all
}
