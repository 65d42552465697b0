//! `/campaigns/{id}/start` and the other turns of its life.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{DAY_MS, Timestamp};
use carillon_domain::records::campaign::{Campaign, CampaignStatus, Command, PauseReason};
use carillon_runtime::context::Context;
use carillon_runtime::services::lifecycle::{self, LifecycleError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::settings::check_days;
use super::{CampaignView, load};
use crate::auth::Principal;
use crate::callers::Voices;
use crate::http::json::Body;
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::validation::Faults;

/// How far ahead a start may lie, in milliseconds: a year.
const MAX_AHEAD_MS: i64 = 366 * DAY_MS;

/// When to start.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleForm {
    /// The moment, within a year. One that recurs begins with its first run, unless this is set.
    #[serde(default)]
    #[schema(format = DateTime, example = "2026-11-21T09:00:00Z")]
    start_at: Option<Timestamp>,
}

/// Starts a draft.
///
/// Its period and recurrence must not be over, its assistant must be active and have a number to call
/// from, fewer campaigns must run than the workspace's plan allows, and its credits must not be low.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/start", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = CampaignView)))]
pub(crate) async fn start_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignView>, Problem> {
    turn(&context, &principal, &id, Command::Start).await
}

/// Makes a draft start by itself at a time.
///
/// Its period and recurrence must not be over by then. If it may not start then, it starts as soon as it
/// may; `waiting_for` says what it waits for.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/schedule", tag = "campaigns",
    params(("campaign_id" = String, Path)), request_body = ScheduleForm,
    responses((status = 200, body = CampaignView)))]
pub(crate) async fn schedule_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    Body(form): Body<ScheduleForm>,
) -> Result<Json<CampaignView>, Problem> {
    let now = context.now();
    let start_at = match form.start_at {
        Some(start_at) => start_at,
        None => first_run(&load(&context, &principal.workspace, &id).await?, now)?,
    };
    if !(1..=MAX_AHEAD_MS).contains(&start_at.since_ms(now)) {
        let reason = format!("it must lie ahead of now ({now}), within a year");
        return Err(Problem::of_field(Code::InvalidFields, "start_at", reason));
    }
    turn(&context, &principal, &id, Command::Schedule { start_at }).await
}

/// Turns a scheduled campaign back into a draft.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/unschedule", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = CampaignView)))]
pub(crate) async fn unschedule_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignView>, Problem> {
    turn(&context, &principal, &id, Command::Unschedule).await
}

/// Pauses a running campaign.
///
/// Once this has answered nothing more is dialled; calls that are up end by themselves.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/pause", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = CampaignView)))]
pub(crate) async fn pause_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignView>, Problem> {
    turn(&context, &principal, &id, Command::Pause { reason: PauseReason::Requested }).await
}

/// Goes on with a paused campaign, under the same conditions as a start.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/resume", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = CampaignView)))]
pub(crate) async fn resume_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignView>, Problem> {
    turn(&context, &principal, &id, Command::Resume).await
}

/// Stops a running or a paused campaign for good.
///
/// Once this has answered nothing more is dialled; calls that are up end by themselves.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/cancel", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = CampaignView)))]
pub(crate) async fn cancel_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignView>, Problem> {
    turn(&context, &principal, &id, Command::Cancel).await
}

/// Gives a campaign a command of its client's.
async fn turn(
    context: &Context,
    principal: &Principal,
    id: &CampaignId,
    command: Command,
) -> Result<Json<CampaignView>, Problem> {
    let before = load(context, &principal.workspace, id).await?;
    before.status.check(command.name())?;
    let calls_from = match command {
        Command::Start | Command::Resume => Some(context.now()),
        Command::Schedule { start_at } => Some(start_at),
        _ => None,
    };
    if let Some(at) = calls_from {
        check_ahead(&before, at)?;
        Voices::of(context, &principal.workspace).await?.callers_of(&before.spec)?;
    }
    let change = |stored: &Campaign| {
        // What was asked of its settings holds of these only.
        if calls_from.is_some() && stored.spec != before.spec {
            return Err(LifecycleError::Contended);
        }
        stored.status.check(command.name())?;
        Ok(stored.apply(command, context.now())?)
    };
    Ok(Json(lifecycle::change(context, &principal.workspace, id, Some(&principal.act), change).await?.into()))
}

/// When a campaign's first run begins by itself.
fn first_run(campaign: &Campaign, now: Timestamp) -> Result<Timestamp, Problem> {
    if let Some(first) = campaign.first_run_at(now) {
        return Ok(first);
    }
    check_ahead(campaign, now)?;
    let (field, reason) = if campaign.spec.recurrence.is_some() {
        ("recurrence", "none of its runs lies ahead: change it or the period, or give `start_at`")
    } else {
        ("start_at", "give the moment; only a campaign with a recurrence knows it by itself")
    };
    Err(Problem::of_field(Code::InvalidFields, field, reason))
}

/// Whether a campaign that begins to call at a moment has days left: with its period over, every lead
/// would be skipped for good.
fn check_ahead(campaign: &Campaign, at: Timestamp) -> Result<(), Problem> {
    let spec = &campaign.spec;
    // One that goes on may be in the last of its runs.
    let is_first = !matches!(campaign.status, CampaignStatus::Paused { .. });
    let recurrence = spec.recurrence.as_ref().filter(|_| is_first);
    let mut faults = Faults::default();
    check_days(&mut faults, &spec.period, recurrence, spec.time_zone, at);
    faults.finish()
}

/// Whether we paused it ourselves.
pub(super) const fn is_suspended(status: &CampaignStatus) -> bool {
    match status {
        CampaignStatus::Paused { reason } => match reason {
            PauseReason::ProviderRefused
            | PauseReason::AssistantUnusable
            | PauseReason::LowCredits
            | PauseReason::TooManyFailures => true,
            PauseReason::Requested => false,
        },
        CampaignStatus::Draft
        | CampaignStatus::Scheduled { .. }
        | CampaignStatus::Running
        | CampaignStatus::Completing
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => false,
    }
}
