//! Endpoints of webhooks.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use carillon_domain::base::ids::{WebhookEndpointId, WorkspaceId};
use carillon_domain::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::records::webhook_endpoint::WebhookEndpoint;

use crate::access::Store;
use crate::error::StoreError;
use crate::table::{Condition, ItemWrite};
use crate::{item, keys};

/// How long it is remembered which endpoints a workspace has, in milliseconds: another one hears of what happens from then
/// on. Whether one that is remembered still gets anything is asked when it is sent to.
pub const ENDPOINTS_REMEMBERED_MS: i64 = 5 * SECOND_MS;
/// How long it is remembered that a workspace has none, in milliseconds: most have none, and pay for the question.
pub const NO_ENDPOINTS_REMEMBERED_MS: i64 = MINUTE_MS;
/// Workspaces of which that is remembered.
const WORKSPACES_REMEMBERED: usize = 10_000;

/// The endpoints of workspaces, each as they were read at a moment.
#[derive(Debug, Default)]
pub(crate) struct KnownEndpoints(Mutex<HashMap<WorkspaceId, (Timestamp, Vec<WebhookEndpoint>)>>);

impl KnownEndpoints {
    fn of(&self, ws: &WorkspaceId, now: Timestamp) -> Option<Vec<WebhookEndpoint>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, endpoints) = known.get(ws)?;
        let for_ms = if endpoints.is_empty() { NO_ENDPOINTS_REMEMBERED_MS } else { ENDPOINTS_REMEMBERED_MS };
        (0..for_ms).contains(&now.since_ms(*read_at)).then(|| endpoints.clone())
    }

    fn forget(&self, ws: &WorkspaceId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(ws);
    }

    fn remember(&self, ws: &WorkspaceId, endpoints: Vec<WebhookEndpoint>, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= WORKSPACES_REMEMBERED {
            known.clear();
        }
        known.insert(ws.clone(), (now, endpoints));
    }
}

impl Store {
    pub async fn webhook_endpoint(
        &self,
        ws: &WorkspaceId,
        id: &WebhookEndpointId,
    ) -> Result<Option<WebhookEndpoint>, StoreError> {
        self.get(keys::webhook_endpoint(ws, id)).await
    }

    /// All of a workspace's, the oldest first.
    pub async fn webhook_endpoints(&self, ws: &WorkspaceId) -> Result<Vec<WebhookEndpoint>, StoreError> {
        self.list(keys::webhook_endpoints(ws)).await
    }

    /// The same as they were a moment ago: at most [`ENDPOINTS_REMEMBERED_MS`], or [`NO_ENDPOINTS_REMEMBERED_MS`] where there
    /// was none.
    pub async fn known_webhook_endpoints(
        &self,
        ws: &WorkspaceId,
        now: Timestamp,
    ) -> Result<Vec<WebhookEndpoint>, StoreError> {
        if let Some(known) = self.known_endpoints.of(ws, now) {
            return Ok(known);
        }
        let endpoints = self.webhook_endpoints(ws).await?;
        self.known_endpoints.remember(ws, endpoints.clone(), now);
        Ok(endpoints)
    }

    /// Forgets what is remembered of them, by whoever hears that they have changed.
    pub fn forget_webhook_endpoints(&self, ws: &WorkspaceId) {
        self.known_endpoints.forget(ws);
    }

    /// Stores an endpoint: a new one of version 1, else if the stored one is one version older. Says whether it was stored.
    pub async fn put_webhook_endpoint(
        &self,
        ws: &WorkspaceId,
        endpoint: &WebhookEndpoint,
    ) -> Result<bool, StoreError> {
        let item = item::encode(keys::webhook_endpoint(ws, &endpoint.id), endpoint)?;
        self.write_if(ItemWrite::put(item), Condition::first_or_one_older(endpoint.version)).await
    }

    /// Removes an endpoint, if it is as it was read. Says whether it was.
    pub async fn remove_webhook_endpoint(
        &self,
        ws: &WorkspaceId,
        endpoint: &WebhookEndpoint,
    ) -> Result<bool, StoreError> {
        let write = ItemWrite::delete(keys::webhook_endpoint(ws, &endpoint.id));
        self.write_if(write, Condition::is_version(endpoint.version)).await
    }
}
