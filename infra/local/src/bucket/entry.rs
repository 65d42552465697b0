//! What lies in the folder: files, and what is none.

use std::fs::{File, FileType, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use carillon_adapters::files::is_key;
use serde::{Deserialize, Serialize};

/// Deepest folder below a prefix that is looked into.
const MAX_DEPTH: usize = 8;

/// A file as it was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) modified_ms: u64,
    pub(super) size_bytes: u64,
}

impl Seen {
    fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let modified_ms = u64::try_from(modified.unwrap_or_default().as_millis()).unwrap_or_default();
        Self { modified_ms, size_bytes: metadata.len() }
    }

    pub(super) fn modified(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.modified_ms)
    }
}

/// What lies at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A file, with its key.
    File(String, Seen),
    /// Something else, and why it is left alone.
    Skipped(&'static str),
}

/// Everything below a folder. Hidden files are no matter of ours: programs keep there what is not finished. Nothing is
/// followed or opened.
pub(super) fn below(root: &Path, folder: &Path) -> Vec<(PathBuf, Found)> {
    let (mut found, mut open) = (Vec::new(), vec![(folder.to_owned(), 0)]);
    while let Some((folder, depth)) = open.pop() {
        // A folder that is not there holds no files; one that vanishes is looked at next time.
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let Ok(metadata) = entry.metadata() else { continue };
            match metadata.file_type() {
                _ if is_hidden => {}
                kind if kind.is_dir() && depth == MAX_DEPTH => {
                    found.push((path, Found::Skipped("it lies too deep")));
                }
                kind if kind.is_dir() => open.push((path, depth + 1)),
                kind => {
                    let what = what(root, &path, kind, &metadata);
                    found.push((path, what));
                }
            }
        }
    }
    found
}

fn what(root: &Path, path: &Path, kind: FileType, metadata: &Metadata) -> Found {
    if kind.is_symlink() {
        return Found::Skipped("it is a link to another file; copy the file itself");
    }
    if !kind.is_file() {
        return Found::Skipped("it is no file that ends: a pipe, a socket or a device");
    }
    match path.strip_prefix(root).ok().and_then(Path::to_str) {
        None => Found::Skipped("its name is not UTF-8; give it another"),
        Some(key) if !is_key(key) => Found::Skipped(
            "its name has a backslash, a line break or another control character, or is too long",
        ),
        Some(key) => Found::File(key.to_owned(), Seen::of(metadata)),
    }
}

/// Whether the last line of a file is ended, as in a file that is whole; UTF-16 ends it with one more byte.
pub(super) fn ends_with_a_line(path: &Path) -> bool {
    let last = File::open(path).and_then(|mut file| {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(2)))?;
        let mut last = Vec::new();
        file.take(2).read_to_end(&mut last)?;
        Ok(last)
    });
    last.is_ok_and(|last| last.ends_with(b"\n") || last.ends_with(b"\n\0") || last.ends_with(b"\r"))
}
