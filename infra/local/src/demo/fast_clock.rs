//! Skips the time in which nothing happens: a day of calls passes in a minute.

use std::time::Duration;

use carillon_adapters::queue::{LocalQueues, QueueError};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_runtime::context::Context;

use crate::message_simulator::MessageWatch;
use crate::provider_simulator::NetworkWatch;
use crate::wiring::QUEUES;
use crate::workers;

/// How often to look whether nothing happens, in real milliseconds.
const LOOK_EVERY_MS: u64 = 2;
/// Gaps shorter than this are not worth a skip, in milliseconds.
const SHORTEST_SKIP_MS: i64 = SECOND_MS;

/// Puts the clock forward to the next thing that will happen, for ever.
pub(super) async fn skip_idle_time(
    context: Context,
    queues: LocalQueues,
    ws: WorkspaceId,
    network: NetworkWatch,
    messages: MessageWatch,
) {
    loop {
        tokio::time::sleep(Duration::from_millis(LOOK_EVERY_MS)).await;
        let Ok(Some(at)) = next_happening(&context, &queues, &ws, (&network, &messages)).await else {
            continue;
        };
        if at.since_ms(context.now()) >= SHORTEST_SKIP_MS {
            context.clock.advance_to(at);
            queues.wake();
        }
    }
}

/// When something happens next; none while something is happening.
async fn next_happening(
    context: &Context,
    queues: &LocalQueues,
    ws: &WorkspaceId,
    (network, messages): (&NetworkWatch, &MessageWatch),
) -> Result<Option<Timestamp>, QueueError> {
    if network.is_busy() || messages.is_busy() {
        return Ok(None);
    }
    let mut next = network.next_event_at().into_iter().chain(messages.next_event_at()).min();
    for wiring in QUEUES {
        let queue = queues.queue(wiring.name, wiring.max_receives);
        let depth = queue.depth()?;
        if depth.in_flight > 0 || depth.visible > 0 {
            return Ok(None);
        }
        next = queue.next_visible_at()?.into_iter().chain(next).min();
    }
    // A table that does not answer now is asked again at once.
    let Ok(Some(plan)) = context.store.plan_state(ws).await else { return Ok(None) };
    let tick = plan.wake_at.map(workers::next_tick);
    Ok(tick.into_iter().chain(next).min())
}
