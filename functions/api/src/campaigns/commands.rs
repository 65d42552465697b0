//! `/campaigns/{id}/start` and the other turns of its life.

use axum::extract::State;
use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{DAY_MS, Timestamp};
use carillon_domain::records::campaign::{Campaign, CampaignStatus, Command, PauseReason};
use carillon_runtime::context::Context;
use carillon_runtime::services::lifecycle;
use serde::Deserialize;
use utoipa::ToSchema;

use super::settings::check_days;
use super::{CampaignView, load, shown, templates};
use crate::auth::Principal;
use crate::callers::Voices;
use crate::http::etag::Tagged;
use crate::http::if_match::IfMatch;
use crate::http::json::Body;
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::validation::FieldErrors;

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
/// from, fewer campaigns must run than the workspace's plan allows, and its credits must not be low. A campaign that
/// can say nothing to any of its leads is refused with `templates_fail`; one that can't to some of them starts, and
/// `template_findings` says what they lack.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/start", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = CampaignView)))]
pub(crate) async fn start_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    if_match: IfMatch,
) -> Result<Tagged<CampaignView>, Problem> {
    begin(&context, &principal, &id, &if_match, |_| Ok(Command::Start)).await
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
    if_match: IfMatch,
    Body(form): Body<ScheduleForm>,
) -> Result<Tagged<CampaignView>, Problem> {
    let now = context.now();
    let schedule = |campaign: &Campaign| {
        let start_at = form.start_at.map_or_else(|| first_run(campaign, now), Ok)?;
        if (1..=MAX_AHEAD_MS).contains(&start_at.since_ms(now)) {
            return Ok(Command::Schedule { start_at });
        }
        let reason = format!("it must lie ahead of now ({now}), within a year");
        Err(Problem::of_field(Code::InvalidFields, "start_at", reason))
    };
    begin(&context, &principal, &id, &if_match, schedule).await
}

/// Turns a scheduled campaign back into a draft.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/unschedule", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = CampaignView)))]
pub(crate) async fn unschedule_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    if_match: IfMatch,
) -> Result<Tagged<CampaignView>, Problem> {
    turn(&context, &principal, &id, &if_match, |_| Ok(Command::Unschedule)).await
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
    if_match: IfMatch,
) -> Result<Tagged<CampaignView>, Problem> {
    turn(&context, &principal, &id, &if_match, |_| Ok(Command::Pause { reason: PauseReason::Requested }))
        .await
}

/// Goes on with a paused campaign, under the same conditions as a start.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/resume", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = CampaignView)))]
pub(crate) async fn resume_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    if_match: IfMatch,
) -> Result<Tagged<CampaignView>, Problem> {
    begin(&context, &principal, &id, &if_match, |_| Ok(Command::Resume)).await
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
    if_match: IfMatch,
) -> Result<Tagged<CampaignView>, Problem> {
    turn(&context, &principal, &id, &if_match, |_| Ok(Command::Cancel)).await
}

/// Gives a campaign a command of its client's, after which it calls.
async fn begin(
    context: &Context,
    principal: &Principal,
    id: &CampaignId,
    if_match: &IfMatch,
    command: impl Fn(&Campaign) -> Result<Command, Problem>,
) -> Result<Tagged<CampaignView>, Problem> {
    let mut voices = Voices::of(context, &principal.workspace).await?;
    let stored = load(context, &principal.workspace, id).await?;
    if_match.check(&stored)?;
    may_begin(context, &stored, &command)?;
    let attached = voices.attach_test_number(context, principal, &stored.spec).await?;
    let checked = |stored: &Campaign| {
        let command = may_begin(context, stored, &command)?;
        voices.callers_of(&stored.spec)?;
        Ok(command)
    };
    checked(&stored)?;
    let findings = templates::found_at_start(context, &principal.workspace, &stored, &voices).await?;
    let begun = turn(context, principal, id, if_match, checked).await?;
    Ok(Tagged { view: begun.view.with_findings(findings).with_test_number(attached), ..begun })
}

/// The command, if the campaign's state and days allow it.
fn may_begin(
    context: &Context,
    stored: &Campaign,
    command: impl Fn(&Campaign) -> Result<Command, Problem>,
) -> Result<Command, Problem> {
    let command = command(stored)?;
    stored.status.check(command.name())?;
    let at = if let Command::Schedule { start_at } = command { start_at } else { context.now() };
    check_ahead(stored, at)?;
    Ok(command)
}

/// Gives a campaign a command of its client's.
async fn turn(
    context: &Context,
    principal: &Principal,
    id: &CampaignId,
    if_match: &IfMatch,
    command: impl Fn(&Campaign) -> Result<Command, Problem>,
) -> Result<Tagged<CampaignView>, Problem> {
    let change = |stored: &Campaign| {
        if_match.check(stored)?;
        let command = command(stored)?;
        stored.status.check(command.name())?;
        Ok::<_, Problem>(stored.apply(command, context.now())?)
    };
    let changed = lifecycle::change(context, &principal.workspace, id, Some(&principal.act), change).await?;
    shown(context, &principal.workspace, changed).await
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
    let mut errors = FieldErrors::default();
    check_days(&mut errors, &spec.period, recurrence, spec.time_zone, at);
    errors.into_result()
}

/// Whether we paused it ourselves.
pub(super) const fn is_suspended(status: &CampaignStatus) -> bool {
    match status {
        CampaignStatus::Paused { reason } => match reason {
            PauseReason::ProviderRefused
            | PauseReason::RequestsRejected
            | PauseReason::NoProviderKey
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
