//! As `functions/planner`: a campaign completes by itself when everybody is settled.

use carillon_domain::planning::{self, PlanningSnapshot};
use carillon_domain::records::campaign::{Campaign, CampaignStatus, Command};

use super::lifecycle;
use crate::world::{NoAnswer, World};

/// Completes the campaigns that have nothing left. Says whether any changed.
pub(super) async fn complete_finished(
    world: &World,
    ws: usize,
    snapshot: &PlanningSnapshot,
) -> Result<bool, NoAnswer> {
    let mut changed = false;
    for campaign in snapshot.campaigns.iter().map(|campaign| &campaign.campaign) {
        if planning::may_complete(snapshot, campaign) {
            let looks_finished = planning::looks_finished(campaign, &world.counters(ws, &campaign.id).await?);
            if looks_finished || campaign.status == CampaignStatus::Completing {
                changed |= complete(world, ws, campaign, looks_finished).await?;
            }
        }
    }
    Ok(changed)
}

async fn complete(
    world: &World,
    ws: usize,
    campaign: &Campaign,
    looks_finished: bool,
) -> Result<bool, NoAnswer> {
    let id = &campaign.id;
    let begins = campaign.status.is_running();
    if begins && !lifecycle::command(world, ws, id, Command::BeginCompletion).await? {
        return Ok(false);
    }
    let (active_attempts, _) = world.in_flight(ws).await?;
    let is_flying = active_attempts.iter().any(|active_attempt| active_attempt.campaign == *id);
    let is_finished = looks_finished && !is_flying && !world.has_unsettled(ws, id).await?;
    let finish = |stored: &Campaign| stored.apply(stored.finish(world.now()), world.now()).ok();
    if is_finished && lifecycle::follow(world, ws, id, &finish).await? {
        return Ok(true);
    }
    if campaign.is_over(world.now()) {
        // Whoever is left is being settled, or talks.
        return Ok(false);
    }
    // Something is left after all.
    lifecycle::command(world, ws, id, Command::Reopen).await
}
