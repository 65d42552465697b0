//! A campaign completes by itself when everybody is settled.

use carillon_domain::campaign::{Campaign, CampaignStatus, Command};
use carillon_domain::ids::WorkspaceId;
use carillon_domain::plan::{self, Scene};
use carillon_runtime::lifecycle;
use carillon_runtime::world::World;

use crate::PlanError;

/// Completes the campaigns that have nothing left. Says whether any changed.
///
/// In two steps, so that whoever adds a lead between them is not overlooked: `completing`, then a
/// strong count, then `completed` if it is still `completing`.
pub(crate) async fn complete_finished(
    world: &World,
    ws: &WorkspaceId,
    scene: &Scene,
) -> Result<bool, PlanError> {
    let mut changed = false;
    for campaign in scene.campaigns.iter().map(|campaign| &campaign.campaign) {
        if plan::may_complete(scene, campaign) {
            let looks_finished =
                plan::looks_finished(campaign, &world.store.counters(ws, &campaign.id).await?);
            if looks_finished || campaign.status == CampaignStatus::Completing {
                changed |= complete(world, ws, campaign, looks_finished).await?;
            }
        }
    }
    Ok(changed)
}

/// Takes a campaign one step further; `looks_finished` is what its counters say.
async fn complete(
    world: &World,
    ws: &WorkspaceId,
    campaign: &Campaign,
    looks_finished: bool,
) -> Result<bool, PlanError> {
    let id = &campaign.id;
    let begins = campaign.status.is_running();
    if begins && !lifecycle::follow(world, ws, id, |_| Some(Command::BeginCompletion)).await? {
        return Ok(false);
    }
    let (flights, _) = world.store.in_flight(ws).await?;
    let is_flying = flights.iter().any(|flight| flight.campaign == *id);
    let is_finished = looks_finished && !is_flying && !world.store.has_unsettled(ws, id).await?;
    if is_finished && lifecycle::follow(world, ws, id, |stored| Some(stored.finish(world.now()))).await? {
        return Ok(true);
    }
    if campaign.is_over(world.now()) {
        // Whoever is left is being settled, or talks.
        return Ok(false);
    }
    // Something is left after all, or a file has begun to be read.
    Ok(lifecycle::follow(world, ws, id, |_| Some(Command::Reopen)).await?)
}
