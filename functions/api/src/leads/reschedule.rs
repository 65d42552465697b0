//! Calling a lead back at a moment.

use axum::extract::State;
use carillon_domain::base::call::MAX_CALLBACK_AHEAD_MS;
use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::{Lead, LeadState};
use carillon_runtime::context::Context;
use serde::Deserialize;
use utoipa::ToSchema;

use super::back::{check_campaign, put_back};
use super::{LeadView, load};
use crate::auth::Principal;
use crate::callers::announce;
use crate::campaigns::load as load_campaign;
use crate::http::change::on_current;
use crate::http::etag::Tagged;
use crate::http::if_match::IfMatch;
use crate::http::json::Body;
use crate::http::path::Ids;
use crate::http::problem::{Code, Problem};

/// How far past the moment may be that is meant as now, in milliseconds.
const MAX_PAST_MS: i64 = MINUTE_MS;

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
    let (ws, now) = (&principal.workspace, context.now());
    let there = load_campaign(&context, ws, &campaign).await?;
    check_moment(&there, form.at, now)?;
    check_campaign(&there, "reschedule")?;
    let load = || load(&context, ws, &campaign, &id);
    let at = form.at.max(now);
    let reschedule = async |stored: Lead| {
        check_state(&stored)?;
        let lead = stored.rescheduled(at, now);
        put_back(&context, &principal, &there, (&stored, lead), at).await
    };
    let lead = on_current(&if_match, load, reschedule).await?;
    super::create::put_to_work(&context, &principal, &campaign).await?;
    announce(&context, ws).await?;
    Ok(Tagged::of(lead))
}

/// Whether the lead can be called back as it is.
fn check_state(lead: &Lead) -> Result<(), Problem> {
    match &lead.state {
        LeadState::InProgress { .. } => {
            let detail = "a call with this lead is in progress; try again when it is over";
            Err(Problem::new(Code::LiveCall, detail))
        }
        LeadState::Pending
        | LeadState::RetryScheduled { .. }
        | LeadState::CallbackScheduled { .. }
        | LeadState::Completed
        | LeadState::Exhausted
        | LeadState::Skipped { .. }
        | LeadState::Failed => Ok(()),
    }
}

/// Whether anybody could be called back at this moment.
pub(super) fn check_moment(campaign: &Campaign, at: Timestamp, now: Timestamp) -> Result<(), Problem> {
    let refused = |reason| Err(Problem::of_field(Code::InvalidFields, "at", reason));
    if !(-MAX_PAST_MS..=MAX_CALLBACK_AHEAD_MS).contains(&at.since_ms(now)) {
        return refused(format!("it must lie ahead of now ({now}), within 90 days"));
    }
    match campaign.over_at() {
        Some(over_at) if at.max(now) >= over_at => {
            refused(format!("the campaign's period is over at {over_at}; give an earlier moment"))
        }
        _ => Ok(()),
    }
}
