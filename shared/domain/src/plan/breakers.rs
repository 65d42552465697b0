//! Breakers of campaigns and caller numbers.

use super::Scene;
use crate::breaker::{Breaker, Probe};
use crate::ids::CampaignId;

/// Lets the breakers learn how many calls failed since the last plan. Answers with the running
/// campaigns for which there is no hope left.
pub fn watch_breakers(scene: &mut Scene) -> Vec<CampaignId> {
    let Scene { now, flights, probes_made, failures, paces, .. } = scene;
    let probe_of = |breaker: &Breaker| match breaker.probe() {
        Some(probe) if flights.iter().any(|flight| flight.attempt == *probe) => Probe::Flying,
        Some(probe) if !probes_made.contains(probe) => Probe::NotMade,
        Some(_) | None => Probe::Over,
    };
    for (number, pace) in &mut paces.numbers {
        let failed = failures.numbers.get(number).copied().unwrap_or_default();
        pace.breaker.on_plan(*now, failed, probe_of(&pace.breaker));
    }
    let mut hopeless = Vec::new();
    for (campaign, pace) in &mut paces.campaigns {
        let failed = failures.campaigns.get(campaign).copied().unwrap_or_default();
        pace.breaker.on_plan(*now, failed, probe_of(&pace.breaker));
        if pace.breaker.is_hopeless() {
            hopeless.push(campaign.clone());
        }
    }
    let is_running =
        |id: &CampaignId| scene.campaign(id).is_some_and(|campaign| campaign.campaign.status.is_running());
    hopeless.retain(is_running);
    hopeless
}
