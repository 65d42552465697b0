//! One delivery: is it still to be sent, send it, note the try, and what it says of the endpoint.

use carillon_adapters::secrets::Secret;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::rng::SplitMix64;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::webhook_delivery::{DeliveryTry, WebhookDelivery};
use carillon_domain::records::webhook_endpoint::{Verdict, WebhookEndpoint};
use carillon_runtime::context::{Context, endpoint_secret_name};
use carillon_runtime::messages::DeliveryMessage;
use carillon_runtime::services::deliveries;
use carillon_store::StoreError;

use crate::error::CourierError;

/// How often something is noted anew on what somebody else has stored meanwhile.
const TRIES: usize = 5;

/// Sees to the delivery of one message.
pub(crate) async fn deliver(context: &Context, message: &DeliveryMessage) -> Result<(), CourierError> {
    let ws = &message.workspace;
    let Some(delivery) = context.store.delivery(ws, &message.endpoint, &message.delivery).await? else {
        return Ok(());
    };
    // One that was sent, or whose time has not come, has another message.
    if delivery.next_try_at.is_none_or(|at| at > context.now()) {
        return Ok(());
    }
    let endpoint = context.store.webhook_endpoint(ws, &message.endpoint).await?;
    if let Some(next) = delivery.without_try(endpoint.as_ref().map(|endpoint| endpoint.status)) {
        context.store.update_delivery(ws, &next).await?;
        return Ok(());
    }
    let Some(endpoint) = endpoint else { return Ok(()) };
    let tried = send(context, ws, &endpoint, &delivery).await?;
    note_endpoint(context, ws, endpoint, tried.verdict(), tried.at).await?;
    if let Some(next) = note_try(context, ws, delivery, tried).await? {
        deliveries::ask_for(context, ws, [&next]).await;
    }
    Ok(())
}

async fn send(
    context: &Context,
    ws: &WorkspaceId,
    endpoint: &WebhookEndpoint,
    delivery: &WebhookDelivery,
) -> Result<DeliveryTry, CourierError> {
    let at = context.now();
    let mut secrets: Vec<Secret> = Vec::new();
    for name in endpoint.secrets_in_use(at) {
        secrets.extend(context.secrets.get(&endpoint_secret_name(ws, &endpoint.id, name)).await?);
    }
    let sent = context.webhook_sender.send(&endpoint.url, delivery, &secrets, at.as_secs()).await;
    let duration_ms = context.now().since_ms(at);
    Ok(DeliveryTry { at, duration_ms, result: sent.result, asked_to_wait_ms: sent.asked_to_wait_ms })
}

/// Notes a try; on what another courier has noted meanwhile, should two have sent it. Answers with the delivery if it is
/// to be tried again.
async fn note_try(
    context: &Context,
    ws: &WorkspaceId,
    mut delivery: WebhookDelivery,
    tried: DeliveryTry,
) -> Result<Option<WebhookDelivery>, StoreError> {
    let chance = SplitMix64::new(seed(context)).next_part();
    for _ in 0..TRIES {
        let next = delivery.after(tried.clone(), context.now(), chance);
        if context.store.update_delivery(ws, &next).await? {
            return Ok(next.next_try_at.is_some().then_some(next));
        }
        match context.store.delivery(ws, &delivery.endpoint, &delivery.id).await? {
            // What has been taken stays taken.
            Some(stored) if stored.next_try_at.is_some() => delivery = stored,
            _ => return Ok(None),
        }
    }
    Err(StoreError::contended("others kept noting tries of a delivery"))
}

/// Notes what a try says of its endpoint, if that is news.
async fn note_endpoint(
    context: &Context,
    ws: &WorkspaceId,
    mut endpoint: WebhookEndpoint,
    verdict: Verdict,
    began_at: Timestamp,
) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let Some(next) = endpoint.after(verdict, began_at, context.now()) else { return Ok(()) };
        if context.store.put_webhook_endpoint(ws, &next).await? {
            if next.status != endpoint.status {
                tracing::warn!(endpoint = %next.id, status = ?next.status, "an endpoint gets nothing any more");
            }
            return Ok(());
        }
        match context.store.webhook_endpoint(ws, &endpoint.id).await? {
            Some(stored) => endpoint = stored,
            None => return Ok(()),
        }
    }
    // The next try says the same.
    Ok(())
}

fn seed(context: &Context) -> u64 {
    context.random.draw().iter().fold(0, |seed, byte| seed << 8 ^ u64::from(*byte))
}
