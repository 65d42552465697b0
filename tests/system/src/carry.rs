//! Carries webhooks and messages to their functions.

use axum::body::Body;
use axum::http::Request;
use carillon_adapters::queue::Received;
use carillon_domain::base::time::SECOND_MS;
use carillon_local::provider_simulator::PROVIDER;
use carillon_local::wiring::{DIAL, IMPORT, PLAN, QueueWiring, SIP_DIAL};
use carillon_local::workers;
use carillon_runtime::context::{Context, webhook_path};
use tower::ServiceExt;

use crate::harness::{Harness, WEBHOOKS};
use crate::spent::Reading;

impl Harness {
    pub(crate) async fn carry_webhooks(&mut self) -> bool {
        let due = self.network.take_due(self.context.now().plus_ms(-self.options.hop_ms));
        for webhook in &due {
            let mut request = Request::post(webhook_path(&self.keys.workspace, PROVIDER));
            for (name, value) in &webhook.headers {
                request = request.header(*name, value);
            }
            let request = request.body(Body::from(webhook.body.clone())).expect("a request");
            let before = Reading::take(&self.table);
            let Ok(response) = self.webhooks.clone().oneshot(request).await;
            self.network.tried(webhook, Some(response.status().as_u16()));
            self.note(WEBHOOKS, before);
        }
        !due.is_empty()
    }

    pub(crate) async fn carry_messages(&mut self) -> bool {
        let mut carried = false;
        for wiring in [PLAN, DIAL, SIP_DIAL, IMPORT] {
            let is_muted = self.options.is_tick_only && wiring == PLAN;
            let queue = self.queues.queue(wiring.name, wiring.max_receives);
            let reach = self.context.now().plus_ms(-self.options.hop_ms);
            while !is_muted && queue.next_visible_at().expect("a queue").is_some_and(|at| at <= reach) {
                let visibility_ms = i64::from(wiring.visibility_secs) * SECOND_MS;
                let batch = queue.receive(wiring.batch_size, visibility_ms).expect("a queue");
                if batch.is_empty() {
                    break;
                }
                carried = true;
                self.hand_over(wiring, batch).await;
            }
        }
        carried
    }

    async fn hand_over(&mut self, wiring: QueueWiring, batch: Vec<Received>) {
        let queue = self.queues.queue(wiring.name, wiring.max_receives);
        for received in batch {
            let before = Reading::take(&self.table);
            if handle(&self.context, wiring, &received).await {
                queue.delete(&received.receipt).expect("a queue");
            }
            self.note(wiring.function, before);
        }
    }
}

/// Hands one message to its function; says whether it succeeded.
async fn handle(context: &Context, wiring: QueueWiring, received: &Received) -> bool {
    let event = workers::event(std::slice::from_ref(received));
    let response = match wiring.name {
        name if name == PLAN.name => carillon_planner::handle(context, event).await,
        name if name == IMPORT.name => {
            let timeout_ms = i64::from(wiring.function_timeout_secs) * SECOND_MS;
            carillon_importer::handle(context, event, context.now().plus_ms(timeout_ms)).await
        }
        _ => carillon_dialer::handle(context, event).await,
    };
    response.batch_item_failures.is_empty()
}
