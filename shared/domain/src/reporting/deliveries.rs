//! What events become on their way to endpoints.

use super::events::{Event, Fact, PublishedEvent, WebhookEndpointFacts};
use crate::base::ids::{DeliveryId, EventId, WorkspaceId};
use crate::base::time::Timestamp;
use crate::records::webhook_delivery::{DeliveryStatus, WebhookDelivery};
use crate::records::webhook_endpoint::WebhookEndpoint;

/// The number of an event that is only a test; all others count from 1.
const TEST_SEQUENCE: u64 = 0;

/// The delivery of an event to an endpoint; none if the endpoint is not to have it. Whether it is sent or kept is seen when
/// its turn comes.
pub fn delivery_of(
    endpoint: &WebhookEndpoint,
    event: &PublishedEvent,
    now: Timestamp,
) -> Option<WebhookDelivery> {
    endpoint.wants(event.event.fact.name()).then(|| pending(endpoint, event, now))
}

/// A test of an endpoint, under this id.
pub fn test_delivery(
    ws: &WorkspaceId,
    endpoint: &WebhookEndpoint,
    id: DeliveryId,
    now: Timestamp,
) -> WebhookDelivery {
    let fact = Fact::WebhookEndpointTest(WebhookEndpointFacts::from(endpoint));
    let event_id = EventId::derive(id.as_str(), 1, fact.name(), now);
    let event = Event { id: event_id, at: now, campaign_id: None, fact };
    let published = PublishedEvent { workspace_id: ws.clone(), sequence: TEST_SEQUENCE, event };
    WebhookDelivery { id, ..pending(endpoint, &published, now) }
}

fn pending(endpoint: &WebhookEndpoint, published: &PublishedEvent, now: Timestamp) -> WebhookDelivery {
    let PublishedEvent { event, .. } = published;
    WebhookDelivery {
        id: DeliveryId::derive(&endpoint.id, &event.id),
        version: 1,
        endpoint: endpoint.id.clone(),
        event: event.id.clone(),
        event_type: event.fact.name().to_owned(),
        campaign: event.campaign_id.clone(),
        body: serde_json::to_string(published).unwrap_or_default(),
        replay_of: None,
        status: DeliveryStatus::Pending,
        tries: Vec::new(),
        next_try_at: Some(now),
        created_at: now,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fixtures::{self, NOW};
    use crate::records::lead::Lead;
    use crate::records::webhook_endpoint::EndpointStatus;
    use crate::reporting::events::Change;

    fn published() -> PublishedEvent {
        let after: Lead = fixtures::lead(1);
        let event = Change::Lead { before: None, after }.events().pop().expect("an event");
        PublishedEvent { workspace_id: fixtures::workspace().id, sequence: 7, event }
    }

    #[test]
    fn what_is_sent_is_what_the_bus_gets_in_the_form_of_standard_webhooks() {
        let (endpoint, published) = (fixtures::webhook_endpoint(), published());
        let delivery = delivery_of(&endpoint, &published, NOW).expect("wanted");
        assert_eq!((delivery.status, delivery.next_try_at), (DeliveryStatus::Pending, Some(NOW)));
        assert_eq!(delivery_of(&endpoint, &published, NOW.plus_ms(5)).expect("again").id, delivery.id);
        let body: Value = serde_json::from_str(&delivery.body).expect("JSON");
        assert_eq!(body["type"], "lead.created");
        assert_eq!(body["timestamp"], json!(published.event.at));
        assert_eq!(body["data"]["id"], json!(fixtures::lead(1).id));
        assert_eq!((&body["sequence"], &body["id"]), (&json!(7), &json!(published.event.id)));
    }

    #[test]
    fn a_parked_endpoint_has_its_events_and_one_that_is_off_none() {
        let of = |status| {
            let endpoint = WebhookEndpoint { status, ..fixtures::webhook_endpoint() };
            delivery_of(&endpoint, &published(), NOW).map(|delivery| delivery.status)
        };
        assert_eq!(of(EndpointStatus::Parked), Some(DeliveryStatus::Pending), "it may be enabled by then");
        assert_eq!(of(EndpointStatus::Disabled), None);
        assert_eq!(of(EndpointStatus::Gone), None);
    }

    #[test]
    fn two_tests_are_two_deliveries() {
        let (ws, endpoint) = (fixtures::workspace().id, fixtures::webhook_endpoint());
        let [one, other] = [1, 2].map(|n| test_delivery(&ws, &endpoint, DeliveryId::new(NOW, [n; 10]), NOW));
        assert_ne!(one.event, other.event);
        let body: Value = serde_json::from_str(&one.body).expect("JSON");
        assert_eq!((&body["type"], &body["sequence"]), (&json!("webhook_endpoint.test"), &json!(0)));
        assert_eq!(body["data"]["id"], json!(endpoint.id));
    }
}
