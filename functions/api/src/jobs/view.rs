//! What a client is shown of a job.

use carillon_domain::base::ids::{CampaignId, ContactListId, InteractionId, JobId, WebhookEndpointId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::audit::Actor;
use carillon_domain::records::contact::ContactFilter;
use carillon_domain::records::export::{Delimiter, Export, ExportSource, ExportedFile, SheetFormat};
use carillon_domain::records::interaction::InteractionFilter;
use carillon_domain::records::job::{Job, JobCounts, JobKind, JobKindName, JobStatus, OptOutComparison};
use carillon_domain::records::lead::{LeadAction, LeadFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::campaigns::TemplateFindings;
use crate::exports::{FormatName, Link};

/// Something that goes on in the background.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobView {
    id: JobId,
    /// What it does.
    kind: JobKindName,
    /// The campaign that it is about, if it is about one.
    campaign_id: Option<CampaignId>,
    /// The do-not-call list that it is about, if it is about one.
    list: Option<ListName>,
    /// The contact list that it is about, if it is about one.
    contact_list_id: Option<ContactListId>,
    /// The endpoint to which it sends events again, if it does.
    webhook_endpoint_id: Option<WebhookEndpointId>,
    /// The call whose recording it fetches, if it does.
    interaction_id: Option<InteractionId>,
    /// What it does to leads, if it does anything to them.
    action: Option<ActionName>,
    /// The filter that finds these leads, or those that are exported, unless they were named.
    filter: Option<LeadFilter>,
    /// What it has found of a campaign's templates.
    findings: Option<TemplateFindings>,
    /// What it has found of a provider's opt-outs beside ours, if it compares them.
    opt_outs: Option<OptOutComparison>,
    /// What it writes into a file, if it writes one.
    export: Option<ExportView>,
    /// The file, once it is there.
    file: Option<FileView>,
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

/// What is written into a file, and how.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobExport)]
struct ExportView {
    what: ExportName,
    /// The results that are exported, if any are.
    results: Option<InteractionFilter>,
    /// The do-not-call list that is exported, if one is.
    list: Option<ListName>,
    /// The columns, in order.
    columns: Vec<String>,
    format: FormatName,
    /// What stands between two cells of a CSV.
    delimiter: Option<Delimiter>,
}

/// What is exported.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ExportName {
    Leads,
    Results,
    Evidence,
    DoNotCall,
}

/// A file that a job has written.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobFile)]
struct FileView {
    name: String,
    /// How many rows it has, besides the header.
    rows: u64,
    bytes: u64,
    /// Where to fetch it, with `GET /jobs/{id}` alone; null once it is gone, a day after it was written, and for keys
    /// without the scope for what is in it.
    url: Option<String>,
    /// How long `url` leads there.
    expires_at: Option<Timestamp>,
}

impl JobView {
    /// The same with a link to its file.
    pub(super) fn with(mut self, link: Option<Link>) -> Self {
        if let (Some(file), Some(link)) = (&mut self.file, link) {
            (file.url, file.expires_at) = (Some(link.url), Some(link.expires_at));
        }
        self
    }
}

impl From<&Export> for ExportView {
    fn from(export: &Export) -> Self {
        let (what, results, list) = match &export.source {
            ExportSource::Leads { .. } => (ExportName::Leads, None, None),
            ExportSource::Results { filter, .. } => (ExportName::Results, Some(filter.clone()), None),
            ExportSource::Evidence { .. } => (ExportName::Evidence, None, None),
            ExportSource::DoNotCall { list } => (ExportName::DoNotCall, None, Some(list.clone())),
        };
        let (format, delimiter) = match export.format {
            SheetFormat::Xlsx => (FormatName::Xlsx, None),
            SheetFormat::Csv { delimiter, .. } => (FormatName::Csv, Some(delimiter)),
        };
        Self { what, results, list, columns: export.columns.clone(), format, delimiter }
    }
}

impl From<ExportedFile> for FileView {
    fn from(ExportedFile { name, rows, bytes }: ExportedFile) -> Self {
        Self { name, rows, bytes, url: None, expires_at: None }
    }
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
        let is_complete = job.status == JobStatus::Completed;
        let (mut action, mut filter, mut contact_filter) = (None, None, None);
        let (mut list, mut export, mut findings, mut webhook_endpoint_id) = (None, None, None, None);
        let (mut interaction_id, mut opt_outs) = (None, None);
        match job.kind {
            JobKind::Leads { action: done, chosen, .. } => {
                (action, filter) = (Some(ActionName::from(&done)), chosen.filter());
            }
            JobKind::AddContacts { chosen, .. } => contact_filter = chosen.filter(),
            JobKind::DeleteCampaign { .. } | JobKind::DeleteContactList { .. } => {}
            JobKind::ReplayDeliveries { endpoint, .. } => webhook_endpoint_id = Some(endpoint),
            JobKind::FetchRecording { interaction } => interaction_id = Some(interaction),
            JobKind::CompareOptOuts { found, .. } => {
                (list, opt_outs) = (Some(ListName::do_not_call()), Some(found));
            }
            JobKind::Export(written) => {
                export = Some(ExportView::from(&written));
                if let ExportSource::Leads { filter: of, .. } = written.source {
                    filter = Some(of);
                }
            }
            JobKind::ImportNumbers { list: to, .. } => list = Some(to),
            JobKind::CheckTemplates { findings: found, .. } => {
                findings = Some(TemplateFindings::of(*found, is_complete));
            }
        }
        Self {
            id: job.id,
            kind,
            campaign_id,
            contact_list_id,
            webhook_endpoint_id,
            interaction_id,
            list,
            action,
            filter,
            contact_filter,
            findings,
            opt_outs,
            export,
            file: job.file.map(FileView::from),
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
            LeadAction::Restart { .. } => Self::Restart,
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
