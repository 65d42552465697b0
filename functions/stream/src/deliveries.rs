//! Events on their way to endpoints.

use std::collections::BTreeMap;

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::records::webhook_delivery::WebhookDelivery;
use carillon_domain::reporting::deliveries::delivery_of;
use carillon_domain::reporting::events::PublishedEvent;
use carillon_runtime::context::Context;
use carillon_runtime::services::deliveries;
use carillon_store::StoreError;

/// Makes the deliveries of events, each once however often its event comes.
pub(crate) async fn make(context: &Context, events: &[PublishedEvent]) -> Result<(), StoreError> {
    let now = context.now();
    let mut by_workspace: BTreeMap<&WorkspaceId, Vec<&PublishedEvent>> = BTreeMap::new();
    for event in events {
        by_workspace.entry(&event.workspace_id).or_default().push(event);
    }
    for (ws, events) in by_workspace {
        let endpoints = context.store.known_webhook_endpoints(ws, now).await?;
        let made: Vec<WebhookDelivery> = events
            .iter()
            .flat_map(|event| endpoints.iter().filter_map(|endpoint| delivery_of(endpoint, event, now)))
            .collect();
        if !made.is_empty() {
            deliveries::keep(context, ws, &made).await?;
        }
    }
    Ok(())
}
