//! `/campaigns/{id}/templates`: what is said to a person, seen before it is said, and what it lacks among the leads.

mod preview;
mod view;

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::calling::personalization::Sources;
use carillon_domain::calling::template_check::{Check, Findings};
use carillon_domain::policy::assistant::Assistant;
use carillon_domain::records::campaign::{Campaign, CampaignSpec};
use carillon_domain::records::lead::Lead;
use carillon_domain::records::text_fault::TextFault;
use carillon_runtime::context::Context;

use super::load;
use crate::auth::Principal;
use crate::callers::Voices;
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};

pub(crate) use preview::*;
pub(crate) use view::TemplateFindings;

/// Most leads that a check looks at in one request.
const MAX_CHECKED_LEADS: usize = 20_000;
/// Most leads that are looked at when a campaign starts.
const MAX_STARTING_LEADS: usize = 1_000;

/// Tells what the templates of a campaign lack: every variable that some lead has no value for, and every text that
/// can't be made for some lead, with how many they are and up to five of them.
///
/// It looks at the leads for whom something is still to be done, at 20,000 of them at most: `is_complete` says whether
/// those are all, and else they are as good as drawn by lot.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/templates/check", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = TemplateFindings)))]
pub(crate) async fn check_templates(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
) -> Result<Json<TemplateFindings>, Problem> {
    let ws = &principal.workspace;
    let campaign = load(&context, ws, &id).await?;
    let voices = Voices::of(&context, ws).await?;
    Ok(Json(found(&context, ws, &campaign, &voices, MAX_CHECKED_LEADS).await?))
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
    let findings = found(context, ws, campaign, voices, MAX_STARTING_LEADS).await?;
    match findings.why_nobody_can_be_called() {
        Some(why) => Err(Problem::new(Code::TemplatesFail, why)),
        None => Ok(findings),
    }
}

async fn found(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &Campaign,
    voices: &Voices,
    most: usize,
) -> Result<TemplateFindings, Problem> {
    // Without an assistant nobody calls, and nothing starts.
    let Some(assistant) = voices.assistant(&campaign.spec.assistant_id).cloned() else {
        return Ok(TemplateFindings::of(Findings::default(), true));
    };
    let workspace = crate::workspace::load(context, ws).await?;
    let (leads, is_complete) = context.store.some_leads(ws, &campaign.id, most).await?;
    let spec = campaign.spec.clone();
    let thinking =
        tokio::task::spawn_blocking(move || checked(&spec, &assistant, &workspace.name, &leads));
    let findings = thinking.await.map_err(|error| Problem::unavailable(&error))?.map_err(|fault| unreadable(&fault))?;
    Ok(TemplateFindings::of(findings, is_complete))
}

fn checked(
    campaign: &CampaignSpec,
    assistant: &Assistant,
    workspace_name: &str,
    leads: &[Lead],
) -> Result<Findings, TextFault> {
    let sources = Sources::of(campaign, assistant);
    let templates = sources.parsed()?;
    let check = Check::new(campaign, assistant, workspace_name, &templates);
    let mut findings = Findings::default();
    leads.iter().for_each(|lead| check.note(&mut findings, lead));
    Ok(findings)
}

/// A template that was saved and can't be read any more.
fn unreadable(fault: &TextFault) -> Problem {
    Problem::new(Code::TemplatesFail, fault)
}
