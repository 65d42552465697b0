//! Exports: files of leads, results, numbers and evidence that a worker writes, and the links to them.
//!
//! Each is asked for below what it is of, under the scope that shows the same on a page: a scope is a route's.

mod form;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use carillon_domain::base::ids::{CampaignId, JobId, WorkspaceId};
use carillon_domain::base::scope::Scope;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::export::{EXPORT_KEPT_MS, Export, ExportSource};
use carillon_domain::records::job::{Job, JobKind};
use carillon_runtime::context::Context;
use carillon_runtime::services::exports::file_key;

use crate::auth::Principal;
use crate::campaigns::load as load_campaign;
use crate::do_not_call::check_there;
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Creation, IdempotencyHeader};
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::interactions::chosen_names;
use crate::jobs::{self, JobView};

pub(crate) use form::FormatName;
use form::{ExportForm, LeadExportForm, ResultExportForm};

/// How long the link to a file lives, in seconds.
pub(crate) const LINK_SECS: u32 = 15 * 60;

/// Writes leads of a campaign into a file, in the background: the answer is the job. `GET /jobs/{id}` shows the file once
/// it is there, with a link to it.
///
/// An import of the file gives the same leads again. What has become of a lead stands in columns whose headers begin with
/// `carillon.`; an import leaves them out. Tags with `,`, `;` or `|` in them, what is known of a number besides itself, and
/// `overwrites` do not come back.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads/export", tag = "leads",
    params(("campaign_id" = String, Path), IdempotencyHeader), request_body = Option<LeadExportForm>,
    responses((status = 202, body = JobView,
        headers(("Location" = String, description = "Where the job is to be found")))))]
pub(crate) async fn export_leads(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    creation: Creation<Option<LeadExportForm>>,
) -> Result<Response, Problem> {
    let create = async |form: Option<LeadExportForm>, birth: Birth| {
        let country = load_campaign(&context, &principal.workspace, &campaign).await?.spec.default_country;
        let form = form.unwrap_or_default();
        let filter = form.filter.clone().unwrap_or_default();
        let source = ExportSource::Leads { campaign: campaign.clone(), filter };
        queue(&context, &principal, form.sheet().export(source, country)?, birth, &campaign).await
    };
    let created = creation.once(&context, &principal.workspace, StatusCode::ACCEPTED, create).await?;
    Ok(jobs::accepted(created))
}

/// Writes the results of a campaign into a file, `campaign_results.xlsx` unless it is to be CSV, in the background: the
/// answer is the job. `GET /jobs/{id}` shows the file once it is there, with a link to it.
///
/// The latest come first, without those that a machine answered, unless others are asked for. A transcript that is longer
/// than an Excel cell (32,767 characters) is cut there, and whole as CSV.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/interactions/export", tag = "interactions",
    params(("campaign_id" = String, Path), IdempotencyHeader), request_body = Option<ResultExportForm>,
    responses((status = 202, body = JobView,
        headers(("Location" = String, description = "Where the job is to be found")))))]
pub(crate) async fn export_interactions(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    creation: Creation<Option<ResultExportForm>>,
) -> Result<Response, Problem> {
    let create = async |form: Option<ResultExportForm>, birth: Birth| {
        let country = load_campaign(&context, &principal.workspace, &campaign).await?.spec.default_country;
        let form = form.unwrap_or_default();
        let (filter, hides_blank_lines) = (form.filter.clone().unwrap_or_default(), form.hides_blank_lines());
        let source = ExportSource::Results { campaign: campaign.clone(), filter, hides_blank_lines };
        let mut sheet = form.sheet();
        if sheet.columns.is_empty() {
            sheet.columns = chosen_names(&context, &principal, &campaign).await?;
        }
        queue(&context, &principal, sheet.export(source, country)?, birth, &campaign).await
    };
    let created = creation.once(&context, &principal.workspace, StatusCode::ACCEPTED, create).await?;
    Ok(jobs::accepted(created))
}

/// Writes the evidence of a campaign into a file, in the background: the answer is the job. `GET /jobs/{id}` shows the
/// file once it is there, with a link to it. Evidence is there for five years, even if the campaign is deleted.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/evidence/export", tag = "evidence",
    params(("campaign_id" = String, Path), IdempotencyHeader), request_body = Option<ExportForm>,
    responses((status = 202, body = JobView,
        headers(("Location" = String, description = "Where the job is to be found")))))]
pub(crate) async fn export_evidence(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    creation: Creation<Option<ExportForm>>,
) -> Result<Response, Problem> {
    let create = async |form: Option<ExportForm>, birth: Birth| {
        let there = context.store.campaign(&principal.workspace, &campaign).await?;
        let country = there.and_then(|campaign| campaign.spec.default_country);
        let source = ExportSource::Evidence { campaign: campaign.clone() };
        let export = form.unwrap_or_default().sheet().export(source, country)?;
        queue(&context, &principal, export, birth, &campaign).await
    };
    let created = creation.once(&context, &principal.workspace, StatusCode::ACCEPTED, create).await?;
    Ok(jobs::accepted(created))
}

/// Writes the numbers of a list into a file, in the background: the answer is the job. `GET /jobs/{id}` shows the file
/// once it is there, with a link to it. An import of the file gives the same list again.
#[utoipa::path(post, path = "/do-not-call/{list}/export", tag = "do not call",
    params(("list" = String, Path), IdempotencyHeader), request_body = Option<ExportForm>,
    responses((status = 202, body = JobView,
        headers(("Location" = String, description = "Where the job is to be found")))))]
pub(crate) async fn export_list(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ListName>,
    creation: Creation<Option<ExportForm>>,
) -> Result<Response, Problem> {
    let create = async |form: Option<ExportForm>, birth: Birth| {
        check_there(&context, &principal.workspace, &list).await?;
        let source = ExportSource::DoNotCall { list: list.clone() };
        let export = form.unwrap_or_default().sheet().export(source, None)?;
        queue(&context, &principal, export, birth, &list).await
    };
    let created = creation.once(&context, &principal.workspace, StatusCode::ACCEPTED, create).await?;
    Ok(jobs::accepted(created))
}

/// Has a worker write a file.
async fn queue(
    context: &Context,
    principal: &Principal,
    export: Export,
    birth: Birth,
    resource: &impl ToString,
) -> Result<Tagged<JobView>, Problem> {
    let id = JobId::new(birth.at, birth.seed);
    let job = Job::queued(id, JobKind::Export(export), None, principal.act.clone(), birth.at);
    let job = jobs::create(context, principal, job, resource).await?;
    Ok(Tagged::fixed(JobView::from(job)))
}

/// A link to a file, for whoever has it.
pub(crate) struct Link {
    pub(crate) url: String,
    pub(crate) expires_at: Timestamp,
}

/// A link to the file of a job, for somebody who may see what is in it, as long as the file is there.
pub(crate) async fn link(
    context: &Context,
    ws: &WorkspaceId,
    principal: &Principal,
    job: &Job,
) -> Result<Option<Link>, Problem> {
    let (JobKind::Export(export), Some(file), Some(finished_at)) = (&job.kind, &job.file, job.finished_at)
    else {
        return Ok(None);
    };
    let left_ms = finished_at.plus_ms(EXPORT_KEPT_MS).since_ms(context.now());
    if left_ms < SECOND_MS || !principal.scopes.has(scope(&export.source)) {
        return Ok(None);
    }
    let secs = u32::try_from(left_ms / SECOND_MS).unwrap_or(LINK_SECS).min(LINK_SECS);
    let expires_at = context.now().plus_ms(i64::from(secs) * SECOND_MS);
    let url = context.files.presign_get(&file_key(ws, &job.id, &file.name), secs).await?;
    Ok(Some(Link { url, expires_at }))
}

/// What somebody needs to see this.
const fn scope(source: &ExportSource) -> Scope {
    match source {
        ExportSource::Leads { .. } => Scope::LeadsRead,
        ExportSource::Results { .. } | ExportSource::Evidence { .. } => Scope::CallsRead,
        ExportSource::DoNotCall { .. } => Scope::DoNotCallRead,
    }
}
