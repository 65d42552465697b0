//! `/audit`: who changed what, when, from what to what.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::AuditId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::audit::{AuditEntry, AuditOutcome};
use carillon_runtime::context::Context;
use carillon_store::AuditFilter;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

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
    #[param(value_type = Option<usize>, minimum = 1, maximum = 100, default = 20)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// Only what was done to this: an id, a number (+ as `%2B`), the name of a do-not-call list,
    /// `voice-provider`.
    resource: Option<String>,
    /// Only what this key did, by its id.
    actor: Option<String>,
    /// Only from this moment on.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only up to this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

/// That somebody changed something, or was not let.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditEntryView {
    #[schema(value_type = String, example = "aud_01ARYZ6S41TSV4RRFFQ69G5FAV")]
    id: AuditId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    actor: ActorView,
    /// The `operationId` of the operation.
    #[schema(example = "change_campaign")]
    operation: String,
    /// What it was done to: the id that the path names last, or that of what was created.
    #[schema(example = "cmp_01ARYZ6S41TSV4RRFFQ69G5FAV")]
    resource: String,
    /// `denied` is told once for a key, an operation and an hour.
    #[schema(value_type = AuditOutcomeName)]
    outcome: AuditOutcome,
    /// Why, if that was said.
    reason: Option<String>,
    /// The `X-Request-Id` of the answer.
    request_id: String,
    /// The fields that changed. Secrets are not among them; long values are cut.
    changes: BTreeMap<String, FieldChangeView>,
}

/// Who did it: an API key, as it was called then.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Actor)]
pub(crate) struct ActorView {
    #[schema(example = "key_01ARYZ6S41TSV4RRFFQ69G5FAV")]
    id: String,
    name: String,
}

/// A field before and after; null where there was or is none.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FieldChange)]
pub(crate) struct FieldChangeView {
    before: Value,
    after: Value,
}

/// What became of it.
#[derive(ToSchema)]
#[schema(as = AuditOutcome, rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum AuditOutcomeName {
    Done,
    Denied,
}

/// Lists what was changed through the API, the newest first; kept for five years. A page with fewer entries
/// than were asked for may be followed by others.
#[utoipa::path(get, path = "/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = Page<AuditEntryView>)))]
pub(crate) async fn list_audit_log(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<AuditQuery>,
) -> Result<Json<Page<AuditEntryView>>, Problem> {
    let after = behind(query.cursor.as_ref())?;
    let AuditQuery { limit, resource, actor, from, to, .. } = query;
    let filter = AuditFilter { resource, actor, from, to };
    let page = context.store.audit_log(&principal.workspace, &filter, after.as_ref(), limit.0).await?;
    Ok(Json(Page {
        items: page.entries.into_iter().map(AuditEntryView::from).collect(),
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

impl From<AuditEntry> for AuditEntryView {
    fn from(entry: AuditEntry) -> Self {
        let changes = entry.changes.into_iter();
        Self {
            id: entry.id,
            at: entry.at,
            actor: ActorView { id: entry.act.actor.id, name: entry.act.actor.name },
            operation: entry.act.operation,
            resource: entry.resource,
            outcome: entry.outcome,
            reason: entry.act.reason,
            request_id: entry.act.request_id,
            changes: changes
                .map(|(field, change)| {
                    (field, FieldChangeView { before: change.before, after: change.after })
                })
                .collect(),
        }
    }
}
