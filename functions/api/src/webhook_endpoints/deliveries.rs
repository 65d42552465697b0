//! The log of deliveries.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::{DeliveryId, WebhookEndpointId, WorkspaceId};
use carillon_domain::records::webhook_delivery::{DeliveryStatus, WebhookDelivery};
use carillon_domain::reporting::events::Fact;
use carillon_runtime::context::Context;
use carillon_store::DeliveryFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use super::form::unknown;
use super::load;
use super::view::{DeliveryView, DeliveryWithBody};
use crate::auth::Principal;
use crate::http::pagination::{Cursor, Limit, Page};
use crate::http::path::{Id, Ids};
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;

/// Names the list in cursors.
const LIST: &str = "deliveries";

/// Which deliveries to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryQuery {
    /// Items of a page.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Cursor>,
    /// Only those in this state.
    status: Option<DeliveryStatus>,
    /// Only those of this event.
    #[param(pattern = "^[a-z_.]+$", example = "attempt.ended")]
    event_type: Option<String>,
}

/// Lists deliveries to an endpoint, those of the latest events first; they are kept for 30 days. A page with fewer than were
/// asked for may be followed by others.
#[utoipa::path(get, path = "/webhook-endpoints/{endpoint_id}/deliveries", tag = "webhooks",
    params(("endpoint_id" = String, Path), DeliveryQuery),
    responses((status = 200, body = Page<DeliveryView>)))]
pub(crate) async fn list_webhook_deliveries(
    State(context): State<Context>,
    principal: Principal,
    Id(endpoint): Id<WebhookEndpointId>,
    Asked(query): Asked<DeliveryQuery>,
) -> Result<Json<Page<DeliveryView>>, Problem> {
    let ws = &principal.workspace;
    load(&context, ws, &endpoint).await?;
    let after = behind(query.cursor.as_ref())?;
    if let Some(name) = &query.event_type
        && !Fact::ALL.iter().any(|(known, ..)| known == name)
    {
        return Err(Problem::of_field(Code::InvalidQuery, "event_type", unknown(name)));
    }
    let filter = DeliveryFilter { status: query.status, event_type: query.event_type };
    let page = context.store.deliveries(ws, &endpoint, &filter, after.as_ref(), query.limit.0).await?;
    Ok(Json(Page {
        items: page.deliveries.into_iter().map(DeliveryView::from).collect(),
        next_cursor: page.next.map(|id| Cursor::behind(LIST, vec![id.to_string()]).encode()),
    }))
}

/// Shows a delivery with what is sent.
#[utoipa::path(get, path = "/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}", tag = "webhooks",
    params(("endpoint_id" = String, Path), ("delivery_id" = String, Path)),
    responses((status = 200, body = DeliveryWithBody)))]
pub(crate) async fn get_webhook_delivery(
    State(context): State<Context>,
    principal: Principal,
    Ids(endpoint, delivery): Ids<WebhookEndpointId, DeliveryId>,
) -> Result<Json<DeliveryWithBody>, Problem> {
    Ok(Json(load_delivery(&context, &principal.workspace, &endpoint, &delivery).await?.into()))
}

pub(super) async fn load_delivery(
    context: &Context,
    ws: &WorkspaceId,
    endpoint: &WebhookEndpointId,
    id: &DeliveryId,
) -> Result<WebhookDelivery, Problem> {
    load(context, ws, endpoint).await?;
    context.store.delivery(ws, endpoint, id).await?.ok_or_else(|| Problem::not_found("delivery", id))
}

/// Where a cursor points in the list.
fn behind(cursor: Option<&Cursor>) -> Result<Option<DeliveryId>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let id = cursor.place_in(LIST, 1)?[0].parse();
    id.map(Some)
        .map_err(|_| Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it"))
}
