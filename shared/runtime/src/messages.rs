//! What functions tell each other through queues. A message is a hint: the table holds the truth.

use carillon_domain::base::ids::{
    AssistantId, AttemptId, CallerNumberId, CampaignId, DeliveryId, ImportId, InteractionId, JobId, LeadId,
    WebhookEndpointId, WorkspaceId,
};
use carillon_domain::base::phone::E164;
use carillon_domain::planning::Walk;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::import::ImportTarget;
use carillon_domain::records::interaction::Interaction;
use serde::{Deserialize, Serialize};

/// "Look at this workspace."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanHint {
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
    pub task: DialTask,
    pub workspace: WorkspaceId,
    pub attempt: AttemptId,
    pub lead: LeadId,
    pub number: E164,
    pub assistant: AssistantId,
    /// The number to dial from.
    pub caller_number: CallerNumberId,
    /// All numbers of the person.
    pub person: Vec<E164>,
}

impl DialMessage {
    /// The message about an active attempt.
    pub fn about(workspace: &WorkspaceId, task: DialTask, active_attempt: &ActiveAttempt) -> Self {
        Self {
            task,
            workspace: workspace.clone(),
            attempt: active_attempt.attempt.clone(),
            lead: active_attempt.lead.clone(),
            number: active_attempt.number.clone(),
            assistant: active_attempt.assistant.clone(),
            caller_number: active_attempt.caller_number.clone(),
            person: active_attempt.person.clone(),
        }
    }
}

/// "Walk over the leads of this campaign." Each step does what is still to be done, so a walk that
/// comes twice, or is cut off and begins again, does nothing twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedWalk {
    pub workspace: WorkspaceId,
    pub campaign: CampaignId,
    pub task: Walk,
    /// The shard of its leads at which to go on.
    pub shard: u32,
}

impl FeedWalk {
    /// A walk from the first shard on.
    pub fn begin(workspace: &WorkspaceId, campaign: &CampaignId, task: Walk) -> Self {
        Self { workspace: workspace.clone(), campaign: campaign.clone(), task, shard: 0 }
    }
}

/// "Too much has changed of the search index of this campaign: write its file anew."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RewriteIndex {
    pub workspace: WorkspaceId,
    pub rewrite_index_of: CampaignId,
}

/// "Go on with this job": sent once it is asked for, by a worker whose time is nearly over or that was
/// interrupted, and by the tick where nothing was heard of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobMessage {
    pub workspace: WorkspaceId,
    pub job: JobId,
}

/// "Copy the recording of this call, which its campaign keeps": sent once the call has ended. One that is lost is made up
/// for when somebody asks for the recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyRecording {
    pub workspace: WorkspaceId,
    pub copy_recording_of: InteractionId,
    /// How often it was tried.
    #[serde(default)]
    pub tries: u32,
}

/// "Read this call": sent once a conversation has ended, and for a later try where the model did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyseCall {
    pub workspace: WorkspaceId,
    pub interaction: InteractionId,
    pub lead: LeadId,
    /// How often the model did not answer.
    #[serde(default)]
    pub tries: u32,
    /// What these tries cost, in millionths of a US dollar.
    #[serde(default)]
    pub spent_micros: u64,
}

impl AnalyseCall {
    /// The first message about a call.
    pub fn about(workspace: &WorkspaceId, interaction: &Interaction) -> Self {
        Self {
            workspace: workspace.clone(),
            interaction: interaction.id.clone(),
            lead: interaction.lead.clone(),
            tries: 0,
            spent_micros: 0,
        }
    }
}

/// "Send this delivery": sent once there is an event to deliver, for a try that comes soon, and by the tick for all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryMessage {
    pub workspace: WorkspaceId,
    pub endpoint: WebhookEndpointId,
    pub delivery: DeliveryId,
}

/// "Go on with this import": sent by an importer whose time is nearly over, or that was
/// interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContinueImport {
    pub workspace: WorkspaceId,
    #[serde(alias = "campaign")]
    pub target: ImportTarget,
    pub import: ImportId,
    /// How often in a row it was interrupted at the same row.
    #[serde(default)]
    pub failures: u32,
    /// The last row that it had read then.
    #[serde(default)]
    pub last_row: u64,
}
