//! The turns in a campaign's life that come by time or by themselves.

use carillon_domain::campaign::{Campaign, CampaignStatus, Command, PauseReason};
use carillon_domain::ids::{CampaignId, WorkspaceId};
use carillon_domain::plan::Scene;
use carillon_domain::time::MINUTE_MS;
use carillon_runtime::lifecycle;
use carillon_runtime::messages::{FeedTask, FeedWalk};
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
        let (id, is_hopeless) = (&campaign.campaign.id, hopeless.contains(&campaign.campaign.id));
        let Some(command) = due(scene, &campaign.campaign, campaign.numbers.is_empty(), is_hopeless) else {
            continue;
        };
        // Not allowed: changed or taken back in this very moment, or a limit of the workspace.
        if lifecycle::follow(world, ws, id, command).await? {
            changed = true;
            if is_hopeless {
                // Whoever lets it go on gives it a fresh start.
                let forget = |paces: &mut carillon_domain::pacing::Paces| drop(paces.campaigns.remove(id));
                world.store.update_paces(ws, scene.now, forget).await?;
            }
        }
    }
    Ok(changed)
}

/// The command that is due for a campaign, if there is one.
fn due(scene: &Scene, campaign: &Campaign, has_no_numbers: bool, is_hopeless: bool) -> Option<Command> {
    let pause = |reason| Some(Command::Pause { reason });
    match campaign.status {
        CampaignStatus::Scheduled { start_at } if start_at <= scene.now => Some(Command::Start),
        CampaignStatus::Running if has_no_numbers => pause(PauseReason::AssistantUnusable),
        CampaignStatus::Running if is_hopeless => pause(PauseReason::TooManyFailures),
        CampaignStatus::Running if has_low_credits(scene) => pause(PauseReason::LowCredits),
        CampaignStatus::Running if campaign.is_over(scene.now) => Some(Command::BeginCompletion),
        CampaignStatus::Running if campaign.is_run_due(scene.now) => Some(Command::BeginRun),
        CampaignStatus::Draft
        | CampaignStatus::Scheduled { .. }
        | CampaignStatus::Running
        | CampaignStatus::Completing
        | CampaignStatus::Paused { .. }
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => None,
    }
}

fn has_low_credits(scene: &Scene) -> bool {
    let threshold = scene.workspace.low_credits_micros;
    scene.credits.zip(threshold).is_some_and(|(credits, threshold)| credits.is_low(threshold))
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
        let task = match campaign.status {
            CampaignStatus::Running | CampaignStatus::Completing if campaign.is_run_opening => {
                FeedTask::OpenRun
            }
            CampaignStatus::Completing if campaign.is_over(scene.now) => FeedTask::CloseRest,
            _ => {
                walks.remove(id);
                continue;
            }
        };
        let is_under_way =
            walks.get(id).is_some_and(|asked_at| scene.now.since_ms(*asked_at) < WALK_AGAIN_MS);
        if !is_under_way {
            world.send_walk(&FeedWalk::begin(ws, id, task)).await?;
            walks.insert(id.clone(), scene.now);
        }
    }
    state.walks = walks;
    Ok(())
}
