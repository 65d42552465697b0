//! Creating something once, however often the request comes (`Idempotency-Key`).

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use carillon_domain::base::ids::{Entropy, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_runtime::context::Context;
use carillon_store::{Admission, IdempotencyRecord, StoredResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::IntoParams;

use crate::http::etag::{self, ETag, Tagged};
use crate::http::json;
use crate::http::problem::{Code, Problem};
use crate::keys::sha256_hex;

/// The header that names a request.
const KEY_HEADER: &str = "idempotency-key";
/// Longest name in characters.
const MAX_KEY_LEN: usize = 255;
/// The header of an answer that was given before.
const REPLAYED_HEADER: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The header, for the description of the API.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct IdempotencyHeader {
    /// A name of your choice for this request, at most 255 visible ASCII characters. The same
    /// request again within a day is answered the same and creates nothing.
    #[param(rename = "Idempotency-Key", value_type = String, required = false, min_length = 1, max_length = 255,
        pattern = "^[!-~]{1,255}$")]
    key: Option<String>,
}

/// A request that creates something.
#[derive(Debug)]
pub(crate) struct Creation<T> {
    form: T,
    name: Option<Name>,
}

/// What tells a request from others.
#[derive(Debug)]
struct Name {
    /// SHA-256 of the key.
    hash: String,
    /// SHA-256 of method, path and body.
    fingerprint: String,
}

/// What the ids of new things are made from: the same for the same request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Birth {
    /// When it first came.
    pub(crate) at: Timestamp,
    /// Random bits.
    pub(crate) seed: Entropy,
    /// Whether it may have been done before, by a run that did not end.
    pub(crate) is_repeat: bool,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Creation<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = json::check_media_type(request.headers());
        let (name, body) = Name::of(request, state).await?;
        // What needs no body may come without one.
        let form = if body.is_empty() {
            json::parse(b"null").or_else(|_| json::parse(b""))
        } else {
            json::parse(&body)
        };
        if !body.is_empty() {
            is_json?;
        }
        Ok(Self { form: form?, name })
    }
}

impl Name {
    /// The name of a request, if it has one, and its body.
    async fn of<S: Send + Sync>(request: Request, state: &S) -> Result<(Option<Self>, Bytes), Problem> {
        let key = key_in(request.headers())?;
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let route = format!("{} {}{query}\n", request.method(), request.uri().path());
        let body = json::bytes(request, state).await?;
        let name = key.map(|key| Self {
            hash: sha256_hex(key.as_bytes()),
            fingerprint: sha256_hex(&[route.as_bytes(), &body].concat()),
        });
        Ok((name, body))
    }
}

fn key_in(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(KEY_HEADER) else { return Ok(None) };
    let is_visible = |text: &&str| {
        (1..=MAX_KEY_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match value.to_str().ok().filter(is_visible) {
        Some(key) => Ok(Some(key.to_owned())),
        None => {
            let reason = format!("give 1 to {MAX_KEY_LEN} visible ASCII characters");
            Err(Problem::of_field(Code::InvalidHeader, "Idempotency-Key", reason))
        }
    }
}

/// What was created, now or before.
#[derive(Debug)]
pub(crate) struct Created {
    status: u16,
    /// What the client is shown.
    pub(crate) view: Value,
    etag: Option<String>,
    is_replayed: bool,
}

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::CREATED);
        let json = HeaderValue::from_static("application/json");
        let mut response = (status, [(header::CONTENT_TYPE, json)], self.view.to_string()).into_response();
        etag::add_header(response.headers_mut(), self.etag.as_deref());
        if self.is_replayed {
            response.headers_mut().insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
        }
        response
    }
}

impl<T> Creation<T> {
    /// A request whose body is what `read` makes of it.
    ///
    /// # Errors
    /// The problem of `read`; or the body or the key can't be read.
    pub(crate) async fn read<S: Send + Sync>(
        request: Request,
        state: &S,
        read: impl FnOnce(Bytes) -> Result<T, Problem>,
    ) -> Result<Self, Problem> {
        let (name, body) = Name::of(request, state).await?;
        Ok(Self { form: read(body)?, name })
    }

    /// Does `work`, unless the same request was done before: then answers as it was answered.
    ///
    /// Only what was created is remembered: a refused request may be mended and sent again. One
    /// that nobody knows the end of is done again with the same ids.
    ///
    /// # Errors
    /// The problem of `work`; or the key was used for another request, or for one under way.
    pub(crate) async fn once<V: Serialize>(
        self,
        context: &Context,
        ws: &WorkspaceId,
        status: StatusCode,
        work: impl AsyncFnOnce(T, Birth) -> Result<Tagged<V>, Problem>,
    ) -> Result<Created, Problem> {
        let fresh = Birth { at: context.now(), seed: context.random.draw(), is_repeat: false };
        let Some(name) = self.name else {
            return work(self.form, fresh).await.map(|made| created(status, &made));
        };
        let record = match admit(context, ws, &name, fresh).await? {
            Ok(record) => record,
            Err(answer) => return Ok(answer),
        };
        let is_repeat = record.seed != fresh.seed;
        let birth = Birth { at: record.started_at, seed: record.seed, is_repeat };
        match work(self.form, birth).await {
            Ok(made) => {
                let created = created(status, &made);
                let (body, etag) = (created.view.to_string(), created.etag.clone());
                let response = StoredResponse { status: created.status, body, etag };
                let done = IdempotencyRecord { response: Some(response), ..record };
                context.store.remember(ws, &name.hash, &done).await?;
                Ok(created)
            }
            Err(problem) => {
                if !problem.is_in_doubt() {
                    context.store.forget(ws, &name.hash).await?;
                }
                Err(problem)
            }
        }
    }
}

/// The record of a request that is to be done, or the answer to one that was.
async fn admit(
    context: &Context,
    ws: &WorkspaceId,
    name: &Name,
    fresh: Birth,
) -> Result<Result<IdempotencyRecord, Created>, Problem> {
    let record = IdempotencyRecord {
        fingerprint: name.fingerprint.clone(),
        seed: fresh.seed,
        started_at: fresh.at,
        response: None,
    };
    match context.store.admit(ws, &name.hash, record).await? {
        Admission::Do(record) => Ok(Ok(record)),
        Admission::Done(response) => {
            let view = serde_json::from_str(&response.body).unwrap_or_default();
            Ok(Err(Created { status: response.status, view, etag: response.etag, is_replayed: true }))
        }
        Admission::UnderWay => {
            let detail = "a request with this Idempotency-Key is being worked on; ask again in a moment";
            Err(Problem::new(Code::RequestUnderWay, detail))
        }
        Admission::OtherRequest => {
            let detail = "this Idempotency-Key came with another path or body; use a new one";
            Err(Problem::new(Code::IdempotencyKeyReused, detail))
        }
    }
}

fn created(status: StatusCode, made: &Tagged<impl Serialize>) -> Created {
    let view = serde_json::to_value(&made.view).unwrap_or_default();
    let etag = made.etag.as_ref().map(ETag::quoted);
    Created { status: status.as_u16(), view, etag, is_replayed: false }
}
