//! What the campaign's status and the workspace's credits keep from being called.

use super::{Cause, NotRunning};
use crate::base::time::Timestamp;
use crate::planning::{CampaignSnapshot, PlanningSnapshot};
use crate::records::campaign::CampaignStatus;

/// Why a campaign does not run.
pub(super) fn not_running(snapshot: &PlanningSnapshot, campaign: &CampaignSnapshot) -> Cause {
    Cause::NotRunning(match campaign.campaign.status {
        CampaignStatus::Draft => NotRunning::Draft,
        CampaignStatus::Scheduled { start_at } if start_at > snapshot.now => NotRunning::StartsAt(start_at),
        CampaignStatus::Scheduled { start_at } => return held_start(snapshot, start_at),
        CampaignStatus::Running | CampaignStatus::Completing => NotRunning::BeingChecked,
        CampaignStatus::Paused { reason } => NotRunning::Paused(reason),
        CampaignStatus::Completed => NotRunning::Completed,
        CampaignStatus::Cancelled => NotRunning::Cancelled,
    })
}

/// Its start has come, and it may not.
fn held_start(snapshot: &PlanningSnapshot, start_at: Timestamp) -> Cause {
    if let Some(Err(credits)) = snapshot.credits.map(|credits| credits.check(&snapshot.workspace)) {
        return Cause::LowCredits { credits, start_at: Some(start_at) };
    }
    let running = snapshot.campaigns.iter().filter(|one| one.campaign.status.is_counted()).count();
    let limit = snapshot.workspace.running_limit;
    if usize::try_from(limit).is_ok_and(|limit| running < limit) {
        return Cause::NotRunning(NotRunning::Starting(start_at));
    }
    Cause::RunningLimit { start_at, running, limit }
}

/// It runs on credits that are too low: the next plan pauses it.
pub(super) fn low_credits(snapshot: &PlanningSnapshot, campaign: &CampaignSnapshot) -> Option<Cause> {
    if !campaign.campaign.status.is_running() {
        return None;
    }
    let credits = snapshot.credits?.check(&snapshot.workspace).err()?;
    Some(Cause::LowCredits { credits, start_at: None })
}
