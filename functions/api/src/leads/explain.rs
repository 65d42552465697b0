//! `/campaigns/{id}/leads/{id}/explain`: why a lead is not being called.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::reporting::explain::{self, Case, Explanation, Line, QueuePosition};
use carillon_runtime::context::Context;
use carillon_runtime::planning_snapshot;
use serde::Serialize;
use utoipa::ToSchema;

use super::load;
use crate::auth::Principal;
use crate::explain::{ReasonView, scene_with};
use crate::http::path::Ids;
use crate::http::problem::Problem;

/// Why a lead is not being called.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadExplanation {
    /// When this was so.
    at: Timestamp,
    /// Whether it could be called now; who is ahead of it is called first.
    is_callable_now: bool,
    /// What keeps it from being called: what somebody has to change, then what holds longest.
    reasons: Vec<ReasonView>,
    /// The first moment at which it may be called, once every reason with a known end is over; null if
    /// something has to be changed before, or a call with it is up.
    next_possible_at: Option<Timestamp>,
    /// Who is called before it.
    ahead: AheadView,
}

/// Who is called before a lead.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueuePosition)]
struct AheadView {
    /// Calls of the workspace that somebody asked for and that wait.
    requested_calls: usize,
    /// Campaigns of higher priority that could use a call now.
    campaign_ids: Vec<CampaignId>,
    /// The campaign whose turn it is next; null if none could use a call.
    next_campaign_id: Option<CampaignId>,
    /// Leads of its campaign that are due like it, in its time zone, and stand before it; null if it
    /// does not wait.
    leads: Option<usize>,
    /// Whether there are more leads than were counted.
    is_more: bool,
}

/// Explains why a lead is not being called, and when it may be.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/leads/{lead_id}/explain", tag = "leads",
    params(("campaign_id" = String, Path), ("lead_id" = String, Path)),
    responses((status = 200, body = LeadExplanation)))]
pub(crate) async fn explain_lead(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, LeadId>,
) -> Result<Json<LeadExplanation>, Problem> {
    let lead = load(&context, &principal.workspace, &campaign, &id).await?;
    let (snapshot, state) = scene_with(&context, &principal.workspace, [campaign.clone()]).await?;
    let there = snapshot.campaign(&campaign).ok_or_else(|| Problem::not_found("campaign", &campaign))?;
    let records: Vec<_> =
        planning_snapshot::records(&context, &principal.workspace, std::slice::from_ref(&lead))
            .await?
            .into_values()
            .collect();
    let waiting = context.store.waiting_before(&principal.workspace, &lead).await?;
    let line = Line { before: waiting.count, is_more: waiting.is_more, work_added_at: state.work_added_at };
    let case = Case { snapshot: &snapshot, campaign: there, lead: &lead, records: &records };
    Ok(Json(LeadExplanation::of(explain::lead(&case, Some(line)), snapshot.now)))
}

impl LeadExplanation {
    fn of(explanation: Explanation, at: Timestamp) -> Self {
        Self {
            at,
            is_callable_now: explanation.is_callable_now,
            reasons: explanation.reasons.into_iter().map(ReasonView::from).collect(),
            next_possible_at: explanation.next_possible_at,
            ahead: explanation.ahead.into(),
        }
    }
}

impl From<QueuePosition> for AheadView {
    fn from(ahead: QueuePosition) -> Self {
        Self {
            requested_calls: ahead.requests,
            campaign_ids: ahead.campaigns,
            next_campaign_id: ahead.turn,
            leads: ahead.leads,
            is_more: ahead.is_more,
        }
    }
}
