//! Breakers of campaigns and caller numbers.

use super::Scene;
use crate::ids::CampaignId;

/// Lets the breakers learn how many calls failed since the last plan. Answers with the running
/// campaigns for which there is no hope left.
pub fn watch_breakers(scene: &mut Scene) -> Vec<CampaignId> {
    let Scene { now, flights, failures, paces, .. } = scene;
    let flies = |attempt| flights.iter().any(|flight| flight.attempt == attempt);
    for (number, pace) in &mut paces.numbers {
        let probe_flies = pace.breaker.probe().cloned().is_some_and(flies);
        let failed = failures.numbers.get(number).copied().unwrap_or_default();
        pace.breaker.on_plan(*now, failed, probe_flies);
    }
    let mut hopeless = Vec::new();
    for (campaign, pace) in &mut paces.campaigns {
        let probe_flies = pace.breaker.probe().cloned().is_some_and(flies);
        let failed = failures.campaigns.get(campaign).copied().unwrap_or_default();
        pace.breaker.on_plan(*now, failed, probe_flies);
        if pace.breaker.is_hopeless() {
            hopeless.push(campaign.clone());
        }
    }
    let is_running =
        |id: &CampaignId| scene.campaign(id).is_some_and(|campaign| campaign.campaign.status.is_running());
    hopeless.retain(is_running);
    hopeless
}
