//! `/campaigns/{id}/forecast` and `/campaigns/{id}/preview`: what will become of a campaign, and what an
//! edit would change. Nothing is saved.

mod moves;
mod outlook;
mod view;

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::CampaignId;
use carillon_domain::planning::CampaignSnapshot;
use carillon_domain::records::campaign::{Campaign, NotAllowed};
use carillon_domain::reporting::forecast::{Change, Forecast, MAX_DAYS, Note, Outlook, forecast, preview};
use carillon_runtime::context::Context;
use carillon_runtime::forecast_input::{self, AlikeRead};
use serde::Deserialize;
use utoipa::ToSchema;

use super::settings::References;
use super::{CampaignPatch, load, patched};
use crate::auth::Principal;
use crate::http::json::Body;
use crate::http::path::Id;
use crate::http::problem::{Code, FieldError, Problem};
use crate::http::validation::FieldErrors;
use moves::PreviewView;
use outlook::QueuePosition;
use view::ForecastView;

/// How many days a forecast looks ahead, unless it is asked for more.
const DEFAULT_DAYS: u32 = 30;
/// Where the settings stand that are thought about.
const CHANGES: &str = "changes";

/// What to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForecastForm {
    /// How many days to look ahead.
    #[serde(default = "default_days")]
    #[schema(minimum = 1, maximum = 90)]
    days: u32,
    /// Settings that are thought about, as `PATCH` takes them; they are not saved.
    #[serde(default)]
    changes: Option<CampaignPatch>,
}

const fn default_days() -> u32 {
    DEFAULT_DAYS
}

/// Tells what will become of a campaign: who is called where and when, how often, at what cost, and who is
/// not.
///
/// The planner itself runs on a clock that is thought of, over the leads as they are now and beside the
/// other campaigns that run; how calls end is drawn by what the campaign has seen so far. One that does not
/// run is taken to start now, or when it is scheduled. With `changes`, `as_is` is the same without them.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/forecast", tag = "campaigns",
    params(("campaign_id" = String, Path)), request_body = ForecastForm,
    responses((status = 200, body = ForecastView)))]
pub(crate) async fn forecast_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    Body(form): Body<ForecastForm>,
) -> Result<Json<ForecastView>, Problem> {
    let mut errors = FieldErrors::default();
    errors.check_range("days", form.days, 1..=MAX_DAYS);
    errors.into_result()?;
    let campaign = load(&context, &principal.workspace, &id).await?;
    check_ahead(&campaign)?;
    let references = References::of(&context, &principal.workspace).await?;
    let voices = &references.voices;
    let changed = form
        .changes
        .map(|changes| patched(&campaign, changes.onto(&campaign.spec)?, &references))
        .transpose();
    let changed = changed.map_err(|problem| within(CHANGES, problem))?;
    let as_is = QueuePosition::of(&context, &principal.workspace, &campaign).await?;
    let Some(spec) = changed else {
        voices.callers_of(&campaign.spec)?;
        return Ok(Json(ForecastView::new(foretell(as_is, form.days).await?, None)));
    };
    let callers = voices.callers_of(&spec)?.into_iter().cloned().collect();
    let changed = as_is.with(&context, &principal.workspace, spec, callers).await?;
    let (forecast, as_is) = tokio::try_join!(foretell(changed, form.days), foretell(as_is, form.days))?;
    Ok(Json(ForecastView::new(forecast, Some(as_is))))
}

/// Tells which leads an edit would move where, and saves nothing.
///
/// It is taken and refused as `PATCH` would take and refuse it. Of each lead that waits it is asked, as the
/// planner would, when it may be called next, or why it never will, as it is and as it would be; how long
/// all of them take is the forecast's to tell.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/preview", tag = "campaigns",
    params(("campaign_id" = String, Path)), request_body = CampaignPatch,
    responses((status = 200, body = PreviewView)))]
pub(crate) async fn preview_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    patch: CampaignPatch,
) -> Result<Json<PreviewView>, Problem> {
    let before = load(&context, &principal.workspace, &id).await?;
    before.status.check("edit")?;
    let references = References::of(&context, &principal.workspace).await?;
    let spec = patched(&before, patch.onto(&before.spec)?, &references)?;
    let snapshot = outlook::snapshot(&context, &principal.workspace, &before).await?;
    let before = snapshot.campaign(&id).ok_or_else(|| Problem::not_found("campaign", &id))?.clone();
    // Who may not call has no numbers.
    let numbers = references.voices.callers_of(&spec).unwrap_or_default().into_iter().cloned().collect();
    let campaign = Campaign { spec, ..before.campaign.clone() };
    let after = CampaignSnapshot { campaign, numbers, zones: before.zones.clone() };
    let AlikeRead { leads, notes } =
        forecast_input::read_for_edit(&context, &principal.workspace, &before, &after).await?;
    let thinking = tokio::task::spawn_blocking(move || {
        let (now, workspace, rules) = (snapshot.now, &snapshot.workspace, &*snapshot.rules);
        let change = Change { now, before: &before, after: &after, workspace, rules, leads: &leads };
        PreviewView::new(preview(&change), after.campaign.schedule_notes(now), notes)
    });
    thinking.await.map(Json).map_err(|error| Problem::unavailable(&error))
}

/// A campaign that has ended has nothing ahead.
fn check_ahead(campaign: &Campaign) -> Result<(), Problem> {
    let status = &campaign.status;
    if status.is_ended() {
        return Err(
            NotAllowed { status: status.name(), command: "forecast", allowed: status.allowed() }.into()
        );
    }
    Ok(())
}

/// The problem with fields of a form inside of another.
pub(super) fn within(field: &str, problem: Problem) -> Problem {
    let inner = |error: &FieldError| FieldError {
        field: format!("{field}.{}", error.field),
        reason: error.reason.clone(),
    };
    match problem.errors.as_slice() {
        [] => problem,
        errors => Problem::of_fields(Code::InvalidFields, errors.iter().map(inner).collect()),
    }
}

/// Makes a forecast, which takes a while, beside the requests of others.
async fn foretell(ahead: QueuePosition, days: u32) -> Result<(Forecast, Vec<Note>), Problem> {
    let thinking = tokio::task::spawn_blocking(move || {
        let QueuePosition { snapshot, campaign, crowds, notes } = ahead;
        let outlook = Outlook {
            snapshot: &snapshot,
            campaign: &campaign,
            crowds: &crowds,
            days,
            seed: seed(&campaign),
        };
        forecast(&outlook).map(|forecast| (forecast, notes))
    });
    let told = thinking.await.map_err(|error| Problem::unavailable(&error))?;
    // The campaign is there, and its leads are not as many as four billion.
    told.map_err(|none| Problem::unavailable(&none))
}

/// Where chance begins: the same campaign has the same forecast.
fn seed(campaign: &CampaignId) -> u64 {
    // FNV-1a, 64 bits: the same on every machine.
    let bytes = campaign.as_str().bytes();
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
