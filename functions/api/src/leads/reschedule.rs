//! Calling a lead back at a moment.

use axum::Json;
use axum::extract::State;
use carillon_domain::campaign::CampaignStatus;
use carillon_domain::ids::{CampaignId, LeadId};
use carillon_domain::lead::{LeadState, SkipReason};
use carillon_domain::time::{DAY_MS, Timestamp};
use carillon_domain::write::Transaction;
use carillon_runtime::world::World;
use carillon_store::CommitError;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{LeadView, TRIES, load};
use crate::caller::Caller;
use crate::campaigns::load as load_campaign;
use crate::json::Body;
use crate::path::Ids;
use crate::problem::{Code, Problem};
use crate::voices::announce;

/// How far ahead a call-back may lie, in milliseconds: ninety days.
const MAX_AHEAD_MS: i64 = 90 * DAY_MS;

/// When to call back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallbackForm {
    /// The moment, within 90 days. Outside the calling hours it moves to the next allowed moment.
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T14:30:00Z")]
    at: Timestamp,
}

/// Has a lead called back at a moment, before those who have waited longer.
///
/// A lead that is settled is called again, but for one who does not want to be called; one more
/// attempt than the campaign allows may be made.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads/{lead_id}/reschedule", tag = "leads",
    params(("campaign_id" = String, Path), ("lead_id" = String, Path)),
    request_body = CallbackForm, responses((status = 200, body = LeadView)))]
pub(crate) async fn reschedule_lead(
    State(world): State<World>,
    caller: Caller,
    Ids(campaign, id): Ids<CampaignId, LeadId>,
    Body(form): Body<CallbackForm>,
) -> Result<Json<LeadView>, Problem> {
    let now = world.now();
    if form.at.since_ms(now) > MAX_AHEAD_MS {
        let reason = format!("it must lie within 90 days of now ({now})");
        return Err(Problem::of_field(Code::InvalidFields, "at", reason));
    }
    let status = load_campaign(&world, &caller.ws, &campaign).await?.status;
    if status == CampaignStatus::Cancelled {
        let detail = "the campaign is cancelled; nobody of it is called any more";
        return Err(Problem::new(Code::ActionNotAllowed, detail));
    }
    for _ in 0..TRIES {
        let stored = load(&world, &caller.ws, &campaign, &id).await?;
        match &stored.state {
            LeadState::InProgress { .. } => {
                let detail = "a call with this lead is in progress; try again when it is over";
                return Err(Problem::new(Code::LiveCall, detail));
            }
            LeadState::Skipped { reason: SkipReason::DoNotCall } => {
                let detail = "the person does not want to be called";
                return Err(Problem::new(Code::DoNotCall, detail));
            }
            LeadState::Pending
            | LeadState::RetryScheduled { .. }
            | LeadState::CallbackScheduled { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Skipped { .. }
            | LeadState::Failed => {}
        }
        let lead = stored.rescheduled(form.at.max(now), now);
        match world.store.commit(&caller.ws, &Transaction(stored.settle(lead.clone()))).await {
            Ok(()) => {
                super::create::put_to_work(&world, &caller.ws, &campaign).await?;
                announce(&world, &caller.ws).await?;
                return Ok(Json(lead.into()));
            }
            Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::contended())
}
