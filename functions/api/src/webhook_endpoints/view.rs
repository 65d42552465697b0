//! What a client is shown of an endpoint and of deliveries.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::{CampaignId, DeliveryId, EventId, WebhookEndpointId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::webhook_delivery::{
    DeliveryStatus, DeliveryTry, NoAnswer, TryResult, WebhookDelivery,
};
use carillon_domain::records::webhook_endpoint::{EndpointStatus, WebhookEndpoint};
use serde::Serialize;
use utoipa::ToSchema;

/// An address to which events are delivered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub(crate) struct EndpointView {
    id: WebhookEndpointId,
    url: String,
    label: Option<String>,
    /// The events that it gets; all of them if none is named.
    event_types: BTreeSet<String>,
    status: EndpointStatus,
    /// When it was enabled last, or its address changed.
    enabled_at: Timestamp,
    /// Since when no delivery has succeeded; null if the last one did. After a day the endpoint is parked.
    failing_since: Option<Timestamp>,
    /// Until when what is sent is signed with the secret before, too.
    previous_secret_until: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// An endpoint with its new secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookEndpointWithSecret)]
pub(crate) struct EndpointWithSecret {
    #[serde(flatten)]
    pub(super) view: EndpointView,
    /// What we sign with, as Standard Webhooks has it; shown this once.
    #[schema(format = Password, example = "whsec_…")]
    pub(super) secret: String,
}

/// One event on its way to one endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(crate) struct DeliveryView {
    /// What the endpoint gets as `webhook-id`, the same at each try.
    id: DeliveryId,
    endpoint_id: WebhookEndpointId,
    /// The same for every delivery of the event.
    event_id: EventId,
    event_type: String,
    campaign_id: Option<CampaignId>,
    status: DeliveryStatus,
    /// The first delivery of the event to this endpoint, if this one repeats it; the endpoint gets it as
    /// `webhook-replay-of`.
    replay_of: Option<DeliveryId>,
    /// Every try, in order.
    tries: Vec<TryView>,
    /// When it is tried next; null unless it is pending.
    next_try_at: Option<Timestamp>,
    created_at: Timestamp,
}

/// A delivery with what is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDeliveryWithBody)]
pub(crate) struct DeliveryWithBody {
    #[serde(flatten)]
    view: DeliveryView,
    /// What is sent, to the byte: an event as the section `webhooks` of this description has it.
    body: String,
}

/// A try to deliver.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookTry)]
struct TryView {
    at: Timestamp,
    duration_ms: i64,
    /// The status of the answer; null if there was none.
    status: Option<u16>,
    /// Headers of the answer.
    headers: BTreeMap<String, String>,
    /// The beginning of its body.
    answer: Option<String>,
    /// Why there was no answer.
    no_answer: Option<NoAnswer>,
    /// The same in words.
    detail: Option<String>,
}

impl From<WebhookEndpoint> for EndpointView {
    fn from(endpoint: WebhookEndpoint) -> Self {
        Self {
            id: endpoint.id,
            url: endpoint.url,
            label: endpoint.label,
            event_types: endpoint.event_types,
            status: endpoint.status,
            enabled_at: endpoint.enabled_at,
            failing_since: endpoint.failing_since,
            previous_secret_until: endpoint.previous_secrets.first().map(|previous| previous.until),
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
        }
    }
}

impl From<WebhookDelivery> for DeliveryView {
    fn from(delivery: WebhookDelivery) -> Self {
        Self {
            id: delivery.id,
            endpoint_id: delivery.endpoint,
            event_id: delivery.event,
            event_type: delivery.event_type,
            campaign_id: delivery.campaign,
            status: delivery.status,
            replay_of: delivery.replay_of,
            tries: delivery.tries.into_iter().map(TryView::from).collect(),
            next_try_at: delivery.next_try_at,
            created_at: delivery.created_at,
        }
    }
}

impl From<WebhookDelivery> for DeliveryWithBody {
    fn from(mut delivery: WebhookDelivery) -> Self {
        let body = std::mem::take(&mut delivery.body);
        Self { view: delivery.into(), body }
    }
}

impl From<DeliveryTry> for TryView {
    fn from(tried: DeliveryTry) -> Self {
        let DeliveryTry { at, duration_ms, result, .. } = tried;
        let (status, headers, answer, no_answer, detail) = match result {
            TryResult::Answered { status, headers, body } => (Some(status), headers, Some(body), None, None),
            TryResult::NoAnswer { cause, detail } => (None, BTreeMap::new(), None, Some(cause), Some(detail)),
        };
        Self { at, duration_ms, status, headers, answer, no_answer, detail }
    }
}
