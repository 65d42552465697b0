//! What an operation needs: said once, where it is routed; the router asks for it, the description shows it.

use std::sync::Arc;

use axum::Extension;
use carillon_domain::base::scope::Scope;
use carillon_runtime::context::Context;
use utoipa_axum::router::UtoipaMethodRouter;

use crate::openapi;

/// The operation that a request asks for.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// As in the description of the API.
    pub(crate) id: Arc<str>,
    pub(crate) scope: Scope,
}

/// A route of one operation, for whoever has this scope.
pub(crate) fn needs(
    scope: Scope,
    (schemas, mut paths, methods): UtoipaMethodRouter<Context>,
) -> UtoipaMethodRouter<Context> {
    let mut id = String::new();
    for operation in paths.paths.values_mut().flat_map(openapi::operations) {
        id.clone_from(operation.operation_id.get_or_insert_default());
        operation.security = Some(openapi::keys_with(scope).into());
    }
    (schemas, paths, methods.route_layer(Extension(Operation { id: id.into(), scope })))
}
