//! What a file begins with: what its columns are called, and some of its rows.

use std::collections::BTreeMap;

use carillon_domain::importing::Fault;
use carillon_domain::records::import::FileFormat;

use crate::csv::{Dialect, SheetParser};
use crate::json::{JsonParser, TooManyKeys};
use crate::workbook::{Workbook, WorkbookError};
use crate::{Checkpoint, Record};

/// The beginning of a file.
#[derive(Debug)]
pub struct Beginning {
    pub format: FileFormat,
    /// What stands between two fields of CSV.
    pub delimiter: char,
    pub headers: Vec<String>,
    /// Where the first row of data starts.
    pub next: Checkpoint,
    /// The first rows of data.
    pub sample: Vec<Record>,
    /// The sheet of a workbook that is read.
    pub sheet: Option<String>,
    /// What somebody should know of how the file is read.
    pub notices: Vec<String>,
}

/// Why nothing of a file can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the header can't be read: {0}")]
    Header(Fault),
    #[error("there is no object with keys in this file: send an array of objects, or one object a line")]
    NoObjects,
    #[error(transparent)]
    Keys(#[from] TooManyKeys),
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
}

impl Beginning {
    /// Of CSV, by its first bytes; `is_whole` says that there are no others.
    ///
    /// # Errors
    /// [`Unreadable::Header`].
    pub fn of_csv(dialect: Dialect, head: &[u8], is_whole: bool) -> Result<Self, Unreadable> {
        let mut rows = SheetParser::new(dialect).push(head, is_whole).into_iter();
        let (headers, next) = match rows.next() {
            None => (Vec::new(), Checkpoint { position: 0, row: 1 }),
            Some(Record { fields: Err(malformed), .. }) => return Err(Unreadable::Header(malformed.fault)),
            Some(Record { fields: Ok(fields), next, .. }) => (fields, next),
        };
        let delimiter = char::from(dialect.delimiter);
        Ok(Self { delimiter, ..Self::plain(FileFormat::Csv, headers, next, rows.collect()) })
    }

    /// Of JSON with these keys, by its first bytes; `is_whole` says that there are no others.
    ///
    /// # Errors
    /// [`Unreadable::NoObjects`].
    pub fn of_json(headers: Vec<String>, head: &[u8], is_whole: bool) -> Result<Self, Unreadable> {
        if headers.is_empty() {
            return Err(Unreadable::NoObjects);
        }
        let sample = JsonParser::new(&headers).push(head, is_whole);
        Ok(Self::plain(FileFormat::Json, headers, Checkpoint { position: 0, row: 1 }, sample))
    }

    /// Of a workbook: see [`Workbook::beginning`].
    ///
    /// # Errors
    /// [`Unreadable::Workbook`].
    pub fn of_workbook(
        workbook: &mut Workbook,
        sheet: Option<&str>,
        columns: &BTreeMap<String, String>,
    ) -> Result<Self, Unreadable> {
        let begun = workbook.beginning(sheet, columns)?;
        let format = if workbook.is_old() { FileFormat::Xls } else { FileFormat::Xlsx };
        Ok(Self {
            sheet: Some(begun.sheet),
            notices: begun.notices.iter().map(ToString::to_string).collect(),
            ..Self::plain(format, begun.headers, begun.next, begun.sample)
        })
    }

    const fn plain(format: FileFormat, headers: Vec<String>, next: Checkpoint, sample: Vec<Record>) -> Self {
        Self { format, delimiter: ',', headers, next, sample, sheet: None, notices: Vec::new() }
    }

    /// The fields of the first rows, as far as they can be read.
    pub fn cells(&self) -> Vec<&[String]> {
        self.sample.iter().filter_map(|row| row.fields.as_deref().ok()).collect()
    }
}
