//! Writing a file of a bucket piece by piece: an upload of several parts, or of one.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use crate::files::{FilesError, media_type};

/// Bytes of a part; the service takes parts from 5 MiB on, and 10,000 of them.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// A file that is being written. What was uploaded of one that is never finished is removed by the bucket's rule
/// for uploads that were given up.
#[derive(Debug)]
pub struct S3Writer {
    client: Client,
    bucket: String,
    key: String,
    pending: Vec<u8>,
    /// Once the first part was full.
    upload: Option<Upload>,
}

#[derive(Debug)]
struct Upload {
    id: String,
    parts: Vec<CompletedPart>,
}

impl S3Writer {
    pub(super) fn new(client: Client, bucket: &str, key: &str) -> Self {
        Self { client, bucket: bucket.to_owned(), key: key.to_owned(), pending: Vec::new(), upload: None }
    }

    pub(in crate::files) async fn push(&mut self, bytes: Vec<u8>) -> Result<(), FilesError> {
        self.pending.extend(bytes);
        while self.pending.len() >= PART_BYTES {
            let rest = self.pending.split_off(PART_BYTES);
            let part = std::mem::replace(&mut self.pending, rest);
            self.upload_part(part).await?;
        }
        Ok(())
    }

    pub(in crate::files) async fn finish(mut self) -> Result<(), FilesError> {
        let rest = std::mem::take(&mut self.pending);
        if self.upload.is_none() {
            let put = self.client.put_object().bucket(&self.bucket).key(&self.key);
            let put = put.content_type(media_type(&self.key));
            let sent = put.body(ByteStream::from(rest)).send().await;
            return sent.map(drop).map_err(|error| FilesError::unavailable(&self.key, error));
        }
        if !rest.is_empty() {
            self.upload_part(rest).await?;
        }
        let Some(Upload { id, parts }) = self.upload.take() else { return Ok(()) };
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let end = self.client.complete_multipart_upload().bucket(&self.bucket).key(&self.key);
        let ended = end.upload_id(id).multipart_upload(parts).send().await;
        ended.map(drop).map_err(|error| FilesError::unavailable(&self.key, error))
    }

    async fn upload_part(&mut self, part: Vec<u8>) -> Result<(), FilesError> {
        let (client, bucket, key) = (&self.client, &self.bucket, &self.key);
        if self.upload.is_none() {
            let begin = client.create_multipart_upload().bucket(bucket).key(key);
            let begun = begin.content_type(media_type(key)).send().await;
            let begun = begun.map_err(|error| FilesError::unavailable(key, error))?;
            let id = begun.upload_id.ok_or_else(|| FilesError::unavailable(key, "S3 named no upload"))?;
            self.upload = Some(Upload { id, parts: Vec::new() });
        }
        let Some(upload) = &mut self.upload else { return Ok(()) };
        let number = i32::try_from(upload.parts.len() + 1).unwrap_or(i32::MAX);
        let put = client.upload_part().bucket(bucket).key(key).upload_id(&upload.id).part_number(number);
        let sent = put.body(ByteStream::from(part)).send().await;
        let sent = sent.map_err(|error| FilesError::unavailable(key, error))?;
        let part = CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build();
        upload.parts.push(part);
        Ok(())
    }
}
