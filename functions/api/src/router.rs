//! Every route, with the scope that it needs.

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::http::{Method, header};
use axum::middleware;
use axum::routing::get;
use carillon_domain::base::scope::Scope::*;
use carillon_runtime::context::Context;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api_keys::*;
use crate::assistants::*;
use crate::audit::*;
use crate::caller_numbers::*;
use crate::calls::*;
use crate::campaigns::*;
use crate::contact_lists::*;
use crate::contacts::*;
use crate::credits::*;
use crate::do_not_call::*;
use crate::evidence::*;
use crate::exports::*;
use crate::health::*;
use crate::http::json::MAX_BODY_BYTES;
use crate::http::problem::{Code, Problem};
use crate::http::request_id::identify;
use crate::imports::*;
use crate::interactions::*;
use crate::jobs::*;
use crate::language_model::*;
use crate::leads::*;
use crate::mappings::*;
use crate::operation::{changes, needs, tagged};
use crate::recordings::*;
use crate::rules::*;
use crate::secrets::*;
use crate::slots::*;
use crate::unread_events::*;
use crate::webhook_endpoints::*;
use crate::workspace::*;

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
        .layer(middleware::from_fn_with_state(context.clone(), identify))
        .with_state(context)
}

/// The description of the API, made from its code (OpenAPI 3.1).
pub fn openapi() -> OpenApi {
    routes_with_description().1
}

/// Every route, with the scope that it needs; `tagged` if it answers with something that may be changed,
/// `changes` if it changes it.
fn routes_with_description() -> (Router<Context>, OpenApi) {
    let routes = OpenApiRouter::new()
        .routes(needs(CampaignsWrite, tagged(routes!(create_campaign))))
        .routes(needs(CampaignsRead, routes!(list_campaigns)))
        .routes(needs(CampaignsRead, tagged(routes!(get_campaign))))
        .routes(needs(CampaignsWrite, changes(routes!(change_campaign))))
        .routes(needs(CampaignsWrite, changes(routes!(delete_campaign))))
        .routes(needs(CampaignsRun, changes(routes!(start_campaign))))
        .routes(needs(CampaignsRun, changes(routes!(schedule_campaign))))
        .routes(needs(CampaignsRun, changes(routes!(unschedule_campaign))))
        .routes(needs(CampaignsRun, changes(routes!(pause_campaign))))
        .routes(needs(CampaignsRun, changes(routes!(resume_campaign))))
        .routes(needs(CampaignsRun, changes(routes!(cancel_campaign))))
        .routes(needs(CampaignsWrite, tagged(routes!(duplicate_campaign))))
        .routes(needs(CampaignsRead, routes!(get_campaign_stats)))
        .routes(needs(CampaignsRead, routes!(get_campaign_breakdown)))
        .routes(needs(CampaignsRead, routes!(explain_campaign)))
        .routes(needs(CallsRead, routes!(list_evidence)))
        .routes(needs(CallsRead, routes!(export_evidence)))
        .routes(needs(CallsRead, routes!(list_slots)))
        .routes(needs(CampaignsRead, routes!(forecast_campaign)))
        .routes(needs(CampaignsRead, routes!(test_goal)))
        .routes(needs(CampaignsRead, routes!(preview_campaign)))
        .routes(needs(LeadsRead, routes!(preview_templates)))
        .routes(needs(LeadsRead, routes!(check_templates)))
        .routes(needs(LeadsWrite, tagged(routes!(create_lead))))
        .routes(needs(LeadsRead, routes!(list_leads)))
        .routes(needs(LeadsRead, tagged(routes!(get_lead))))
        .routes(needs(LeadsWrite, changes(routes!(change_lead))))
        .routes(needs(LeadsWrite, changes(routes!(reschedule_lead))))
        .routes(needs(LeadsWrite, changes(routes!(restart_lead))))
        .routes(needs(LeadsWrite, routes!(restart_leads)))
        .routes(needs(LeadsWrite, changes(routes!(complete_lead))))
        .routes(needs(LeadsWrite, changes(routes!(suspend_lead))))
        .routes(needs(LeadsWrite, changes(routes!(resume_lead))))
        .routes(needs(LeadsWrite, changes(routes!(remove_lead))))
        .routes(needs(LeadsWrite, routes!(bulk_leads)))
        .routes(needs(LeadsRead, routes!(export_leads)))
        .routes(needs(LeadsWrite, routes!(add_contacts)))
        .routes(needs(LeadsWrite, tagged(routes!(create_contact))))
        .routes(needs(LeadsRead, routes!(list_contacts)))
        .routes(needs(LeadsRead, tagged(routes!(get_contact))))
        .routes(needs(LeadsWrite, changes(routes!(change_contact))))
        .routes(needs(LeadsWrite, changes(routes!(delete_contact))))
        .routes(needs(LeadsWrite, tagged(routes!(create_contact_list))))
        .routes(needs(LeadsRead, routes!(list_contact_lists)))
        .routes(needs(LeadsRead, tagged(routes!(get_contact_list))))
        .routes(needs(LeadsWrite, changes(routes!(change_contact_list))))
        .routes(needs(LeadsWrite, changes(routes!(delete_contact_list))))
        .routes(needs(LeadsWrite, changes(routes!(join_contact_list))))
        .routes(needs(LeadsWrite, changes(routes!(leave_contact_list))))
        .routes(needs(LeadsWrite, routes!(create_contact_import)))
        .routes(needs(LeadsRead, routes!(preview_contact_import)))
        .routes(needs(LeadsRead, routes!(get_contact_import_preview)))
        .routes(needs(LeadsRead, routes!(list_contact_imports)))
        .routes(needs(LeadsRead, routes!(get_contact_import)))
        .routes(needs(LeadsRead, routes!(list_rejected_contacts)))
        .routes(needs(LeadsRead, routes!(list_contact_warnings)))
        .routes(needs(LeadsRead, routes!(download_rejected_contacts)))
        .routes(needs(LeadsRead, routes!(download_rejected_contacts_workbook)))
        .routes(needs(LeadsRead, routes!(list_jobs)))
        .routes(needs(LeadsRead, routes!(get_job)))
        .routes(needs(LeadsWrite, routes!(cancel_job)))
        .routes(needs(LeadsRead, routes!(list_job_results)))
        .routes(needs(LeadsRead, routes!(list_job_rejected)))
        .routes(needs(LeadsRead, routes!(download_job_rejected)))
        .routes(needs(DoNotCallWrite, changes(routes!(settle_wish))))
        .routes(needs(LeadsRead, routes!(explain_lead)))
        .routes(needs(LeadsWrite, routes!(create_import)))
        .routes(needs(LeadsRead, routes!(preview_import)))
        .routes(needs(LeadsRead, routes!(get_import_preview)))
        .routes(needs(LeadsRead, routes!(list_imports)))
        .routes(needs(LeadsRead, routes!(get_import)))
        .routes(needs(LeadsRead, routes!(list_rejected)))
        .routes(needs(LeadsRead, routes!(download_rejected)))
        .routes(needs(LeadsRead, routes!(download_rejected_workbook)))
        .routes(needs(LeadsRead, routes!(list_warnings)))
        .routes(needs(LeadsRead, routes!(list_mappings)))
        .routes(needs(LeadsRead, tagged(routes!(get_mapping))))
        .routes(needs(LeadsWrite, changes(routes!(put_mapping))))
        .routes(needs(LeadsWrite, changes(routes!(delete_mapping))))
        .routes(needs(CallsRead, routes!(list_interactions)))
        .routes(needs(CallsRead, routes!(export_interactions)))
        .routes(needs(CallsRead, routes!(get_result_columns)))
        .routes(needs(CallsRead, routes!(put_result_columns)))
        .routes(needs(CallsRead, routes!(get_interaction)))
        .routes(needs(CallsRead, routes!(get_recording)))
        .routes(needs(CallsWrite, routes!(initiate_call)))
        .routes(needs(CallsWrite, routes!(make_test_call)))
        .routes(needs(CallsRead, routes!(list_unread_events)))
        .routes(needs(CallsWrite, routes!(settle_unread_event)))
        .routes(needs(CallsWrite, routes!(replay_unread_event)))
        .routes(needs(DoNotCallRead, routes!(list_lists)))
        .routes(needs(DoNotCallWrite, tagged(routes!(make_list))))
        .routes(needs(DoNotCallWrite, changes(routes!(delete_list))))
        .routes(needs(DoNotCallWrite, tagged(routes!(list_number))))
        .routes(needs(DoNotCallRead, routes!(list_numbers)))
        .routes(needs(DoNotCallRead, tagged(routes!(get_number))))
        .routes(needs(DoNotCallRead, routes!(get_number_history)))
        .routes(needs(DoNotCallWrite, changes(routes!(unlist_number))))
        .routes(needs(DoNotCallWrite, routes!(restore_number)))
        .routes(needs(DoNotCallWrite, routes!(import_numbers)))
        .routes(needs(DoNotCallWrite, routes!(announce_numbers)))
        .routes(needs(DoNotCallRead, routes!(export_numbers)))
        .routes(needs(DoNotCallRead, routes!(export_list)))
        .routes(needs(SettingsWrite, tagged(routes!(create_assistant))))
        .routes(needs(SettingsRead, routes!(list_assistants)))
        .routes(needs(SettingsRead, tagged(routes!(get_assistant))))
        .routes(needs(SettingsWrite, changes(routes!(change_assistant))))
        .routes(needs(SettingsWrite, changes(routes!(delete_assistant))))
        .routes(needs(SettingsWrite, tagged(routes!(create_caller_number))))
        .routes(needs(SettingsRead, routes!(list_caller_numbers)))
        .routes(needs(SettingsRead, tagged(routes!(get_caller_number))))
        .routes(needs(SettingsWrite, changes(routes!(change_caller_number))))
        .routes(needs(SettingsWrite, changes(routes!(delete_caller_number))))
        .routes(needs(SettingsRead, routes!(list_rules)))
        .routes(needs(SettingsRead, tagged(routes!(get_workspace))))
        .routes(needs(SettingsWrite, changes(routes!(change_workspace))))
        .routes(needs(WebhooksWrite, tagged(routes!(create_webhook_endpoint))))
        .routes(needs(WebhooksRead, routes!(list_webhook_endpoints)))
        .routes(needs(WebhooksRead, tagged(routes!(get_webhook_endpoint))))
        .routes(needs(WebhooksWrite, changes(routes!(change_webhook_endpoint))))
        .routes(needs(WebhooksWrite, changes(routes!(delete_webhook_endpoint))))
        .routes(needs(WebhooksWrite, changes(routes!(enable_webhook_endpoint))))
        .routes(needs(WebhooksWrite, changes(routes!(disable_webhook_endpoint))))
        .routes(needs(WebhooksWrite, changes(routes!(rotate_webhook_secret))))
        .routes(needs(WebhooksWrite, routes!(send_test_event)))
        .routes(needs(WebhooksWrite, routes!(replay_webhook_deliveries)))
        .routes(needs(WebhooksRead, routes!(list_webhook_deliveries)))
        .routes(needs(WebhooksRead, routes!(get_webhook_delivery)))
        .routes(needs(WebhooksWrite, routes!(replay_webhook_delivery)))
        .routes(needs(CreditsRead, routes!(get_credits)))
        .routes(needs(CreditsWrite, routes!(create_top_up)))
        .routes(needs(CreditsRead, routes!(list_top_ups)))
        .routes(needs(SecretsWrite, changes(routes!(set_language_model))))
        .routes(needs(SettingsRead, tagged(routes!(get_language_model))))
        .routes(needs(SecretsWrite, changes(routes!(delete_language_model))))
        .routes(needs(SecretsWrite, changes(routes!(set_provider_secrets))))
        .routes(needs(SettingsRead, tagged(routes!(get_provider_secrets))))
        .routes(needs(SecretsWrite, changes(routes!(delete_provider_secrets))))
        .routes(needs(KeysWrite, tagged(routes!(create_api_key))))
        .routes(needs(KeysRead, routes!(list_api_keys)))
        .routes(needs(KeysRead, tagged(routes!(get_api_key))))
        .routes(needs(KeysWrite, changes(routes!(revoke_api_key))))
        .routes(needs(AuditRead, routes!(list_audit_log)))
        .routes(routes!(get_health));
    let (router, openapi) =
        OpenApiRouter::with_openapi(crate::openapi::head()).nest("/api/v1", routes).split_for_parts();
    (router, crate::openapi::finished(openapi))
}

async fn unknown_path(OriginalUri(uri): OriginalUri) -> Problem {
    Problem::new(Code::UnknownPath, format_args!("there is nothing at {}", uri.path()))
}

async fn method_not_allowed(method: Method, OriginalUri(uri): OriginalUri) -> Problem {
    Problem::new(Code::MethodNotAllowed, format_args!("{} does not take {method}; see `Allow`", uri.path()))
}
