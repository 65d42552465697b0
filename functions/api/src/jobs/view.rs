//! What a client is shown of a job.

use carillon_domain::base::ids::{CampaignId, ContactListId, JobId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::audit::Actor;
use carillon_domain::records::contact::ContactFilter;
use carillon_domain::records::job::{Chosen, Job, JobCounts, JobKind, JobKindName, JobStatus};
use carillon_domain::records::lead::{LeadAction, LeadFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that goes on in the background.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobView {
    id: JobId,
    /// What it does.
    kind: JobKindName,
    /// The campaign that it is about, if it is about one.
    campaign_id: Option<CampaignId>,
    /// The contact list that it is about, if it is about one.
    contact_list_id: Option<ContactListId>,
    /// What it does to leads, if it does anything to them.
    action: Option<ActionName>,
    /// The filter that finds these leads, unless they were named.
    filter: Option<LeadFilter>,
    /// The filter that finds the contacts that it makes leads, unless they were named.
    contact_filter: Option<ContactFilter>,
    status: JobStatus,
    counts: JobCounts,
    /// What went wrong last; of a failed job, why it was given up.
    error: Option<String>,
    /// Who asked for it.
    requested_by: Actor,
    created_at: Timestamp,
    /// When its latest step was done.
    updated_at: Timestamp,
    /// When it ended.
    finished_at: Option<Timestamp>,
}

/// What is done to leads: a settled one begins anew (`restart`); it needs no call any more (`complete`); it is called
/// back at a moment (`reschedule`); it rests (`suspend`) until it goes on (`resume`); it is gone (`remove`), one with a
/// call once that has ended; its tags, or its consent, are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LeadAction)]
pub(crate) enum ActionName {
    Restart,
    Complete,
    Reschedule,
    Suspend,
    Resume,
    Remove,
    SetTags,
    AddTags,
    RemoveTags,
    SetConsent,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        let (kind, campaign_id) = (job.kind.name(), job.kind.campaign().cloned());
        let contact_list_id = job.kind.contact_list().cloned();
        let contact_filter = match &job.kind {
            JobKind::AddContacts { chosen: Chosen::Filter { filter }, .. } => Some(filter.clone()),
            _ => None,
        };
        let (action, filter) = match job.kind {
            JobKind::Leads { action, chosen: Chosen::Filter { filter }, .. } => (Some(action), Some(filter)),
            JobKind::Leads { action, chosen: Chosen::Ids { .. }, .. } => (Some(action), None),
            JobKind::AddContacts { .. }
            | JobKind::DeleteCampaign { .. }
            | JobKind::DeleteContactList { .. } => (None, None),
        };
        Self {
            id: job.id,
            kind,
            campaign_id,
            contact_list_id,
            action: action.as_ref().map(ActionName::from),
            filter,
            contact_filter,
            status: job.status,
            counts: job.counts,
            error: job.error,
            requested_by: job.asked.actor,
            created_at: job.created_at,
            updated_at: job.updated_at,
            finished_at: job.finished_at,
        }
    }
}

impl From<&LeadAction> for ActionName {
    fn from(action: &LeadAction) -> Self {
        match action {
            LeadAction::Restart => Self::Restart,
            LeadAction::Complete => Self::Complete,
            LeadAction::Reschedule { .. } => Self::Reschedule,
            LeadAction::Suspend => Self::Suspend,
            LeadAction::Resume => Self::Resume,
            LeadAction::Remove => Self::Remove,
            LeadAction::SetTags { .. } => Self::SetTags,
            LeadAction::AddTags { .. } => Self::AddTags,
            LeadAction::RemoveTags { .. } => Self::RemoveTags,
            LeadAction::SetConsent { .. } => Self::SetConsent,
        }
    }
}
