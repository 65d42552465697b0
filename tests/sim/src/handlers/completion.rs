//! As `functions/planner`: a campaign completes by itself when everybody is settled.

use carillon_domain::campaign::{Campaign, CampaignStatus, Command};
use carillon_domain::plan::Scene;
use carillon_domain::tally::Counter;

use super::lifecycle;
use crate::world::{NoAnswer, World};

/// Completes the campaigns that have nothing left. Says whether any changed.
pub(super) async fn complete_finished(world: &World, ws: usize, scene: &Scene) -> Result<bool, NoAnswer> {
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

async fn is_settled_by_count(
    world: &World,
    ws: usize,
    scene: &Scene,
    campaign: &Campaign,
) -> Result<bool, NoAnswer> {
    if campaign.spec.keep_open || campaign.is_being_fed() || scene.slots_of(&campaign.id) > 0 {
        return Ok(false);
    }
    let counters = world.counters(ws, &campaign.id).await?;
    let leads = counters.get(Counter::Leads);
    Ok(leads > 0 && counters.settled() >= leads)
}

async fn complete(world: &World, ws: usize, campaign: &Campaign) -> Result<bool, NoAnswer> {
    let id = &campaign.id;
    let begins = campaign.status.is_running();
    if begins && !lifecycle::command(world, ws, id, Command::BeginCompletion).await? {
        return Ok(false);
    }
    let (flights, _) = world.in_flight(ws).await?;
    let is_flying = flights.iter().any(|flight| flight.campaign == *id);
    let is_finished = !is_flying && !world.has_unsettled(ws, id).await?;
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
