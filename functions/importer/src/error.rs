//! Why an import was not finished.

use carillon_adapters::files::FilesError;
use carillon_adapters::queue::QueueError;
use carillon_runtime::services::lead_search::LeadSearchError;
use carillon_runtime::services::lifecycle::LifecycleError;
use carillon_store::{CommitError, StoreError};

/// An import was not finished; its message comes again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
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
