//! `/slots`: who is in a call or about to be, since when and until when.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::{CallerNumberId, CampaignId, InteractionId, LeadId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState, DialCause};
use carillon_domain::reporting::explain::{Capacity, Use};
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Principal;
use crate::explain::scene_with;
use crate::http::problem::Problem;
use crate::http::query::Asked;

/// Which slots to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SlotQuery {
    /// Only those of this campaign.
    campaign_id: Option<CampaignId>,
}

/// Who holds the slots of a workspace.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Slots {
    /// When this was so.
    at: Timestamp,
    /// The calls at once of the workspace.
    workspace: LimitView,
    /// Those of the campaign that was asked for.
    campaign: Option<LimitView>,
    /// How many each campaign holds.
    holders: Vec<CampaignSlots>,
    /// The calls, those that were chosen first leading.
    items: Vec<SlotView>,
}

/// How much of a limit is used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Limit)]
pub(crate) struct LimitView {
    /// How many there may be.
    limit: u32,
    /// How many there are.
    held: usize,
    /// How many more there may be.
    free: usize,
}

/// How many slots a campaign holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignSlots {
    /// The campaign.
    pub(crate) campaign_id: CampaignId,
    /// How many.
    pub(crate) held: usize,
}

/// A call that is up or about to be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Slot)]
struct SlotView {
    /// The number that is called, or that calls.
    phone: E164,
    /// The lead.
    lead_id: LeadId,
    /// Its campaign.
    campaign_id: CampaignId,
    /// The record of the call; it is there once the call is dialled.
    interaction_id: InteractionId,
    /// The number of ours.
    caller_number_id: CallerNumberId,
    /// What it is due to.
    cause: DialCause,
    /// How far it is.
    state: SlotState,
    /// Since when it is so.
    since: Timestamp,
    /// Of one that is claimed: dialled until then, or released. Of one that is dialled: the provider is
    /// asked then, unless something is heard before; while the call is up this moves on.
    until: Timestamp,
    /// Whether it counts towards the limits; an inbound call does not.
    holds_slot: bool,
}

/// How far a call is: chosen, and dialled when its slot comes (`claimed`), or dialled, ringing or talking
/// (`dialling`).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SlotState {
    Claimed,
    Dialling,
}

/// Lists who is in a call or about to be, and how many more may.
#[utoipa::path(get, path = "/slots", tag = "slots", params(SlotQuery),
    responses((status = 200, body = Slots)))]
pub(crate) async fn list_slots(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<SlotQuery>,
) -> Result<Json<Slots>, Problem> {
    let (snapshot, _) = scene_with(&context, &principal.workspace, query.campaign_id.clone()).await?;
    let campaign = match &query.campaign_id {
        None => None,
        Some(id) => {
            let there = snapshot.campaign(id).ok_or_else(|| Problem::not_found("campaign", id))?;
            Some(Use::of(&snapshot, there).into())
        }
    };
    let is_asked_for = |id: &CampaignId| query.campaign_id.as_ref().is_none_or(|asked| asked == id);
    let Capacity { workspace, campaigns } = Capacity::of(&snapshot);
    let holders = campaigns.into_iter().filter(|(id, _)| is_asked_for(id));
    let mut active_attempts: Vec<&ActiveAttempt> = snapshot
        .active_attempts
        .iter()
        .filter(|active_attempt| is_asked_for(&active_attempt.campaign))
        .collect();
    active_attempts.sort_by_key(|active_attempt| (active_attempt.claimed_at, &active_attempt.attempt));
    Ok(Json(Slots {
        at: snapshot.now,
        workspace: workspace.into(),
        campaign,
        holders: holders.map(|(campaign_id, held)| CampaignSlots { campaign_id, held }).collect(),
        items: active_attempts.into_iter().map(SlotView::of).collect(),
    }))
}

impl SlotView {
    fn of(active_attempt: &ActiveAttempt) -> Self {
        let (state, since, until) = match &active_attempt.state {
            ActiveAttemptState::Claimed { until, .. } => {
                (SlotState::Claimed, active_attempt.claimed_at, *until)
            }
            ActiveAttemptState::Dialling { dialled_at, lease_until, .. } => {
                (SlotState::Dialling, *dialled_at, *lease_until)
            }
        };
        Self {
            phone: active_attempt.number.clone(),
            lead_id: active_attempt.lead.clone(),
            campaign_id: active_attempt.campaign.clone(),
            interaction_id: InteractionId::of(&active_attempt.attempt),
            caller_number_id: active_attempt.caller_number.clone(),
            cause: active_attempt.cause,
            state,
            since,
            until,
            holds_slot: active_attempt.holds_slot(),
        }
    }
}

impl From<Use> for LimitView {
    fn from(used: Use) -> Self {
        Self { limit: used.limit, held: used.held, free: used.free() }
    }
}
