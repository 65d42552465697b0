//! Beginning settled leads anew.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::policy::do_not_call::MAX_REASON_CHARS;
use carillon_domain::records::lead::{LeadAction, LeadStatus};
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::LeadView;
use super::action::{act, acted};
use super::back::check_campaign;
use super::create::put_to_work;
use crate::auth::Principal;
use crate::callers::announce;
use crate::campaigns::load as load_campaign;
use crate::http::etag::Tagged;
use crate::http::if_match::IfMatch;
use crate::http::json::Body;
use crate::http::path::{Id, Ids};
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::http::validation::{FieldErrors, present};

/// Most leads that one request restarts.
const MAX_RESTARTED: usize = 100;

/// Which leads to begin anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestartForm {
    /// Their ids.
    #[schema(min_items = 1, max_items = 100)]
    lead_ids: Vec<LeadId>,
    /// Why; it is needed of whoever did not want to be called, and the evidence of their calls keeps it.
    #[serde(default)]
    #[schema(max_length = 300)]
    reason: Option<String>,
}

/// Why a lead begins anew.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RestartQuery {
    /// Why; it is needed of whoever did not want to be called, and the evidence of their calls keeps it.
    #[param(max_length = 300)]
    reason: Option<String>,
}

/// What became of each of several leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RestartedLeads {
    /// In the order in which they were named.
    results: Vec<RestartResult>,
}

/// What became of one of them.
#[derive(Debug, Serialize, ToSchema)]
struct RestartResult {
    lead_id: LeadId,
    /// Where it stands now, if it was begun anew.
    status: Option<LeadStatus>,
    /// Why it was not.
    refusal: Option<RestartRefusal>,
}

/// Why a lead was not begun anew.
#[derive(Debug, Serialize, ToSchema)]
struct RestartRefusal {
    code: Code,
    detail: String,
}

/// Begins a settled lead anew: completed, exhausted, failed or skipped, it waits as one that was never called. What
/// is known of it stays.
///
/// Who would only be settled again is refused, with the reason: a number of theirs is on a do-not-call list that
/// counts (take it off first, if it is there by mistake), there is no consent where the campaign requires it, or
/// the campaign's period is over. Who was skipped because they did not want to be called is begun anew only for a
/// `reason`. A campaign that has completed runs again.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads/{lead_id}/restart", tag = "leads",
    params(("campaign_id" = String, Path), ("lead_id" = String, Path), RestartQuery),
    responses((status = 200, body = LeadView)))]
pub(crate) async fn restart_lead(
    State(context): State<Context>,
    mut principal: Principal,
    Ids(campaign, id): Ids<CampaignId, LeadId>,
    Asked(query): Asked<RestartQuery>,
    if_match: IfMatch,
) -> Result<Tagged<LeadView>, Problem> {
    let reason = checked(query.reason)?;
    principal.act.reason.clone_from(&reason);
    acted(&context, &principal, (&campaign, &id), &if_match, LeadAction::Restart { reason }).await
}

/// Begins several settled leads anew, each for itself: the answer says what became of each.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads/restart", tag = "leads",
    params(("campaign_id" = String, Path)),
    request_body = RestartForm, responses((status = 200, body = RestartedLeads)))]
pub(crate) async fn restart_leads(
    State(context): State<Context>,
    mut principal: Principal,
    Id(campaign): Id<CampaignId>,
    Body(form): Body<RestartForm>,
) -> Result<Json<RestartedLeads>, Problem> {
    let mut errors = FieldErrors::default();
    if form.lead_ids.is_empty() {
        errors.push("lead_ids", "name at least one lead");
    }
    errors.check_count("lead_ids", form.lead_ids.len(), MAX_RESTARTED);
    errors.into_result()?;
    let there = load_campaign(&context, &principal.workspace, &campaign).await?;
    check_campaign(&there)?;
    let reason = checked(form.reason)?;
    principal.act.reason.clone_from(&reason);
    let action = LeadAction::Restart { reason };
    let mut results = Vec::with_capacity(form.lead_ids.len());
    for lead_id in form.lead_ids {
        let result = act(&context, &principal, &there, &lead_id, &IfMatch::Absent, &action).await;
        let (status, refusal) = match result {
            Ok(lead) => (lead.map(|lead| lead.state.status()), None),
            Err(problem) if problem.is_in_doubt() => return Err(problem),
            Err(problem) => {
                (None, Some(RestartRefusal { code: problem.code(), detail: problem.detail().to_owned() }))
            }
        };
        results.push(RestartResult { lead_id, status, refusal });
    }
    if results.iter().any(|result| result.status.is_some()) {
        put_to_work(&context, &principal, &campaign).await?;
        announce(&context, &principal.workspace).await?;
    }
    Ok(Json(RestartedLeads { results }))
}

/// The reason, if it says anything.
fn checked(reason: Option<String>) -> Result<Option<String>, Problem> {
    let mut errors = FieldErrors::default();
    errors.check_optional_text("reason", reason.as_deref(), MAX_REASON_CHARS);
    errors.into_result()?;
    Ok(present(reason))
}
