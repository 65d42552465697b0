//! As `functions/planner`: the turns in a campaign's life that come by time or by themselves.

use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::planning::{self, PlanningSnapshot};
use carillon_domain::records::campaign::{Campaign, Command};

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
    snapshot: &PlanningSnapshot,
    hopeless: &[CampaignId],
) -> Result<bool, NoAnswer> {
    let mut changed = false;
    let forgets_runs = world.has(Bug::RunBeginsTwice);
    for campaign in &snapshot.campaigns {
        let id = &campaign.campaign.id;
        let is_hopeless = hopeless.contains(id);
        let due = |stored: &Campaign| {
            planning::due_turn(snapshot, campaign, stored, is_hopeless).or_else(|| {
                (forgets_runs && is_time_of_run(stored, snapshot.now)).then_some(Command::BeginRun)
            })
        };
        if due(&campaign.campaign).is_none() {
            continue;
        }
        // Whoever was faster may have taken the turn: it is decided again on what is stored.
        let edit = |stored: &Campaign| match due(stored)? {
            Command::BeginRun if forgets_runs => Some(begun_again(stored, world.now())),
            command => stored.apply(command, world.now()).ok(),
        };
        if lifecycle::follow(world, ws, id, &edit).await? {
            changed = true;
            if is_hopeless {
                // Whoever lets it go on gives it a fresh start.
                world
                    .update_paces(ws, snapshot.now, |rate_states| drop(rate_states.campaigns.remove(id)))
                    .await?;
            }
        }
    }
    Ok(changed)
}

/// Whether a run fell due within the last minute.
fn is_time_of_run(campaign: &Campaign, now: Timestamp) -> bool {
    campaign.status.is_running()
        && campaign.next_run_at(now.plus_ms(-MINUTE_MS)).is_some_and(|due_at| due_at <= now)
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

/// Has the leads of campaigns begun anew whose run begins, and those settled whose days are over.
pub(super) async fn feed(
    world: &World,
    ws: usize,
    snapshot: &PlanningSnapshot,
    state: &mut PlanState,
) -> Result<(), NoAnswer> {
    state.walks.retain(|id, _| snapshot.campaign(id).is_some());
    for campaign in &snapshot.campaigns {
        let (campaign, id) = (&campaign.campaign, &campaign.campaign.id);
        let Some(walk) = planning::due_walk(snapshot, campaign) else {
            state.walks.remove(id);
            continue;
        };
        let task = match walk {
            planning::Walk::OpenRun => WalkTask::OpenRun(campaign.run),
            planning::Walk::CloseRest => WalkTask::CloseRest,
        };
        let is_asked_for = |asked_at: &Timestamp| snapshot.now.since_ms(*asked_at) < WALK_AGAIN_MS;
        if !state.walks.get(id).is_some_and(is_asked_for) {
            world.send_walk(Walk { ws, campaign: id.clone(), task, from: None }).await?;
            state.walks.insert(id.clone(), snapshot.now);
        }
    }
    Ok(())
}
