//! One address for everything: the API, the webhooks, and the signed links to the bucket's files.

mod download;
mod range;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use carillon_adapters::files::{FilesError, FolderFiles, LinkGrant, LinkUse};
use carillon_runtime::context::Context;
use http_body_util::BodyExt;

/// Every route of the local system: `for_people` is for the API.
pub(crate) fn router(context: Context, for_people: Context, folder: FolderFiles) -> Router {
    let uploads = Router::new()
        .route("/uploads/{*key}", put(upload).get(download::download))
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

fn refuse(error: FilesError) -> Response {
    let status = match error {
        FilesError::WrongSize { .. } | FilesError::BadKey { .. } => StatusCode::BAD_REQUEST,
        FilesError::NotFound { .. } => StatusCode::NOT_FOUND,
        FilesError::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, error.to_string()).into_response()
}
