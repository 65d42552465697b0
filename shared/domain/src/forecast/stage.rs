//! The scene of a run.

use std::collections::BTreeMap;

use super::Outlook;
use crate::breaker::Breaker;
use crate::campaign::{CampaignSpec, CampaignStatus};
use crate::plan::{Marks, Scene};

/// The scene in which a run begins: nothing in flight, breakers closed, and the campaign running.
pub(super) fn stage(outlook: &Outlook<'_>, one_in: u64) -> Scene {
    let mut scene = outlook.scene.clone();
    scene.flights.clear();
    scene.requests.clear();
    scene.marks = Marks::default();
    let paces = &mut scene.paces;
    for pace in paces.numbers.values_mut().chain(paces.campaigns.values_mut()) {
        pace.breaker = Breaker::default();
    }
    let part = |limit: u32| u32::try_from(u64::from(limit) / one_in).unwrap_or(limit).max(1);
    scene.workspace.concurrent_limit = part(scene.workspace.concurrent_limit);
    let mut numbers = BTreeMap::new();
    for one in &mut scene.campaigns {
        let spec = &mut one.campaign.spec;
        *spec = CampaignSpec {
            concurrent_limit: part(spec.concurrent_limit),
            rate_limit_per_minute: spec.rate_limit_per_minute.map(part),
            recurrence: None,
            ..spec.clone()
        };
        if one.campaign.id == *outlook.campaign
            && !matches!(one.campaign.status, CampaignStatus::Scheduled { .. } | CampaignStatus::Running)
        {
            one.campaign.status = CampaignStatus::Running;
            one.campaign.running_since = Some(scene.now);
        }
        for number in &mut one.numbers {
            let scaled = numbers.entry(number.id.clone()).or_insert_with(|| {
                let mut scaled = number.clone();
                scaled.rate_limit_per_minute = number.rate_limit_per_minute.map(part);
                scaled.concurrent_limit = number.concurrent_limit.map(part);
                scaled.daily_cap = number.daily_cap.map(part);
                scaled
            });
            number.clone_from(scaled);
        }
    }
    scene
}
