//! Feeds campaigns and contact lists: turns dropped files into leads or contacts, and begins leads anew for a run.
//!
//! A file is read once, in constant memory, in chunks. Each chunk is written before the import's
//! progress says so; a chunk that is written twice changes nothing, because a lead's id is its
//! number and each lead says which row it came from.

mod arrival;
mod chunk;
mod ending;
mod error;
mod reading;
mod target;
mod update;
mod walk;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carillon_domain::base::time::Timestamp;
use carillon_runtime::batch;
use carillon_runtime::context::Context;
use carillon_runtime::messages::RewriteIndex;
use carillon_runtime::services::lead_search;

pub use error::ImportError;

/// Handles a batch of messages: events of the bucket, imports to go on with, walks over a campaign's leads, or
/// search indexes to write anew.
///
/// What is not done by `deadline` goes on in another run.
pub async fn handle(context: &Context, event: SqsEvent, deadline: Timestamp) -> SqsBatchResponse {
    batch::each(event, |message: arrival::Message| async move {
        match &message {
            arrival::Message::Walk(walk) => return walk::run(context, walk, deadline).await,
            arrival::Message::RewriteIndex(RewriteIndex { workspace, rewrite_index_of }) => {
                return Ok(lead_search::rewrite(context, workspace, rewrite_index_of).await?);
            }
            _ => {}
        }
        for import in arrival::imports(context, message).await? {
            reading::run(context, &import, deadline).await?;
        }
        Ok::<(), ImportError>(())
    })
    .await
}
