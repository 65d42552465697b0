//! The search index of a campaign: a file in the bucket has an entry for each lead, and the table what has
//! changed since that file was written.
//!
//! Changes are many small items without an order: of two entries of one lead the later version counts, so
//! one that comes again, or late, does no harm. A new file is written from the old one and the changes;
//! then the item that names it is changed, and only then those changes are removed. Who reads the changes
//! first, and then which file counts, misses nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::item;
use crate::keys;
use crate::parallel::in_parallel;
use crate::table::{AttributeValue, Condition, Item, ItemWrite, Key, Query, text_of};

mod entries;

use entries::joined;
pub use entries::{EntriesError, FrameReader, Packer, entries_in, framed};

/// Changes that are removed at the same time.
const PARALLEL_REMOVALS: usize = 16;
/// Most bytes of a change that others are added to: with its key it stays under a kilobyte, so that a write is one
/// unit.
const GROWING_BYTES: usize = 850;
/// Campaigns whose latest change is remembered.
const MOST_REMEMBERED: usize = 10_000;
/// Where the entries of a change are.
const ENTRIES: &str = "entries";

/// The file that holds a campaign's entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexFile {
    /// Raised with every file.
    pub version: u64,
    /// Where it is in the bucket.
    pub key: String,
    pub size_bytes: u64,
    /// The one before it, which somebody may still be reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_key: Option<String>,
}

/// Entries that changed, as a [`Packer`] has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexChange {
    key: Key,
    /// Raised when others are added.
    version: u64,
    pub entries: Vec<u8>,
}

/// The changes that were written last, by partition: small ones are added to, so that there are fewer of them. Who
/// writes changes mostly wrote those before.
#[derive(Debug, Default)]
pub(crate) struct LatestChanges(Mutex<HashMap<String, IndexChange>>);

impl LatestChanges {
    /// The change that these entries still fit into.
    fn with_room_for(&self, pk: &str, entries: &[u8]) -> Option<IndexChange> {
        let latest = self.lock().get(pk).cloned()?;
        (latest.entries.len() + entries.len() <= GROWING_BYTES).then_some(latest)
    }

    fn remember(&self, change: IndexChange) {
        let mut latest = self.lock();
        if latest.len() >= MOST_REMEMBERED {
            latest.clear();
        }
        latest.insert(change.key.pk.clone(), change);
    }

    fn forget(&self, pk: &str) {
        self.lock().remove(pk);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, IndexChange>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IndexChange {
    fn new(key: Key, entries: Vec<u8>) -> Self {
        Self { key, version: 1, entries }
    }

    fn and(&self, more: &[u8]) -> Self {
        let entries = joined(&self.entries, more);
        Self { key: self.key.clone(), version: self.version + 1, entries }
    }

    fn item(&self) -> Item {
        let mut item = item::key_attributes(self.key.clone());
        item.insert(ENTRIES.to_owned(), AttributeValue::B(self.entries.clone()));
        item.insert("version".to_owned(), item::number(self.version));
        item
    }
}

/// What the table has of a search index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchIndex {
    /// None until the first file was written.
    pub file: Option<IndexFile>,
    pub changes: Vec<IndexChange>,
}

impl SearchIndex {
    pub fn changed_bytes(&self) -> u64 {
        self.changes.iter().map(|change| change.entries.len() as u64).sum()
    }
}

impl Store {
    /// What the table has of a campaign's search index.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn search_index(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
    ) -> Result<SearchIndex, StoreError> {
        let mut index = SearchIndex::default();
        // The changes sort before the file.
        for mut item in self.query_all(Query::table(keys::search_index(ws, campaign))).await? {
            let Some(key) = Key::of(&item) else { continue };
            let version = item::number_of(&item, "version").unsigned_abs();
            match item.remove(ENTRIES) {
                Some(AttributeValue::B(entries)) => index.changes.push(IndexChange { key, version, entries }),
                _ if text_of(&item, "sk") == Some(keys::INDEX_FILE) => {
                    index.file = Some(item::decode(item)?);
                }
                _ => {}
            }
        }
        Ok(index)
    }

    /// Adds entries that changed, as a [`Packer`] has them: to the latest change, or under a name of their own.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; they may be added again.
    pub async fn add_index_change(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        name: &str,
        entries: Vec<u8>,
    ) -> Result<(), StoreError> {
        let pk = keys::search_index(ws, campaign);
        if let Some(latest) = self.latest_changes.with_room_for(&pk, &entries) {
            let grown = latest.and(&entries);
            let write = ItemWrite::put(grown.item());
            if self.write_if(write, Condition::is_version(latest.version)).await? {
                self.latest_changes.remember(grown);
                return Ok(());
            }
            // It is in the file by now, or somebody else has added to it.
            self.latest_changes.forget(&pk);
        }
        let change = IndexChange::new(keys::index_change(ws, campaign, name), entries);
        self.put(change.item()).await?;
        self.latest_changes.remember(change);
        Ok(())
    }

    /// Names another file, if the stored one is one version older. Says whether it was.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn replace_index_file(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        file: &IndexFile,
    ) -> Result<bool, StoreError> {
        let key = keys::index_file(ws, campaign);
        if file.version == 1 {
            self.put_new(key, file).await
        } else {
            self.put_next(key, file, file.version).await
        }
    }

    /// Removes changes that are in the file, but for those that were added to since they were read.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; what is left does no harm.
    pub async fn remove_index_changes(&self, changes: &[IndexChange]) -> Result<(), StoreError> {
        let removals = changes.iter().map(|change| {
            let removal = ItemWrite::delete(change.key.clone());
            self.write_if(removal, Condition::is_version(change.version))
        });
        in_parallel(PARALLEL_REMOVALS, removals).await.map(drop)
    }

    /// Removes what the table has of a campaign's search index.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn remove_search_index(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        index: &SearchIndex,
    ) -> Result<(), StoreError> {
        self.remove_index_changes(&index.changes).await?;
        self.remove(keys::index_file(ws, campaign)).await
    }
}
