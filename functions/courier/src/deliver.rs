//! One delivery: is it still to be sent, send it, note the try, and what it says of the endpoint.

use carillon_adapters::secrets::Secret;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::rng::SplitMix64;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::webhook_delivery::{DeliveryStatus, DeliveryTry, WebhookDelivery};
use carillon_domain::records::webhook_endpoint::{DeliveryVerdict, WebhookEndpoint};
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
    let (verdict, began_at) = (tried.verdict(), tried.at);
    let next = note_try(context, ws, delivery, tried).await?;
    // The next try says the same of the endpoint.
    if let Err(error) = note_endpoint(context, ws, endpoint, verdict, began_at).await {
        tracing::warn!(%error, endpoint = %message.endpoint, "what a try says of its endpoint was not noted");
    }
    if next.status == DeliveryStatus::Delivered {
        return Ok(note_replay(context, ws, &next).await?);
    }
    deliveries::ask_for(context, ws, [&next]).await;
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

/// Notes a try; on what another courier has noted meanwhile, should two have sent it. Answers with the delivery as it is
/// then: what has been taken stays taken, and is taken even if somebody has given it up.
async fn note_try(
    context: &Context,
    ws: &WorkspaceId,
    mut delivery: WebhookDelivery,
    tried: DeliveryTry,
) -> Result<WebhookDelivery, StoreError> {
    let chance = SplitMix64::new(seed(context)).next_part();
    for _ in 0..TRIES {
        let next = delivery.after(tried.clone(), context.now(), chance);
        if context.store.update_delivery(ws, &next).await? {
            return Ok(next);
        }
        match context.store.delivery(ws, &delivery.endpoint, &delivery.id).await? {
            Some(stored) => delivery = stored,
            // Its time is over.
            None => return Ok(next),
        }
        let is_noted = delivery.tries.last() == Some(&tried);
        let is_over = delivery.next_try_at.is_none() && tried.verdict() != DeliveryVerdict::Delivered;
        if is_noted || is_over || delivery.status == DeliveryStatus::Delivered {
            return Ok(delivery);
        }
    }
    Err(StoreError::contended("others kept noting tries of a delivery"))
}

/// Notes that the first delivery of an event needs no other replay, once one was taken.
async fn note_replay(context: &Context, ws: &WorkspaceId, taken: &WebhookDelivery) -> Result<(), StoreError> {
    let Some(first) = &taken.replay_of else { return Ok(()) };
    for _ in 0..TRIES {
        let stored = context.store.delivery(ws, &taken.endpoint, first).await?;
        let Some(done) = stored.and_then(|first| first.replayed()) else { return Ok(()) };
        if context.store.update_delivery(ws, &done).await? {
            return Ok(());
        }
    }
    Err(StoreError::contended("others kept changing a delivery"))
}

/// Notes what a try says of its endpoint, if that is news.
async fn note_endpoint(
    context: &Context,
    ws: &WorkspaceId,
    mut endpoint: WebhookEndpoint,
    verdict: DeliveryVerdict,
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
