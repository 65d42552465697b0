//! Breakers of campaigns and caller numbers.

use super::PlanningSnapshot;
use crate::base::ids::CampaignId;
use crate::policy::circuit_breaker::{CircuitBreaker, Probe};

/// Lets the breakers learn how many calls failed since the last plan. Answers with the running
/// campaigns for which there is no hope left.
pub fn watch_breakers(snapshot: &mut PlanningSnapshot) -> Vec<CampaignId> {
    let PlanningSnapshot { now, active_attempts, probes_made, failures, rate_states, .. } = snapshot;
    let probe_of = |breaker: &CircuitBreaker| match breaker.probe() {
        Some(probe) if active_attempts.iter().any(|active_attempt| active_attempt.attempt == *probe) => {
            Probe::Flying
        }
        Some(probe) if !probes_made.contains(probe) => Probe::NotMade,
        Some(_) | None => Probe::Over,
    };
    for (number, rate_state) in &mut rate_states.numbers {
        let failed = failures.numbers.get(number).copied().unwrap_or_default();
        rate_state.breaker.on_plan(*now, failed, probe_of(&rate_state.breaker));
    }
    let mut hopeless = Vec::new();
    for (campaign, rate_state) in &mut rate_states.campaigns {
        let failed = failures.campaigns.get(campaign).copied().unwrap_or_default();
        rate_state.breaker.on_plan(*now, failed, probe_of(&rate_state.breaker));
        if rate_state.breaker.is_hopeless() {
            hopeless.push(campaign.clone());
        }
    }
    let is_running =
        |id: &CampaignId| snapshot.campaign(id).is_some_and(|campaign| campaign.campaign.status.is_running());
    hopeless.retain(is_running);
    hopeless
}
