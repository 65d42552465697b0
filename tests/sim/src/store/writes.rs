//! Single items that handlers write, and the trail that joins a provider's calls to attempts.

use carillon_domain::call::{ProviderCallId, VoiceEvent};
use carillon_domain::ids::CampaignId;
use carillon_domain::phone::E164;
use carillon_domain::zone::Zone;

use crate::job::ProviderCall;
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

    /// Puts a number on the do-not-call list.
    pub(crate) async fn suppress(&self, ws: usize, number: &E164) -> Result<(), NoAnswer> {
        self.put(ws, |workspace| {
            workspace.suppressed.insert(number.clone());
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
