//! Tags of what clients may change (`ETag`), and changes on condition of one (`If-Match`, RFC 9110).
//!
//! Clients see no more in a tag than a name of what they read. It holds the version, which decides, and 16 bits
//! of each field: who shows an old one is told which fields have changed since, and nothing is stored for that.

use std::collections::BTreeMap;
use std::fmt;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::http::problem::{Code, Problem};

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
    fn changed_since(&self, tag: &str) -> Option<Vec<String>> {
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

/// On which state of a resource a change is conditional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// The client did not say.
    Absent,
    /// Whichever there is.
    Any,
    /// One with one of these tags. Weak tags match nothing, and are not among them.
    Tags(Vec<String>),
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(&parts.headers).map_err(|reason| Problem::of_field(Code::InvalidHeader, "If-Match", reason))
    }
}

impl IfMatch {
    fn of(headers: &HeaderMap) -> Result<Self, &'static str> {
        let lines = headers.get_all(header::IF_MATCH).iter();
        // What is no UTF-8 is none of our tags.
        let lines: Vec<_> = lines.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        match (lines.is_empty(), lines.join(",")) {
            (true, _) => Ok(Self::Absent),
            (false, text) if text.trim_matches(WHITE) == "*" => Ok(Self::Any),
            (false, text) => strong_tags(&text).map(Self::Tags),
        }
    }

    /// # Errors
    /// A problem that names what has changed, if the resource is not as the client has seen it.
    pub(crate) fn check(&self, stored: &impl Changeable) -> Result<(), Problem> {
        let Self::Tags(tags) = self else { return Ok(()) };
        let now = stored.etag();
        let text = now.to_string();
        if tags.contains(&text) { Ok(()) } else { Err(mismatch(tags, now)) }
    }
}

fn mismatch(tags: &[String], now: ETag) -> Problem {
    const NEXT: &str = "read it again, and send the change with the new `ETag`";
    let changed = tags.iter().find_map(|tag| now.changed_since(tag));
    let detail = match changed.as_deref() {
        None => format!("it is not as the tag in `If-Match` says; {NEXT}"),
        Some([]) => format!("it has changed since the tag in `If-Match` was given; {NEXT}"),
        Some(names) => {
            format!("{} changed since the tag in `If-Match` was given; {NEXT}", names.join(", "))
        }
    };
    Problem::new(Code::PreconditionFailed, detail).changed(changed.unwrap_or_default(), Some(now))
}

/// What may stand around the parts of a header.
const WHITE: [char; 2] = [' ', '\t'];

/// The strong tags in a list of tags (RFC 9110, section 8.8.3); it may have empty places.
fn strong_tags(list: &str) -> Result<Vec<String>, &'static str> {
    const WANTED: &str = "give `*`, or the `ETag` of what you have read, in its quotes";
    let is_tag_char = |c: char| c == '!' || ('#'..='~').contains(&c) || c >= '\u{80}';
    let (mut tags, mut is_empty) = (Vec::new(), true);
    let mut rest = list;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return if is_empty { Err(WANTED) } else { Ok(tags) };
        }
        let (is_weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
        let opened = quoted.strip_prefix('"').ok_or(WANTED)?;
        let (tag, behind) = opened.split_once('"').ok_or("a quote opens and never closes")?;
        if !tag.chars().all(is_tag_char) {
            return Err("no space or control character stands in a tag");
        }
        rest = behind.trim_start_matches(WHITE);
        if !rest.is_empty() && !rest.starts_with(',') {
            return Err("a comma has to stand between two tags");
        }
        is_empty = false;
        if !is_weak {
            tags.push(tag.to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
