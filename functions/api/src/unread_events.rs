//! `/unread-events`: what a voice provider sent and nobody could read, or lay to anybody, until a person has looked.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::ids::{InteractionId, UnreadEventId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::do_not_call::MAX_REASON_CHARS;
use carillon_domain::records::audit::Act;
use carillon_domain::records::unread_event::{UnreadCause, UnreadEvent};
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::auth::Principal;
use crate::http::pagination::{Listing, Page};
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::validation::{FieldErrors, present};
use crate::imports::PageQuery;

/// An event of a voice provider that waits for a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnreadEvent)]
pub(crate) struct UnreadEventView {
    /// Its id.
    id: UnreadEventId,
    /// When it came first.
    at: Timestamp,
    /// Who sent it.
    provider: VoiceProvider,
    /// Why it waits.
    cause: UnreadCause,
    /// Its type, in the provider's words.
    kind: Option<String>,
    /// The provider's id of the call that it names.
    call_id: Option<String>,
    /// The record of that call, if it is one of ours.
    interaction_id: Option<InteractionId>,
    /// What somebody asked for in it, as it was noted.
    words: Option<String>,
    /// What was sent, or its beginning.
    body: String,
}

/// Why an event needs nobody any more.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SettleQuery {
    /// What was done about it.
    #[param(max_length = 300)]
    reason: Option<String>,
}

/// Lists what a voice provider sent, signed, and nobody could read, or lay to anybody, the oldest first: it may hold
/// what somebody asked for. Each is kept for a year.
#[utoipa::path(get, path = "/unread-events", tag = "calls", params(PageQuery),
    responses((status = 200, body = Page<UnreadEventView>)))]
pub(crate) async fn list_unread_events(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<UnreadEventView>>, Problem> {
    let events = context.store.unread_events(&principal.workspace).await?;
    let cursor = query.cursor.as_ref();
    let listing = Listing { list: "unread events", is_descending: false, limit: query.limit, cursor };
    let place = |event: &UnreadEvent| [event.at.to_string(), event.id.to_string()];
    Ok(Json(listing.page(&events, place, |event| event.clone().into())?))
}

/// Takes an event off the list, once somebody has looked at it. The same event does not come back.
#[utoipa::path(delete, path = "/unread-events/{event_id}", tag = "calls",
    params(("event_id" = String, Path), SettleQuery),
    responses((status = 204, description = "Settled")))]
pub(crate) async fn settle_unread_event(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<UnreadEventId>,
    Asked(query): Asked<SettleQuery>,
) -> Result<StatusCode, Problem> {
    let mut errors = FieldErrors::default();
    errors.check_optional_text("reason", query.reason.as_deref(), MAX_REASON_CHARS);
    errors.into_result()?;
    let act = Act { reason: present(query.reason), ..principal.act };
    let settled = act.removal(context.now());
    let ws = &principal.workspace;
    let (before, after) = (json!({ "is_open": true }), json!({ "is_open": false }));
    let store = context.noting(ws, Some(&act), &id, &before, &after)?;
    if store.settle_unread_event(ws, &id, &settled).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found("event that waits", &id))
}

impl From<UnreadEvent> for UnreadEventView {
    fn from(event: UnreadEvent) -> Self {
        let UnreadEvent { id, at, provider, unread, body, .. } = event;
        Self {
            id,
            at,
            provider,
            cause: unread.cause,
            kind: unread.kind,
            call_id: unread.call.map(|call| call.0),
            interaction_id: unread.interaction,
            words: unread.words,
            body,
        }
    }
}
