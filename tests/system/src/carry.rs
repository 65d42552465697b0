//! Carries webhooks and messages to their functions.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::response::Response;
use carillon_adapters::queue::Received;
use carillon_domain::base::time::SECOND_MS;
use carillon_local::provider_simulator::Receiver;
use carillon_local::wiring::{
    ANALYSIS, DELIVERY, DIAL, IMPORT, JOBS, MESSAGE, PLAN, QueueWiring, SIP_DIAL, SMS_EVENTS,
};
use carillon_local::workers;
use carillon_runtime::context::{Context, webhook_path};
use tower::ServiceExt;

use crate::context::PUBLIC_URL;
use crate::harness::{Harness, MAX_ANSWER_BYTES, WEBHOOKS};
use crate::spent::Reading;

/// The queues whose messages are carried.
pub(crate) const CARRIED: [QueueWiring; 9] =
    [PLAN, DIAL, SIP_DIAL, MESSAGE, SMS_EVENTS, DELIVERY, ANALYSIS, IMPORT, JOBS];

impl Harness {
    pub(crate) async fn carry_webhooks(&mut self) -> bool {
        let due = self.network.take_due(self.context.now().plus_ms(-self.options.hop_ms));
        for webhook in &due {
            let path = match &webhook.to {
                Receiver::SetUp(provider) => webhook_path(&self.keys.workspace, *provider),
                Receiver::Given(url) => url.strip_prefix(PUBLIC_URL).expect("an address of ours").to_owned(),
            };
            let mut request = Request::post(path);
            for (name, value) in &webhook.headers {
                request = request.header(*name, value);
            }
            let request = request.body(Body::from(webhook.body.clone())).expect("a request");
            let before = Reading::take(&self.table);
            let Ok(response) = self.webhooks.clone().oneshot(request).await;
            let (status, body) = read(response).await;
            self.network.tried(webhook, Some((status, &body)));
            self.note(WEBHOOKS, before);
        }
        !due.is_empty()
    }

    /// Carries what the carrier of texts tells.
    pub(crate) async fn carry_forms(&mut self) -> bool {
        let due = self.messages.take_due(self.context.now().plus_ms(-self.options.hop_ms));
        for form in &due {
            let path = form.url.strip_prefix(PUBLIC_URL).expect("an address of ours");
            let request = Request::post(path)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("x-twilio-signature", &form.signature)
                .body(Body::from(form.body.clone()))
                .expect("a request");
            let before = Reading::take(&self.table);
            let Ok(response) = self.webhooks.clone().oneshot(request).await;
            let (status, body) = read(response).await;
            self.messages.tried(form, Some((status, &body)));
            self.note(WEBHOOKS, before);
        }
        !due.is_empty()
    }

    pub(crate) async fn carry_messages(&mut self) -> bool {
        let mut carried = false;
        for wiring in CARRIED {
            let queue = self.queues.queue(wiring.name, wiring.max_receives);
            let reach = self.context.now().plus_ms(-self.options.hop_ms);
            while !self.is_muted(wiring)
                && queue.next_visible_at().expect("a queue").is_some_and(|at| at <= reach)
            {
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

    /// Whether nobody takes messages of this queue at the moment.
    fn is_muted(&self, wiring: QueueWiring) -> bool {
        wiring == PLAN && (self.options.is_tick_only || self.context.now() < self.planner_free_at)
    }

    async fn hand_over(&mut self, wiring: QueueWiring, batch: Vec<Received>) {
        let queue = self.queues.queue(wiring.name, wiring.max_receives);
        // A planner gets what has piled up; the others one message at a time, for their figures.
        let at_once = if wiring == PLAN { batch.len() } else { 1 };
        for some in batch.chunks(at_once) {
            let before = Reading::take(&self.table);
            let steps = self.options.is_step_by_step;
            let failed = handle(&self.context, wiring, some, steps).await;
            for received in some.iter().filter(|received| !failed.contains(&received.id)) {
                queue.delete(&received.receipt).expect("a queue");
            }
            self.note(wiring.function, before);
        }
        if wiring == PLAN {
            self.planner_free_at = self.context.now().plus_ms(self.options.plan_ms);
        }
    }
}

/// The status and the body of an answer.
async fn read(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), MAX_ANSWER_BYTES).await.expect("a body");
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Hands messages to their function; answers with the ids of those that failed.
async fn handle(
    context: &Context,
    wiring: QueueWiring,
    batch: &[Received],
    is_step_by_step: bool,
) -> Vec<String> {
    let event = workers::event(batch);
    let response = match wiring.name {
        name if name == PLAN.name => carillon_planner::handle(context, event).await,
        name if name == IMPORT.name => {
            let timeout_ms = i64::from(wiring.function_timeout_secs) * SECOND_MS;
            carillon_importer::handle(context, event, context.now().plus_ms(timeout_ms)).await
        }
        name if name == JOBS.name => {
            let timeout_ms =
                if is_step_by_step { 0 } else { i64::from(wiring.function_timeout_secs) * SECOND_MS };
            carillon_worker::handle(context, event, context.now().plus_ms(timeout_ms)).await
        }
        name if name == MESSAGE.name => carillon_messenger::handle(context, event).await,
        name if name == SMS_EVENTS.name => carillon_listener::handle(context, event).await,
        name if name == ANALYSIS.name => carillon_analyst::handle(context, event).await,
        name if name == DELIVERY.name => carillon_courier::handle(context, event).await,
        _ => carillon_dialer::handle(context, event).await,
    };
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}
