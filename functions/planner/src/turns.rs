//! The turns in a campaign's life that come by time or by themselves.

use carillon_domain::campaign::Campaign;
use carillon_domain::ids::{CampaignId, WorkspaceId};
use carillon_domain::pacing::Paces;
use carillon_domain::plan::{self, Scene};
use carillon_domain::time::MINUTE_MS;
use carillon_runtime::lifecycle;
use carillon_runtime::messages::FeedWalk;
use carillon_runtime::world::World;
use carillon_store::PlanState;

use crate::PlanError;

/// How long a walk over a campaign's leads may be silent before it is asked for again, in
/// milliseconds. One that is under way already does the same work, and nothing twice.
const WALK_AGAIN_MS: i64 = 5 * MINUTE_MS;

/// Takes the turns that are due: scheduled campaigns start, runs begin, and campaigns that can't go on
/// rest. Says whether any did.
pub(crate) async fn take(
    world: &World,
    ws: &WorkspaceId,
    scene: &Scene,
    hopeless: &[CampaignId],
) -> Result<bool, PlanError> {
    let mut changed = false;
    for campaign in &scene.campaigns {
        let id = &campaign.campaign.id;
        let is_hopeless = hopeless.contains(id);
        let due = |stored: &Campaign| plan::due_turn(scene, campaign, stored, is_hopeless);
        // Whoever was faster may have taken the turn: it is decided again on what is stored.
        if due(&campaign.campaign).is_some() && lifecycle::follow(world, ws, id, due).await? {
            changed = true;
            if is_hopeless {
                // Whoever lets it go on gives it a fresh start.
                let forget = |paces: &mut Paces| drop(paces.campaigns.remove(id));
                world.store.update_paces(ws, scene.now, forget).await?;
            }
        }
    }
    Ok(changed)
}

/// Has the leads of campaigns begun anew whose run begins, and those settled whose days are over.
pub(crate) async fn feed(
    world: &World,
    ws: &WorkspaceId,
    scene: &Scene,
    state: &mut PlanState,
) -> Result<(), PlanError> {
    let mut walks = std::mem::take(&mut state.walks);
    walks.retain(|id, _| scene.campaign(id).is_some());
    for campaign in &scene.campaigns {
        let (campaign, id) = (&campaign.campaign, &campaign.campaign.id);
        let Some(walk) = plan::due_walk(scene, campaign) else {
            walks.remove(id);
            continue;
        };
        let is_under_way =
            walks.get(id).is_some_and(|asked_at| scene.now.since_ms(*asked_at) < WALK_AGAIN_MS);
        if !is_under_way {
            world.send_walk(&FeedWalk::begin(ws, id, walk.into())).await?;
            walks.insert(id.clone(), scene.now);
        }
    }
    state.walks = walks;
    Ok(())
}
