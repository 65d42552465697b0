//! `/campaigns/{id}/leads`: create, list, look, change.

mod action;
mod back;
mod bulk;
mod create;
mod explain;
mod form;
mod from_contacts;
mod list;
mod phones;
mod reschedule;
mod restart;
mod settle_wish;
mod view;

use axum::extract::State;
use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::records::lead::{ActionRefusal, Lead};
use carillon_domain::transaction::Transaction;
use carillon_runtime::context::Context;
use carillon_store::{CommitError, Held};

use crate::auth::Principal;
use crate::callers::{Voices, announce};
use crate::campaigns::load as load_campaign;
use crate::http::change::{Patchable, change};
use crate::http::etag::Tagged;
use crate::http::if_match::IfMatch;
use crate::http::json::Patch;
use crate::http::path::Ids;
use crate::http::problem::{Code, Problem};

pub(crate) use action::*;
pub(crate) use bulk::*;
pub(crate) use create::*;
pub(crate) use explain::*;
pub(crate) use form::{LeadForm, given};
pub(crate) use from_contacts::*;
pub(crate) use list::*;
pub(crate) use phones::{NumberRules, PhoneForm};
pub(crate) use reschedule::*;
pub(crate) use restart::*;
pub(crate) use settle_wish::*;
pub(crate) use view::{LeadView, SourceView};

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

/// Changes a lead. It keeps its id, whatever becomes of its numbers; a number that it gives up may be another
/// lead's from then on, and one that is another lead's already is refused with `lead_exists`.
///
/// One that was skipped for want of consent, or failed because a text could not be made of its values, is called
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
    let spec = load_campaign(&context, ws, &campaign).await?.spec;
    let voices = Voices::of(&context, ws).await?;
    let allowed = crate::workspace::load(&context, ws).await?.allowed_number_classes;
    let make = |stored: &Lead, form: LeadForm| {
        if form.is_test != stored.is_test {
            let reason = "a lead is there to try things out from the beginning, or never; add another one";
            return Err(Problem::of_field(Code::InvalidFields, "is_test", reason));
        }
        let default_country = spec.default_country;
        let assistant = voices.assistant(spec.assistant_for(stored.is_test));
        let rules = phones::NumberRules { default_country, allowed, own: &stored.numbers };
        let (numbers, profile) = form.into_draft(&rules, context.now())?.into_parts();
        form::check_overwrites(&profile.overwrites, Some(&stored.profile), assistant)?;
        Ok(stored.edited(profile, numbers, context.now()))
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
    let is_given_up = before.phones().any(|number| after.phones().all(|kept| kept != number));
    if is_given_up && !context.store.uncounted(ws, [&before]).await?.is_empty() {
        return Err(ActionRefusal::BeingImported.into());
    }
    let number_writes = match context.store.number_writes(ws, &before, &after).await? {
        Ok(writes) => writes,
        Err(Held { number, by }) => {
            let detail = format_args!("{number} is another lead's of this campaign; a number has one lead");
            return Err(Problem::new(Code::LeadExists, detail).existing(by));
        }
    };
    context.store.add_zones(ws, &after.id.campaign(), &after.zones()).await?;
    let store = principal.noting(context, &after.id, &before.form(), &after.form())?;
    let campaign = after.id.campaign();
    let is_back = before.state.is_settled() && !after.state.is_settled();
    let mut transaction = Transaction::change_lead(&before, after);
    transaction.extend(number_writes);
    match store.commit(ws, &transaction).await {
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
