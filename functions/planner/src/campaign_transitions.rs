//! The turns in a campaign's life that come by time or by themselves.

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::time::MINUTE_MS;
use carillon_domain::planning::{self, PlanningSnapshot};
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::records::campaign::Campaign;
use carillon_runtime::context::Context;
use carillon_runtime::messages::FeedWalk;
use carillon_runtime::services::lifecycle;
use carillon_store::PlanState;

use crate::error::PlanError;

/// How long a walk over a campaign's leads may be silent before it is asked for again, in
/// milliseconds. One that is under way already does the same work, and nothing twice.
const WALK_AGAIN_MS: i64 = 5 * MINUTE_MS;

/// Takes the turns that are due: scheduled campaigns start, runs begin, and campaigns that can't go on
/// rest. Says whether any did.
pub(crate) async fn take(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &PlanningSnapshot,
    hopeless: &[CampaignId],
) -> Result<bool, PlanError> {
    let mut changed = false;
    for campaign in &snapshot.campaigns {
        let id = &campaign.campaign.id;
        let is_hopeless = hopeless.contains(id);
        let due = |stored: &Campaign| planning::due_turn(snapshot, campaign, stored, is_hopeless);
        // Whoever was faster may have taken the turn: it is decided again on what is stored.
        if due(&campaign.campaign).is_some() && lifecycle::follow(context, ws, id, due).await? {
            changed = true;
            if is_hopeless {
                // Whoever lets it go on gives it a fresh start.
                let forget = |rate_states: &mut RateStates| drop(rate_states.campaigns.remove(id));
                context.store.update_paces(ws, snapshot.now, forget).await?;
            }
        }
    }
    Ok(changed)
}

/// Has the leads of campaigns begun anew whose run begins, and those settled whose days are over.
pub(crate) async fn feed(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &PlanningSnapshot,
    state: &mut PlanState,
) -> Result<(), PlanError> {
    let mut walks = std::mem::take(&mut state.walks);
    walks.retain(|id, _| snapshot.campaign(id).is_some());
    for campaign in &snapshot.campaigns {
        let (campaign, id) = (&campaign.campaign, &campaign.campaign.id);
        let Some(walk) = planning::due_walk(snapshot, campaign) else {
            walks.remove(id);
            continue;
        };
        let is_under_way =
            walks.get(id).is_some_and(|asked_at| snapshot.now.since_ms(*asked_at) < WALK_AGAIN_MS);
        if !is_under_way {
            context.send_walk(&FeedWalk::begin(ws, id, walk)).await?;
            walks.insert(id.clone(), snapshot.now);
        }
    }
    state.walks = walks;
    Ok(())
}
