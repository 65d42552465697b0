//! What campaigns are shown with: who they call from, how far they are, and what keeps them from starting.

use std::collections::HashMap;

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::reason::ReasonCode;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::caller_pool::{NoCaller, held};
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::records::campaign::{Campaign, CampaignStatus, NoCallers};
use carillon_domain::records::counters::Counters;
use carillon_runtime::context::Context;
use carillon_store::{PlanState, StoreError, in_parallel};

use crate::callers::Voices;
use crate::http::problem::Problem;

/// Campaigns whose counters are read at the same time.
const PARALLEL_COUNTERS: usize = 10;

/// What is beside campaigns of a workspace.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) now: Timestamp,
    voices: Voices,
    rate_states: RateStates,
    counters: HashMap<CampaignId, Counters>,
    /// Why a campaign that is due would not start.
    no_start: Option<ReasonCode>,
}

impl Standing {
    /// What is beside these campaigns: read once for all of them, but for their counters.
    ///
    /// # Errors
    /// A problem if the table does not answer.
    pub(super) async fn of(
        context: &Context,
        ws: &WorkspaceId,
        campaigns: &[Campaign],
    ) -> Result<Self, Problem> {
        let now = context.now();
        let voices = Voices::of(context, ws).await?;
        let state = context.store.plan_state(ws).await?.unwrap_or_default();
        let counters = campaigns.iter().map(async |campaign: &Campaign| {
            let counters = context.store.counters(ws, &campaign.id).await?;
            Ok::<_, StoreError>((campaign.id.clone(), counters))
        });
        let counters = in_parallel(PARALLEL_COUNTERS, counters).await?.into_iter().collect();
        let is_due = campaigns.iter().any(|campaign| is_due(campaign, now));
        let no_start = if is_due { no_start(context, ws, &state).await? } else { None };
        Ok(Self { now, voices, rate_states: state.rate_states, counters, no_start })
    }

    /// What this campaign waits for.
    pub(super) fn waiting_for(&self, campaign: &Campaign) -> Option<ReasonCode> {
        self.no_start.filter(|_| is_due(campaign, self.now))
    }

    /// The numbers that this campaign calls from, each with what it is held by.
    ///
    /// # Errors
    /// [`NoCallers`] if there is none.
    pub(super) fn callers(
        &self,
        campaign: &Campaign,
    ) -> Result<Vec<(&CallerNumber, Option<NoCaller>)>, NoCallers> {
        let callers = campaign.spec.callers(&self.voices.assistants, &self.voices.numbers)?;
        Ok(callers.into_iter().map(|one| (one, held(one, &self.rate_states, self.now))).collect())
    }

    /// What is counted of this campaign.
    pub(super) fn counters(&self, campaign: &Campaign) -> Counters {
        self.counters.get(&campaign.id).cloned().unwrap_or_default()
    }
}

fn is_due(campaign: &Campaign, now: Timestamp) -> bool {
    matches!(campaign.status, CampaignStatus::Scheduled { start_at } if start_at <= now)
}

/// What a start would be refused for, in the order in which it is.
async fn no_start(
    context: &Context,
    ws: &WorkspaceId,
    state: &PlanState,
) -> Result<Option<ReasonCode>, Problem> {
    let (workspace, credits) = context.store.workspace_and_credits(ws).await?;
    let Some(workspace) = workspace else { return Ok(None) };
    if credits.check(&workspace).is_err() {
        return Ok(Some(ReasonCode::LowCredits));
    }
    let limit = usize::try_from(workspace.running_limit).unwrap_or(usize::MAX);
    Ok((state.running.len() >= limit).then_some(ReasonCode::RunningLimit))
}
