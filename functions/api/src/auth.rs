//! Who sends a request, and what they may do. The workspace comes from the credential and from nothing else.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::scope::{Scope, Scopes};
use carillon_domain::records::api_key::{ApiKey, KeyRefusal};
use carillon_domain::records::audit::{Act, Actor};
use carillon_runtime::context::{Context, RequestId};
use carillon_store::Store;
use serde::Serialize;
use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::http::problem::{Code, Problem};
use crate::keys::{sha256_hex, workspace_of};
use crate::operation::Operation;

/// The header for clients that can't set `Authorization`.
const KEY_HEADER: &str = "x-api-key";
/// How a key stands in `Authorization`.
const SCHEME: &str = "bearer";
/// Most bytes of a path's last part in the audit log.
const MAX_RESOURCE_BYTES: usize = 128;

/// On whose behalf a request comes. To take one is to have what the operation needs.
#[derive(Debug, Clone)]
pub(crate) struct Principal {
    pub(crate) workspace: WorkspaceId,
    pub(crate) scopes: Scopes,
    /// Who they are and what they ask for, for the audit log.
    pub(crate) act: Act,
}

impl FromRequestParts<Context> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Problem> {
        let (workspace, key) = api_key(key_in(&parts.headers)?, context).await?;
        // A route that does not say what it needs is open to nobody.
        let operation = parts.extensions.get::<Operation>().cloned();
        let operation = operation.ok_or_else(|| Problem::new(Code::MissingScope, "nobody may do this"))?;
        let RequestId(request_id) = parts.extensions.get().cloned().unwrap_or_default();
        let actor = Actor { id: key.id.to_string(), name: key.name.clone() };
        let act = Act { actor, operation: operation.id.to_string(), request_id, reason: None };
        let principal = Self { workspace, scopes: key.scopes.clone(), act };
        let is_allowed = key.check(context.now()).map_err(Problem::from);
        if let Err(problem) = is_allowed.and_then(|()| principal.require(operation.scope)) {
            principal.note_denial(context, &resource_in(parts).await, &problem).await;
            return Err(problem);
        }
        note_use(&principal.workspace, &key, context).await;
        Ok(principal)
    }
}

impl Principal {
    /// Whether they may do what needs this scope.
    fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.has(scope) { Ok(()) } else { Err(Problem::missing_scope(scope, &self.act.actor.name)) }
    }

    /// The store, each of whose writes notes in the same transaction what this principal changes: a resource,
    /// between two of its states as the API shows them; `()` where there is none.
    pub(crate) fn noting(
        &self,
        context: &Context,
        resource: &impl ToString,
        before: &impl Serialize,
        after: &impl Serialize,
    ) -> Result<Store, Problem> {
        Ok(context.noting(&self.workspace, Some(&self.act), resource, &json(before), &json(after))?)
    }

    /// Notes that they were refused. They are refused all the same if that can't be noted.
    async fn note_denial(&self, context: &Context, resource: &str, problem: &Problem) {
        let act = Act { reason: Some(problem.detail().to_owned()), ..self.act.clone() };
        let entry = act.denied(context.now(), resource.to_owned());
        if let Err(error) = context.store.note_change(&self.workspace, &entry).await {
            tracing::warn!(%error, "a refusal was not noted");
        }
    }
}

fn json(state: &impl Serialize) -> Value {
    serde_json::to_value(state).unwrap_or_default()
}

/// The id that a path names last, else the path itself.
async fn resource_in(parts: &mut Parts) -> String {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok();
    let last = params.as_ref().and_then(|params| params.iter().last());
    let mut resource = last.map_or(parts.uri.path(), |(_, value)| value).to_owned();
    resource.truncate(resource.floor_char_boundary(MAX_RESOURCE_BYTES));
    resource
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
