//! The rows of people's files that could not be used, in chunks as they were met.

use carillon_domain::base::ids::{ContactId, ImportId, JobId, LeadId, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, number};
use crate::jobs::expiry;
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::table::{Key, Query, SortRange};

/// Most bytes of rejected rows in one stored item; the service takes 400 KB.
const CHUNK_BYTES: usize = 200 * 1024;

/// Who rejected the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectedBy<'a> {
    Import(&'a ImportId),
    /// Its rows are kept as long as the job.
    Job(&'a JobId),
}

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
    /// Keeps rejected rows as chunks from number `first` on; the same again replace themselves. Says how many
    /// chunks they are.
    pub async fn keep_rejected(
        &self,
        ws: &WorkspaceId,
        by: RejectedBy<'_>,
        first: u64,
        rows: Vec<RejectedRow>,
    ) -> Result<u64, StoreError> {
        let mut chunks = 0;
        for rows in packed(rows) {
            let chunk = first + chunks;
            let key = Key { pk: keys::rejected(ws, by), sk: format!("{chunk:08}") };
            let mut item = item::encode(key, &RejectedChunk { rows })?;
            item.insert("chunk".into(), number(chunk));
            if let RejectedBy::Job(id) = by {
                item.insert(TTL_ATTRIBUTE.into(), number(expiry(id.made_at())));
            }
            self.put(item).await?;
            chunks += 1;
        }
        Ok(chunks)
    }

    /// Rejected rows, from chunk `from` on, at most `chunks` of them.
    pub async fn rejected_rows(
        &self,
        ws: &WorkspaceId,
        by: RejectedBy<'_>,
        from: u64,
        chunks: usize,
    ) -> Result<Vec<RejectedRow>, StoreError> {
        let query = Query::table(keys::rejected(ws, by)).range(SortRange::From(format!("{from:08}")));
        let page = self.page(query.limit(chunks)).await?;
        let mut rows = Vec::new();
        for item in page.items {
            rows.extend(item::decode::<RejectedChunk>(item)?.rows);
        }
        Ok(rows)
    }
}

/// Rejected rows in portions that fit an item each.
fn packed(rejected: Vec<RejectedRow>) -> Vec<Vec<RejectedRow>> {
    let mut portions: Vec<Vec<RejectedRow>> = Vec::new();
    let mut bytes = CHUNK_BYTES;
    for row in rejected {
        let size = row.fields.iter().map(String::len).sum::<usize>()
            + row.value.as_ref().map_or(0, String::len)
            + row.reason.len()
            + row.column.as_ref().map_or(0, String::len);
        if bytes + size > CHUNK_BYTES {
            portions.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(portion) = portions.last_mut() {
            portion.push(row);
        }
    }
    portions
}
