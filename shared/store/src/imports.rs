//! Files on their way in: where each stands, and the rows that were rejected.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use carillon_domain::base::ids::{CampaignId, ImportId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::counters::Counters;
use serde::{Deserialize, Serialize};

use crate::item::{self, text};
use crate::keys;
use crate::{CommitError, Store, StoreError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// Its file was announced and has not come.
    AwaitingFile,
    Running,
    Completed,
    /// The file can't be read at all; `error` says why.
    Failed,
}

/// How far an import is. Rows are counted as a spreadsheet does: the header is row 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProgress {
    /// Bytes of the file up to the next row.
    pub position_bytes: u64,
    /// The last row that was read.
    pub last_row: u64,
    pub rows: u64,
    pub created: u64,
    /// Rows whose number is a lead already.
    pub duplicates: u64,
    /// Rows that can't become leads.
    pub invalid: u64,
    /// Chunks of rejected rows that are kept.
    pub rejected_chunks: u64,
}

/// One file on its way in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub id: ImportId,
    pub version: u64,
    pub campaign: CampaignId,
    /// The file in the bucket.
    pub file_key: String,
    /// What the client calls it.
    pub file_name: String,
    /// Headers and the fields that they are to be read as, where the client said so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// The headers of the file, once read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// Size of the file in bytes, once known.
    #[serde(default)]
    pub size_bytes: u64,
    pub status: ImportStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub progress: ImportProgress,
    /// When it was announced or its file came.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

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
