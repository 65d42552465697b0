//! Imports: files on their way in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::ids::{CampaignId, ImportId};
use crate::base::numbering::BareDigits;
use crate::base::time::Timestamp;
use crate::records::campaign::OnDuplicate;

/// Where an import stands: its file was announced and has not come (`awaiting_file`), is being read, was read
/// to the end, or can't be read at all (`failed`; `error` says why).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    AwaitingFile,
    Running,
    Completed,
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
    /// Rows whose number is a lead already, which now holds what they say.
    #[serde(default)]
    pub updated: u64,
    /// Rows whose number is a lead already, which stays as it is.
    pub duplicates: u64,
    /// Rows that can't become leads.
    pub invalid: u64,
    /// Cells that were left out of leads, because they can't be read.
    #[serde(default)]
    pub warnings: u64,
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
    /// What a row does whose number is a lead already, where the client said so; else the campaign says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_duplicate: Option<OnDuplicate>,
    /// The headers of the file, once read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// What stands between two fields, once read.
    #[serde(default = "comma")]
    pub delimiter: char,
    /// What digits without + are in each column, as far as the first rows tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bare_digits: Vec<BareDigits>,
    /// What became of columns in another way than their headers may promise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
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

const fn comma() -> char {
    ','
}
