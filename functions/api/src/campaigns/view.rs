//! What a client is shown of a campaign.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::campaign::{Campaign, CampaignStatus, PauseReason};
use carillon_domain::hours::{HoursZone, WeeklyHours};
use carillon_domain::ids::{AssistantId, CallerNumberId, CampaignId};
use carillon_domain::numbering::Country;
use carillon_domain::retry::Miss;
use carillon_domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema::{CampaignStatusName, MissName, WeekHours, WhoseHours};

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub(crate) struct CampaignView {
    /// Its id.
    #[schema(value_type = String, example = "cmp_01ARYZ6S41TSV4RRFFQ69G5FAV")]
    id: CampaignId,
    /// What people call it.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// What a call should achieve.
    goal: String,
    /// Who calls.
    #[schema(value_type = String)]
    assistant_id: AssistantId,
    /// The numbers to call from; empty means the assistant's.
    #[schema(value_type = Vec<String>)]
    caller_number_ids: Vec<CallerNumberId>,
    /// Where it stands.
    #[schema(value_type = CampaignStatusName)]
    status: &'static str,
    /// Why it is paused: `requested`, `provider_refused` or `assistant_unusable`.
    #[schema(value_type = Option<String>)]
    status_reason: Option<PauseReason>,
    /// When it starts by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    start_at: Option<Timestamp>,
    /// What its state allows.
    allowed_actions: Vec<&'static str>,
    /// The campaign's own time zone.
    time_zone: &'static str,
    /// When it may call.
    #[schema(value_type = WeekHours)]
    hours: WeeklyHours,
    /// Whose clock the hours are read on.
    #[schema(value_type = WhoseHours)]
    hours_zone: HoursZone,
    /// The country of numbers that are written without one.
    #[schema(value_type = Option<String>)]
    default_country: Option<Country>,
    /// Attempts for each lead, the first included.
    max_attempts: u32,
    /// Minutes from the end of an attempt to the next.
    retry_delay_minutes: u32,
    /// The misses that are tried again.
    #[schema(value_type = Vec<MissName>)]
    retry_on: BTreeSet<Miss>,
    /// Most calls at once.
    concurrent_limit: u32,
    /// Most calls per minute; null means what its caller numbers allow.
    rate_limit_per_minute: Option<u32>,
    /// How long a call may ring, in seconds.
    ringing_timeout_secs: u16,
    /// Whether the carrier listens for answering machines.
    machine_detection: bool,
    /// What the assistant says first, as a Jinja2 template.
    welcome_message_template: Option<String>,
    /// Values for the templates, below those of the lead.
    variables: BTreeMap<String, String>,
    /// Words to find it by.
    tags: Vec<String>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// When it first ran.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it completed or was cancelled.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

impl From<Campaign> for CampaignView {
    fn from(campaign: Campaign) -> Self {
        let (status_reason, start_at) = match campaign.status {
            CampaignStatus::Paused { reason } => (Some(reason), None),
            CampaignStatus::Scheduled { start_at } => (None, Some(start_at)),
            CampaignStatus::Draft
            | CampaignStatus::Running
            | CampaignStatus::Completing
            | CampaignStatus::Completed
            | CampaignStatus::Cancelled => (None, None),
        };
        let spec = campaign.spec;
        Self {
            id: campaign.id,
            name: spec.name,
            description: spec.description,
            goal: spec.goal,
            assistant_id: spec.assistant_id,
            caller_number_ids: spec.caller_number_ids,
            status: campaign.status.name(),
            status_reason,
            start_at,
            allowed_actions: campaign.status.allowed(),
            time_zone: spec.time_zone.name(),
            hours: spec.hours,
            hours_zone: spec.hours_zone,
            default_country: spec.default_country,
            max_attempts: spec.retry.max_attempts,
            retry_delay_minutes: spec.retry.delay_minutes,
            retry_on: spec.retry.on,
            concurrent_limit: spec.concurrent_limit,
            rate_limit_per_minute: spec.rate_limit_per_minute,
            ringing_timeout_secs: spec.ringing_timeout_secs,
            machine_detection: spec.machine_detection,
            welcome_message_template: spec.welcome_message_template,
            variables: spec.variables,
            tags: spec.tags,
            created_at: campaign.created_at,
            updated_at: campaign.updated_at,
            started_at: campaign.started_at,
            ended_at: campaign.ended_at,
        }
    }
}
