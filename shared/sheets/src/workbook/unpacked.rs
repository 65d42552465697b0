//! How much memory the parts of an XLSX take that its reader holds at once: a file of a few kilobytes may unpack to
//! gigabytes.

use std::io::{Cursor, Read, copy, sink};

use zip::ZipArchive;

use super::{WorkbookError, damaged};

/// Most bytes that the texts which cells share and what else is held at once may unpack to, all together.
pub(super) const MAX_HELD_BYTES: u64 = 256 << 20;
/// Where the sheets are, which are read as a stream.
const SHEETS: &str = "xl/worksheets/";

/// Unpacks what the reader of workbooks would hold, and forgets it: what an archive says of its own sizes need not
/// be true.
///
/// # Errors
/// [`WorkbookError::TooMuchText`], or that it is damaged.
pub(super) fn check(bytes: &[u8], limit_bytes: u64) -> Result<(), WorkbookError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut left = limit_bytes;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(damaged)?;
        if part.name().map_err(damaged)?.starts_with(SHEETS) {
            continue;
        }
        let taken = copy(&mut part.take(left + 1), &mut sink()).map_err(damaged)?;
        left = left.checked_sub(taken).ok_or(WorkbookError::TooMuchText { limit_bytes })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// An archive with a part of so many blanks.
    fn archive(part: &str, bytes: usize) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(part, SimpleFileOptions::default()).expect("a part");
        writer.write_all(&vec![b' '; bytes]).expect("its bytes");
        writer.finish().expect("an archive").into_inner()
    }

    #[test]
    fn what_unpacks_to_more_than_is_held_is_refused() {
        let bomb = archive("xl/sharedStrings.xml", 1 << 20);
        assert!(bomb.len() < 4_096, "it is packed");
        assert_eq!(check(&bomb, 1 << 20), Ok(()));
        let limit_bytes = (1 << 20) - 1;
        assert_eq!(check(&bomb, limit_bytes), Err(WorkbookError::TooMuchText { limit_bytes }));
        let sheet = archive("xl/worksheets/sheet1.xml", 1 << 20);
        assert_eq!(check(&sheet, 1_000), Ok(()), "it is read as a stream");
        assert!(matches!(check(b"PK", MAX_HELD_BYTES), Err(WorkbookError::Damaged(_))));
    }

    #[test]
    fn what_an_archive_says_of_its_sizes_is_not_believed() {
        let mut bomb = archive("xl/sharedStrings.xml", 1 << 20);
        let told = (1_u32 << 20).to_le_bytes();
        let places: Vec<usize> =
            (0..bomb.len() - 4).filter(|place| bomb[*place..*place + 4] == told).collect();
        assert!(!places.is_empty());
        for place in places {
            bomb[place..place + 4].copy_from_slice(&10_u32.to_le_bytes());
        }
        assert!(check(&bomb, 1_000).is_err());
    }
}
