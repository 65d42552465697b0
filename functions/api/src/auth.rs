//! Who sends a request, and what they may do. The workspace comes from the credential and from nothing else.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::scope::{Scope, Scopes};
use carillon_domain::records::api_key::{ApiKey, KeyRefusal};
use carillon_domain::records::audit::Actor;
use carillon_runtime::context::Context;
use subtle::ConstantTimeEq;

use crate::http::problem::{Code, Problem};
use crate::keys::{sha256_hex, workspace_of};
use crate::operation::Operation;

/// The header for clients that can't set `Authorization`.
const KEY_HEADER: &str = "x-api-key";
/// How a key stands in `Authorization`.
const SCHEME: &str = "bearer";

/// On whose behalf a request comes. To take one is to have what the operation needs.
#[derive(Debug, Clone)]
pub(crate) struct Principal {
    pub(crate) workspace: WorkspaceId,
    pub(crate) actor: Actor,
    pub(crate) scopes: Scopes,
}

impl FromRequestParts<Context> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Problem> {
        let (workspace, key) = api_key(key_in(&parts.headers)?, context).await?;
        let principal = Self::from_key(workspace, &key);
        // A route that says not what it needs is open to nobody.
        let operation = parts.extensions.get::<Operation>();
        let operation = operation.ok_or_else(|| Problem::new(Code::MissingScope, "nobody may do this"))?;
        key.check(context.now())?;
        principal.require(operation.scope)?;
        note_use(&principal.workspace, &key, context).await;
        Ok(principal)
    }
}

impl Principal {
    fn from_key(workspace: WorkspaceId, key: &ApiKey) -> Self {
        let actor = Actor { id: key.id.to_string(), name: key.name.clone() };
        Self { workspace, actor, scopes: key.scopes.clone() }
    }

    /// Whether they may do what needs this scope.
    fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.has(scope) { Ok(()) } else { Err(Problem::missing_scope(scope, &self.actor.name)) }
    }
}

/// The key that was sent, and the workspace that it names.
async fn api_key(text: &str, context: &Context) -> Result<(WorkspaceId, ApiKey), Problem> {
    let invalid = || Problem::new(Code::InvalidApiKey, "this API key is not valid");
    let ws = workspace_of(text).ok_or_else(invalid)?;
    let hash = sha256_hex(text.as_bytes());
    let key = context.store.api_key(&ws, &hash).await?.ok_or_else(invalid)?;
    if bool::from(key.hash.as_bytes().ct_eq(hash.as_bytes())) { Ok((ws, key)) } else { Err(invalid()) }
}

/// Notes that a key is in use: seldom, and nothing hangs on it.
async fn note_use(ws: &WorkspaceId, key: &ApiKey, context: &Context) {
    let now = context.now();
    if key.is_use_news(now)
        && let Err(error) = context.store.note_key_use(ws, key, now).await
    {
        tracing::warn!(%error, key = %key.id, "the last use of a key was not noted");
    }
}

fn key_in(headers: &HeaderMap) -> Result<&str, Problem> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default().trim());
    if let Some(key) = text(header::HeaderName::from_static(KEY_HEADER)) {
        return Ok(key);
    }
    let missing = "send the API key as `Authorization: Bearer <key>` or as `X-Api-Key: <key>`";
    let given = text(header::AUTHORIZATION).ok_or_else(|| Problem::new(Code::MissingApiKey, missing))?;
    match given.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case(SCHEME) => Ok(key.trim()),
        _ => Err(Problem::new(Code::InvalidApiKey, missing)),
    }
}

/// Told only to those who have sent the whole key.
impl From<KeyRefusal> for Problem {
    fn from(refusal: KeyRefusal) -> Self {
        let code = match refusal {
            KeyRefusal::Revoked(_) => Code::RevokedApiKey,
            KeyRefusal::Expired(_) => Code::ExpiredApiKey,
        };
        Self::new(code, refusal)
    }
}
