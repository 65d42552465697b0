//! Feeds campaigns: turns dropped files into leads, and begins leads anew for a run.
//!
//! A file is read once, in constant memory, in chunks. Each chunk is written before the import's
//! progress says so; a chunk that is written twice changes nothing, because a lead's id is its
//! number and each lead says which row it came from.

mod arrival;
mod chunk;
pub mod csv;
mod reading;
mod walk;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carillon_adapters::files::FilesError;
use carillon_adapters::queue::QueueError;
use carillon_domain::base::time::Timestamp;
use carillon_runtime::batch;
use carillon_runtime::context::Context;
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
    /// A queue did not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// Handles a batch of messages: events of the bucket, imports to go on with, or walks over a
/// campaign's leads.
///
/// What is not done by `deadline` goes on in another run.
pub async fn handle(context: &Context, event: SqsEvent, deadline: Timestamp) -> SqsBatchResponse {
    batch::each(event, |message: arrival::Message| async move {
        if let arrival::Message::Walk(walk) = &message {
            return walk::run(context, walk, deadline).await;
        }
        for import in arrival::imports(context, message).await? {
            reading::run(context, &import, deadline).await?;
        }
        Ok::<(), ImportError>(())
    })
    .await
}
