//! `/unread-events`: what a provider sent and nobody could read, or lay to anybody, until a person has looked.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::{InteractionId, UnreadEventId};
use carillon_domain::base::provider::Provider;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::do_not_call::MAX_REASON_CHARS;
use carillon_domain::records::audit::Act;
use carillon_domain::records::unread_event::{UnreadCause, UnreadEvent};
use carillon_runtime::context::Context;
use carillon_runtime::services::call_updates::NewsError;
use carillon_runtime::services::carrier_forms::{self, FormError, Taken};
use carillon_runtime::services::replies::ReplyError;
use carillon_runtime::services::voice_events::{self, Asking, IntakeError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::auth::Principal;
use crate::http::pagination::{Listing, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::http::validation::{FieldErrors, present};
use crate::imports::PageQuery;

/// What a provider told that waits for a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnreadEvent)]
pub(crate) struct UnreadEventView {
    /// Its id.
    id: UnreadEventId,
    /// When it came first.
    at: Timestamp,
    /// Who sent it.
    provider: Provider,
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

/// What came of reading an event anew.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayedEvent {
    /// Whether all of it was read and taken: it is off the list.
    is_read: bool,
    /// Why it still waits, if it does.
    cause: Option<UnreadCause>,
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

/// Lists what a provider sent, signed, and nobody could read, or lay to anybody, the oldest first: it may hold
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

/// Reads an event anew: once we have learned to read its kind, or the call or the number that it names is known. What
/// it tells is taken as though it came now, and it is off the list; else it stays there, with the reason why. Nothing
/// is done twice.
#[utoipa::path(post, path = "/unread-events/{event_id}/replay", tag = "calls",
    params(("event_id" = String, Path)), responses((status = 200, body = ReplayedEvent)))]
pub(crate) async fn replay_unread_event(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<UnreadEventId>,
) -> Result<Json<ReplayedEvent>, Problem> {
    let (ws, act) = (&principal.workspace, &principal.act);
    let Some(event) = context.store.unread_event(ws, &id).await? else {
        return Err(Problem::not_found("event that waits", &id));
    };
    let Some(body) = context.store.unread_body(ws, &event).await? else {
        return Err(Problem::new(
            Code::EventCut,
            "it is too large to be kept whole; ask the provider for it",
        ));
    };
    // Keys of providers are not read here.
    let left = match (event.provider, &event.unread.form) {
        (Provider::Voice(provider), _) => {
            voice_events::take(&context, ws, provider, (&body, event.at), Asking::Planner).await?
        }
        (Provider::Message(provider), Some(form)) => {
            match carrier_forms::take(&context, ws, provider, form, &body, Asking::Planner).await? {
                // Whoever wrote does not wait for an answer any more.
                Taken::Noted | Taken::Answered(_) => None,
                Taken::Unread(unread) => Some(unread),
            }
        }
        (Provider::Message(_), None) => Some(event.unread.clone()),
    };
    let Some(unread) = left else {
        let (before, after) = (json!({ "is_open": true }), json!({ "is_open": false }));
        let store = context.noting(ws, Some(act), &id, &before, &after)?;
        store.settle_unread_event(ws, &id, &act.removal(context.now())).await?;
        return Ok(Json(ReplayedEvent { is_read: true, cause: None }));
    };
    let reread = event.reread(unread);
    if reread != event {
        let [before, after] = [&event, &reread].map(|event| json!({ "cause": event.unread.cause }));
        context.noting(ws, Some(act), &id, &before, &after)?.put_unread_event(ws, &reread).await?;
    }
    Ok(Json(ReplayedEvent { is_read: false, cause: Some(reread.unread.cause) }))
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

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Store(error) | IntakeError::News(NewsError::Store(error)) => error.into(),
            IntakeError::Suppression(error) => error.into(),
            IntakeError::News(NewsError::Effect(error)) => Self::unavailable(&error),
            IntakeError::News(NewsError::Contended) => Self::contended(),
        }
    }
}

impl From<FormError> for Problem {
    fn from(error: FormError) -> Self {
        match error {
            FormError::Store(error)
            | FormError::News(NewsError::Store(error))
            | FormError::Reply(ReplyError::Store(error) | ReplyError::News(NewsError::Store(error))) => {
                error.into()
            }
            FormError::Reply(ReplyError::Suppression(error)) => error.into(),
            FormError::Reply(ReplyError::Contended | ReplyError::News(NewsError::Contended))
            | FormError::News(NewsError::Contended) => Self::contended(),
            other => Self::unavailable(&other),
        }
    }
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
