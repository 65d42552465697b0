//! `/audit`: who changed what, when, from what to what.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::AuditId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::audit::AuditEntry;
use carillon_runtime::context::Context;
use carillon_store::AuditFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Principal;
use crate::http::pagination::{Cursor, Limit, Page};
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;

/// Names the list in cursors.
const LIST: &str = "audit";

/// Which entries to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Items of a page.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Cursor>,
    /// Only what was done to this: an id, a number (+ as `%2B`), the name of a do-not-call list,
    /// `provider`.
    resource: Option<String>,
    /// Only what this key did, by its id.
    actor: Option<String>,
    /// Only from this moment on.
    #[param(inline)]
    from: Option<Timestamp>,
    /// Only up to this moment.
    #[param(inline)]
    to: Option<Timestamp>,
}

/// Lists what was changed through the API, the newest first; kept for five years. A page with fewer entries
/// than were asked for may be followed by others.
#[utoipa::path(get, path = "/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = Page<AuditEntry>)))]
pub(crate) async fn list_audit_log(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<AuditQuery>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    let after = behind(query.cursor.as_ref())?;
    let AuditQuery { limit, resource, actor, from, to, .. } = query;
    let filter = AuditFilter { resource, actor, from, to };
    let page = context.store.audit_log(&principal.workspace, &filter, after.as_ref(), limit.0).await?;
    Ok(Json(Page {
        items: page.entries,
        next_cursor: page.next.map(|id| Cursor::behind(LIST, vec![id.to_string()]).encode()),
    }))
}

/// Where a cursor points in the log.
fn behind(cursor: Option<&Cursor>) -> Result<Option<AuditId>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let id = cursor.place_in(LIST, 1)?[0].parse();
    id.map(Some)
        .map_err(|_| Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it"))
}
