//! The HTTP API: one router, one file for each resource.
//!
//! A request passes the same stations everywhere: the [key](new_api_key) names the workspace, path
//! and query are read strictly, the body is read strictly, the resource's own function decides, and
//! whatever goes wrong on the way ends as problem+json. Nothing that a client sends is answered
//! with a 5xx; these say that a neighbour of ours did not answer.

mod assistants;
mod auth;
mod caller_numbers;
mod callers;
mod calls;
mod campaigns;
mod credits;
mod csv;
mod do_not_call;
mod evidence;
mod explain;
mod health;
mod http;
mod imports;
mod interactions;
mod keys;
mod leads;
mod money;
mod openapi;
mod rules;
mod schema;
mod secrets;
mod slots;
mod validation;
mod workspace;

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::http::{Method, header};
use axum::routing::get;
use carillon_runtime::context::Context;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use assistants::*;
use caller_numbers::*;
use calls::*;
use campaigns::*;
use credits::*;
use do_not_call::*;
use evidence::*;
use health::*;
use http::problem::{Code, Problem};
use imports::*;
use interactions::*;
use leads::*;
use rules::*;
use secrets::*;
use slots::*;
use workspace::*;

pub use keys::{api_key_record, new_api_key, random_bytes};

/// Largest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// The API.
pub fn router(context: Context) -> Router {
    let (routes, openapi) = routes_with_description();
    let text = openapi.to_json().unwrap_or_default();
    let description =
        move || std::future::ready(([(header::CONTENT_TYPE, "application/json")], text.clone()));
    routes
        .route("/api/v1/openapi.json", get(description))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(unknown_path)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(context)
}

/// The description of the API, made from its code (OpenAPI 3.1).
pub fn openapi() -> OpenApi {
    routes_with_description().1
}

/// Every route.
fn routes_with_description() -> (Router<Context>, OpenApi) {
    let routes = OpenApiRouter::new()
        .routes(routes!(create_campaign, list_campaigns))
        .routes(routes!(get_campaign, change_campaign, delete_campaign))
        .routes(routes!(start_campaign))
        .routes(routes!(schedule_campaign))
        .routes(routes!(unschedule_campaign))
        .routes(routes!(pause_campaign))
        .routes(routes!(resume_campaign))
        .routes(routes!(cancel_campaign))
        .routes(routes!(duplicate_campaign))
        .routes(routes!(get_campaign_stats))
        .routes(routes!(explain_campaign))
        .routes(routes!(list_evidence))
        .routes(routes!(list_slots))
        .routes(routes!(forecast_campaign))
        .routes(routes!(preview_campaign))
        .routes(routes!(create_lead, list_leads))
        .routes(routes!(get_lead, change_lead))
        .routes(routes!(reschedule_lead))
        .routes(routes!(explain_lead))
        .routes(routes!(create_import, list_imports))
        .routes(routes!(get_import))
        .routes(routes!(list_rejected))
        .routes(routes!(download_rejected))
        .routes(routes!(list_interactions))
        .routes(routes!(get_interaction))
        .routes(routes!(initiate_call))
        .routes(routes!(list_lists))
        .routes(routes!(make_list, delete_list))
        .routes(routes!(list_number, list_numbers))
        .routes(routes!(get_number, unlist_number))
        .routes(routes!(import_numbers))
        .routes(routes!(export_numbers))
        .routes(routes!(create_assistant, list_assistants))
        .routes(routes!(get_assistant, change_assistant, delete_assistant))
        .routes(routes!(create_caller_number, list_caller_numbers))
        .routes(routes!(get_caller_number, change_caller_number, delete_caller_number))
        .routes(routes!(list_rules))
        .routes(routes!(get_workspace, change_workspace))
        .routes(routes!(get_credits))
        .routes(routes!(create_top_up, list_top_ups))
        .routes(routes!(set_voice_secrets, get_voice_secrets, delete_voice_secrets))
        .routes(routes!(get_health));
    let (router, openapi) =
        OpenApiRouter::with_openapi(openapi::head()).nest("/api/v1", routes).split_for_parts();
    (router, openapi::finished(openapi))
}

async fn unknown_path(OriginalUri(uri): OriginalUri) -> Problem {
    Problem::new(Code::UnknownPath, format_args!("there is nothing at {}", uri.path()))
}

async fn method_not_allowed(method: Method, OriginalUri(uri): OriginalUri) -> Problem {
    Problem::new(Code::MethodNotAllowed, format_args!("{} does not take {method}; see `Allow`", uri.path()))
}
