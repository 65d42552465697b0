//! The search index of a campaign: a file in the bucket has an entry for each lead, and the table what has
//! changed since that file was written.
//!
//! Changes are many small items without an order: of two entries of one lead the later version counts, so
//! one that comes again, or late, does no harm. A new file is written from the old one and the changes;
//! then the item that names it is changed, and only then those changes are removed. Who reads the changes
//! first, and then which file counts, misses nothing.

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::item;
use crate::keys;
use crate::parallel::in_parallel;
use crate::table::{AttributeValue, Key, Query, text_of};

mod entries;

pub use entries::{EntriesError, FrameReader, Packer, entries_in, framed};

/// Changes that are removed at the same time.
const PARALLEL_REMOVALS: usize = 16;
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
    pub entries: Vec<u8>,
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
            match item.remove(ENTRIES) {
                Some(AttributeValue::B(entries)) => index.changes.push(IndexChange { key, entries }),
                _ if text_of(&item, "sk") == Some(keys::INDEX_FILE) => {
                    index.file = Some(item::decode(item)?);
                }
                _ => {}
            }
        }
        Ok(index)
    }

    /// Adds entries that changed, as a [`Packer`] has them, under a name of their own.
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
        let mut item = item::key_attributes(keys::index_change(ws, campaign, name));
        item.insert(ENTRIES.to_owned(), AttributeValue::B(entries));
        self.put(item).await
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

    /// Removes changes that are in the file.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; what is left does no harm.
    pub async fn remove_index_changes(&self, changes: &[IndexChange]) -> Result<(), StoreError> {
        let removals = changes.iter().map(|change| self.remove(change.key.clone()));
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
