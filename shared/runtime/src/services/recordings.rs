//! Recordings of calls: where their copies lie, and whether there is one.

use carillon_adapters::files::FilesError;
use carillon_domain::base::ids::{InteractionId, WorkspaceId};
use carillon_domain::records::recording::{Recording, RecordingCopy};
use carillon_store::StoreError;

use crate::context::Context;

/// Below which all copies lie, those that go together below the name of their class.
pub const PREFIX: &str = "recordings/";

/// What is to be had of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// A copy lies in the bucket, with so many bytes.
    Copied { copy: RecordingCopy, size_bytes: u64 },
    /// The provider has none.
    Missing,
    /// The provider is to be asked.
    Nothing,
}

/// It can't be said.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bucket did not answer.
    #[error(transparent)]
    Files(#[from] FilesError),
}

/// The key of a copy.
pub fn file_key(ws: &WorkspaceId, id: &InteractionId, copy: &RecordingCopy) -> String {
    format!("{PREFIX}{}/{ws}/{id}.{}", copy.class.name(), copy.format.extension())
}

/// What is to be had of the recording of a call, by what is kept and by a look into the bucket.
///
/// # Errors
/// [`RecordingError`] if the table or the bucket does not answer.
pub async fn known(context: &Context, ws: &WorkspaceId, id: &InteractionId) -> Result<Known, RecordingError> {
    let kept = context.store.recording(ws, id).await?;
    match kept.filter(|kept| context.now() < kept.counts_until()) {
        None => Ok(Known::Nothing),
        Some(Recording::Missing { .. }) => Ok(Known::Missing),
        Some(Recording::Copied(copy)) => match context.files.size(&file_key(ws, id, &copy)).await {
            Ok(size_bytes) => Ok(Known::Copied { copy, size_bytes }),
            Err(FilesError::NotFound { .. }) => Ok(Known::Nothing),
            Err(error) => Err(error.into()),
        },
    }
}
