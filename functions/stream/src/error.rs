//! Why changes were not told of.

use carillon_adapters::consumers::ConsumerError;
use carillon_adapters::queue::QueueError;
use carillon_runtime::services::lead_search::LeadSearchError;
use carillon_store::StoreError;

/// A batch was not told of, or not all of it; it comes again.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What changed of leads could not be noted where they are searched.
    #[error(transparent)]
    LeadSearch(#[from] LeadSearchError),
    #[error(transparent)]
    Consumer(#[from] ConsumerError),
    /// What can't be told of could not be parked.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A parked record still can't be told of.
    #[error("{0}")]
    StillParked(String),
}
