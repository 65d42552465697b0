//! `/campaigns/{id}/leads`: create, list, look, change.

mod back;
mod create;
mod explain;
mod form;
mod reschedule;
mod restart;
mod settle_wish;
mod view;

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::records::campaign::CampaignSpec;
use carillon_domain::records::lead::{Lead, LeadStatus};
use carillon_domain::transaction::Transaction;
use carillon_runtime::context::Context;
use carillon_store::CommitError;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Principal;
use crate::callers::announce;
use crate::campaigns::load as load_campaign;
use crate::http::change::{Patchable, change};
use crate::http::etag::Tagged;
use crate::http::if_match::IfMatch;
use crate::http::json::Patch;
use crate::http::pagination::{Cursor, Limit, Listing, Page};
use crate::http::path::{Id, Ids};
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::search::Search;

pub(crate) use create::*;
pub(crate) use explain::*;
pub(crate) use form::LeadForm;
pub(crate) use reschedule::*;
pub(crate) use restart::*;
pub(crate) use settle_wish::*;
pub(crate) use view::LeadView;

/// Which leads to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LeadQuery {
    /// Items of a page.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Cursor>,
    /// Only those in this state.
    status: Option<LeadStatus>,
    /// Only those with this in their name, in any case, or in one of their numbers.
    search: Option<String>,
}

type LeadPatch = Patch<LeadForm>;

/// Lists leads in the order of their files.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/leads", tag = "leads",
    params(("campaign_id" = String, Path), LeadQuery), responses((status = 200, body = Page<LeadView>)))]
pub(crate) async fn list_leads(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    Asked(query): Asked<LeadQuery>,
) -> Result<Json<Page<LeadView>>, Problem> {
    load_campaign(&context, &principal.workspace, &campaign).await?;
    let search = query.search.as_deref().and_then(Search::new);
    let mut leads = context.store.all_leads(&principal.workspace, &campaign).await?;
    leads.retain(|lead| {
        query.status.is_none_or(|status| status == lead.state.status())
            && search.as_ref().is_none_or(|search| search.finds(lead.profile.name.as_deref(), &lead.numbers))
    });
    let list = format!("leads of {campaign}");
    let listing =
        Listing { list: &list, is_descending: false, limit: query.limit, cursor: query.cursor.as_ref() };
    Ok(Json(listing.page(&leads, place, |lead| lead.clone().into())?))
}

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
    let CampaignSpec { default_country, assistant_id, .. } =
        load_campaign(&context, ws, &campaign).await?.spec;
    let assistant = context.store.assistant(ws, &assistant_id).await?;
    let allowed = crate::workspace::load(&context, ws).await?.allowed_number_classes;
    let make = |stored: &Lead, form: LeadForm| {
        let rules = form::NumberRules { default_country, allowed, own: &stored.numbers };
        let (primary, others, profile) = form::parts(form.into_draft(&rules, context.now())?);
        form::check_overwrites(&profile.overwrites, Some(&stored.profile), assistant.as_ref())?;
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

fn place(lead: &Lead) -> [String; 3] {
    [lead.order.at.to_string(), format!("{:010}", lead.order.row), lead.id.to_string()]
}
