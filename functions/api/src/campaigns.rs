//! `/campaigns`: create, look, change, delete, duplicate.

mod commands;
mod explain;
mod forecast;
mod goal_test;
mod list;
mod settings;
mod standing;
mod stats;
mod templates;
mod view;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use carillon_domain::base::ids::{CampaignId, JobId, WorkspaceId};
use carillon_domain::records::campaign::{Campaign, CampaignSpec, CampaignStatus};
use carillon_domain::records::job::{Job, JobKind};
use carillon_runtime::context::Context;
use carillon_runtime::services::lifecycle;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::auth::Principal;
use crate::http::change::{Edit, Patchable};
use crate::http::etag::{Changeable, Tagged};
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::if_match::IfMatch;
use crate::http::json::Patch;
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS};
use crate::jobs::{self, JobView};

pub(crate) use commands::*;
pub(crate) use explain::*;
pub(crate) use forecast::*;
pub(crate) use goal_test::*;
pub(crate) use list::*;
pub(crate) use settings::MAX_CALLER_NUMBERS;
use settings::{References, checked};
use standing::Standing;
pub(crate) use stats::*;
pub(crate) use templates::*;
pub(crate) use view::CampaignView;

/// The settings to change.
pub(crate) type CampaignPatch = Patch<CampaignSpec>;

/// How to delete a campaign.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteQuery {
    /// `true` to delete one that has run, with all of its results.
    #[serde(default)]
    confirm: bool,
}

/// How to duplicate a campaign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DuplicateForm {
    /// What to call the copy.
    name: Option<String>,
}

/// Creates a campaign, as a draft.
#[utoipa::path(post, path = "/campaigns", tag = "campaigns", params(IdempotencyHeader),
    request_body = CampaignSpec, responses((status = 201, body = CampaignView)))]
pub(crate) async fn create_campaign(
    State(context): State<Context>,
    principal: Principal,
    creation: Creation<CampaignSpec>,
) -> Result<Created, Problem> {
    let create = async |settings: CampaignSpec, birth: Birth| {
        let spec = checked(settings, &References::of(&context, &principal.workspace).await?, None)?;
        let draft = Campaign::draft(CampaignId::new(birth.at, birth.seed), spec, birth.at);
        put(&context, &principal, draft).await
    };
    creation.once(&context, &principal.workspace, StatusCode::CREATED, create).await
}

/// Shows a campaign.
#[utoipa::path(get, path = "/campaigns/{campaign_id}", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = CampaignView)))]
pub(crate) async fn get_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
) -> Result<Tagged<CampaignView>, Problem> {
    let campaign = load(&context, &principal.workspace, &id).await?;
    shown(&context, &principal.workspace, campaign).await
}

/// Changes a draft, a running or a paused campaign.
///
/// Nothing that was chosen under the old settings is dialled once this has answered; calls that
/// are up go on. An assistant without a number gets the workspace's test number, if there is one:
/// `attached_test_number_id` says so, here as at a start.
#[utoipa::path(patch, path = "/campaigns/{campaign_id}", tag = "campaigns",
    params(("campaign_id" = String, Path)),
    request_body = CampaignPatch,
    responses((status = 200, body = CampaignView)))]
pub(crate) async fn change_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    if_match: IfMatch,
    patch: CampaignPatch,
) -> Result<Tagged<CampaignView>, Problem> {
    let mut references = References::of(&context, &principal.workspace).await?;
    let stored = load(&context, &principal.workspace, &id).await?;
    if_match.check(&stored)?;
    let wanted = checked(patch.onto(&stored.form())?, &references, Some(&stored.spec))?;
    let attached = if stored.status.check("edit").is_ok() && calls_differently(&stored.spec, &wanted) {
        references.voices.attach_test_number(&context, &principal, &wanted).await?
    } else {
        None
    };
    let mut edit = Edit::new(&if_match, &patch);
    let edit = |stored: &Campaign| {
        edit.apply(stored, |spec| {
            stored.status.check("edit")?;
            Ok(stored.edited(patched(stored, spec, &references)?, context.now())?)
        })
    };
    let changed = lifecycle::change(&context, &principal.workspace, &id, Some(&principal.act), edit).await?;
    let shown = shown(&context, &principal.workspace, changed).await?;
    Ok(Tagged { view: shown.view.with_test_number(attached), ..shown })
}

/// Deletes a draft, a scheduled campaign or one that has ended; one that ever ran, with its results,
/// only with `?confirm=true`.
///
/// It is gone at once; its leads, imports, counters and results follow in the background, and the answer is the job
/// that removes them. What stays: opt-outs and the latest attempt to each number, which protect people and belong to
/// no campaign; for five years the evidence of its dials and refusals; and for a while the dropped files.
#[utoipa::path(delete, path = "/campaigns/{campaign_id}", tag = "campaigns",
    params(("campaign_id" = String, Path), DeleteQuery),
    responses((status = 202, body = JobView,
        headers(("Location" = String, description = "Where the job is to be found")))))]
pub(crate) async fn delete_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    Asked(query): Asked<DeleteQuery>,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let ws = &principal.workspace;
    let check = |stored: &Campaign| {
        if_match.check(stored)?;
        check_removal(stored, query.confirm)
    };
    check(&load(&context, ws, &id).await?)?;
    check_no_calls(&context, ws, &id).await?;
    let leads = context.store.counters(ws, &id).await?.all_leads();
    let (now, total) = (context.now(), u64::try_from(leads).ok());
    let kind = JobKind::DeleteCampaign { campaign: id.clone() };
    let job = Job::queued(JobId::new(now, context.random.draw()), kind, total, principal.act.clone(), now);
    lifecycle::close(&context, ws, &id, &job, check).await?;
    jobs::begin(&context, ws, &job.id).await;
    let place = [(header::LOCATION, jobs::path_of(job.id.as_str()))];
    Ok((StatusCode::ACCEPTED, place, Json(JobView::from(job))).into_response())
}

/// Makes a draft with the same settings and no leads.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/duplicate", tag = "campaigns",
    params(("campaign_id" = String, Path), IdempotencyHeader),
    request_body = Option<DuplicateForm>, responses((status = 201, body = CampaignView)))]
pub(crate) async fn duplicate_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    creation: Creation<Option<DuplicateForm>>,
) -> Result<Created, Problem> {
    let duplicate = async |form: Option<DuplicateForm>, birth: Birth| {
        let original = load(&context, &principal.workspace, &id).await?;
        let name = form.and_then(|form| form.name).unwrap_or_else(|| copy_name(&original.spec.name));
        let mut errors = FieldErrors::default();
        errors.check_text("name", &name, MAX_NAME_CHARS);
        errors.into_result()?;
        let copy = original.duplicate(CampaignId::new(birth.at, birth.seed), name, birth.at)?;
        put(&context, &principal, copy).await
    };
    creation.once(&context, &principal.workspace, StatusCode::CREATED, duplicate).await
}

/// The campaign of this id.
pub(crate) async fn load(context: &Context, ws: &WorkspaceId, id: &CampaignId) -> Result<Campaign, Problem> {
    context.store.campaign(ws, id).await?.ok_or_else(|| Problem::not_found("campaign", id))
}

/// Stores a new campaign; one with its id is itself, from a request that nobody knew the end of.
async fn put(
    context: &Context,
    principal: &Principal,
    draft: Campaign,
) -> Result<Tagged<CampaignView>, Problem> {
    let store = principal.noting(context, &draft.id, &(), &draft.for_audit())?;
    if store.create_campaign(&principal.workspace, &draft).await? {
        return shown(context, &principal.workspace, draft).await;
    }
    shown(context, &principal.workspace, load(context, &principal.workspace, &draft.id).await?).await
}

/// A campaign as its client sees it.
async fn shown(
    context: &Context,
    ws: &WorkspaceId,
    campaign: Campaign,
) -> Result<Tagged<CampaignView>, Problem> {
    let standing = Standing::of(context, ws, std::slice::from_ref(&campaign)).await?;
    Ok(Tagged { etag: Some(campaign.etag()), view: CampaignView::of(campaign, &standing) })
}

/// Changed settings of a campaign, if they may be saved.
fn patched(before: &Campaign, spec: CampaignSpec, references: &References) -> Result<CampaignSpec, Problem> {
    let spec = checked(spec, references, Some(&before.spec))?;
    let has_begun = before.status != CampaignStatus::Draft && !before.status.is_ended();
    if has_begun && !spec.cadence.keeps_steps_of(&before.spec.cadence) {
        return Err(Problem::of_field(Code::InvalidFields, "cadence", STEPS_STAY));
    }
    if before.status != CampaignStatus::Draft && calls_differently(&before.spec, &spec) {
        references.voices.callers_of(&spec)?;
    }
    Ok(spec)
}

/// Why steps of a campaign can't be exchanged: its leads wait at them.
const STEPS_STAY: &str = "leads stand at the steps of a campaign that has begun: none can be left out, and none \
                          become a call that was a text, or a text that was a call; add steps at the end, or make a copy";

/// Whether somebody else calls, or from other numbers.
fn calls_differently(before: &CampaignSpec, after: &CampaignSpec) -> bool {
    before.assistant_id != after.assistant_id || before.caller_number_ids != after.caller_number_ids
}

/// The name of a copy, cut to its limit.
fn copy_name(name: &str) -> String {
    const SUFFIX: &str = " (copy)";
    let kept: String = name.chars().take(MAX_NAME_CHARS - SUFFIX.len()).collect();
    format!("{kept}{SUFFIX}")
}

fn check_removal(campaign: &Campaign, is_confirmed: bool) -> Result<(), Problem> {
    campaign.status.check("delete")?;
    let has_run = campaign.started_at.is_some() || campaign.run > 0;
    if (has_run || campaign.status.is_ended()) && !is_confirmed {
        let detail = "this deletes all of its leads and results; add ?confirm=true if that is meant";
        return Err(Problem::new(Code::ConfirmationRequired, detail));
    }
    if let Some(import) = campaign.open_imports.first() {
        let detail = "a file is being read into it; delete it once that has ended";
        return Err(Problem::new(Code::InUse, detail).existing(import));
    }
    Ok(())
}

async fn check_no_calls(context: &Context, ws: &WorkspaceId, id: &CampaignId) -> Result<(), Problem> {
    let (active_attempts, requests) = context.store.in_flight(ws).await?;
    let is_called = active_attempts.iter().any(|active_attempt| active_attempt.campaign == *id)
        || requests.iter().any(|request| request.lead.campaign() == *id);
    if is_called {
        let detail = "calls of this campaign are in progress; delete it once they have ended";
        return Err(Problem::new(Code::CallsInProgress, detail));
    }
    Ok(())
}
