//! Every minute: which workspaces are due to be looked at, which jobs fell silent, and which deliveries are to be sent.
//!
//! The tick is the net under every message that got lost. It reads nothing but the index.

use carillon_adapters::queue::{Message, QueueError};
use carillon_runtime::context::{Context, body};
use carillon_runtime::messages::{DeliveryMessage, JobMessage, PlanHint};
use carillon_store::{PendingDelivery, StoreError};

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

/// Sends a hint for each workspace that is due, and asks again for each job of which nothing was heard and each delivery
/// whose time has come.
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
    let silent = context.store.silent_jobs(context.now()).await?;
    let jobs: Vec<_> = silent
        .into_iter()
        .map(|(workspace, job)| Message::now(body(&JobMessage { workspace, job })))
        .collect();
    if !jobs.is_empty() {
        context.queues.jobs.send(&jobs).await?;
    }
    let overdue = context.store.overdue_deliveries(context.now()).await?;
    let deliveries: Vec<_> = overdue
        .into_iter()
        .map(|PendingDelivery { workspace, endpoint, delivery }| {
            let group = endpoint.clone();
            Message::now(body(&DeliveryMessage { workspace, endpoint, delivery })).of_group(group)
        })
        .collect();
    if !deliveries.is_empty() {
        context.queues.delivery.send(&deliveries).await?;
    }
    Ok(due.len())
}
