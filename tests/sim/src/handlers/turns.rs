//! As `functions/planner`: the turns in a campaign's life that come by time or by themselves.

use carillon_domain::campaign::{Campaign, CampaignStatus, Command, PauseReason};
use carillon_domain::ids::CampaignId;
use carillon_domain::plan::Scene;
use carillon_domain::time::{MINUTE_MS, Timestamp};

use super::lifecycle;
use crate::bug::Bug;
use crate::job::{Walk, WalkTask};
use crate::table::PlanState;
use crate::world::{NoAnswer, World};

/// How long a walk over a campaign's leads may be silent before it is asked for again, in
/// milliseconds. One that is under way already does the same work, and nothing twice.
const WALK_AGAIN_MS: i64 = 5 * MINUTE_MS;

/// Takes the turns that are due: scheduled campaigns start, runs begin, and campaigns that can't go
/// on rest. Says whether any did.
pub(super) async fn take(
    world: &World,
    ws: usize,
    scene: &Scene,
    hopeless: &[CampaignId],
) -> Result<bool, NoAnswer> {
    let mut changed = false;
    for campaign in &scene.campaigns {
        let id = &campaign.campaign.id;
        let ground = Ground {
            is_hopeless: hopeless.contains(id),
            has_low_credits: has_low_credits(scene),
            forgets_runs: world.has(Bug::RunBeginsTwice),
        };
        if due(&campaign.campaign, ground, scene.now).is_none() {
            continue;
        }
        // Whoever was faster may have taken the turn: it is decided on what is stored.
        let edit = |stored: &Campaign| {
            let now = world.now();
            match due(stored, ground, now)? {
                Command::BeginRun if ground.forgets_runs => Some(begun_again(stored, now)),
                command => stored.apply(command, now).ok(),
            }
        };
        if lifecycle::follow(world, ws, id, &edit).await? {
            changed = true;
            if ground.is_hopeless {
                // Whoever lets it go on gives it a fresh start.
                world.update_paces(ws, scene.now, |paces| drop(paces.campaigns.remove(id))).await?;
            }
        }
    }
    Ok(changed)
}

/// What a campaign's turn depends on besides itself.
#[derive(Clone, Copy)]
struct Ground {
    is_hopeless: bool,
    has_low_credits: bool,
    /// A bug: the clock alone says that a run is due, not when the last one began.
    forgets_runs: bool,
}

/// The command that is due for a campaign, if there is one.
fn due(campaign: &Campaign, ground: Ground, now: Timestamp) -> Option<Command> {
    match campaign.status {
        CampaignStatus::Scheduled { start_at } if start_at <= now => Some(Command::Start),
        CampaignStatus::Running if ground.is_hopeless => {
            Some(Command::Pause { reason: PauseReason::TooManyFailures })
        }
        CampaignStatus::Running if ground.has_low_credits => {
            Some(Command::Pause { reason: PauseReason::LowCredits })
        }
        CampaignStatus::Running if campaign.is_over(now) => Some(Command::BeginCompletion),
        CampaignStatus::Running if campaign.is_run_due(now) => Some(Command::BeginRun),
        CampaignStatus::Running if ground.forgets_runs && is_time_of_run(campaign, now) => {
            Some(Command::BeginRun)
        }
        CampaignStatus::Draft
        | CampaignStatus::Scheduled { .. }
        | CampaignStatus::Running
        | CampaignStatus::Completing
        | CampaignStatus::Paused { .. }
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => None,
    }
}

/// Whether a run fell due within the last minute.
fn is_time_of_run(campaign: &Campaign, now: Timestamp) -> bool {
    campaign.next_run_at(now.plus_ms(-MINUTE_MS)).is_some_and(|due_at| due_at <= now)
}

/// A run begins, whether it is due or not.
fn begun_again(stored: &Campaign, now: Timestamp) -> Campaign {
    Campaign {
        version: stored.version + 1,
        run: stored.run + 1,
        is_run_opening: true,
        run_began_at: Some(now),
        ..stored.clone()
    }
}

fn has_low_credits(scene: &Scene) -> bool {
    let threshold = scene.workspace.low_credits_micros;
    scene.credits.zip(threshold).is_some_and(|(credits, threshold)| credits.is_low(threshold))
}

/// Has the leads of campaigns begun anew whose run begins, and those settled whose days are over.
pub(super) async fn feed(
    world: &World,
    ws: usize,
    scene: &Scene,
    state: &mut PlanState,
) -> Result<(), NoAnswer> {
    state.walks.retain(|id, _| scene.campaign(id).is_some());
    for campaign in &scene.campaigns {
        let (campaign, id) = (&campaign.campaign, &campaign.campaign.id);
        let task = match campaign.status {
            CampaignStatus::Running | CampaignStatus::Completing if campaign.is_run_opening => {
                WalkTask::OpenRun(campaign.run)
            }
            CampaignStatus::Completing if campaign.is_over(scene.now) => WalkTask::CloseRest,
            _ => {
                state.walks.remove(id);
                continue;
            }
        };
        let is_asked_for = |asked_at: &Timestamp| scene.now.since_ms(*asked_at) < WALK_AGAIN_MS;
        if !state.walks.get(id).is_some_and(is_asked_for) {
            world.send_walk(Walk { ws, campaign: id.clone(), task, from: None }).await?;
            state.walks.insert(id.clone(), scene.now);
        }
    }
    Ok(())
}
