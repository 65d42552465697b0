//! Files that are none of rows of text, known by how they begin: people drop what their programs save.

/// What a file is instead of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForeignFile {
    #[error("this is an Excel workbook (XLSX); save it as CSV (UTF-8), and send that")]
    Workbook,
    #[error("this is an Excel workbook of the old form (XLS); save it as CSV (UTF-8), and send that")]
    OldWorkbook,
    #[error("this is an OpenDocument spreadsheet; save it as CSV (UTF-8), and send that")]
    OpenDocument,
    #[error("this is an archive (ZIP); unpack it, and send the CSV in it")]
    Zip,
    #[error("this is a packed file ({0}); unpack it, and send the CSV in it")]
    Packed(&'static str),
    #[error("this is JSON; send CSV")]
    Json,
    #[error("this is XML or HTML; save it as CSV (UTF-8), and send that")]
    Markup,
    #[error("this is a vCard file of contacts; export them as CSV instead")]
    VCard,
    #[error("this is a PDF; export the table behind it as CSV")]
    Pdf,
    #[error("this is a database or a Parquet file; export the table in it as CSV")]
    Database,
}

/// How files that are none of text begin. ZIP comes last: others are ZIP archives, too.
const MAGIC: [(&[u8], ForeignFile); 12] = [
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ForeignFile::OldWorkbook),
    (b"\x1f\x8b", ForeignFile::Packed("gzip")),
    (b"BZh", ForeignFile::Packed("bzip2")),
    (b"\xfd7zXZ\0", ForeignFile::Packed("xz")),
    (b"\x28\xb5\x2f\xfd", ForeignFile::Packed("zstd")),
    (b"7z\xbc\xaf\x27\x1c", ForeignFile::Packed("7z")),
    (b"Rar!\x1a\x07", ForeignFile::Packed("RAR")),
    (b"%PDF-", ForeignFile::Pdf),
    (b"PAR1", ForeignFile::Database),
    (b"SQLite format 3\0", ForeignFile::Database),
    (b"PK\x03\x04", ForeignFile::Zip),
    (b"PK\x05\x06", ForeignFile::Zip),
];
/// Where a tape archive says that it is one.
const TAR_AT: usize = 257;
/// Most bytes of text that are looked at.
const TEXT_BYTES: usize = 512;

/// What the file is, if its first bytes are not those of CSV.
pub fn foreign_file(head: &[u8]) -> Option<ForeignFile> {
    let found = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, found)| *found);
    match found {
        Some(ForeignFile::Zip) => Some(zip(head)),
        Some(found) => Some(found),
        None if head.get(TAR_AT..).is_some_and(|rest| rest.starts_with(b"ustar")) => {
            Some(ForeignFile::Packed("tar"))
        }
        None => text(head),
    }
}

/// What is in a ZIP archive, by the names that stand in it.
fn zip(head: &[u8]) -> ForeignFile {
    let holds = |name: &[u8]| head.windows(name.len()).any(|part| part == name);
    if holds(b"opendocument.spreadsheet") {
        ForeignFile::OpenDocument
    } else if holds(b"xl/") || holds(b"[Content_Types].xml") {
        ForeignFile::Workbook
    } else {
        ForeignFile::Zip
    }
}

/// What a text is. A first column may be called anything, so one sign is not enough.
fn text(head: &[u8]) -> Option<ForeignFile> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let plain: Vec<u8> = text.iter().copied().filter(|byte| *byte != 0).take(TEXT_BYTES).collect();
    let signs: Vec<u8> = plain.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(2).collect();
    let begins = |word: &str| {
        let start = plain.trim_ascii_start();
        start.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    };
    match signs.as_slice() {
        [b'{', b'"' | b'}'] | [b'[', b'{' | b'[' | b']'] => Some(ForeignFile::Json),
        _ if ["<?xml", "<!doctype", "<html", "<table"].iter().any(|word| begins(word)) => {
            Some(ForeignFile::Markup)
        }
        _ if begins("BEGIN:VCARD") => Some(ForeignFile::VCard),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_save_is_known_by_its_beginning() {
        let mut tar = vec![b'a'; 512];
        tar[TAR_AT..TAR_AT + 5].copy_from_slice(b"ustar");
        for (head, name) in [
            (b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml".to_vec(), "Excel workbook (XLSX)"),
            (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet".to_vec(), "OpenDocument"),
            (b"PK\x03\x04people.csv".to_vec(), "archive (ZIP)"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".to_vec(), "old form (XLS)"),
            (b"\x1f\x8b\x08\0".to_vec(), "gzip"),
            (tar, "tar"),
            (b"%PDF-1.7".to_vec(), "PDF"),
            (b"SQLite format 3\0".to_vec(), "database"),
            (b"[\n  {\"phone\": 1}]".to_vec(), "JSON"),
            (b"\xef\xbb\xbf{ \"leads\": [] }".to_vec(), "JSON"),
            (b"[\0{\0".to_vec(), "JSON"),
            (b"<?xml version=\"1.0\"?>".to_vec(), "XML"),
            (b"\n<!DOCTYPE html>".to_vec(), "HTML"),
            (b"BEGIN:VCARD\r\n".to_vec(), "vCard"),
        ] {
            let told = foreign_file(&head).map(|found| found.to_string()).unwrap_or_default();
            assert!(told.contains(name), "{head:?}: {told}");
        }
    }

    #[test]
    fn rows_of_text_are_none_of_these() {
        let wide: Vec<u8> = "\u{feff}phone;name\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for head in [
            &b""[..],
            b"phone,name\n+49301,Ida\n",
            b"[id],phone\n",
            b"{id};phone\n",
            b"\"phone\",\"name\"\n",
            b"sep=;\nphone;name\n",
            b"PKW,phone\n",
            b"<name>,phone\n",
            b"\xef\xbb\xbfphone\n",
            &wide,
        ] {
            assert_eq!(foreign_file(head), None, "{head:?}");
        }
    }
}
