//! An event, and what it carries on its way to subscribers.

use serde::Serialize;

use super::fact::Fact;
use crate::base::ids::{CampaignId, EventId, WorkspaceId};
use crate::base::time::Timestamp;

/// Something that happened. The same change always gives the same event, under the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    pub id: EventId,
    /// When it happened, as the record has it; of an interaction, when it began or ended.
    #[serde(rename = "timestamp")]
    pub at: Timestamp,
    /// None if it concerns no campaign.
    pub campaign_id: Option<CampaignId>,
    #[serde(flatten)]
    pub fact: Fact,
}

/// An event as subscribers get it, perhaps more than once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublishedEvent {
    pub workspace_id: WorkspaceId,
    /// Counts the events of the campaign from 1 on, without gaps; of the workspace, where there is no
    /// campaign. The events of one lead, or of one interaction, stand in the order of its changes.
    pub sequence: u64,
    #[serde(flatten)]
    pub event: Event,
}
