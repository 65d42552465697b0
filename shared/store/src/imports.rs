//! Files on their way in: where each stands, and the rows that were rejected.

use std::fmt::Display;

use carillon_domain::base::ids::{ContactId, ImportId, LeadId, WorkspaceId};
use carillon_domain::records::counters::Counters;
use carillon_domain::records::import::Import;
use carillon_domain::records::lead::LeadBlock;
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::access::Transacted;
use crate::commit::count;
use crate::error::StoreError;
use crate::item;
use crate::keys;
use crate::leads::listed;
use crate::table::{Condition, ItemWrite, Key, Query, SortRange};

/// One fault of a row: it did not become a lead, or did without a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    pub row: u64,
    /// The header of the column at fault; none if it is the row as a whole.
    pub column: Option<String>,
    pub value: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// The lead that its number is already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
    /// The contact that its number is already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// Whether it cost only the cell.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_warning: bool,
    /// The whole row, once per row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_false(is: &bool) -> bool {
    !*is
}

#[derive(Serialize, Deserialize)]
struct RejectedChunk {
    rows: Vec<RejectedRow>,
}

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

    /// Keeps a chunk of rejected rows; the same chunk again replaces itself.
    pub async fn keep_rejected(
        &self,
        ws: &WorkspaceId,
        import: &ImportId,
        chunk: u64,
        rows: &[RejectedRow],
    ) -> Result<(), StoreError> {
        let mut item = item::encode(
            Key { pk: keys::rejected(ws, import), sk: format!("{chunk:08}") },
            &RejectedChunk { rows: rows.to_vec() },
        )?;
        item.insert("chunk".into(), item::number(chunk));
        self.put(item).await
    }

    /// Rejected rows of an import, from chunk `from` on, at most `chunks` of them.
    pub async fn rejected_rows(
        &self,
        ws: &WorkspaceId,
        import: &ImportId,
        from: u64,
        chunks: usize,
    ) -> Result<Vec<RejectedRow>, StoreError> {
        let query = Query::table(keys::rejected(ws, import)).range(SortRange::From(format!("{from:08}")));
        let page = self.page(query.limit(chunks)).await?;
        let mut rows = Vec::new();
        for item in page.items {
            rows.extend(item::decode::<RejectedChunk>(item)?.rows);
        }
        Ok(rows)
    }
}
