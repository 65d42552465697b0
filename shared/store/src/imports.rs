//! Files on their way in: where each stands.

use std::collections::BTreeSet;
use std::fmt::Display;

use carillon_domain::base::ids::{ImportId, LeadId, WorkspaceId};
use carillon_domain::records::counters::Counters;
use carillon_domain::records::import::Import;
use carillon_domain::records::lead::{Lead, LeadBlock};

use crate::access::Store;
use crate::access::Transacted;
use crate::commit::count;
use crate::error::StoreError;
use crate::item;
use crate::keys;
use crate::leads::listed;
use crate::table::{Condition, ItemWrite, Key};

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

    /// Those of leads whose rows their imports have not counted yet.
    pub async fn uncounted<'a>(
        &self,
        ws: &WorkspaceId,
        leads: impl IntoIterator<Item = &'a Lead>,
    ) -> Result<BTreeSet<LeadId>, StoreError> {
        let of_files = leads.into_iter().filter_map(|lead| Some((lead, lead.origin.as_ref()?)));
        let of_files: Vec<_> = of_files
            .map(|(lead, origin)| (lead, origin.row, keys::import(ws, &lead.id.campaign(), &origin.import)))
            .collect();
        let imports: BTreeSet<Key> = of_files.iter().map(|(_, _, import)| import.clone()).collect();
        let stored = self.get_all(imports.into_iter().collect()).await?;
        let mut uncounted = BTreeSet::new();
        for (lead, row, import) in of_files {
            let Some(import) = stored.get(&import) else { continue };
            if !item::decode::<Import>(import.clone())?.has_counted(row) {
                uncounted.insert(lead.id.clone());
            }
        }
        Ok(uncounted)
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
