//! Campaigns whose start has come and that may not start yet.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::campaign::{Campaign, CampaignStatus};
use carillon_runtime::context::Context;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::problem::Problem;

/// What a scheduled campaign waits for once its start has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WaitingFor {
    /// As many campaigns run as the workspace's plan allows.
    RunningLimit,
    /// The workspace's credits are under its threshold.
    Credits,
}

/// What keeps campaigns of a workspace from starting now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    now: Timestamp,
    reason: Option<WaitingFor>,
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
    pub(super) fn of(&self, campaign: &Campaign) -> Option<WaitingFor> {
        self.reason.filter(|_| is_due(campaign, self.now))
    }
}

fn is_due(campaign: &Campaign, now: Timestamp) -> bool {
    matches!(campaign.status, CampaignStatus::Scheduled { start_at } if start_at <= now)
}

/// What a start would be refused for, in the order in which it is.
async fn reason(context: &Context, ws: &WorkspaceId) -> Result<Option<WaitingFor>, Problem> {
    let (workspace, credits) = context.store.workspace_and_credits(ws).await?;
    let Some(workspace) = workspace else { return Ok(None) };
    if credits.check(&workspace).is_err() {
        return Ok(Some(WaitingFor::Credits));
    }
    let running = context.store.plan_state(ws).await?.map_or(0, |state| state.running.len());
    let limit = usize::try_from(workspace.running_limit).unwrap_or(usize::MAX);
    Ok((running >= limit).then_some(WaitingFor::RunningLimit))
}
