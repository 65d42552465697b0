//! Deliveries to endpoints: kept in the table first, then asked of the courier.

use carillon_adapters::queue::{MAX_DELAY_MS, Message};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::SECOND_MS;
use carillon_domain::records::webhook_delivery::WebhookDelivery;
use carillon_store::StoreError;

use crate::context::{Context, body};
use crate::messages::DeliveryMessage;

/// Keeps deliveries, each once, and asks for those that are new and to be sent.
///
/// # Errors
/// [`StoreError`] if the table does not answer; the same may be kept again.
pub async fn keep(
    context: &Context,
    ws: &WorkspaceId,
    deliveries: &[WebhookDelivery],
) -> Result<(), StoreError> {
    let added = context.store.add_deliveries(ws, deliveries).await?;
    ask_for(context, ws, added).await;
    Ok(())
}

/// Asks for deliveries, each in time for its next try. What is lost, or later than a message can wait, is asked for by the
/// tick.
pub async fn ask_for(
    context: &Context,
    ws: &WorkspaceId,
    deliveries: impl IntoIterator<Item = &WebhookDelivery>,
) {
    let now = context.now();
    let message = |delivery: &WebhookDelivery| {
        // A queue may be early by a part of a second.
        let delay_ms = delivery.next_try_at?.since_ms(now).max(0) as u64;
        let delay_ms = delay_ms.next_multiple_of(SECOND_MS as u64) as i64;
        if delay_ms > MAX_DELAY_MS {
            return None;
        }
        let message = DeliveryMessage {
            workspace: ws.clone(),
            endpoint: delivery.endpoint.clone(),
            delivery: delivery.id.clone(),
        };
        Some(Message::after(delay_ms, body(&message)).of_group(&delivery.endpoint))
    };
    let messages: Vec<_> = deliveries.into_iter().filter_map(message).collect();
    if messages.is_empty() {
        return;
    }
    if let Err(error) = context.queues.delivery.send(&messages).await {
        tracing::warn!(%error, "deliveries were not asked for; the tick makes up for it");
    }
}
