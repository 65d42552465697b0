//! Who sends a request: the workspace comes from the API key and from nothing else.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use carillon_domain::base::ids::WorkspaceId;
use carillon_runtime::context::Context;
use subtle::ConstantTimeEq;

use crate::http::problem::{Code, Problem};
use crate::keys::{sha256_hex, workspace_of};

/// The header for clients that can't set `Authorization`.
const KEY_HEADER: &str = "x-api-key";
/// How a key stands in `Authorization`.
const SCHEME: &str = "bearer";

/// The workspace on whose behalf a request comes.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) ws: WorkspaceId,
}

impl FromRequestParts<Context> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Problem> {
        let key = key_in(&parts.headers)?;
        let invalid = || Problem::new(Code::InvalidApiKey, "this API key is not valid");
        let ws = workspace_of(key).ok_or_else(invalid)?;
        let hash = sha256_hex(key.as_bytes());
        let record = context.store.api_key(&ws, &hash).await?.ok_or_else(invalid)?;
        if bool::from(record.hash.as_bytes().ct_eq(hash.as_bytes())) {
            Ok(Self { ws })
        } else {
            Err(invalid())
        }
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
