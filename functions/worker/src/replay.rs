//! Sending events to an endpoint again: each under a new id that names the first.

use carillon_domain::base::ids::{DeliveryId, WebhookEndpointId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::job::{Checkpoint, ChosenDeliveries, Job};
use carillon_domain::records::webhook_delivery::WebhookDelivery;
use carillon_domain::records::webhook_endpoint::EndpointStatus;
use carillon_runtime::context::Context;
use carillon_runtime::services::deliveries;

use crate::error::JobError;
use crate::{Step, advance, end, give_up};

/// Deliveries that one step looks at.
const DELIVERIES_PER_STEP: usize = 100;

/// Sends some more again, in their order. A step that comes twice makes the same deliveries, so each is made once.
pub(crate) async fn step(
    context: &Context,
    ws: &WorkspaceId,
    job: &Job,
    (endpoint, chosen): (&WebhookEndpointId, &ChosenDeliveries),
) -> Result<Step, JobError> {
    match context.store.webhook_endpoint(ws, endpoint).await?.map(|endpoint| endpoint.status) {
        Some(EndpointStatus::Enabled) => {}
        Some(_) => return give_up(context, ws, job, "the endpoint is not enabled any more").await,
        None => return give_up(context, ws, job, "the endpoint is deleted").await,
    }
    let after: Option<DeliveryId> = job.checkpoint.after.as_ref().and_then(|id| id.parse().ok());
    let range = (after.as_ref().unwrap_or(&chosen.after), &chosen.until);
    let read = context.store.deliveries_between(ws, endpoint, range, DELIVERIES_PER_STEP).await?;
    let Some(last) = read.last() else {
        return end(context, ws, &job.completed(context.now())).await;
    };
    let to = Checkpoint { part: 0, after: Some(last.id.to_string()) };
    let again = replays(job, chosen, &read, context.now());
    deliveries::keep(context, ws, &again).await?;
    let next = job.counting(to, again.len() as u64, 0, context.now());
    Ok(if advance(context, ws, &next).await? { Step::Done(Box::new(next)) } else { Step::Overtaken })
}

fn replays(
    job: &Job,
    chosen: &ChosenDeliveries,
    read: &[WebhookDelivery],
    now: Timestamp,
) -> Vec<WebhookDelivery> {
    let is_chosen = |delivery: &&WebhookDelivery| {
        delivery.replay_of.is_none()
            && chosen.made_from.is_none_or(|from| delivery.created_at >= from)
            && (chosen.statuses.is_empty() || chosen.statuses.contains(&delivery.status))
    };
    let again =
        |delivery: &WebhookDelivery| delivery.replay(DeliveryId::replayed(&job.id, &delivery.id), now);
    read.iter().filter(is_chosen).map(again).collect()
}
