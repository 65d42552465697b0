//! Why an import was not finished.

use carillon_adapters::files::FilesError;
use carillon_adapters::queue::QueueError;
use carillon_runtime::services::file_rows::FileRowsError;
use carillon_runtime::services::lead_search::LeadSearchError;
use carillon_runtime::services::lifecycle::LifecycleError;
use carillon_store::{CommitError, StoreError};

/// An import was not finished. Its message comes again, unless that is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file can't be read, now or later.
    #[error("{0}")]
    Unreadable(String),
    /// The bucket did not answer.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A transaction was not committed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The campaign could not be changed.
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    /// The search index could not be written anew.
    #[error(transparent)]
    LeadSearch(#[from] LeadSearchError),
    /// A queue did not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl From<FileRowsError> for ImportError {
    fn from(error: FileRowsError) -> Self {
        match error {
            FileRowsError::Unreadable(reason) => Self::Unreadable(reason),
            FileRowsError::Files(error) => Self::Files(error),
        }
    }
}
