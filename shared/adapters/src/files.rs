//! Files that people drop and fetch: a bucket of S3, or a folder of this machine.
#![cfg_attr(
    not(any(feature = "aws", feature = "local")),
    allow(unused_variables, reason = "no files to call")
)]

#[cfg(feature = "local")]
mod folder;
#[cfg(any(feature = "aws", feature = "local"))]
mod media_type;
#[cfg(feature = "local")]
mod memory;
#[cfg(feature = "aws")]
mod s3;

use std::error::Error;

use carillon_domain::base::time::Timestamp;

#[cfg(feature = "local")]
pub use folder::{FolderFiles, FolderReader, FolderUpload, LinkGrant, LinkRefused, LinkUse};
#[cfg(any(feature = "aws", feature = "local"))]
pub use media_type::media_type;
#[cfg(feature = "local")]
pub use memory::{MemoryFiles, MemoryReader, MemoryWriter};
#[cfg(feature = "aws")]
pub use s3::{S3Files, S3Reader, S3Writer};

/// Length of the pieces that a file is read in, in bytes; only the last one may be shorter.
pub const CHUNK_BYTES: usize = 256 * 1024;
/// Longest key in bytes (S3).
#[cfg(feature = "local")]
const MAX_KEY_BYTES: usize = 1024;
/// Longest life of an upload link, in seconds: 7 days (S3).
pub const MAX_PRESIGN_SECS: u32 = 7 * 24 * 60 * 60;

/// Where files are. A key is a path with `/` between its parts.
#[derive(Debug, Clone)]
pub enum Files {
    /// A bucket of Amazon S3.
    #[cfg(feature = "aws")]
    S3(S3Files),
    /// A folder of this machine.
    #[cfg(feature = "local")]
    Folder(FolderFiles),
    #[cfg(feature = "local")]
    Memory(MemoryFiles),
}

impl Files {
    /// A link that takes one file under `key` for `expires_secs` (clipped to
    /// 1–[`MAX_PRESIGN_SECS`]) from whoever has it. With `size_bytes` it takes a file of
    /// exactly that size: S3 can't sign a ceiling.
    ///
    /// # Errors
    /// [`FilesError::BadKey`], [`FilesError::Unavailable`].
    pub async fn presign_put(
        &self,
        key: &str,
        expires_secs: u32,
        size_bytes: Option<u64>,
    ) -> Result<PresignedUpload, FilesError> {
        match *self {
            #[cfg(feature = "aws")]
            Self::S3(ref files) => files.presign_put(key, expires_secs, size_bytes).await,
            #[cfg(feature = "local")]
            Self::Folder(ref files) => files.presign_put(key, expires_secs, size_bytes),
            #[cfg(feature = "local")]
            Self::Memory(ref files) => files.presign_put(key, expires_secs, size_bytes),
        }
    }

    /// An address at which whoever has it may fetch the file under `key` for `expires_secs` (clipped to
    /// 1–[`MAX_PRESIGN_SECS`]).
    ///
    /// # Errors
    /// [`FilesError::BadKey`], [`FilesError::Unavailable`].
    pub async fn presign_get(&self, key: &str, expires_secs: u32) -> Result<String, FilesError> {
        match *self {
            #[cfg(feature = "aws")]
            Self::S3(ref files) => files.presign_get(key, expires_secs).await,
            #[cfg(feature = "local")]
            Self::Folder(ref files) => files.presign_get(key, expires_secs),
            #[cfg(feature = "local")]
            Self::Memory(ref files) => files.presign_get(key),
        }
    }

    /// Opens a file to read it from byte `offset` on; at or after its end there is nothing.
    ///
    /// # Errors
    /// [`FilesError::NotFound`], [`FilesError::BadKey`], [`FilesError::Unavailable`].
    pub async fn open(&self, key: &str, offset: u64) -> Result<FileReader, FilesError> {
        match *self {
            #[cfg(feature = "aws")]
            Self::S3(ref files) => files.open(key, offset).await.map(|reader| FileReader::S3(reader.into())),
            #[cfg(feature = "local")]
            Self::Folder(ref files) => files.open(key, offset).await.map(FileReader::Folder),
            #[cfg(feature = "local")]
            Self::Memory(ref files) => files.open(key, offset).map(FileReader::Memory),
        }
    }

    /// A file's size in bytes.
    ///
    /// # Errors
    /// [`FilesError::NotFound`], [`FilesError::BadKey`], [`FilesError::Unavailable`].
    pub async fn size(&self, key: &str) -> Result<u64, FilesError> {
        match *self {
            #[cfg(feature = "aws")]
            Self::S3(ref files) => files.size(key).await,
            #[cfg(feature = "local")]
            Self::Folder(ref files) => files.size(key).await,
            #[cfg(feature = "local")]
            Self::Memory(ref files) => files.size(key),
        }
    }

    /// Writes a whole file, in place of any other under `key`. Nobody ever reads a part of it.
    ///
    /// # Errors
    /// [`FilesError::BadKey`], [`FilesError::Unavailable`].
    pub async fn write(&self, key: &str, bytes: Vec<u8>) -> Result<(), FilesError> {
        match *self {
            #[cfg(feature = "aws")]
            Self::S3(ref files) => files.write(key, bytes).await,
            #[cfg(feature = "local")]
            Self::Folder(ref files) => files.write(key, bytes).await,
            #[cfg(feature = "local")]
            Self::Memory(ref files) => files.write(key, bytes),
        }
    }

    /// Begins a file that is written piece by piece, in constant memory, and that nobody sees before it is whole.
    ///
    /// # Errors
    /// [`FilesError::BadKey`], [`FilesError::Unavailable`].
    pub async fn create(&self, key: &str) -> Result<FileWriter, FilesError> {
        match *self {
            #[cfg(feature = "aws")]
            Self::S3(ref files) => Ok(FileWriter::S3(files.create(key).into())),
            #[cfg(feature = "local")]
            Self::Folder(ref files) => files.begin(key, None).await.map(FileWriter::Folder),
            #[cfg(feature = "local")]
            Self::Memory(ref files) => files.create(key).map(FileWriter::Memory),
        }
    }

    /// Removes a file, whether it is there or not.
    ///
    /// # Errors
    /// [`FilesError::BadKey`], [`FilesError::Unavailable`].
    pub async fn remove(&self, key: &str) -> Result<(), FilesError> {
        match *self {
            #[cfg(feature = "aws")]
            Self::S3(ref files) => files.remove(key).await,
            #[cfg(feature = "local")]
            Self::Folder(ref files) => files.remove(key).await,
            #[cfg(feature = "local")]
            Self::Memory(ref files) => files.remove(key),
        }
    }
}

/// A file that is being written; dropped unfinished, it is none.
#[derive(Debug)]
pub enum FileWriter {
    /// To Amazon S3.
    #[cfg(feature = "aws")]
    S3(Box<S3Writer>),
    /// To a folder of this machine.
    #[cfg(feature = "local")]
    Folder(FolderUpload),
    #[cfg(feature = "local")]
    Memory(MemoryWriter),
}

impl FileWriter {
    /// Adds bytes at the end.
    ///
    /// # Errors
    /// [`FilesError::Unavailable`]; nothing of the file is kept.
    pub async fn push(&mut self, bytes: Vec<u8>) -> Result<(), FilesError> {
        match *self {
            #[cfg(feature = "aws")]
            Self::S3(ref mut writer) => writer.push(bytes).await,
            #[cfg(feature = "local")]
            Self::Folder(ref mut upload) => upload.push(bytes).await,
            #[cfg(feature = "local")]
            Self::Memory(ref mut writer) => {
                writer.push(bytes);
                Ok(())
            }
        }
    }

    /// Puts the file in its place, over any other one there.
    ///
    /// # Errors
    /// [`FilesError::Unavailable`]; nothing of the file is kept.
    pub async fn finish(self) -> Result<(), FilesError> {
        match self {
            #[cfg(feature = "aws")]
            Self::S3(writer) => writer.finish().await,
            #[cfg(feature = "local")]
            Self::Folder(upload) => upload.finish().await,
            #[cfg(feature = "local")]
            Self::Memory(writer) => {
                writer.finish();
                Ok(())
            }
        }
    }
}

/// A file that is being read, in constant memory.
#[derive(Debug)]
pub enum FileReader {
    /// From Amazon S3.
    #[cfg(feature = "aws")]
    S3(Box<S3Reader>),
    /// From a folder of this machine.
    #[cfg(feature = "local")]
    Folder(FolderReader),
    #[cfg(feature = "local")]
    Memory(MemoryReader),
}

impl FileReader {
    /// The next [`CHUNK_BYTES`] of the file, fewer at its end, then `None`.
    ///
    /// # Errors
    /// [`FilesError::Unavailable`]; the file can be opened again where this one stood.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, FilesError> {
        match *self {
            #[cfg(feature = "aws")]
            Self::S3(ref mut reader) => reader.chunk().await,
            #[cfg(feature = "local")]
            Self::Folder(ref mut reader) => reader.chunk().await,
            #[cfg(feature = "local")]
            Self::Memory(ref mut reader) => Ok(reader.chunk()),
        }
    }
}

/// How to upload one file: a request to send with the file as its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresignedUpload {
    /// Where to; whoever knows it may upload.
    pub url: String,
    pub method: String,
    /// Headers that the request must carry.
    pub headers: Vec<(String, String)>,
    pub expires_at: Timestamp,
}

/// Why a file can't be had.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// There is no such file.
    #[error("there is no file `{key}`")]
    NotFound { key: String },
    /// No file can have this key.
    #[error("`{key}` is not a path below the folder")]
    BadKey { key: String },
    /// An upload is not of the size that its link was made for; nothing was kept.
    #[error("the upload of `{key}` is not of {size_bytes} bytes as announced")]
    WrongSize {
        key: String,
        /// The size that was announced.
        size_bytes: u64,
    },
    /// The bucket did not answer, or not to our request; the folder can't be read or written.
    #[error("file `{key}` is not available")]
    Unavailable { key: String, source: Box<dyn Error + Send + Sync> },
}

#[cfg(any(feature = "aws", feature = "local"))]
impl FilesError {
    fn unavailable(key: &str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable { key: key.to_owned(), source: source.into() }
    }
}

/// Refuses keys that lead out of a folder or are two names of one file.
#[cfg(feature = "local")]
fn check_key(key: &str) -> Result<(), FilesError> {
    if is_key(key) { Ok(()) } else { Err(FilesError::BadKey { key: key.to_owned() }) }
}

/// Whether this can be the key of a file of a folder.
#[cfg(feature = "local")]
pub fn is_key(key: &str) -> bool {
    let plain = |part: &str| {
        !matches!(part, "" | "." | "..") && !part.contains(|c: char| c == '\\' || c.is_control())
    };
    key.len() <= MAX_KEY_BYTES && key.split('/').all(plain)
}
