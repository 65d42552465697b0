//! Calling a lead back at a moment.

use axum::extract::State;
use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::lead::LeadAction;
use carillon_runtime::context::Context;
use serde::Deserialize;
use utoipa::ToSchema;

use super::LeadView;
use super::action::acted;
use super::back::check_moment;
use crate::auth::Principal;
use crate::campaigns::load as load_campaign;
use crate::http::etag::Tagged;
use crate::http::if_match::IfMatch;
use crate::http::json::Body;
use crate::http::path::Ids;
use crate::http::problem::Problem;

/// When to call back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallbackForm {
    /// The moment, within 90 days and before the campaign's period is over. One that has just passed, by a
    /// minute at most, is now. Outside the calling hours it moves to the next allowed moment.
    #[schema(format = DateTime, example = "2026-11-23T14:30:00Z")]
    at: Timestamp,
}

/// Has a lead called back at a moment, before those who have waited longer.
///
/// A lead that is settled is called again, but for one who would only be settled again: who is on a do-not-call
/// list that counts, or without the consent that the campaign requires. One more attempt than the campaign allows
/// may be made.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads/{lead_id}/reschedule", tag = "leads",
    params(("campaign_id" = String, Path), ("lead_id" = String, Path)),
    request_body = CallbackForm, responses((status = 200, body = LeadView)))]
pub(crate) async fn reschedule_lead(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, LeadId>,
    if_match: IfMatch,
    Body(form): Body<CallbackForm>,
) -> Result<Tagged<LeadView>, Problem> {
    let now = context.now();
    let there = load_campaign(&context, &principal.workspace, &campaign).await?;
    check_moment(&there, form.at, now)?;
    let action = LeadAction::Reschedule { at: form.at.max(now) };
    acted(&context, &principal, (&campaign, &id), &if_match, action).await
}
