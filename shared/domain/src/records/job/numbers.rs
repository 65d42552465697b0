//! The file of numbers that a job puts on a do-not-call list.

use serde::{Deserialize, Serialize};

use crate::base::numbering::Notation;
use crate::records::import::FileFormat;

/// A file of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumbersFile {
    /// Its key in the bucket.
    pub key: String,
    /// What the client calls it.
    pub name: String,
    /// How its numbers are written, as far as it is known.
    pub notation: Notation,
    /// The sheet of a workbook that is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// What it is; none until its beginning is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<BegunNumbers>,
}

/// What the beginning of a file of numbers says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunNumbers {
    pub format: FileFormat,
    /// What stands between two fields.
    pub delimiter: char,
    /// Its first row, which is a header if it names a column of numbers.
    pub headers: Vec<String>,
    pub size_bytes: u64,
}
