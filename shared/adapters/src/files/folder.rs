//! A folder that acts as the bucket.

mod grant;
#[cfg(test)]
mod tests;
mod upload;

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::Url;

use super::{CHUNK_BYTES, FilesError, MAX_PRESIGN_SECS, PresignedUpload, check_key};
use crate::clock::Clock;
pub use grant::{LinkGrant, LinkRefused, LinkUse};
pub use upload::FolderUpload;

/// Where uploads stand until they are whole; no key leads there.
const PARTIAL_DIR: &str = ".partial";

/// Files below one folder; their keys are their paths in it.
#[derive(Debug, Clone)]
pub struct FolderFiles {
    root: Arc<Path>,
    public_url: Url,
    signer: Arc<grant::Signer>,
    clock: Clock,
}

impl FolderFiles {
    /// The folder `root`, made if need be. Upload links lead to
    /// `{public_url}/uploads/{key}` and are signed with `signing_key`, which must stay the
    /// same for as long as links shall live.
    ///
    /// # Errors
    /// [`FilesError::Unavailable`] if the folder can't be made or `public_url` is no URL.
    pub fn new(
        root: impl Into<PathBuf>,
        public_url: &str,
        signing_key: [u8; 32],
        clock: Clock,
    ) -> Result<Self, FilesError> {
        let root: Arc<Path> = root.into().into();
        upload::prepare(&root.join(PARTIAL_DIR))
            .map_err(|error| FilesError::unavailable(&root.display().to_string(), error))?;
        let url = Url::parse(public_url).map_err(|error| FilesError::unavailable(public_url, error))?;
        if url.cannot_be_a_base() {
            return Err(FilesError::unavailable(public_url, "nothing can be below this URL"));
        }
        Ok(Self { root, public_url: url, signer: Arc::new(grant::Signer::new(signing_key)), clock })
    }

    pub(super) fn presign_put(
        &self,
        key: &str,
        expires_secs: u32,
        size_bytes: Option<u64>,
    ) -> Result<PresignedUpload, FilesError> {
        self.path(key)?;
        let expires_at = self.clock.now().as_secs() + i64::from(expires_secs.clamp(1, MAX_PRESIGN_SECS));
        let grant = self.signer.grant(LinkUse::Put, key, expires_at, size_bytes);
        Ok(PresignedUpload {
            url: self.link(key, &grant),
            method: "PUT".to_owned(),
            headers: size_bytes
                .map(|bytes| ("content-length".to_owned(), bytes.to_string()))
                .into_iter()
                .collect(),
            expires_at: grant.expires_at(),
        })
    }

    pub(super) fn presign_get(&self, key: &str, expires_secs: u32) -> Result<String, FilesError> {
        self.path(key)?;
        let expires_at = self.clock.now().as_secs() + i64::from(expires_secs.clamp(1, MAX_PRESIGN_SECS));
        Ok(self.link(key, &self.signer.grant(LinkUse::Get, key, expires_at, None)))
    }

    fn link(&self, key: &str, grant: &LinkGrant) -> String {
        let mut url = self.public_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("uploads").extend(key.split('/'));
        }
        grant.write_into(&mut url);
        url.into()
    }

    /// Whether a request for `key` carries a grant of ours that has not run out.
    ///
    /// # Errors
    /// Why it may not.
    pub fn verify(&self, usage: LinkUse, key: &str, grant: &LinkGrant) -> Result<(), LinkRefused> {
        self.signer.verify(usage, key, grant, self.clock.now())
    }

    /// Begins a file that appears under `key` once it is whole, and only with `size_bytes`
    /// if that is given.
    ///
    /// # Errors
    /// [`FilesError::BadKey`], [`FilesError::Unavailable`].
    pub async fn begin(&self, key: &str, size_bytes: Option<u64>) -> Result<FolderUpload, FilesError> {
        let path = self.path(key)?;
        FolderUpload::begin(key, path, &self.root.join(PARTIAL_DIR), size_bytes).await
    }

    pub(super) async fn write(&self, key: &str, bytes: Vec<u8>) -> Result<(), FilesError> {
        let mut upload = self.begin(key, None).await?;
        upload.push(bytes).await?;
        upload.finish().await
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), FilesError> {
        let path = self.path(key)?;
        let removed = on_disk(move || match std::fs::remove_file(path) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(()),
            other => other,
        });
        removed.await.map_err(|error| FilesError::unavailable(key, error))
    }

    pub(super) async fn open(&self, key: &str, offset: u64) -> Result<FolderReader, FilesError> {
        let path = self.path(key)?;
        let file = on_disk(move || {
            let mut file = regular_file(&path)?.0;
            file.seek(SeekFrom::Start(offset))?;
            Ok(file)
        });
        let file = file.await.map_err(|error| unreadable(key, error))?;
        Ok(FolderReader { key: key.to_owned(), file: Arc::new(file) })
    }

    pub(super) async fn size(&self, key: &str) -> Result<u64, FilesError> {
        let path = self.path(key)?;
        let bytes = on_disk(move || regular_file(&path).map(|(_, bytes)| bytes));
        bytes.await.map_err(|error| unreadable(key, error))
    }

    /// The path of a key; none leads into uploads that are not whole.
    fn path(&self, key: &str) -> Result<PathBuf, FilesError> {
        check_key(key)?;
        if key.split('/').next() == Some(PARTIAL_DIR) {
            return Err(FilesError::BadKey { key: key.to_owned() });
        }
        Ok(self.root.join(key))
    }
}

/// A file of a folder that is being read.
#[derive(Debug)]
pub struct FolderReader {
    key: String,
    file: Arc<File>,
}

impl FolderReader {
    pub(super) async fn chunk(&mut self) -> Result<Option<Vec<u8>>, FilesError> {
        let file = Arc::clone(&self.file);
        let chunk = on_disk(move || {
            let mut chunk = Vec::with_capacity(CHUNK_BYTES);
            (&*file).take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
            Ok(chunk)
        });
        let chunk = chunk.await.map_err(|error| FilesError::unavailable(&self.key, error))?;
        Ok(Some(chunk).filter(|chunk| !chunk.is_empty()))
    }
}

/// Opens a file that is one: no directory, no link, and no pipe, which would wait for a writer. With its size in bytes.
fn regular_file(path: &Path) -> io::Result<(File, u64)> {
    if !path.symlink_metadata()?.is_file() {
        return Err(ErrorKind::NotFound.into());
    }
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    Ok((file, bytes))
}

fn unreadable(key: &str, error: io::Error) -> FilesError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FilesError::NotFound { key: key.to_owned() },
        _ => FilesError::unavailable(key, error),
    }
}

/// Works with the disk where that holds nobody up.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}
