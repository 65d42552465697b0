//! A campaign completes by itself when everybody is settled.

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::planning::{self, PlanningSnapshot};
use carillon_domain::records::campaign::{Campaign, CampaignStatus, Command};
use carillon_runtime::context::Context;
use carillon_runtime::services::lifecycle;

use crate::error::PlanError;

/// Whether any campaign may have nothing left.
pub(crate) fn may_complete_any(snapshot: &PlanningSnapshot) -> bool {
    snapshot.campaigns.iter().any(|campaign| planning::may_complete(snapshot, &campaign.campaign))
}

/// Completes the campaigns that have nothing left. Says whether any changed.
///
/// In two steps, so that whoever adds a lead between them is not overlooked: `completing`, then a
/// strong count, then `completed` if it is still `completing`. Where somebody was seen to wait, nothing is counted.
pub(crate) async fn complete_finished(
    context: &Context,
    ws: &WorkspaceId,
    snapshot: &PlanningSnapshot,
    work_added_at: Timestamp,
) -> Result<bool, PlanError> {
    let mut changed = false;
    let is_awaited = |id: &CampaignId| snapshot.empty_partitions.is_awaited(id, snapshot.now, work_added_at);
    for campaign in snapshot.campaigns.iter().map(|campaign| &campaign.campaign) {
        let is_waiting = campaign.status.is_running() && is_awaited(&campaign.id);
        if !is_waiting && planning::may_complete(snapshot, campaign) {
            let looks_finished =
                planning::looks_finished(campaign, &context.store.counters(ws, &campaign.id).await?);
            if looks_finished || campaign.status == CampaignStatus::Completing {
                changed |= complete(context, ws, campaign, looks_finished).await?;
            }
        }
    }
    Ok(changed)
}

/// Takes a campaign one step further; `looks_finished` is what its counters say.
async fn complete(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &Campaign,
    looks_finished: bool,
) -> Result<bool, PlanError> {
    let id = &campaign.id;
    let begins = campaign.status.is_running();
    if begins && !lifecycle::follow(context, ws, id, |_| Some(Command::BeginCompletion)).await? {
        return Ok(false);
    }
    let (active_attempts, _) = context.store.in_flight(ws).await?;
    let is_flying = active_attempts.iter().any(|active_attempt| active_attempt.campaign == *id);
    let is_finished = looks_finished && !is_flying && !context.store.has_unsettled(ws, id).await?;
    if is_finished && lifecycle::follow(context, ws, id, |stored| Some(stored.finish(context.now()))).await? {
        return Ok(true);
    }
    if campaign.is_over(context.now()) {
        // Whoever is left is being settled, or talks.
        return Ok(false);
    }
    // Something is left after all, or a file has begun to be read.
    Ok(lifecycle::follow(context, ws, id, |_| Some(Command::Reopen)).await?)
}
