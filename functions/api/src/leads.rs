//! `/campaigns/{id}/leads`: create, list, look, change.

mod back;
mod create;
mod explain;
mod form;
mod list;
mod reschedule;
mod restart;
mod settle_wish;
mod view;

use axum::extract::State;
use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::records::lead::Lead;
use carillon_domain::transaction::Transaction;
use carillon_runtime::context::Context;
use carillon_store::CommitError;

use crate::auth::Principal;
use crate::callers::announce;
use crate::campaigns::load as load_campaign;
use crate::http::change::{Patchable, change};
use crate::http::etag::Tagged;
use crate::http::if_match::IfMatch;
use crate::http::json::Patch;
use crate::http::path::Ids;
use crate::http::problem::{Code, Problem};

pub(crate) use create::*;
pub(crate) use explain::*;
pub(crate) use form::LeadForm;
pub(crate) use list::*;
pub(crate) use reschedule::*;
pub(crate) use restart::*;
pub(crate) use settle_wish::*;
pub(crate) use view::LeadView;

type LeadPatch = Patch<LeadForm>;

/// Shows a lead.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/leads/{lead_id}", tag = "leads",
    params(("campaign_id" = String, Path), ("lead_id" = String, Path)),
    responses((status = 200, body = LeadView)))]
pub(crate) async fn get_lead(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, LeadId>,
) -> Result<Tagged<LeadView>, Problem> {
    Ok(Tagged::of(load(&context, &principal.workspace, &campaign, &id).await?))
}

/// Changes a lead. Its first number stays: a lead with another one is another lead.
///
/// One that was skipped for want of consent, or because a text could not be made of its values, is called
/// again once that is mended.
#[utoipa::path(patch, path = "/campaigns/{campaign_id}/leads/{lead_id}", tag = "leads",
    params(("campaign_id" = String, Path), ("lead_id" = String, Path)),
    request_body = LeadPatch, responses((status = 200, body = LeadView)))]
pub(crate) async fn change_lead(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, LeadId>,
    if_match: IfMatch,
    patch: LeadPatch,
) -> Result<Tagged<LeadView>, Problem> {
    let ws = &principal.workspace;
    let default_country = load_campaign(&context, ws, &campaign).await?.spec.default_country;
    let allowed = crate::workspace::load(&context, ws).await?.allowed_number_classes;
    let make = |stored: &Lead, form: LeadForm| {
        let rules = form::NumberRules { default_country, allowed, own: &stored.numbers };
        let (primary, others, profile) = form::parts(form.into_draft(&rules, context.now())?);
        if stored.numbers.first() == Some(&primary) {
            return Ok(stored.edited(profile, others, context.now()));
        }
        let reason = "the first number can't be changed; create a lead with the new number";
        Err(Problem::of_field(Code::InvalidFields, "phone", reason))
    };
    let load = || load(&context, ws, &campaign, &id);
    let changed =
        change(&if_match, &patch, load, make, |before, after| save(&context, &principal, before, after))
            .await?;
    announce(&context, ws).await?;
    Ok(Tagged::of(changed))
}

async fn save(context: &Context, principal: &Principal, before: Lead, after: Lead) -> Result<bool, Problem> {
    let ws = &principal.workspace;
    context.store.add_zones(ws, &after.id.campaign(), &after.zones()).await?;
    let store = principal.noting(context, &after.id, &before.form(), &after.form())?;
    let campaign = after.id.campaign();
    let is_back = before.state.is_settled() && !after.state.is_settled();
    match store.commit(ws, &Transaction::change_lead(&before, after)).await {
        Ok(()) => {}
        Err(CommitError::Refused(_)) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    if is_back {
        create::put_to_work(context, principal, &campaign).await?;
    }
    Ok(true)
}

/// The lead of this id; one of another campaign is not there.
async fn load(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    id: &LeadId,
) -> Result<Lead, Problem> {
    let lead = if id.campaign() == *campaign { context.store.lead(ws, id).await? } else { None };
    lead.ok_or_else(|| Problem::not_found("lead", id))
}
