//! What a forecast is made from.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use carillon_domain::assistant::CallerNumber;
use carillon_domain::campaign::{Campaign, CampaignSpec};
use carillon_domain::forecast::Crowd;
use carillon_domain::ids::{CampaignId, WorkspaceId};
use carillon_domain::plan::{CampaignScene, Scene};
use carillon_runtime::crowd::{self, CrowdRead};
use carillon_runtime::world::World;

use crate::problem::Problem;

/// As many other campaigns are looked at.
const MAX_OTHERS: usize = 20;

/// A campaign, whatever its status, and the others beside which it calls.
#[derive(Debug, Clone)]
pub(super) struct Ahead {
    pub(super) scene: Scene,
    pub(super) campaign: CampaignId,
    pub(super) crowds: BTreeMap<CampaignId, Crowd>,
    /// What was not counted exactly.
    pub(super) notes: Vec<String>,
}

impl Ahead {
    /// Reads a campaign and the others.
    pub(super) async fn of(world: &World, ws: &WorkspaceId, campaign: &Campaign) -> Result<Self, Problem> {
        let scene = scene(world, ws, campaign).await?;
        let mut ahead =
            Self { scene, campaign: campaign.id.clone(), crowds: BTreeMap::new(), notes: Vec::new() };
        ahead.read_own(world, ws).await?;
        let mut others: Vec<&CampaignScene> = ahead.scene.campaigns.iter().collect();
        others.retain(|other| other.campaign.status.is_active() && other.campaign.id != ahead.campaign);
        others.sort_by_key(|other| Reverse(other.campaign.spec.priority));
        let rest = others.split_off(others.len().min(MAX_OTHERS));
        for other in others {
            let CrowdRead { crowd, .. } = crowd::read(world, ws, other).await?;
            ahead.crowds.insert(other.campaign.id.clone(), crowd);
        }
        if !rest.is_empty() {
            let names: Vec<_> = rest.iter().map(|other| other.campaign.id.as_str()).collect();
            let names = names.join(", ");
            let note = format!("at most {MAX_OTHERS} other campaigns are looked at; these are not: {names}");
            ahead.notes.push(note);
        }
        Ok(ahead)
    }

    /// The same, had the campaign these settings and numbers to call from.
    pub(super) async fn with(
        &self,
        world: &World,
        ws: &WorkspaceId,
        spec: CampaignSpec,
        numbers: Vec<CallerNumber>,
    ) -> Result<Self, Problem> {
        let mut changed = self.clone();
        let mut counts_otherwise = false;
        for own in &mut changed.scene.campaigns {
            if own.campaign.id == self.campaign {
                counts_otherwise = is_counted_otherwise(&own.campaign.spec, &spec);
                own.campaign.spec = spec.clone();
                own.numbers.clone_from(&numbers);
            }
        }
        if counts_otherwise {
            changed.read_own(world, ws).await?;
        }
        Ok(changed)
    }

    async fn read_own(&mut self, world: &World, ws: &WorkspaceId) -> Result<(), Problem> {
        let own = self.scene.campaign(&self.campaign);
        let own = own.ok_or_else(|| Problem::not_found("campaign", &self.campaign))?;
        let CrowdRead { crowd, notes, .. } = crowd::read(world, ws, own).await?;
        self.crowds.insert(self.campaign.clone(), crowd);
        self.notes.extend(notes);
        self.notes.sort();
        self.notes.dedup();
        Ok(())
    }
}

/// The workspace as the planner sees it, with the campaign in it.
pub(super) async fn scene(world: &World, ws: &WorkspaceId, campaign: &Campaign) -> Result<Scene, Problem> {
    // Without a state nothing was ever planned.
    let state = world.store.plan_state(ws).await?.unwrap_or_default();
    Ok(carillon_runtime::scene::read(world, ws, &state, [campaign.id.clone()]).await?)
}

/// Whether other leads are skipped or held back under other settings.
fn is_counted_otherwise(before: &CampaignSpec, after: &CampaignSpec) -> bool {
    before.requires_consent != after.requires_consent
        || before.suppression_lists != after.suppression_lists
        || before.min_gap_minutes != after.min_gap_minutes
        || before.period != after.period
        || before.time_zone != after.time_zone
}
