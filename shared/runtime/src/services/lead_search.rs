//! The search index of a campaign's leads: kept by whoever hears of changes, read by whoever looks for leads,
//! and written anew once too much has changed.

use std::collections::{BTreeMap, HashMap};

use carillon_adapters::files::{FileWriter, FilesError};
use carillon_adapters::queue::{Message, QueueError};
use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::time::MINUTE_MS;
use carillon_domain::reporting::events::Change;
use carillon_domain::reporting::lead_search::{Entry, FoundPage, IndexedLead, PageSearch};
use carillon_store::{
    EntriesError, FrameReader, IndexFile, Packer, SearchIndex, StoreError, entries_in, framed,
};

use crate::context::{Context, body};
use crate::messages::RewriteIndex;

/// Where index files lie in the bucket: `search/<workspace>/<campaign>/<file>`.
pub const INDEX_PREFIX: &str = "search/";
/// Fewest bytes of changes for which a file is written.
const MIN_CHANGED_BYTES: u64 = 64 * 1024;
/// A file is written anew once changes are this part of it: so each entry is written some five times, however many
/// there are.
const CHANGED_PART: u64 = 4;
/// Most items that changes lie in, however small they are: one page of a question holds them.
const MAX_CHANGES: usize = 1_000;
/// How long after a campaign was removed its index is, in milliseconds: until then changes of its leads may come late.
const AFTER_REMOVAL_MS: i64 = 10 * MINUTE_MS;
/// How often a search begins again because its file was written anew meanwhile.
const TRIES: usize = 5;

/// Leads can't be searched, or the index can't be written.
#[derive(Debug, thiserror::Error)]
pub enum LeadSearchError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error("the search index can't be read or written")]
    Entries(#[from] EntriesError),
    #[error("the search index is written anew too often")]
    Contended,
}

/// Notes what changes say of leads.
///
/// # Errors
/// [`LeadSearchError`]; the same changes may be noted again.
pub async fn note(context: &Context, changes: &[(&WorkspaceId, &Change)]) -> Result<(), LeadSearchError> {
    let mut entries: BTreeMap<(&WorkspaceId, CampaignId), Vec<Entry<String>>> = BTreeMap::new();
    for (ws, change) in changes {
        if let Change::CampaignRemoved(campaign) = change {
            ask_to_rewrite(context, ws, &campaign.id, AFTER_REMOVAL_MS).await?;
        }
        if let Some((campaign, entry)) = entry_of(change) {
            entries.entry((*ws, campaign)).or_default().push(entry);
        }
    }
    for ((ws, campaign), entries) in entries {
        let mut packer = Packer::default();
        entries.iter().try_for_each(|entry| packer.push(entry))?;
        for portion in packer.finish() {
            let is_grown = is_one_of_many(&portion);
            let name = name(context);
            context.store.add_index_change(ws, &campaign, &name, portion).await?;
            if is_grown {
                ask_to_rewrite(context, ws, &campaign, 0).await?;
            }
        }
    }
    Ok(())
}

/// The entry that a change makes, if it makes another.
fn entry_of(change: &Change) -> Option<(CampaignId, Entry<String>)> {
    match change {
        Change::Lead { before, after } => {
            let entry = Entry::of(after);
            let former = before.as_ref().map(Entry::of);
            let is_new = match (former.as_ref().and_then(Entry::lead), entry.lead()) {
                (Some(former), Some(lead)) => !former.says_the_same(lead),
                _ => true,
            };
            is_new.then(|| (after.id.campaign(), entry))
        }
        Change::LeadRemoved(before) => Some((before.id.campaign(), Entry::removed(before))),
        Change::Campaign { .. }
        | Change::CampaignRemoved(_)
        | Change::Interaction { .. }
        | Change::Analysis { .. }
        | Change::Import { .. }
        | Change::TopUp(_)
        | Change::WebhookEndpoint { .. } => None,
    }
}

/// Whether somebody should look how much has changed: about once for so many bytes, and drawn from the bytes
/// themselves, because nobody keeps count.
fn is_one_of_many(portion: &[u8]) -> bool {
    let drawn = portion.iter().fold(0_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    drawn % MIN_CHANGED_BYTES < portion.len() as u64
}

async fn ask_to_rewrite(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    delay_ms: i64,
) -> Result<(), QueueError> {
    let message = RewriteIndex { workspace: ws.clone(), rewrite_index_of: campaign.clone() };
    context.queues.import.send(&[Message::after(delay_ms, body(&message))]).await
}

/// A name that nobody else draws; names sort by the time at which they were drawn.
fn name(context: &Context) -> String {
    let drawn: String = context.random.draw().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{drawn}", context.now().as_millis())
}

/// The page of leads that is looked for.
///
/// # Errors
/// [`LeadSearchError`].
pub async fn find(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    search: &PageSearch,
) -> Result<FoundPage, LeadSearchError> {
    for _ in 0..TRIES {
        let index = context.store.search_index(ws, campaign).await?;
        let mut search = search.clone();
        match each_entry(context, &index, &mut search).await {
            Err(LeadSearchError::Files(FilesError::NotFound { .. })) => {}
            other => return other.map(|()| search.finish()),
        }
    }
    Err(LeadSearchError::Contended)
}

/// Writes a campaign's index file anew, if enough has changed; removes all of it if there is no such campaign.
///
/// # Errors
/// [`LeadSearchError`]; the same may be asked for again.
pub async fn rewrite(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
) -> Result<(), LeadSearchError> {
    let index = context.store.search_index(ws, campaign).await?;
    if context.store.campaign(ws, campaign).await?.is_none() {
        return remove(context, ws, campaign, &index).await;
    }
    if !is_due(&index) {
        return Ok(());
    }
    let key = format!("{INDEX_PREFIX}{ws}/{campaign}/{}", name(context));
    let size_bytes = match write_file(context, &key, &index).await {
        // Another run has written it meanwhile.
        Err(LeadSearchError::Files(FilesError::NotFound { .. })) => return Ok(()),
        other => other?,
    };
    let former = index.file.clone().unwrap_or_default();
    let file = IndexFile {
        version: former.version + 1,
        key: key.clone(),
        size_bytes,
        former_key: Some(former.key).filter(|key| !key.is_empty()),
    };
    if !context.store.replace_index_file(ws, campaign, &file).await? {
        return Ok(context.files.remove(&key).await?);
    }
    context.store.remove_index_changes(&index.changes).await?;
    match former.former_key {
        Some(oldest) => Ok(context.files.remove(&oldest).await?),
        None => Ok(()),
    }
}

fn is_due(index: &SearchIndex) -> bool {
    let size_bytes = index.file.as_ref().map_or(0, |file| file.size_bytes);
    index.changes.len() > MAX_CHANGES
        || index.changed_bytes() >= MIN_CHANGED_BYTES.max(size_bytes / CHANGED_PART)
}

async fn remove(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    index: &SearchIndex,
) -> Result<(), LeadSearchError> {
    if let Some(IndexFile { key, former_key, .. }) = &index.file {
        for file in former_key.iter().chain([key]) {
            context.files.remove(file).await?;
        }
    }
    Ok(context.store.remove_search_index(ws, campaign, index).await?)
}

/// Writes what an index holds as one file; its size in bytes.
async fn write_file(context: &Context, key: &str, index: &SearchIndex) -> Result<u64, LeadSearchError> {
    let writer = context.files.create(key).await?;
    let mut file = NewFile { writer, packer: Packer::default(), size_bytes: 0 };
    each_entry(context, index, &mut file).await?;
    file.finish().await
}

/// Who is shown the entries of an index.
trait Reader: Send {
    fn show(&mut self, entry: &Entry<&str>) -> Result<(), EntriesError>;

    /// Called between entries, often enough that what was shown may be kept until then.
    fn pause(&mut self) -> impl Future<Output = Result<(), FilesError>> + Send;
}

/// Shows each entry of an index once, as it is now, in no order.
async fn each_entry(
    context: &Context,
    index: &SearchIndex,
    reader: &mut impl Reader,
) -> Result<(), LeadSearchError> {
    let mut latest: HashMap<&str, Entry<&str>> = HashMap::new();
    for entry in index.changes.iter().flat_map(|change| entries_in(&change.entries)) {
        let entry = entry?;
        let (Entry::Lead(IndexedLead { number_hash, .. }) | Entry::Removed { number_hash, .. }) = entry;
        if latest.get(number_hash).is_none_or(|known| known.age() < entry.age()) {
            latest.insert(number_hash, entry);
        }
    }
    if let Some(file) = &index.file {
        let (mut bytes, mut frames) = (context.files.open(&file.key, 0).await?, FrameReader::default());
        while let Some(piece) = bytes.chunk().await? {
            let show = |frame: &[u8]| {
                for entry in entries_in(frame) {
                    let entry = entry?;
                    match latest.get(entry.number_hash()) {
                        Some(changed) if changed.age() >= entry.age() => {}
                        _ => {
                            latest.remove(entry.number_hash());
                            reader.show(&entry)?;
                        }
                    }
                }
                Ok::<_, EntriesError>(())
            };
            frames.push(&piece, show)?;
            reader.pause().await?;
        }
        frames.finish()?;
    }
    for entry in latest.values() {
        reader.show(entry)?;
    }
    Ok(reader.pause().await?)
}

impl Reader for PageSearch {
    fn show(&mut self, entry: &Entry<&str>) -> Result<(), EntriesError> {
        if let Some(lead) = entry.lead() {
            Self::show(self, lead);
        }
        Ok(())
    }

    async fn pause(&mut self) -> Result<(), FilesError> {
        Ok(())
    }
}

/// An index file that is being written.
struct NewFile {
    writer: FileWriter,
    packer: Packer,
    size_bytes: u64,
}

impl NewFile {
    async fn finish(mut self) -> Result<u64, LeadSearchError> {
        for portion in std::mem::take(&mut self.packer).finish() {
            self.push(&portion).await?;
        }
        self.writer.finish().await?;
        Ok(self.size_bytes)
    }

    async fn push(&mut self, portion: &[u8]) -> Result<(), FilesError> {
        let frame = framed(portion);
        self.size_bytes += frame.len() as u64;
        self.writer.push(frame).await
    }
}

impl Reader for NewFile {
    fn show(&mut self, entry: &Entry<&str>) -> Result<(), EntriesError> {
        self.packer.push(entry)
    }

    async fn pause(&mut self) -> Result<(), FilesError> {
        for portion in self.packer.take_full() {
            self.push(&portion).await?;
        }
        Ok(())
    }
}
