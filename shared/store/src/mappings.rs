//! Saved mappings: what the columns of a workspace's files mean.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::records::mapping::{MappingName, SavedMapping};

use crate::access::Store;
use crate::error::StoreError;
use crate::table::{Condition, ItemWrite};
use crate::{item, keys};

impl Store {
    pub async fn mapping(
        &self,
        ws: &WorkspaceId,
        name: &MappingName,
    ) -> Result<Option<SavedMapping>, StoreError> {
        self.get(keys::mapping(ws, name)).await
    }

    /// All of a workspace's, by name.
    pub async fn mappings(&self, ws: &WorkspaceId) -> Result<Vec<SavedMapping>, StoreError> {
        self.list(keys::mappings(ws)).await
    }

    /// Stores a mapping: a new one of version 1, else if the stored one is one version older. Says whether it was
    /// stored.
    pub async fn put_mapping(&self, ws: &WorkspaceId, mapping: &SavedMapping) -> Result<bool, StoreError> {
        let item = item::encode(keys::mapping(ws, &mapping.name), mapping)?;
        self.write_if(ItemWrite::put(item), Condition::first_or_one_older(mapping.version)).await
    }

    /// Removes a mapping, if it is as it was read. Says whether it was.
    pub async fn remove_mapping(&self, ws: &WorkspaceId, mapping: &SavedMapping) -> Result<bool, StoreError> {
        let write = ItemWrite::delete(keys::mapping(ws, &mapping.name));
        self.write_if(write, Condition::is_version(mapping.version)).await
    }
}
