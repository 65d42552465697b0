//! One address for everything: the API, the webhooks, and the bucket's signed uploads.

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use carillon_adapters::files::{FilesError, FolderFiles, UploadGrant};
use carillon_runtime::context::Context;
use http_body_util::BodyExt;

/// Every route of the local system.
pub(crate) fn router(context: Context, folder: FolderFiles) -> Router {
    let uploads = Router::new()
        .route("/uploads/{*key}", put(upload))
        .layer(DefaultBodyLimit::disable())
        .with_state(folder);
    carillon_webhooks::router(context.clone()).merge(uploads).fallback_service(carillon_api::router(context))
}

/// Takes a file that a signed address allows.
async fn upload(
    State(folder): State<FolderFiles>,
    Path(key): Path<String>,
    Query(grant): Query<UploadGrant>,
    body: Body,
) -> Response {
    if let Err(refusal) = folder.verify(&key, &grant) {
        return (StatusCode::FORBIDDEN, refusal.to_string()).into_response();
    }
    store(&folder, &key, &grant, body).await.map_or_else(|refusal| refusal, IntoResponse::into_response)
}

async fn store(
    folder: &FolderFiles,
    key: &str,
    grant: &UploadGrant,
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
