//! Files in the body of a request.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};

use super::{FileQuery, ImportForm};
use crate::http::idempotency::Creation;
use crate::http::json;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;

/// Types of bodies that are files, beside JSON, which may be one.
const FILES: [&str; 9] = [
    "text/csv",
    "text/plain",
    "text/tab-separated-values",
    "application/x-ndjson",
    "application/jsonl",
    "application/json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "application/octet-stream",
];

/// A request that brings a file, or announces one.
#[derive(Debug)]
pub(crate) enum NewImport {
    Announced(ImportForm),
    Sent { query: FileQuery, file_name: String, bytes: Bytes },
}

/// The same, done once.
#[derive(Debug)]
pub(crate) struct ImportCreation(pub(crate) Creation<NewImport>);

impl<S: Send + Sync> FromRequest<S> for ImportCreation {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Asked(mut query) =
            <Asked<FileQuery> as axum::extract::FromRequestParts<S>>::from_request_parts(&mut parts, state)
                .await?;
        let kind = kind(&parts.headers);
        let is_json = json::check_media_type(&parts.headers);
        let request = Request::from_parts(parts, body);
        let Some(file_name) = query.file_name.take() else {
            let read = |body: Bytes| {
                is_json.map_err(|_| unnamed(&kind))?;
                json::parse(&body).map(NewImport::Announced)
            };
            return Ok(Self(Creation::read(request, state, read).await?));
        };
        check_kind(&kind)?;
        let read = |bytes: Bytes| {
            check_there(&bytes)?;
            Ok(NewImport::Sent { query, file_name, bytes })
        };
        Ok(Self(Creation::read(request, state, read).await?))
    }
}

/// A file that comes in the body, and what is said of it.
#[derive(Debug)]
pub(crate) struct SentFile {
    pub(super) query: FileQuery,
    pub(super) bytes: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for SentFile {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Asked(query) =
            <Asked<FileQuery> as axum::extract::FromRequestParts<S>>::from_request_parts(&mut parts, state)
                .await?;
        check_kind(&kind(&parts.headers))?;
        let bytes = json::bytes(Request::from_parts(parts, body), state).await?;
        check_there(&bytes)?;
        Ok(Self { query, bytes })
    }
}

fn kind(headers: &HeaderMap) -> String {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// What a file is its content tells; the type says only that it is one.
fn check_kind(kind: &str) -> Result<(), Problem> {
    if FILES.contains(&kind) {
        return Ok(());
    }
    let detail = format!("send the file with a `Content-Type` of these: {}", FILES.join(", "));
    Err(Problem::new(Code::UnsupportedMediaType, detail))
}

fn unnamed(kind: &str) -> Problem {
    if FILES.contains(&kind) {
        let reason = "say what the file in the body is called, such as `?file_name=people.csv`";
        return Problem::of_field(Code::InvalidQuery, "file_name", reason);
    }
    let detail =
        "send JSON with the header `Content-Type: application/json`, or a file and its `?file_name=`";
    Problem::new(Code::UnsupportedMediaType, detail)
}

fn check_there(bytes: &Bytes) -> Result<(), Problem> {
    if bytes.is_empty() {
        return Err(Problem::of_field(Code::InvalidFields, "body", "the file is empty"));
    }
    Ok(())
}
