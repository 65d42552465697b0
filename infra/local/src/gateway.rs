//! One address for everything: the API, the webhooks, and the signed links to the bucket's files.

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use carillon_adapters::files::{Files, FilesError, FolderFiles, LinkGrant, LinkUse};
use carillon_runtime::context::Context;
use http_body_util::BodyExt;

/// The media type of a workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Every route of the local system: `for_people` is for the API.
pub(crate) fn router(context: Context, for_people: Context, folder: FolderFiles) -> Router {
    let uploads = Router::new()
        .route("/uploads/{*key}", put(upload).get(download))
        .layer(DefaultBodyLimit::disable())
        .with_state(folder);
    carillon_webhooks::router(context).merge(uploads).fallback_service(carillon_api::router(for_people))
}

/// Takes a file that a signed address allows.
async fn upload(
    State(folder): State<FolderFiles>,
    Path(key): Path<String>,
    Query(grant): Query<LinkGrant>,
    body: Body,
) -> Response {
    if let Err(refusal) = folder.verify(LinkUse::Put, &key, &grant) {
        return (StatusCode::FORBIDDEN, refusal.to_string()).into_response();
    }
    store(&folder, &key, &grant, body).await.map_or_else(|refusal| refusal, IntoResponse::into_response)
}

async fn store(
    folder: &FolderFiles,
    key: &str,
    grant: &LinkGrant,
    mut body: Body,
) -> Result<StatusCode, Response> {
    let mut upload = folder.begin(key, grant.size).await.map_err(refuse)?;
    while let Some(frame) = body.frame().await {
        let broken = |error: axum::Error| (StatusCode::BAD_REQUEST, error.to_string()).into_response();
        if let Ok(bytes) = frame.map_err(broken)?.into_data() {
            upload.push(bytes.to_vec()).await.map_err(refuse)?;
        }
    }
    upload.finish().await.map_err(refuse)?;
    Ok(StatusCode::OK)
}

/// Gives out a file that a signed address allows.
async fn download(
    State(folder): State<FolderFiles>,
    Path(key): Path<String>,
    Query(grant): Query<LinkGrant>,
) -> Response {
    if let Err(refusal) = folder.verify(LinkUse::Get, &key, &grant) {
        return (StatusCode::FORBIDDEN, refusal.to_string()).into_response();
    }
    let kind = [(CONTENT_TYPE, if key.ends_with(".xlsx") { XLSX } else { "text/csv; charset=utf-8" })];
    fetch(folder, &key).await.map_or_else(refuse, |bytes| (kind, bytes).into_response())
}

async fn fetch(folder: FolderFiles, key: &str) -> Result<Vec<u8>, FilesError> {
    let mut reader = Files::Folder(folder).open(key, 0).await?;
    let mut whole = Vec::new();
    while let Some(chunk) = reader.chunk().await? {
        whole.extend(chunk);
    }
    Ok(whole)
}

fn refuse(error: FilesError) -> Response {
    let status = match error {
        FilesError::WrongSize { .. } | FilesError::BadKey { .. } => StatusCode::BAD_REQUEST,
        FilesError::NotFound { .. } => StatusCode::NOT_FOUND,
        FilesError::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, error.to_string()).into_response()
}
