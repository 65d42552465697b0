//! What AWS does by itself: hands messages to functions, and ticks.

use std::future::Future;
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use carillon_adapters::queue::{LocalQueue, QueueError, Received};
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_runtime::context::Context;
use tokio::task::{AbortHandle, JoinSet};

use crate::table::{ChangeFeed, TableError};
use crate::wiring::{QueueWiring, STREAM_BATCH_SIZE, TICK_PERIOD_SECS};

/// How long to wait for changes where there are none.
const STREAM_PAUSE: Duration = Duration::from_millis(100);
/// How long to wait after a failure.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// When a message that failed comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// As on AWS: once its time out of sight is over, and so often as the queue allows.
    AfterVisibility,
    /// Soon, however often: for what nothing else makes up for. What is in the way on one machine, such as a full
    /// disk, is in the way of all, and its owner clears it away.
    Soon,
}

/// Hands the messages of a queue to a function for ever, at most so many batches at once. One receiver hands them out, so
/// that a message wakes one that waits, not hundreds.
pub(crate) fn spawn<F, R>(
    queue: LocalQueue,
    wiring: QueueWiring,
    at_once: usize,
    retry: Retry,
    function: F,
) -> AbortHandle
where
    F: Fn(SqsEvent) -> R + Send + Sync + 'static,
    R: Future<Output = SqsBatchResponse> + Send + 'static,
{
    tokio::spawn(async move {
        // Those at work end with the receiver.
        let mut at_work = JoinSet::new();
        loop {
            while at_work.try_join_next().is_some() {}
            if at_work.len() >= at_once {
                at_work.join_next().await;
            }
            match receive(&queue, wiring).await {
                Ok(batch) if batch.is_empty() => {}
                Ok(batch) => {
                    let (queue, work) = (queue.clone(), function(event(&batch)));
                    at_work.spawn(async move { settle(&queue, &batch, work.await, retry).await });
                }
                Err(error) => complain(&queue, &error).await,
            }
        }
    })
    .abort_handle()
}

async fn receive(queue: &LocalQueue, wiring: QueueWiring) -> Result<Vec<Received>, QueueError> {
    queue.ready().await?;
    queue.receive(wiring.batch_size, i64::from(wiring.visibility_secs) * SECOND_MS)
}

async fn complain(queue: &LocalQueue, error: &QueueError) {
    tracing::error!(%error, queue = queue.name(), "a queue does not answer");
    tokio::time::sleep(TRY_AGAIN).await;
}

/// Deletes what did not fail; what can't be deleted comes again.
async fn settle(queue: &LocalQueue, batch: &[Received], response: SqsBatchResponse, retry: Retry) {
    for received in batch {
        let failed =
            response.batch_item_failures.iter().any(|failure| failure.item_identifier == received.id);
        if !failed {
            if let Err(error) = queue.delete(&received.receipt) {
                complain(queue, &error).await;
            }
        } else if retry == Retry::Soon {
            put_back(queue, &received.receipt).await;
        }
    }
}

/// Gives a message back, as soon as the queue takes it.
async fn put_back(queue: &LocalQueue, receipt: &str) {
    tokio::time::sleep(TRY_AGAIN).await;
    while let Err(error) = queue.put_back(receipt) {
        tracing::error!(%error, "a message can't be given back yet");
        tokio::time::sleep(TRY_AGAIN).await;
    }
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

/// Hands the changes of the table to the stream function for ever.
pub(crate) fn spawn_stream(mut changes: ChangeFeed, context: Context) -> AbortHandle {
    tokio::spawn(async move {
        loop {
            match hand_changes(&mut changes, &context).await {
                Ok(Handed::All) => {}
                Ok(Handed::Nothing) => tokio::time::sleep(STREAM_PAUSE).await,
                Ok(Handed::InVain) => tokio::time::sleep(TRY_AGAIN).await,
                Err(error) => {
                    tracing::error!(%error, "changes are not told of");
                    tokio::time::sleep(TRY_AGAIN).await;
                }
            }
        }
    })
    .abort_handle()
}

/// What became of a batch of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// There was none.
    Nothing,
    All,
    /// It comes again.
    InVain,
}

/// Hands over one batch of changes, and forgets them unless it failed.
///
/// # Errors
/// [`TableError::Changes`].
pub async fn hand_changes(changes: &mut ChangeFeed, context: &Context) -> Result<Handed, TableError> {
    let batch = changes.next(STREAM_BATCH_SIZE as usize)?;
    if batch.records.is_empty() {
        return Ok(Handed::Nothing);
    }
    if !carillon_stream::handle(context, batch.clone()).await.batch_item_failures.is_empty() {
        return Ok(Handed::InVain);
    }
    changes.told(&batch)?;
    Ok(Handed::All)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use carillon_adapters::clock::Clock;
    use carillon_adapters::queue::{LocalQueues, Message};
    use tokio::sync::{Semaphore, mpsc};

    use super::*;
    use crate::wiring::DIAL;

    #[tokio::test]
    async fn as_many_are_at_work_as_may_be_and_none_is_kept_once_it_is_done() {
        let queue = LocalQueues::in_memory(Clock::System).queue(DIAL.name, DIAL.max_receives);
        let messages = ["1", "2", "3", "4", "5"].map(|body| Message::now(body.to_owned()));
        queue.send(&messages).expect("a queue");
        let (begun, mut at_work) = mpsc::unbounded_channel();
        let may_end = Arc::new(Semaphore::new(0));
        let ends = Arc::clone(&may_end);
        let function = move |_| {
            let (begun, ends) = (begun.clone(), Arc::clone(&ends));
            async move {
                begun.send(()).expect("a test that listens");
                ends.acquire().await.expect("it stays open").forget();
                SqsBatchResponse::default()
            }
        };
        let worker = spawn(queue.clone(), DIAL, 2, Retry::AfterVisibility, function);
        let in_hand = || queue.depth().expect("a queue").in_flight;
        for left in (0..5).rev() {
            at_work.recv().await.expect("one begins");
            if left == 3 {
                // Whoever could take a third has had its turn.
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
                assert_eq!(in_hand(), 2);
            }
            if left <= 3 {
                may_end.add_permits(1);
            }
        }
        may_end.add_permits(1);
        while queue.depth().expect("a queue").in_flight > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(queue.depth().expect("a queue").visible, 0);
        worker.abort();
    }
}
