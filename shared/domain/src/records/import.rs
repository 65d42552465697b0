//! Imports: files on their way in.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::ids::{CampaignId, ContactListId, IdError, ImportId};
use crate::base::numbering::{BareDigits, Country};
use crate::base::time::Timestamp;
use crate::records::campaign::OnDuplicate;
use crate::records::mapping::MappingName;

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

impl ImportStatus {
    /// Whether nothing more is read.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

/// What the rows of a file become: leads of a campaign, or contacts on a list. Written as the id of either.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ImportTarget {
    Campaign(CampaignId),
    ContactList(ContactListId),
}

/// What a file is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    #[default]
    Csv,
    /// An array of objects, or an object a line.
    Json,
    Xlsx,
    Xls,
}

/// What a client said of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOptions {
    /// Headers and the fields that they are to be read as.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// The saved mapping that is used, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<MappingName>,
    /// What a row does whose number is a lead already; else the campaign says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_duplicate: Option<OnDuplicate>,
    /// The country of numbers that are written without one; else the campaign says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_country: Option<Country>,
    /// What all leads of the file are tagged with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The sheet of a workbook that is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
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
    /// Rows whose number is on a do-not-call list that counts for the campaign; what else they are is counted
    /// besides.
    #[serde(default)]
    pub suppressed: u64,
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
    /// Imports that were stored when there were no contacts name their campaign.
    #[serde(alias = "campaign")]
    pub target: ImportTarget,
    /// The file in the bucket.
    pub file_key: String,
    /// What the client calls it.
    pub file_name: String,
    #[serde(flatten)]
    pub options: ImportOptions,
    /// What the file is, once read.
    #[serde(default)]
    pub format: FileFormat,
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

impl Import {
    /// Whether the leads of a row are counted. They are there before they are: a chunk of rows is counted once all of
    /// them are.
    pub fn has_counted(&self, row: u64) -> bool {
        row <= self.progress.last_row
    }

    /// An import whose file is yet to be read.
    pub fn new(
        id: ImportId,
        target: ImportTarget,
        file_key: String,
        file_name: String,
        options: ImportOptions,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            version: 1,
            target,
            file_key,
            file_name,
            options,
            format: FileFormat::default(),
            headers: Vec::new(),
            delimiter: comma(),
            bare_digits: Vec::new(),
            notices: Vec::new(),
            size_bytes: 0,
            status: ImportStatus::AwaitingFile,
            error: None,
            progress: ImportProgress::default(),
            created_at: now,
            updated_at: now,
            finished_at: None,
        }
    }
}

impl ImportTarget {
    /// The campaign, if rows become leads.
    pub const fn campaign(&self) -> Option<&CampaignId> {
        match self {
            Self::Campaign(campaign) => Some(campaign),
            Self::ContactList(_) => None,
        }
    }

    /// The list, if rows become contacts.
    pub const fn contact_list(&self) -> Option<&ContactListId> {
        match self {
            Self::Campaign(_) => None,
            Self::ContactList(list) => Some(list),
        }
    }
}

impl fmt::Display for ImportTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Campaign(campaign) => campaign.fmt(f),
            Self::ContactList(list) => list.fmt(f),
        }
    }
}

impl FromStr for ImportTarget {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.starts_with(ContactListId::PREFIX) {
            return text.parse().map(Self::ContactList);
        }
        text.parse().map(Self::Campaign)
    }
}

impl TryFrom<String> for ImportTarget {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<ImportTarget> for String {
    fn from(target: ImportTarget) -> Self {
        target.to_string()
    }
}

const fn comma() -> char {
    ','
}
