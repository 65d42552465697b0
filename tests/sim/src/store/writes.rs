//! Single items that handlers write, and the trail that joins a provider's calls to attempts.

use carillon_domain::base::call::{ProviderCallId, VoiceEvent};
use carillon_domain::base::ids::{CampaignId, LeadId, TopUpId};
use carillon_domain::base::zone::Zone;

use crate::job::{ProviderCall, WalkTask};
use crate::table::Trail;
use crate::world::{NoAnswer, World};

impl World {
    /// Adds a zone to a campaign's directory.
    pub(crate) async fn add_zone(&self, ws: usize, id: &CampaignId, zone: &Zone) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| {
            workspace.zones.entry(id.clone()).or_default().insert(zone.clone());
        })
        .await
    }

    /// The last lead that a walk has seen to.
    pub(crate) async fn walk_at(
        &self,
        ws: usize,
        id: &CampaignId,
        task: WalkTask,
    ) -> Result<Option<LeadId>, NoAnswer> {
        self.read(ws, |workspace| workspace.walks.get(&(id.clone(), task)).cloned()).await
    }

    /// Notes how far a walk is, if it is still where this step found it; says whether it was.
    pub(crate) async fn advance_walk(
        &self,
        ws: usize,
        id: &CampaignId,
        task: WalkTask,
        from: Option<&LeadId>,
        to: &LeadId,
    ) -> Result<bool, NoAnswer> {
        let place = (id.clone(), task);
        self.put(ws, |workspace| {
            let is_there = workspace.walks.get(&place) == from;
            if is_there {
                workspace.walks.insert(place, to.clone());
            }
            is_there
        })
        .await
    }

    /// Forgets how far a walk is.
    pub(crate) async fn end_walk(&self, ws: usize, id: &CampaignId, task: WalkTask) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| drop(workspace.walks.remove(&(id.clone(), task)))).await
    }

    /// Books a top-up; the same once.
    pub(crate) async fn top_up(&self, ws: usize, id: &TopUpId, micros: i64) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| {
            workspace.top_ups.insert(id.clone(), micros);
        })
        .await
    }

    /// Notes which attempt a provider's call is.
    pub(crate) async fn note_provider_call(
        &self,
        ws: usize,
        id: &ProviderCallId,
        call: &ProviderCall,
    ) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| {
            workspace.trails.entry(id.clone()).or_default().call = Some(call.clone());
        })
        .await
    }

    /// What is stored under a provider's id of a call.
    pub(crate) async fn call_trail(&self, ws: usize, id: &ProviderCallId) -> Result<Trail, NoAnswer> {
        self.read(ws, |workspace| workspace.trails.get(id).cloned().unwrap_or_default()).await
    }

    /// Keeps an event whose call is not known yet; the same event once.
    pub(crate) async fn keep_early_event(
        &self,
        ws: usize,
        id: &ProviderCallId,
        event: &VoiceEvent,
    ) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| {
            let events = &mut workspace.trails.entry(id.clone()).or_default().events;
            if !events.contains(event) {
                events.push(event.clone());
            }
        })
        .await
    }
}
