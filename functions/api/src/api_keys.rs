//! `/api-keys`: who may use the API, and for what.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::{KeyId, WorkspaceId};
use carillon_domain::base::scope::Scopes;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::api_key::{ApiKey, LastManager, MAX_API_KEYS};
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::http::change::on_current;
use crate::http::etag::{Changeable, ETag, Tagged};
use crate::http::if_match::IfMatch;
use crate::http::json::Body;
use crate::http::pagination::{Listing, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS};
use crate::imports::PageQuery;
use crate::keys;

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeyForm {
    /// What it is for; stands in the audit log.
    #[schema(example = "CRM sync", min_length = 1, max_length = 200)]
    name: String,
    /// What it may do; at least one scope, and none that the key which makes it lacks. Each operation names
    /// the scope that it needs.
    scopes: Scopes,
    /// From when on it opens nothing; never unless set.
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// An API key without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyView {
    id: KeyId,
    name: String,
    /// How the key begins, to tell it from others.
    #[schema(example = "crl_01ARYZ6S41TSV4RRFFQ69G5FAV_9f3K")]
    prefix: String,
    scopes: Scopes,
    created_at: Timestamp,
    /// From when on it opens nothing.
    expires_at: Option<Timestamp>,
    /// Since when it opens nothing; a revoked key is listed for 90 days.
    revoked_at: Option<Timestamp>,
    /// When it was used last, give or take an hour.
    last_used_at: Option<Timestamp>,
}

/// A new API key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedApiKey {
    #[serde(flatten)]
    view: ApiKeyView,
    /// The key itself, which is shown this once and kept nowhere.
    #[schema(format = Password)]
    key: String,
}

/// Creates an API key. The answer alone holds the key; it can't be shown again.
#[utoipa::path(post, path = "/api-keys", tag = "API keys", request_body = ApiKeyForm,
    responses((status = 201, body = CreatedApiKey)))]
pub(crate) async fn create_api_key(
    State(context): State<Context>,
    principal: Principal,
    Body(form): Body<ApiKeyForm>,
) -> Result<(StatusCode, Tagged<CreatedApiKey>), Problem> {
    let (ws, now) = (&principal.workspace, context.now());
    form.check(&principal.scopes, now)?;
    let there = context.store.api_keys(ws).await?;
    if there.iter().filter(|key| key.revoked_at.is_none()).count() >= MAX_API_KEYS {
        let detail = format!("there are {MAX_API_KEYS} API keys, and no more than that may be; revoke one");
        return Err(Problem::new(Code::TooManyApiKeys, detail));
    }
    let text = keys::text_of(ws, keys::random_bytes());
    let key = keys::record(&text, form.name.trim().to_owned(), form.scopes, form.expires_at, now);
    let view = ApiKeyView::from(key.clone());
    if !principal.noting(&context, &key.id, &(), &view)?.create_api_key(ws, &key).await? {
        return Err(Problem::contended());
    }
    Ok((StatusCode::CREATED, Tagged::new(&key, CreatedApiKey { view, key: text })))
}

/// Lists API keys, the oldest first.
#[utoipa::path(get, path = "/api-keys", tag = "API keys", params(PageQuery),
    responses((status = 200, body = Page<ApiKeyView>)))]
pub(crate) async fn list_api_keys(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<ApiKeyView>>, Problem> {
    let keys = context.store.api_keys(&principal.workspace).await?;
    let cursor = query.cursor.as_ref();
    let listing = Listing { list: "API keys", is_descending: false, limit: query.limit, cursor };
    Ok(Json(listing.page(&keys, |key| [key.id.to_string()], |key| key.clone().into())?))
}

/// Shows an API key.
#[utoipa::path(get, path = "/api-keys/{key_id}", tag = "API keys", params(("key_id" = String, Path)),
    responses((status = 200, body = ApiKeyView)))]
pub(crate) async fn get_api_key(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<KeyId>,
) -> Result<Tagged<ApiKeyView>, Problem> {
    Ok(Tagged::of(load(&context, &principal.workspace, &id).await?))
}

/// Revokes an API key: from this answer on it opens nothing. The last one that may revoke keys stays.
#[utoipa::path(delete, path = "/api-keys/{key_id}", tag = "API keys", params(("key_id" = String, Path)),
    responses((status = 204, description = "Revoked")))]
pub(crate) async fn revoke_api_key(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<KeyId>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let load = || load(&context, &principal.workspace, &id);
    on_current(&if_match, load, |key| revoke(&context, &principal, key)).await
}

async fn revoke(
    context: &Context,
    principal: &Principal,
    key: ApiKey,
) -> Result<Option<StatusCode>, Problem> {
    let (ws, now) = (&principal.workspace, context.now());
    let Some(revoked) = key.revoked(now) else { return Ok(Some(StatusCode::NO_CONTENT)) };
    let all = context.store.api_keys(ws).await?;
    let successor = key.successor(&all, now)?;
    let (old, new) = (ApiKeyView::from(key), ApiKeyView::from(revoked.clone()));
    let store = principal.noting(context, &revoked.id, &old, &new)?;
    Ok(store.revoke_api_key(ws, &revoked, successor).await?.then_some(StatusCode::NO_CONTENT))
}

async fn load(context: &Context, ws: &WorkspaceId, id: &KeyId) -> Result<ApiKey, Problem> {
    let key = context.store.api_keys(ws).await?.into_iter().find(|key| key.id == *id);
    key.ok_or_else(|| Problem::not_found("API key", id))
}

impl Changeable for ApiKey {
    /// A use of it changes nothing, nor that of another key.
    fn etag(&self) -> ETag {
        let Self { name, scopes, valid_until, revoked_at, .. } = self;
        let fields =
            json!({ "name": name, "scopes": scopes, "expires_at": valid_until, "revoked_at": revoked_at });
        ETag::of(1 + u64::from(revoked_at.is_some()), &fields)
    }
}

impl ApiKeyForm {
    fn check(&self, granter: &Scopes, now: Timestamp) -> Result<(), Problem> {
        let mut errors = FieldErrors::default();
        errors.check_text("name", &self.name, MAX_NAME_CHARS);
        if self.scopes.is_empty() {
            errors.push("scopes", "give at least one scope");
        }
        for scope in self.scopes.beyond(granter) {
            errors.push("scopes", format_args!("your own key has not the scope `{scope}`"));
        }
        if self.expires_at.is_some_and(|at| at <= now) {
            errors.push("expires_at", format_args!("it must lie ahead of now ({now})"));
        }
        errors.into_result()
    }
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes,
            created_at: key.created_at,
            expires_at: key.valid_until,
            revoked_at: key.revoked_at,
            last_used_at: key.last_used_at,
        }
    }
}

impl From<LastManager> for Problem {
    fn from(refusal: LastManager) -> Self {
        Self::new(Code::LastKeyManager, refusal)
    }
}
