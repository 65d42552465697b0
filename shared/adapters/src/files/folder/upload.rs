//! A file on its way into the folder: invisible until it is whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{FilesError, on_disk};

/// Makes an empty place for uploads: those that a former process left are of no use.
pub(super) fn prepare(partial_dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(partial_dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir_all(partial_dir)
}

/// A file that is being written; dropped unfinished, it leaves nothing.
#[derive(Debug)]
pub struct FolderUpload {
    key: String,
    path: PathBuf,
    partial: Partial,
    file: Arc<File>,
    size_bytes: Option<u64>,
    written_bytes: u64,
}

/// The unfinished file, removed with this value if it is still there.
#[derive(Debug)]
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // Renamed into place it is gone, and that is well.
        let _ = fs::remove_file(&self.0);
    }
}

impl FolderUpload {
    pub(super) async fn begin(
        key: &str,
        path: PathBuf,
        partial_dir: &Path,
        size_bytes: Option<u64>,
    ) -> Result<Self, FilesError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let partial = Partial(partial_dir.join(format!("{}-{number}", std::process::id())));
        let new = partial.0.clone();
        let file = on_disk(move || File::create_new(new));
        let file = file.await.map_err(|error| FilesError::unavailable(key, error))?;
        Ok(Self { key: key.to_owned(), path, partial, file: Arc::new(file), size_bytes, written_bytes: 0 })
    }

    /// Adds `bytes` at the end.
    ///
    /// # Errors
    /// [`FilesError::WrongSize`] as soon as there are more than announced;
    /// [`FilesError::Unavailable`].
    pub async fn push(&mut self, bytes: Vec<u8>) -> Result<(), FilesError> {
        self.written_bytes += bytes.len() as u64;
        if let Some(size_bytes) = self.size_bytes.filter(|&size_bytes| self.written_bytes > size_bytes) {
            return Err(FilesError::WrongSize { key: self.key.clone(), size_bytes });
        }
        let file = Arc::clone(&self.file);
        let written = on_disk(move || (&*file).write_all(&bytes));
        written.await.map_err(|error| FilesError::unavailable(&self.key, error))
    }

    /// Puts the file in its place, over any other one there; once this answers `Ok` it is on
    /// the disk.
    ///
    /// # Errors
    /// [`FilesError::WrongSize`] if there are fewer bytes than announced;
    /// [`FilesError::Unavailable`].
    pub async fn finish(self) -> Result<(), FilesError> {
        if let Some(size_bytes) = self.size_bytes.filter(|&size_bytes| self.written_bytes != size_bytes) {
            return Err(FilesError::WrongSize { key: self.key.clone(), size_bytes });
        }
        let Self { key, path, partial, file, .. } = self;
        let placed = on_disk(move || {
            file.sync_all()?;
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::rename(&partial.0, &path)
        });
        placed.await.map_err(|error| FilesError::unavailable(&key, error))
    }
}
