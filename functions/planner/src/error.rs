//! Why a plan was not finished.

use carillon_adapters::queue::QueueError;
use carillon_runtime::services::call_updates::NewsError;
use carillon_runtime::services::lifecycle::LifecycleError;
use carillon_store::{CommitError, StoreError};

/// A plan was not finished; another will.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A transaction was not committed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A campaign could not be started or completed.
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    /// An attempt that grew too old could not be settled.
    #[error(transparent)]
    News(#[from] NewsError),
    /// A queue did not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
}
