//! A bucket of Amazon S3.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;

pub use writer::S3Writer;

use super::{CHUNK_BYTES, FilesError, MAX_PRESIGN_SECS, PresignedUpload, media_type};
use crate::clock::Clock;

/// How often one reader takes up a broken download where it broke.
const MAX_RESUMPTIONS: u32 = 5;
/// HTTP 416: the range starts at or after the end.
const RANGE_NOT_SATISFIABLE: u16 = 416;

/// Files in one bucket.
///
/// Without leave to list the bucket, S3 denies access to a file that is missing instead of
/// saying so.
#[derive(Debug, Clone)]
pub struct S3Files {
    client: Client,
    bucket: String,
}

impl S3Files {
    /// The files of `bucket`.
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self { client, bucket: bucket.into() }
    }

    /// A link dies with the credentials it was signed with, be they shorter-lived.
    pub(super) async fn presign_put(
        &self,
        key: &str,
        expires_secs: u32,
        size_bytes: Option<u64>,
    ) -> Result<PresignedUpload, FilesError> {
        let unavailable = |error: BoxError| FilesError::unavailable(key, error);
        let expires_secs = expires_secs.clamp(1, MAX_PRESIGN_SECS);
        let life = PresigningConfig::expires_in(Duration::from_secs(expires_secs.into()))
            .map_err(|error| unavailable(error.into()))?;
        let length = size_bytes.map(i64::try_from).transpose().map_err(|error| unavailable(error.into()))?;
        let expires_at = Clock::System.now().plus_ms(i64::from(expires_secs) * 1_000);
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .set_content_length(length)
            .presigned(life)
            .await
            .map_err(|error| unavailable(error.into()))?;
        Ok(PresignedUpload {
            url: request.uri().to_owned(),
            method: request.method().to_owned(),
            headers: request.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            expires_at,
        })
    }

    /// A link dies with the credentials it was signed with, be they shorter-lived.
    pub(super) async fn presign_get(&self, key: &str, expires_secs: u32) -> Result<String, FilesError> {
        let unavailable = |error: BoxError| FilesError::unavailable(key, error);
        let life = Duration::from_secs(expires_secs.clamp(1, MAX_PRESIGN_SECS).into());
        let life = PresigningConfig::expires_in(life).map_err(|error| unavailable(error.into()))?;
        let request = self.client.get_object().bucket(&self.bucket).key(key).presigned(life).await;
        Ok(request.map_err(|error| unavailable(error.into()))?.uri().to_owned())
    }

    pub(super) async fn write(&self, key: &str, bytes: Vec<u8>) -> Result<(), FilesError> {
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type(media_type(key));
        put.body(ByteStream::from(bytes))
            .send()
            .await
            .map(drop)
            .map_err(|error| FilesError::unavailable(key, error))
    }

    pub(super) fn create(&self, key: &str) -> S3Writer {
        S3Writer::new(self.client.clone(), &self.bucket, key)
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), FilesError> {
        let removal = self.client.delete_object().bucket(&self.bucket).key(key);
        removal.send().await.map(drop).map_err(|error| FilesError::unavailable(key, error))
    }

    pub(super) async fn size(&self, key: &str) -> Result<u64, FilesError> {
        let head =
            self.client.head_object().bucket(&self.bucket).key(key).send().await.map_err(
                |error| match error.as_service_error() {
                    Some(fault) if fault.is_not_found() => FilesError::NotFound { key: key.to_owned() },
                    _ => FilesError::unavailable(key, error),
                },
            )?;
        head.content_length()
            .and_then(|bytes| u64::try_from(bytes).ok())
            .ok_or_else(|| FilesError::unavailable(key, "S3 told no size"))
    }

    pub(super) async fn open(&self, key: &str, offset: u64) -> Result<S3Reader, FilesError> {
        let mut reader = S3Reader {
            files: self.clone(),
            key: key.to_owned(),
            e_tag: None,
            body: ByteStream::from_static(b""),
            pending: Vec::new(),
            position: offset,
            resumptions: 0,
        };
        reader.download().await?;
        Ok(reader)
    }
}

/// A file of a bucket that is being read.
#[derive(Debug)]
pub struct S3Reader {
    files: S3Files,
    key: String,
    /// The version that is read, so that a resumption does not join two files.
    e_tag: Option<String>,
    body: ByteStream,
    /// What has come and was not handed out; less than a chunk.
    pending: Vec<u8>,
    /// The byte that comes next from S3.
    position: u64,
    resumptions: u32,
}

impl S3Reader {
    pub(super) async fn chunk(&mut self) -> Result<Option<Vec<u8>>, FilesError> {
        while self.pending.len() < CHUNK_BYTES {
            match self.body.next().await {
                Some(Ok(bytes)) => {
                    self.position += bytes.len() as u64;
                    self.pending.extend_from_slice(&bytes);
                }
                Some(Err(_)) if self.resumptions < MAX_RESUMPTIONS => {
                    self.resumptions += 1;
                    self.download().await?;
                }
                Some(Err(error)) => return Err(FilesError::unavailable(&self.key, error)),
                None => break,
            }
        }
        let rest = self.pending.split_off(self.pending.len().min(CHUNK_BYTES));
        Ok(Some(std::mem::replace(&mut self.pending, rest)).filter(|chunk| !chunk.is_empty()))
    }

    /// Begins a download at the position.
    async fn download(&mut self) -> Result<(), FilesError> {
        let range = (self.position > 0).then(|| format!("bytes={}-", self.position));
        let request = self.files.client.get_object().bucket(&self.files.bucket).key(&self.key);
        match request.set_range(range).set_if_match(self.e_tag.clone()).send().await {
            Ok(object) => {
                self.e_tag = object.e_tag;
                self.body = object.body;
                Ok(())
            }
            Err(error) if starts_after_end(&error) => {
                self.body = ByteStream::from_static(b"");
                Ok(())
            }
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => {
                Err(FilesError::NotFound { key: self.key.clone() })
            }
            Err(error) => Err(FilesError::unavailable(&self.key, error)),
        }
    }
}

fn starts_after_end(error: &SdkError<GetObjectError>) -> bool {
    let status = error.raw_response().map(|response| response.status().as_u16());
    status == Some(RANGE_NOT_SATISFIABLE) || error.code() == Some("InvalidRange")
}

mod writer;

#[cfg(test)]
mod tests;
