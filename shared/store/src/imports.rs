//! Files on their way in: where each stands, and the rows that were rejected.

use aws_sdk_dynamodb::types::AttributeValue;
use carillon_domain::base::ids::{CampaignId, ImportId, WorkspaceId};
use carillon_domain::records::counters::Counters;
use carillon_domain::records::import::Import;
use serde::{Deserialize, Serialize};

use crate::item::{self, text};
use crate::keys;
use crate::{CommitError, Store, StoreError};

/// A row that did not become a lead, with one fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    pub row: u64,
    /// The header of the column at fault; none if it is the row as a whole.
    pub column: Option<String>,
    pub value: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// The whole row, once per row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct RejectedChunk {
    rows: Vec<RejectedRow>,
}

impl Store {
    /// Creates an import. Says whether there was none with its id.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn create_import(&self, ws: &WorkspaceId, import: &Import) -> Result<bool, StoreError> {
        self.put_new(keys::import(ws, &import.campaign, &import.id), import).await
    }

    /// One import.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn import(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        id: &ImportId,
    ) -> Result<Option<Import>, StoreError> {
        self.get(keys::import(ws, campaign, id)).await
    }

    /// All imports of a campaign, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn imports(&self, ws: &WorkspaceId, campaign: &CampaignId) -> Result<Vec<Import>, StoreError> {
        self.list(keys::imports(ws, campaign)).await
    }

    /// Stores a changed import, if the stored one is one version older. Says whether it was.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn update_import(&self, ws: &WorkspaceId, import: &Import) -> Result<bool, StoreError> {
        self.put_over(keys::import(ws, &import.campaign, &import.id), import, import.version - 1).await
    }

    /// Stores an import's progress together with the counters of what it created, if the stored one
    /// is one version older: each chunk counts once.
    ///
    /// # Errors
    /// [`CommitError::Refused`] if another run was faster.
    pub async fn advance_import(
        &self,
        ws: &WorkspaceId,
        import: &Import,
        counters: &Counters,
    ) -> Result<(), CommitError> {
        let item = item::encode(keys::import(ws, &import.campaign, &import.id), import)?;
        let mut writes = vec![self.put_next(item, import.version)?];
        if !counters.is_empty() {
            writes.push(self.count(keys::counters(ws, &import.campaign, 0), counters)?);
        }
        self.transact(writes).await
    }

    /// Keeps a chunk of rejected rows; the same chunk again replaces itself.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn keep_rejected(
        &self,
        ws: &WorkspaceId,
        import: &ImportId,
        chunk: u64,
        rows: &[RejectedRow],
    ) -> Result<(), StoreError> {
        let mut item = item::encode(
            keys::Key { pk: keys::rejected(ws, import), sk: format!("{chunk:08}") },
            &RejectedChunk { rows: rows.to_vec() },
        )?;
        item.insert("chunk".into(), AttributeValue::N(chunk.to_string()));
        self.put_item(item).await
    }

    /// Rejected rows of an import, from chunk `from` on, at most `chunks` of them.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn rejected_rows(
        &self,
        ws: &WorkspaceId,
        import: &ImportId,
        from: u64,
        chunks: usize,
    ) -> Result<Vec<RejectedRow>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk >= :from")
            .expression_attribute_values(":pk", text(keys::rejected(ws, import)))
            .expression_attribute_values(":from", text(format!("{from:08}")))
            .limit(i32::try_from(chunks).unwrap_or(i32::MAX))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::service)?;
        let mut rows = Vec::new();
        for item in answer.items.unwrap_or_default() {
            rows.extend(item::decode::<RejectedChunk>(item)?.rows);
        }
        Ok(rows)
    }
}
