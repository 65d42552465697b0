//! What functions tell each other through queues. A message is a hint: the table holds the truth.

use carillon_domain::flight::Flight;
use carillon_domain::ids::{
    AssistantId, AttemptId, CallerNumberId, CampaignId, ImportId, LeadId, WorkspaceId,
};
use carillon_domain::phone::E164;
use carillon_domain::plan::Walk;
use serde::{Deserialize, Serialize};

/// "Look at this workspace."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanHint {
    /// Which.
    pub workspace: WorkspaceId,
}

/// What a dialer is to do with an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialTask {
    /// Place the call that was claimed.
    Place,
    /// Ask the provider what became of it.
    Ask,
}

/// "See to this attempt." Names everything that the dialer has to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialMessage {
    /// What to do.
    pub task: DialTask,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The attempt.
    pub attempt: AttemptId,
    /// Its lead.
    pub lead: LeadId,
    /// The number to dial.
    pub number: E164,
    /// The assistant that talks.
    pub assistant: AssistantId,
    /// The number to dial from.
    pub caller_number: CallerNumberId,
    /// All numbers of the person.
    pub person: Vec<E164>,
}

impl DialMessage {
    /// The message about a flight.
    pub fn about(workspace: &WorkspaceId, task: DialTask, flight: &Flight) -> Self {
        Self {
            task,
            workspace: workspace.clone(),
            attempt: flight.attempt.clone(),
            lead: flight.lead.clone(),
            number: flight.number.clone(),
            assistant: flight.assistant.clone(),
            caller_number: flight.caller_number.clone(),
            person: flight.person.clone(),
        }
    }
}

/// What a walk over a campaign's leads does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedTask {
    /// Begins leads anew for the run that begins.
    OpenRun,
    /// Settles whoever is left when the campaign's days are over.
    CloseRest,
}

impl From<Walk> for FeedTask {
    fn from(walk: Walk) -> Self {
        match walk {
            Walk::OpenRun => Self::OpenRun,
            Walk::CloseRest => Self::CloseRest,
        }
    }
}

/// "Walk over the leads of this campaign." Each step does what is still to be done, so a walk that
/// comes twice, or is cut off and begins again, does nothing twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedWalk {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The campaign.
    pub campaign: CampaignId,
    /// What to do.
    pub task: FeedTask,
    /// The shard of its leads at which to go on.
    pub shard: u32,
}

impl FeedWalk {
    /// A walk from the first shard on.
    pub fn begin(workspace: &WorkspaceId, campaign: &CampaignId, task: FeedTask) -> Self {
        Self { workspace: workspace.clone(), campaign: campaign.clone(), task, shard: 0 }
    }
}

/// "Go on with this import": sent by an importer whose time is nearly over, or that was
/// interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContinueImport {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The import.
    pub import: ImportId,
    /// How often in a row it was interrupted.
    #[serde(default)]
    pub failures: u32,
}
