//! Why a step of a job was not done.

use std::io;

use carillon_adapters::files::FilesError;
use carillon_adapters::provider::InquiryError;
use carillon_adapters::queue::QueueError;
use carillon_adapters::secrets::SecretsError;
use carillon_runtime::services::lifecycle::LifecycleError;
use carillon_runtime::services::recordings::RecordingError;
use carillon_runtime::services::suppression::SuppressionError;
use carillon_sheets::workbook_writer::WriteError;
use carillon_store::{CommitError, StoreError};

/// A step was not done; its job goes on after a rest.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A transaction was not committed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The campaign could not be put to work.
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    /// A number was not put on its list.
    #[error(transparent)]
    Suppression(#[from] SuppressionError),
    /// A queue did not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The bucket did not answer, or what a job has left there is gone.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The provider did not answer, or not to the question.
    #[error(transparent)]
    Inquiry(#[from] InquiryError),
    /// The secret store did not answer.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// A part of an export is not as it was written.
    #[error("a part of the export can't be read")]
    Part(#[from] serde_json::Error),
    #[error(transparent)]
    Workbook(#[from] WriteError),
    /// The thread that packs a workbook has stopped.
    #[error("the workbook was not packed")]
    Packing(#[from] io::Error),
}

impl From<RecordingError> for JobError {
    fn from(error: RecordingError) -> Self {
        match error {
            RecordingError::Store(error) => Self::Store(error),
            RecordingError::Files(error) => Self::Files(error),
        }
    }
}
