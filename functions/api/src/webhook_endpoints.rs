//! `/webhook-endpoints`: where events are delivered to, and what became of each.

mod deliveries;
mod form;
mod replay;
mod secret;
mod view;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::{WebhookEndpointId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::webhook_endpoint::{EndpointStatus, MAX_ENDPOINTS, WebhookEndpoint};
use carillon_runtime::context::Context;

use crate::auth::Principal;
use crate::http::change::{Patchable, change, on_current};
use crate::http::etag::{Changeable, ETag, Tagged};
use crate::http::if_match::IfMatch;
use crate::http::json::{Body, Patch};
use crate::http::pagination::{Listing, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::imports::PageQuery;

pub(crate) use deliveries::*;
use form::EndpointForm;
pub(crate) use replay::*;
use secret::{Fresh, forget};
use view::{EndpointView, EndpointWithSecret};

type EndpointPatch = Patch<EndpointForm>;

/// Creates an endpoint. The answer alone holds the secret with which we sign; it can't be shown again.
///
/// It hears of what happens from a minute after this answer on, and mostly at once.
#[utoipa::path(post, path = "/webhook-endpoints", tag = "webhooks", request_body = EndpointForm,
    responses((status = 201, body = EndpointWithSecret)))]
pub(crate) async fn create_webhook_endpoint(
    State(context): State<Context>,
    principal: Principal,
    Body(form): Body<EndpointForm>,
) -> Result<(StatusCode, Tagged<EndpointWithSecret>), Problem> {
    let (ws, now) = (&principal.workspace, context.now());
    form.check(&context.webhook_sender)?;
    if context.store.webhook_endpoints(ws).await?.len() >= MAX_ENDPOINTS {
        let detail = format!("a workspace has at most {MAX_ENDPOINTS} endpoints; delete one first");
        return Err(Problem::new(Code::TooManyEndpoints, detail));
    }
    let id = WebhookEndpointId::new(now, context.random.draw());
    let Fresh { name, secret } = secret::keep_fresh(&context, ws, &id).await?;
    let endpoint = form.into_endpoint(blank(id, name, now), now);
    let view = EndpointView::from(endpoint.clone());
    if !principal.noting(&context, &endpoint.id, &(), &view)?.put_webhook_endpoint(ws, &endpoint).await? {
        return Err(Problem::contended());
    }
    let created = EndpointWithSecret { view, secret: secret.expose().to_owned() };
    Ok((StatusCode::CREATED, Tagged::new(&endpoint, created)))
}

/// Lists endpoints, the oldest first.
#[utoipa::path(get, path = "/webhook-endpoints", tag = "webhooks", params(PageQuery),
    responses((status = 200, body = Page<EndpointView>)))]
pub(crate) async fn list_webhook_endpoints(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<EndpointView>>, Problem> {
    let endpoints = context.store.webhook_endpoints(&principal.workspace).await?;
    let cursor = query.cursor.as_ref();
    let listing = Listing { list: "webhook endpoints", is_descending: false, limit: query.limit, cursor };
    Ok(Json(listing.page(&endpoints, |one| [one.id.to_string()], |one| one.clone().into())?))
}

/// Shows an endpoint.
#[utoipa::path(get, path = "/webhook-endpoints/{endpoint_id}", tag = "webhooks",
    params(("endpoint_id" = String, Path)), responses((status = 200, body = EndpointView)))]
pub(crate) async fn get_webhook_endpoint(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<WebhookEndpointId>,
) -> Result<Tagged<EndpointView>, Problem> {
    Ok(Tagged::of(load(&context, &principal.workspace, &id).await?))
}

/// Changes an endpoint. What is on its way already goes to the new address.
#[utoipa::path(patch, path = "/webhook-endpoints/{endpoint_id}", tag = "webhooks",
    params(("endpoint_id" = String, Path)), request_body = EndpointPatch,
    responses((status = 200, body = EndpointView)))]
pub(crate) async fn change_webhook_endpoint(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<WebhookEndpointId>,
    if_match: IfMatch,
    patch: EndpointPatch,
) -> Result<Tagged<EndpointView>, Problem> {
    let make = |before: &WebhookEndpoint, form: EndpointForm| {
        form.check(&context.webhook_sender)?;
        let now = context.now();
        let next = WebhookEndpoint { version: before.version + 1, updated_at: now, ..before.clone() };
        Ok(form.into_endpoint(next, now))
    };
    let load = || load(&context, &principal.workspace, &id);
    let save = |before, after| save(&context, &principal, before, after);
    Ok(Tagged::of(change(&if_match, &patch, load, make, save).await?))
}

/// Has events sent to an endpoint again that was parked, gone or switched off. What was kept for it meanwhile comes with a
/// replay.
#[utoipa::path(post, path = "/webhook-endpoints/{endpoint_id}/enable", tag = "webhooks",
    params(("endpoint_id" = String, Path)), responses((status = 200, body = EndpointView)))]
pub(crate) async fn enable_webhook_endpoint(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<WebhookEndpointId>,
    if_match: IfMatch,
) -> Result<Tagged<EndpointView>, Problem> {
    switch(&context, &principal, &id, &if_match, EndpointStatus::Enabled).await
}

/// Switches an endpoint off: what happens is neither sent nor kept for it, and what is on its way is dropped.
#[utoipa::path(post, path = "/webhook-endpoints/{endpoint_id}/disable", tag = "webhooks",
    params(("endpoint_id" = String, Path)), responses((status = 200, body = EndpointView)))]
pub(crate) async fn disable_webhook_endpoint(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<WebhookEndpointId>,
    if_match: IfMatch,
) -> Result<Tagged<EndpointView>, Problem> {
    switch(&context, &principal, &id, &if_match, EndpointStatus::Disabled).await
}

/// Puts an endpoint into this state, unless it is.
async fn switch(
    context: &Context,
    principal: &Principal,
    id: &WebhookEndpointId,
    if_match: &IfMatch,
    to: EndpointStatus,
) -> Result<Tagged<EndpointView>, Problem> {
    let load = || load(context, &principal.workspace, id);
    let write = async |stored: WebhookEndpoint| {
        if stored.status == to {
            return Ok(Some(stored));
        }
        let now = context.now();
        let next = if to == EndpointStatus::Enabled { stored.enabled(now) } else { stored.disabled(now) };
        Ok(save(context, principal, stored, next.clone()).await?.then_some(next))
    };
    Ok(Tagged::of(on_current(if_match, load, write).await?))
}

/// Makes a new secret. For a day what is sent is signed with the one before, too, and with those before that for as long as
/// they had left. The answer alone holds the new one.
#[utoipa::path(post, path = "/webhook-endpoints/{endpoint_id}/rotate-secret", tag = "webhooks",
    params(("endpoint_id" = String, Path)), responses((status = 200, body = EndpointWithSecret)))]
pub(crate) async fn rotate_webhook_secret(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<WebhookEndpointId>,
    if_match: IfMatch,
) -> Result<Tagged<EndpointWithSecret>, Problem> {
    let ws = &principal.workspace;
    let load = || load(&context, ws, &id);
    let write = async |stored: WebhookEndpoint| {
        let Fresh { name, secret } = secret::keep_fresh(&context, ws, &id).await?;
        let next = stored.rotated(name.clone(), context.now());
        // Two at once make two secrets: one of them counts.
        if !save(&context, &principal, stored.clone(), next.clone()).await? {
            forget(&context, ws, &id, &name).await;
            return Ok(None);
        }
        for dropped in stored.previous_secrets.iter().filter(|one| !next.previous_secrets.contains(one)) {
            forget(&context, ws, &id, &dropped.name).await;
        }
        let view = EndpointView::from(next.clone());
        let shown = EndpointWithSecret { view, secret: secret.expose().to_owned() };
        Ok(Some(Tagged::new(&next, shown)))
    };
    on_current(&if_match, load, write).await
}

/// Deletes an endpoint. What is on its way to it is dropped.
#[utoipa::path(delete, path = "/webhook-endpoints/{endpoint_id}", tag = "webhooks",
    params(("endpoint_id" = String, Path)), responses((status = 204, description = "Gone")))]
pub(crate) async fn delete_webhook_endpoint(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<WebhookEndpointId>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let ws = &principal.workspace;
    let load = || load(&context, ws, &id);
    let remove = async |stored: WebhookEndpoint| {
        let store = principal.noting(&context, &id, &EndpointView::from(stored.clone()), &())?;
        if !store.remove_webhook_endpoint(ws, &stored).await? {
            return Ok(None);
        }
        forget(&context, ws, &id, &stored.secret).await;
        for before in &stored.previous_secrets {
            forget(&context, ws, &id, &before.name).await;
        }
        Ok(Some(StatusCode::NO_CONTENT))
    };
    on_current(&if_match, load, remove).await
}

async fn save(
    context: &Context,
    principal: &Principal,
    before: WebhookEndpoint,
    after: WebhookEndpoint,
) -> Result<bool, Problem> {
    let (old, new) = (EndpointView::from(before), EndpointView::from(after.clone()));
    let store = principal.noting(context, &after.id, &old, &new)?;
    Ok(store.put_webhook_endpoint(&principal.workspace, &after).await?)
}

async fn load(
    context: &Context,
    ws: &WorkspaceId,
    id: &WebhookEndpointId,
) -> Result<WebhookEndpoint, Problem> {
    context.store.webhook_endpoint(ws, id).await?.ok_or_else(|| Problem::not_found("webhook endpoint", id))
}

/// The same, if events are sent to it.
async fn load_enabled(
    context: &Context,
    ws: &WorkspaceId,
    id: &WebhookEndpointId,
) -> Result<WebhookEndpoint, Problem> {
    let endpoint = load(context, ws, id).await?;
    if endpoint.status == EndpointStatus::Enabled {
        return Ok(endpoint);
    }
    Err(Problem::new(Code::EndpointNotEnabled, "nothing is sent to this endpoint; enable it first"))
}

/// An endpoint before its form.
fn blank(id: WebhookEndpointId, secret: String, now: Timestamp) -> WebhookEndpoint {
    WebhookEndpoint {
        id,
        version: 1,
        url: String::new(),
        label: None,
        event_types: Default::default(),
        status: EndpointStatus::Enabled,
        enabled_at: now,
        failing_since: None,
        secret,
        previous_secrets: Vec::new(),
        created_at: now,
        updated_at: now,
    }
}

impl Changeable for WebhookEndpoint {
    fn etag(&self) -> ETag {
        ETag::of(self.version, &EndpointView::from(self.clone()))
    }
}

impl Patchable for WebhookEndpoint {
    type Form = EndpointForm;

    fn form(&self) -> EndpointForm {
        self.into()
    }
}
