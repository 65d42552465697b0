//! What AWS does by itself: hands messages to functions, and ticks.

use std::future::Future;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use carillon_adapters::queue::{LocalQueue, QueueError, Received};
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_runtime::context::Context;
use tokio::task::AbortHandle;

use crate::wiring::{QueueWiring, TICK_PERIOD_SECS};

/// Hands the messages of a queue to a function for ever.
pub(crate) fn spawn<F, R>(queue: LocalQueue, wiring: QueueWiring, function: F) -> AbortHandle
where
    F: Fn(SqsEvent) -> R + Send + Sync + 'static,
    R: Future<Output = SqsBatchResponse> + Send,
{
    tokio::spawn(async move {
        loop {
            if let Err(error) = hand_over(&queue, wiring, &function).await {
                tracing::error!(%error, queue = wiring.name, "a queue does not answer");
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }
    })
    .abort_handle()
}

/// Hands over one batch, and deletes what did not fail.
async fn hand_over<F, R>(queue: &LocalQueue, wiring: QueueWiring, function: &F) -> Result<(), QueueError>
where
    F: Fn(SqsEvent) -> R,
    R: Future<Output = SqsBatchResponse>,
{
    queue.ready().await?;
    let visibility_ms = i64::from(wiring.visibility_secs) * SECOND_MS;
    let batch = queue.receive(wiring.batch_size, visibility_ms)?;
    if batch.is_empty() {
        return Ok(());
    }
    let response = function(event(&batch)).await;
    for received in &batch {
        let failed =
            response.batch_item_failures.iter().any(|failure| failure.item_identifier == received.id);
        if !failed {
            queue.delete(&received.receipt)?;
        }
    }
    Ok(())
}

/// A batch as SQS gives it to a function.
pub fn event(batch: &[Received]) -> SqsEvent {
    let mut event = SqsEvent::default();
    event.records = batch
        .iter()
        .map(|received| {
            let mut message = SqsMessage::default();
            message.message_id = Some(received.id.clone());
            message.receipt_handle = Some(received.receipt.clone());
            message.body = Some(received.body.clone());
            message
        })
        .collect();
    event
}

/// Ticks at every full minute for ever.
pub(crate) fn spawn_tick(context: Context) -> AbortHandle {
    tokio::spawn(async move {
        loop {
            context.clock.sleep_until(next_tick(context.now())).await;
            if let Err(error) = carillon_tick::handle(&context).await {
                tracing::warn!(%error, "a tick failed; the next one makes up for it");
            }
        }
    })
    .abort_handle()
}

/// When the tick after `now` is.
pub fn next_tick(now: Timestamp) -> Timestamp {
    let period_ms = i64::from(TICK_PERIOD_SECS) * SECOND_MS;
    Timestamp::from_millis((now.as_millis().div_euclid(period_ms) + 1) * period_ms)
}
