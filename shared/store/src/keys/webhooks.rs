//! Keys of endpoints and of deliveries to them.

use carillon_domain::base::ids::{DeliveryId, WebhookEndpointId, WorkspaceId};
use carillon_domain::base::time::MINUTE_MS;
use carillon_domain::records::webhook_delivery::WebhookDelivery;

use super::minute;
use super::shard::{DELIVERY_SHARDS, ENDPOINT_SHARDS, shard};
use crate::table::Key;

/// How long the message that asks for a delivery has before the tick may ask again, in milliseconds; with the minute under
/// which the index holds it, one to two minutes.
const MESSAGE_MS: i64 = 2 * MINUTE_MS;

pub(crate) fn webhook_endpoints(ws: &WorkspaceId) -> String {
    format!("{ws}#endpoints")
}

pub(crate) fn webhook_endpoint(ws: &WorkspaceId, id: &WebhookEndpointId) -> Key {
    Key::new(webhook_endpoints(ws), id.as_str())
}

/// A part of the deliveries to an endpoint, in the order of their events. One takes some 200 a second.
pub(crate) fn deliveries(ws: &WorkspaceId, endpoint: &WebhookEndpointId, shard: u32) -> String {
    format!("{ws}#{endpoint}#deliveries#{shard}")
}

pub(crate) fn delivery(ws: &WorkspaceId, endpoint: &WebhookEndpointId, id: &DeliveryId) -> Key {
    Key::new(deliveries(ws, endpoint, shard(id.body(), ENDPOINT_SHARDS)), id.as_str())
}

pub(crate) fn pending_deliveries(shard: u32) -> String {
    format!("pending_deliveries#{shard}")
}

/// Where the index holds a delivery that is to be sent.
pub(crate) fn pending_delivery_entry(ws: &WorkspaceId, delivery: &WebhookDelivery) -> Option<Key> {
    let at = minute(delivery.next_try_at?.plus_ms(MESSAGE_MS));
    let pk = pending_deliveries(shard(delivery.id.body(), DELIVERY_SHARDS));
    Some(Key::new(pk, format!("{at}#{ws}#{}#{}", delivery.endpoint, delivery.id)))
}
