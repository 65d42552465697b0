//! Campaigns whose start has come and that may not start yet.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::reason::ReasonCode;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::campaign::{Campaign, CampaignStatus};
use carillon_runtime::context::Context;

use crate::http::problem::Problem;

/// What keeps campaigns of a workspace from starting now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    now: Timestamp,
    reason: Option<ReasonCode>,
}

impl Hold {
    /// What keeps these campaigns from starting; nothing is read unless one of them is due.
    ///
    /// # Errors
    /// A problem if the table does not answer.
    pub(super) async fn on(
        context: &Context,
        ws: &WorkspaceId,
        campaigns: &[Campaign],
    ) -> Result<Self, Problem> {
        let now = context.now();
        let is_needed = campaigns.iter().any(|campaign| is_due(campaign, now));
        let reason = if is_needed { reason(context, ws).await? } else { None };
        Ok(Self { now, reason })
    }

    /// What this campaign waits for.
    pub(super) fn of(&self, campaign: &Campaign) -> Option<ReasonCode> {
        self.reason.filter(|_| is_due(campaign, self.now))
    }
}

fn is_due(campaign: &Campaign, now: Timestamp) -> bool {
    matches!(campaign.status, CampaignStatus::Scheduled { start_at } if start_at <= now)
}

/// What a start would be refused for, in the order in which it is.
async fn reason(context: &Context, ws: &WorkspaceId) -> Result<Option<ReasonCode>, Problem> {
    let (workspace, credits) = context.store.workspace_and_credits(ws).await?;
    let Some(workspace) = workspace else { return Ok(None) };
    if credits.check(&workspace).is_err() {
        return Ok(Some(ReasonCode::LowCredits));
    }
    let running = context.store.plan_state(ws).await?.map_or(0, |state| state.running.len());
    let limit = usize::try_from(workspace.running_limit).unwrap_or(usize::MAX);
    Ok((running >= limit).then_some(ReasonCode::RunningLimit))
}
