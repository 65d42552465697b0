//! Tags of what clients may change (`ETag`, RFC 9110).
//!
//! Clients see no more in a tag than a name of what they read. It holds the version, which decides, and 16 bits
//! of each field: who shows an old one is told which fields have changed since, and nothing is stored for that.

use std::collections::BTreeMap;
use std::fmt;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What clients may change.
pub(crate) trait Changeable {
    /// Another one after each change that they are to notice.
    fn etag(&self) -> ETag;
}

/// The tag of one state of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ETag {
    version: u64,
    fields: BTreeMap<String, Bits>,
}

/// The beginning of a digest.
type Bits = [u8; 2];

fn bits(text: impl AsRef<[u8]>) -> Bits {
    let digest = Sha256::digest(text);
    [digest[0], digest[1]]
}

impl ETag {
    /// The tag of a version with these fields; what is no JSON object has none.
    pub(crate) fn of(version: u64, fields: &impl Serialize) -> Self {
        let fields = match serde_json::to_value(fields) {
            Ok(Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let fields = fields.into_iter().map(|(name, value)| (name, bits(value.to_string())));
        Self { version, fields: fields.collect() }
    }

    /// Which fields the tag has bits of.
    fn shape(&self) -> Bits {
        bits(Vec::from_iter(self.fields.keys().map(String::as_str)).join("\n"))
    }

    /// The fields that have changed since another tag of the same resource; none if that can't be read from it:
    /// it is none of ours, or was made when there were other fields.
    pub(super) fn changed_since(&self, tag: &str) -> Option<Vec<String>> {
        let (_, digests) = tag.split_once('-')?;
        let digests = hex::decode(digests).ok()?;
        let (shape, old) = digests.split_first_chunk()?;
        let old = old.as_chunks::<2>();
        if *shape != self.shape() || old.0.len() != self.fields.len() || !old.1.is_empty() {
            return None;
        }
        let changed = self.fields.iter().zip(old.0).filter(|((_, now), old)| now != old);
        Some(changed.map(|((name, _), _)| name.clone()).collect())
    }

    /// As it stands in the header.
    pub(crate) fn quoted(&self) -> String {
        format!("\"{self}\"")
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digests = self.fields.values().copied().collect::<Vec<_>>().concat();
        write!(f, "{:x}-{}{}", self.version, hex::encode(self.shape()), hex::encode(digests))
    }
}

/// What a client is shown of a resource, under its tag.
#[derive(Debug)]
pub(crate) struct Tagged<V> {
    /// None of what can't be changed.
    pub(crate) etag: Option<ETag>,
    pub(crate) view: V,
}

impl<V> Tagged<V> {
    /// A resource as clients see it.
    pub(crate) fn of<R: Changeable + Into<V>>(resource: R) -> Self {
        Self { etag: Some(resource.etag()), view: resource.into() }
    }

    pub(crate) fn new(resource: &impl Changeable, view: V) -> Self {
        Self { etag: Some(resource.etag()), view }
    }

    /// What nobody can change.
    pub(crate) const fn fixed(view: V) -> Self {
        Self { etag: None, view }
    }
}

impl<V: Serialize> IntoResponse for Tagged<V> {
    fn into_response(self) -> Response {
        let mut response = Json(self.view).into_response();
        add_header(response.headers_mut(), self.etag.map(|etag| etag.quoted()).as_deref());
        response
    }
}

/// Sets the header, if there is a tag.
pub(crate) fn add_header(headers: &mut HeaderMap, etag: Option<&str>) {
    if let Some(value) = etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
        headers.insert(header::ETAG, value);
    }
}

#[cfg(test)]
mod tests;
