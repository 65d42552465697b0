//! Files on their way in: where each stands.

use std::fmt::Display;

use carillon_domain::base::ids::{ImportId, WorkspaceId};
use carillon_domain::records::counters::Counters;
use carillon_domain::records::import::Import;
use carillon_domain::records::lead::LeadBlock;

use crate::access::Store;
use crate::access::Transacted;
use crate::commit::count;
use crate::error::StoreError;
use crate::item;
use crate::keys;
use crate::leads::listed;
use crate::table::{Condition, ItemWrite};

impl Store {
    /// Creates an import. Says whether there was none with its id.
    pub async fn create_import(&self, ws: &WorkspaceId, import: &Import) -> Result<bool, StoreError> {
        self.put_new(keys::import(ws, &import.target, &import.id), import).await
    }

    /// One import of a campaign or a contact list.
    pub async fn import(
        &self,
        ws: &WorkspaceId,
        target: &(impl Display + Sync),
        id: &ImportId,
    ) -> Result<Option<Import>, StoreError> {
        self.get(keys::import(ws, target, id)).await
    }

    /// All imports of a campaign or a contact list, oldest first.
    pub async fn imports(
        &self,
        ws: &WorkspaceId,
        target: &(impl Display + Sync),
    ) -> Result<Vec<Import>, StoreError> {
        self.list(keys::imports(ws, target)).await
    }

    /// Stores a changed import, if the stored one is one version older. Says whether it was.
    pub async fn update_import(&self, ws: &WorkspaceId, import: &Import) -> Result<bool, StoreError> {
        self.put_next(keys::import(ws, &import.target, &import.id), import, import.version).await
    }

    /// Stores an import's progress together with the list and the counters of the leads that it created, if the stored
    /// one is one version older: each chunk counts once. Says whether they were stored.
    pub async fn advance_import(
        &self,
        ws: &WorkspaceId,
        import: &Import,
        created: Option<&LeadBlock>,
        counters: &Counters,
    ) -> Result<bool, StoreError> {
        let item = item::encode(keys::import(ws, &import.target, &import.id), import)?;
        let mut writes = vec![ItemWrite::put(item).when(Condition::one_older(import.version))];
        if let Some(block) = created {
            writes.push(listed(ws, block));
            writes.push(count(keys::counters(ws, &block.campaign, 0), counters));
        }
        Ok(self.transact(writes).await? == Transacted::Done)
    }
}
