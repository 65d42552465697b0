//! What a file is, by how it begins.

use carillon_domain::importing::{ForeignFile, foreign_file};

use crate::csv::Dialect;

/// Endings of the names of JSON files.
const JSON_NAMES: [&str; 3] = [".json", ".jsonl", ".ndjson"];

/// A file whose rows can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Csv(Dialect),
    /// An array of objects, or an object a line.
    Json,
    /// An Excel workbook (XLSX).
    Workbook,
    /// An Excel workbook of the old form (XLS).
    OldWorkbook,
}

impl FileKind {
    /// What a file is by its first [`HEAD_BYTES`](crate::HEAD_BYTES); its name counts where they do not tell.
    ///
    /// # Errors
    /// [`ForeignFile`] says what it is instead of rows that can be read.
    pub fn of(head: &[u8], file_name: &str) -> Result<Self, ForeignFile> {
        match foreign_file(head) {
            Some(ForeignFile::Workbook) => Ok(Self::Workbook),
            Some(ForeignFile::OldWorkbook) => Ok(Self::OldWorkbook),
            Some(ForeignFile::Json) => Ok(Self::Json),
            Some(foreign) => Err(foreign),
            None if is_called_json(file_name) => Ok(Self::Json),
            None => Ok(Self::Csv(Dialect::detect(head))),
        }
    }
}

fn is_called_json(file_name: &str) -> bool {
    let name = file_name.trim().to_ascii_lowercase();
    JSON_NAMES.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_and_else_the_name() {
        let of = |head: &[u8], name| FileKind::of(head, name);
        assert_eq!(of(b"[{\"phone\": 1}]", "people.csv"), Ok(FileKind::Json));
        assert_eq!(of(b"{\"phone\": 1}\n", "people"), Ok(FileKind::Json));
        assert_eq!(
            of(b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml", "people.csv"),
            Ok(FileKind::Workbook)
        );
        assert!(matches!(of(b"phone,name\n", "people.xlsx"), Ok(FileKind::Csv(_))));
        assert_eq!(of(b"  oops", "People.JSONL"), Ok(FileKind::Json));
        assert_eq!(of(b"%PDF-1.7", "people.json"), Err(ForeignFile::Pdf));
    }
}
