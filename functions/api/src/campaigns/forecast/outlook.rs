//! What a forecast is made from.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::planning::{CampaignSnapshot, PlanningSnapshot};
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::records::campaign::{Campaign, CampaignSpec};
use carillon_domain::reporting::forecast::{Note, Population};
use carillon_runtime::context::Context;
use carillon_runtime::forecast_input::{self, CrowdRead};

use crate::http::problem::Problem;

/// As many other campaigns are looked at.
const MAX_OTHERS: usize = 20;

/// A campaign, whatever its status, and the others beside which it calls.
#[derive(Debug, Clone)]
pub(super) struct QueuePosition {
    pub(super) snapshot: PlanningSnapshot,
    pub(super) campaign: CampaignId,
    pub(super) crowds: BTreeMap<CampaignId, Population>,
    /// What was not counted exactly.
    pub(super) notes: Vec<Note>,
}

impl QueuePosition {
    /// Reads a campaign and the others.
    pub(super) async fn of(
        context: &Context,
        ws: &WorkspaceId,
        campaign: &Campaign,
    ) -> Result<Self, Problem> {
        let snapshot = snapshot(context, ws, campaign).await?;
        let mut ahead =
            Self { snapshot, campaign: campaign.id.clone(), crowds: BTreeMap::new(), notes: Vec::new() };
        ahead.read_own(context, ws).await?;
        let mut others: Vec<&CampaignSnapshot> = ahead.snapshot.campaigns.iter().collect();
        others.retain(|other| other.campaign.status.is_active() && other.campaign.id != ahead.campaign);
        others.sort_by_key(|other| Reverse(other.campaign.spec.priority));
        let rest = others.split_off(others.len().min(MAX_OTHERS));
        for other in others {
            let CrowdRead { population, .. } = forecast_input::read(context, ws, other).await?;
            ahead.crowds.insert(other.campaign.id.clone(), population);
        }
        if !rest.is_empty() {
            let campaign_ids = rest.iter().map(|other| other.campaign.id.clone()).collect();
            ahead.notes.push(Note::CampaignsLeftOut { looked_at: MAX_OTHERS, campaign_ids });
        }
        Ok(ahead)
    }

    /// The same, had the campaign these settings and numbers to call from.
    pub(super) async fn with(
        &self,
        context: &Context,
        ws: &WorkspaceId,
        spec: CampaignSpec,
        numbers: Vec<CallerNumber>,
    ) -> Result<Self, Problem> {
        let mut changed = self.clone();
        let mut counts_otherwise = false;
        for own in &mut changed.snapshot.campaigns {
            if own.campaign.id == self.campaign {
                counts_otherwise = is_counted_otherwise(&own.campaign.spec, &spec);
                own.campaign.spec = spec.clone();
                own.numbers.clone_from(&numbers);
            }
        }
        if counts_otherwise {
            changed.read_own(context, ws).await?;
        }
        Ok(changed)
    }

    async fn read_own(&mut self, context: &Context, ws: &WorkspaceId) -> Result<(), Problem> {
        let own = self.snapshot.campaign(&self.campaign);
        let own = own.ok_or_else(|| Problem::not_found("campaign", &self.campaign))?;
        let CrowdRead { population, notes, .. } = forecast_input::read(context, ws, own).await?;
        self.crowds.insert(self.campaign.clone(), population);
        self.notes.extend(notes);
        self.notes.sort();
        self.notes.dedup();
        Ok(())
    }
}

/// The workspace as the planner sees it, with the campaign in it.
pub(super) async fn snapshot(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &Campaign,
) -> Result<PlanningSnapshot, Problem> {
    // Without a state nothing was ever planned.
    let state = context.store.plan_state(ws).await?.unwrap_or_default();
    Ok(carillon_runtime::planning_snapshot::read(context, ws, &state, [campaign.id.clone()]).await?)
}

/// Whether other leads are skipped or held back under other settings.
fn is_counted_otherwise(before: &CampaignSpec, after: &CampaignSpec) -> bool {
    before.requires_consent != after.requires_consent
        || before.suppression_lists != after.suppression_lists
        || before.min_gap_minutes != after.min_gap_minutes
        || before.period != after.period
        || before.time_zone != after.time_zone
}
