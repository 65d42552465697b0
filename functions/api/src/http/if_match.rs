//! Changes on condition of a tag (`If-Match`, RFC 9110).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::http::etag::{Changeable, ETag};
use crate::http::problem::{Code, Problem};

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
        if parts.headers.contains_key(header::IF_NONE_MATCH) {
            let reason = "it is not taken here; use `If-Match` with the `ETag` of what you have read";
            return Err(Problem::of_field(Code::InvalidHeader, "If-None-Match", reason));
        }
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
