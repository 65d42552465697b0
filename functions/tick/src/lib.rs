//! Every minute: which workspaces are due to be looked at.
//!
//! The tick is the net under every hint that got lost. It reads nothing but the wake index.

use carillon_adapters::queue::{Message, QueueError};
use carillon_runtime::context::{Context, body};
use carillon_runtime::messages::PlanHint;
use carillon_store::StoreError;

/// The tick did not reach everybody; the next one does.
#[derive(Debug, thiserror::Error)]
pub enum TickError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue did not answer.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// Sends a hint for each workspace that is due.
///
/// # Errors
/// [`TickError`] if the table or the queue does not answer.
pub async fn handle(context: &Context) -> Result<usize, TickError> {
    let due = context.store.due_workspaces(context.now()).await?;
    let hints: Vec<_> =
        due.iter().map(|workspace| Message::now(body(&PlanHint { workspace: workspace.clone() }))).collect();
    if !hints.is_empty() {
        context.queues.plan.send(&hints).await?;
    }
    Ok(due.len())
}
