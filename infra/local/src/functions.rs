//! The functions that queues feed, each as often at once as this machine bears.

use std::future::Future;
use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use carillon_adapters::queue::{LocalQueue, LocalQueues, Queue};
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_runtime::context::{Context, Queues};
use tokio::task::AbortHandle;

use crate::wiring::{
    ANALYSIS, DELIVERY, DIAL, IMPORT, JOBS, MESSAGE, PARKED, PLAN, QueueWiring, SIP_DIAL, SMS_EVENTS,
};
use crate::workers::{self, Retry};

/// Dialers that work at the same time; each waits a second for its provider.
const DIALERS: usize = 500;
/// Messengers that work at the same time.
const MESSENGERS: usize = 200;
/// Couriers that work at the same time; each waits for an endpoint.
const COURIERS: usize = 50;
/// Analysts that work at the same time; each waits for a model.
const ANALYSTS: usize = 20;
/// Planners that work at the same time.
const PLANNERS: usize = 2;
/// Files that are read at the same time: a long one holds up no other.
const IMPORTERS: usize = 4;
/// Jobs that are done at the same time.
const WORKERS: usize = 4;

pub(crate) fn queue_of(queues: &LocalQueues, wiring: QueueWiring) -> LocalQueue {
    queues.queue(wiring.name, wiring.max_receives)
}

/// The queues as handlers see them.
pub fn queues_of(queues: &LocalQueues) -> Queues {
    let local = |wiring| Queue::Local(queue_of(queues, wiring));
    Queues {
        plan: local(PLAN),
        dial: local(DIAL),
        sip_dial: local(SIP_DIAL),
        message: local(MESSAGE),
        delivery: local(DELIVERY),
        analysis: local(ANALYSIS),
        import: local(IMPORT),
        jobs: local(JOBS),
        parked: local(PARKED),
    }
}

/// Hands the messages of every queue to its function for ever.
pub(crate) fn spawn_functions(context: &Context, queues: &LocalQueues) -> Vec<AbortHandle> {
    let spawner = Spawner { context: Arc::new(context.clone()), queues };
    let spawn_dialers = |wiring| {
        spawner.spawn(wiring, DIALERS, Retry::AfterVisibility, |context, event| async move {
            carillon_dialer::handle(&context, event).await
        })
    };
    vec![
        spawn_dialers(DIAL),
        spawn_dialers(SIP_DIAL),
        spawner.spawn(MESSAGE, MESSENGERS, Retry::AfterVisibility, |context, event| async move {
            carillon_messenger::handle(&context, event).await
        }),
        spawner.spawn(SMS_EVENTS, 1, Retry::AfterVisibility, |context, event| async move {
            carillon_listener::handle(&context, event).await
        }),
        spawner.spawn(DELIVERY, COURIERS, Retry::AfterVisibility, |context, event| async move {
            carillon_courier::handle(&context, event).await
        }),
        spawner.spawn(ANALYSIS, ANALYSTS, Retry::AfterVisibility, |context, event| async move {
            carillon_analyst::handle(&context, event).await
        }),
        spawner.spawn(PLAN, PLANNERS, Retry::AfterVisibility, |context, event| async move {
            carillon_planner::handle(&context, event).await
        }),
        spawner.spawn(IMPORT, IMPORTERS, Retry::Soon, |context, event| async move {
            let deadline = deadline(&context, IMPORT);
            carillon_importer::handle(&context, event, deadline).await
        }),
        spawner.spawn(JOBS, WORKERS, Retry::AfterVisibility, |context, event| async move {
            let deadline = deadline(&context, JOBS);
            carillon_worker::handle(&context, event, deadline).await
        }),
        spawner.spawn(PARKED, 1, Retry::AfterVisibility, |context, event| async move {
            carillon_stream::replay(&context, event).await
        }),
    ]
}

struct Spawner<'a> {
    context: Arc<Context>,
    queues: &'a LocalQueues,
}

impl Spawner<'_> {
    fn spawn<F, R>(&self, wiring: QueueWiring, at_once: usize, retry: Retry, function: F) -> AbortHandle
    where
        F: Fn(Arc<Context>, SqsEvent) -> R + Send + Sync + 'static,
        R: Future<Output = SqsBatchResponse> + Send + 'static,
    {
        let context = Arc::clone(&self.context);
        let function = move |event| function(Arc::clone(&context), event);
        workers::spawn(queue_of(self.queues, wiring), wiring, at_once, retry, function)
    }
}

/// By when a function that begins now has to be done.
fn deadline(context: &Context, wiring: QueueWiring) -> Timestamp {
    context.now().plus_ms(i64::from(wiring.function_timeout_secs) * SECOND_MS)
}
