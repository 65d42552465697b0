//! `/campaigns/{id}/templates`: what is said to a person, seen before it is said, and what it lacks among the leads.

mod preview;
mod view;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use carillon_domain::base::ids::{CampaignId, JobId, WorkspaceId};
use carillon_domain::calling::personalization::Sources;
use carillon_domain::calling::template_check::Check;
use carillon_domain::policy::assistant::Assistant;
use carillon_domain::records::campaign::{Campaign, CampaignSpec};
use carillon_domain::records::job::{Job, JobKind};
use carillon_domain::records::lead::Lead;
use carillon_domain::records::template_findings::Findings;
use carillon_domain::records::text_fault::TextFault;
use carillon_runtime::context::Context;
use serde::Deserialize;
use utoipa::IntoParams;

use super::load;
use crate::auth::Principal;
use crate::callers::Voices;
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::jobs::{self, JobView};

pub(crate) use preview::*;
pub(crate) use view::TemplateFindings;

/// Most leads that a check looks at in one request.
const MAX_CHECKED_LEADS: usize = 20_000;
/// Most leads that are looked at when a campaign starts.
const MAX_STARTING_LEADS: usize = 500;

/// Which leads to look at.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CheckQuery {
    /// Whether to look at all leads, in the background.
    #[serde(default)]
    all: bool,
}

/// Tells what the templates of a campaign lack: every variable that some lead has no value for, and every text that
/// can't be made for some lead, with how many they are and up to five of them.
///
/// It looks at the leads for whom something is still to be done, at 20,000 of them at most: `is_complete` says whether
/// those are all, and else they are as good as drawn by lot. With `all=true` it looks at all of them in the
/// background: the answer (202) is the job, whose `findings` grow until it is over.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/templates/check", tag = "campaigns",
    params(("campaign_id" = String, Path), CheckQuery),
    responses((status = 200, body = TemplateFindings),
        (status = 202, body = JobView, description = "A job looks at all leads",
            headers(("Location" = String, description = "Where the job is to be found")))))]
pub(crate) async fn check_templates(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    Asked(query): Asked<CheckQuery>,
) -> Result<Response, Problem> {
    let ws = &principal.workspace;
    let campaign = load(&context, ws, &id).await?;
    if query.all {
        let kind = JobKind::CheckTemplates { campaign: id.clone(), findings: Box::default() };
        let job = JobId::new(context.now(), context.random.draw());
        let job = Job::queued(job, kind, None, principal.act.clone(), context.now());
        let job = jobs::create(&context, &principal, job, &id).await?;
        let place = [(header::LOCATION, jobs::path_of(job.id.as_str()))];
        return Ok((StatusCode::ACCEPTED, place, Json(JobView::from(job))).into_response());
    }
    let voices = Voices::of(&context, ws).await?;
    let read = Read::of(&context, ws, &campaign, &voices, MAX_CHECKED_LEADS).await?;
    let thinking = tokio::task::spawn_blocking(move || read.findings());
    let findings = thinking.await.map_err(|error| Problem::unavailable(&error))??;
    Ok(Json(findings).into_response())
}

/// What is found when a campaign is about to call.
///
/// # Errors
/// A problem if nothing can be said to any of the leads that were looked at.
pub(super) async fn found_at_start(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &Campaign,
    voices: &Voices,
) -> Result<TemplateFindings, Problem> {
    // So few that they hold up nobody else's request.
    let findings = Read::of(context, ws, campaign, voices, MAX_STARTING_LEADS).await?.findings()?;
    match findings.why_nobody_can_be_called(&campaign.spec.cadence) {
        Some(why) => Err(Problem::new(Code::TemplatesFail, why)),
        None => Ok(findings),
    }
}

/// What a check is made of.
struct Read {
    spec: CampaignSpec,
    assistant: Assistant,
    workspace_name: String,
    leads: Vec<Lead>,
    /// Whether the campaign has no others.
    is_complete: bool,
}

impl Read {
    async fn of(
        context: &Context,
        ws: &WorkspaceId,
        campaign: &Campaign,
        voices: &Voices,
        most: usize,
    ) -> Result<Self, Problem> {
        let spec = campaign.spec.clone();
        let assistant = voices.assistant(&spec.assistant_id).cloned();
        let assistant = assistant.ok_or_else(|| Problem::not_found("assistant", &spec.assistant_id))?;
        let workspace_name = crate::workspace::load(context, ws).await?.name;
        let (leads, is_complete) = context.store.some_leads(ws, &campaign.id, most).await?;
        Ok(Self { spec, assistant, workspace_name, leads, is_complete })
    }

    fn findings(&self) -> Result<TemplateFindings, Problem> {
        let sources = Sources::of(&self.spec, &self.assistant);
        let templates = sources.parsed().map_err(|fault| unreadable(&fault))?;
        let check = Check::new(&self.spec, &self.assistant, &self.workspace_name, &templates);
        let mut findings = Findings::default();
        self.leads.iter().for_each(|lead| check.note(&mut findings, lead));
        Ok(TemplateFindings::of(findings, self.is_complete))
    }
}

/// A template that was saved and can't be read any more.
fn unreadable(fault: &TextFault) -> Problem {
    Problem::new(Code::TemplatesFail, fault)
}
