//! A campaign completes by itself when everybody is settled.

use carillon_domain::campaign::{Campaign, CampaignStatus, Command};
use carillon_domain::ids::WorkspaceId;
use carillon_domain::plan::Scene;
use carillon_domain::tally::Counter;
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
    for campaign in &scene.campaigns {
        let campaign = &campaign.campaign;
        let looks_finished = match campaign.status {
            CampaignStatus::Running => is_settled_by_count(world, ws, scene, campaign).await?,
            CampaignStatus::Completing => true,
            CampaignStatus::Draft
            | CampaignStatus::Scheduled { .. }
            | CampaignStatus::Paused { .. }
            | CampaignStatus::Completed
            | CampaignStatus::Cancelled => false,
        };
        if looks_finished {
            changed |= complete(world, ws, campaign).await?;
        }
    }
    Ok(changed)
}

/// Whether nothing is in flight and the counters say that everybody is settled.
async fn is_settled_by_count(
    world: &World,
    ws: &WorkspaceId,
    scene: &Scene,
    campaign: &Campaign,
) -> Result<bool, PlanError> {
    if campaign.spec.keep_open || campaign.is_being_fed() || scene.is_flying(&campaign.id) {
        return Ok(false);
    }
    let counters = world.store.counters(ws, &campaign.id).await?;
    let leads = counters.get(Counter::Leads);
    Ok(leads > 0 && counters.settled() >= leads)
}

async fn complete(world: &World, ws: &WorkspaceId, campaign: &Campaign) -> Result<bool, PlanError> {
    let id = &campaign.id;
    if campaign.status.is_running() && !lifecycle::follow(world, ws, id, Command::BeginCompletion).await? {
        return Ok(false);
    }
    let (flights, _) = world.store.in_flight(ws).await?;
    let is_flying = flights.iter().any(|flight| flight.campaign == *id);
    let is_finished = !is_flying && !world.store.has_unsettled(ws, id).await?;
    if is_finished && lifecycle::follow(world, ws, id, campaign.finish(world.now())).await? {
        return Ok(true);
    }
    if campaign.is_over(world.now()) {
        // Whoever is left is being settled, or talks.
        return Ok(false);
    }
    // Something is left after all, or a file has begun to be read.
    Ok(lifecycle::follow(world, ws, id, Command::Reopen).await?)
}
