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

type Route = UtoipaMethodRouter<Context>;

/// A route of one operation, for whoever has this scope.
pub(crate) fn needs(scope: Scope, route: Route) -> Route {
    let mut id = String::new();
    let (schemas, paths, methods) = described(route, |operation| {
        id.clone_from(operation.operation_id.get_or_insert_default());
        operation.security = Some(openapi::keys_with(scope).into());
    });
    (schemas, paths, methods.route_layer(Extension(Operation { id: id.into(), scope })))
}

/// A route that answers with one thing that may be changed.
pub(crate) fn tagged(route: Route) -> Route {
    described(route, openapi::add_etag)
}

/// A route that changes one, if it is as the client has seen it.
pub(crate) fn changes(route: Route) -> Route {
    tagged(described(route, openapi::add_if_match))
}

fn described(mut route: Route, describe: impl FnMut(&mut openapi::Operation)) -> Route {
    route.1.paths.values_mut().flat_map(openapi::operations).for_each(describe);
    route
}
