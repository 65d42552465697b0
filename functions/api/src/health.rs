//! `/health`: whether the API answers.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// That the API answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// The version of Carillon.
    version: &'static str,
}

/// Says that the API answers; needs no key.
#[utoipa::path(get, path = "/health", tag = "health", security(()),
    responses((status = 200, body = Health)))]
pub(crate) async fn get_health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}
