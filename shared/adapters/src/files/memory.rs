//! Files that are gone with the process: for tests and simulations.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{CHUNK_BYTES, FilesError, MAX_PRESIGN_SECS, PresignedUpload, check_key};
use crate::clock::Clock;

#[derive(Debug, Clone)]
pub struct MemoryFiles {
    files: Arc<Mutex<BTreeMap<String, Arc<[u8]>>>>,
    clock: Clock,
}

impl MemoryFiles {
    pub fn new(clock: Clock) -> Self {
        Self { files: Arc::default(), clock }
    }

    /// An address that no server serves: whoever has these files in hand writes them instead.
    pub(super) fn presign_put(
        &self,
        key: &str,
        expires_secs: u32,
        size_bytes: Option<u64>,
    ) -> Result<PresignedUpload, FilesError> {
        check_key(key)?;
        let expires_ms = i64::from(expires_secs.clamp(1, MAX_PRESIGN_SECS)) * 1_000;
        Ok(PresignedUpload {
            url: format!("memory:/{key}"),
            method: "PUT".to_owned(),
            headers: size_bytes
                .map(|bytes| ("content-length".to_owned(), bytes.to_string()))
                .into_iter()
                .collect(),
            expires_at: self.clock.now().plus_ms(expires_ms),
        })
    }

    pub(super) fn presign_get(&self, key: &str) -> Result<String, FilesError> {
        check_key(key)?;
        Ok(format!("memory:/{key}"))
    }

    pub(super) fn open(&self, key: &str, offset: u64) -> Result<MemoryReader, FilesError> {
        let bytes = self.bytes(key)?;
        let at = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        Ok(MemoryReader { bytes, at })
    }

    pub(super) fn size(&self, key: &str) -> Result<u64, FilesError> {
        self.bytes(key).map(|bytes| bytes.len() as u64)
    }

    pub(super) fn write(&self, key: &str, bytes: Vec<u8>) -> Result<(), FilesError> {
        check_key(key)?;
        self.with(|files| files.insert(key.to_owned(), bytes.into()));
        Ok(())
    }

    pub(super) fn create(&self, key: &str) -> Result<MemoryWriter, FilesError> {
        check_key(key)?;
        Ok(MemoryWriter { files: self.clone(), key: key.to_owned(), bytes: Vec::new() })
    }

    pub(super) fn remove(&self, key: &str) -> Result<(), FilesError> {
        check_key(key)?;
        self.with(|files| files.remove(key));
        Ok(())
    }

    fn bytes(&self, key: &str) -> Result<Arc<[u8]>, FilesError> {
        check_key(key)?;
        let found = self.with(|files| files.get(key).cloned());
        found.ok_or_else(|| FilesError::NotFound { key: key.to_owned() })
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Arc<[u8]>>) -> T) -> T {
        work(&mut self.files.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads the file as it was when it was opened.
#[derive(Debug)]
pub struct MemoryReader {
    bytes: Arc<[u8]>,
    at: usize,
}

impl MemoryReader {
    pub(super) fn chunk(&mut self) -> Option<Vec<u8>> {
        let end = self.bytes.len().min(self.at + CHUNK_BYTES);
        let chunk = self.bytes[self.at..end].to_vec();
        self.at = end;
        Some(chunk).filter(|chunk| !chunk.is_empty())
    }
}

/// A file that nobody sees before it is whole.
#[derive(Debug)]
pub struct MemoryWriter {
    files: MemoryFiles,
    key: String,
    bytes: Vec<u8>,
}

impl MemoryWriter {
    pub(super) fn push(&mut self, bytes: Vec<u8>) {
        self.bytes.extend(bytes);
    }

    pub(super) fn finish(self) {
        self.files.with(|files| files.insert(self.key, self.bytes.into()));
    }
}
