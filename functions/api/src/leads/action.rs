//! What somebody does to one lead by hand.

use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::calling::lead_action::{Acted, ActionContext, decide};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::{ActionRefusal, Lead, LeadAction};
use carillon_domain::records::refusal::Refusal;
use carillon_domain::transaction::Transaction;
use carillon_runtime::context::Context;
use carillon_store::CommitError;
use serde_json::{Value, json};

use super::back::check_campaign;
use super::create::put_to_work;
use super::{LeadView, load};
use crate::auth::Principal;
use crate::callers::announce;
use crate::campaigns::load as load_campaign;
use crate::http::change::on_current;
use crate::http::etag::Tagged;
use crate::http::if_match::IfMatch;
use crate::http::path::Ids;
use crate::http::problem::{Code, Problem};
use crate::reasons::Message;

/// Marks a lead as one that needs no call any more. A call that is up goes on.
///
/// One that was skipped is refused: why it was skipped counts for more.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads/{lead_id}/complete", tag = "leads",
    params(("campaign_id" = String, Path), ("lead_id" = String, Path)),
    responses((status = 200, body = LeadView)))]
pub(crate) async fn complete_lead(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, LeadId>,
    if_match: IfMatch,
) -> Result<Tagged<LeadView>, Problem> {
    acted(&context, &principal, (&campaign, &id), &if_match, LeadAction::Complete).await
}

/// Has a lead rest: nobody calls it until it is resumed, and its campaign completes without it. A call that is up
/// goes on, and may settle it.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads/{lead_id}/suspend", tag = "leads",
    params(("campaign_id" = String, Path), ("lead_id" = String, Path)),
    responses((status = 200, body = LeadView)))]
pub(crate) async fn suspend_lead(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, LeadId>,
    if_match: IfMatch,
) -> Result<Tagged<LeadView>, Problem> {
    acted(&context, &principal, (&campaign, &id), &if_match, LeadAction::Suspend).await
}

/// Has a suspended lead go on where it stood; what fell due meanwhile is due at once. A campaign that has completed
/// runs again.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads/{lead_id}/resume", tag = "leads",
    params(("campaign_id" = String, Path), ("lead_id" = String, Path)),
    responses((status = 200, body = LeadView)))]
pub(crate) async fn resume_lead(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, LeadId>,
    if_match: IfMatch,
) -> Result<Tagged<LeadView>, Problem> {
    acted(&context, &principal, (&campaign, &id), &if_match, LeadAction::Resume).await
}

/// Removes a lead from its campaign. Its calls stay in the results, what they rested on in the evidence, and an
/// opt-out on its list; the same number may come again as a new lead.
///
/// A lead with a call is removed once that has ended (202).
#[utoipa::path(delete, path = "/campaigns/{campaign_id}/leads/{lead_id}", tag = "leads",
    params(("campaign_id" = String, Path), ("lead_id" = String, Path)),
    responses((status = 204, description = "Gone"),
        (status = 202, description = "A call with it is up; it is removed once that has ended")))]
pub(crate) async fn remove_lead(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, LeadId>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let there = load_campaign(&context, &principal.workspace, &campaign).await?;
    let left = act(&context, &principal, &there, &id, &if_match, &LeadAction::Remove).await?;
    announce(&context, &principal.workspace).await?;
    Ok(if left.is_some() { StatusCode::ACCEPTED } else { StatusCode::NO_CONTENT })
}

/// Does it, has the planner know of it, and shows the lead.
pub(super) async fn acted(
    context: &Context,
    principal: &Principal,
    (campaign, id): (&CampaignId, &LeadId),
    if_match: &IfMatch,
    action: LeadAction,
) -> Result<Tagged<LeadView>, Problem> {
    let there = load_campaign(context, &principal.workspace, campaign).await?;
    if action.needs_calls() {
        check_campaign(&there)?;
    }
    let lead = act(context, principal, &there, id, if_match, &action).await?;
    if action.needs_calls() {
        put_to_work(context, principal, campaign).await?;
    }
    announce(context, &principal.workspace).await?;
    lead.map(Tagged::of).ok_or_else(|| Problem::not_found("lead", id))
}

/// The lead once it was done to it; none if it is gone.
pub(super) async fn act(
    context: &Context,
    principal: &Principal,
    campaign: &Campaign,
    id: &LeadId,
    if_match: &IfMatch,
    action: &LeadAction,
) -> Result<Option<Lead>, Problem> {
    let load = || load(context, &principal.workspace, &campaign.id, id);
    on_current(if_match, load, |stored| store(context, principal, campaign, action, stored)).await
}

/// Stores what the action makes of a lead, if it makes anything; none if somebody else was faster.
async fn store(
    context: &Context,
    principal: &Principal,
    campaign: &Campaign,
    action: &LeadAction,
    stored: Lead,
) -> Result<Option<Option<Lead>>, Problem> {
    let ws = &principal.workspace;
    let workspace = crate::workspace::load(context, ws).await?;
    let records = if action.needs_records() {
        context.store.number_records(ws, &stored.person()).await?
    } else {
        Vec::new()
    };
    let is_counted = !action.needs_counting() || context.store.uncounted(ws, [&stored]).await?.is_empty();
    let (now, rules) = (context.now(), workspace.rulebook());
    let (workspace, rules, records) = (&workspace, &rules, &records[..]);
    let facts = ActionContext { now, lead: &stored, campaign, workspace, rules, records, is_counted };
    let after = match decide(&facts, action)? {
        Acted::Unchanged => return Ok(Some(Some(stored))),
        Acted::Become(after) => Some(*after),
        Acted::Removed => None,
    };
    let told = |lead: &Lead| json!({ "state": lead.state, "is_leaving": lead.is_leaving });
    let store =
        principal.noting(context, &stored.id, &told(&stored), &after.as_ref().map_or(Value::Null, told))?;
    match store.commit(ws, &Transaction::of_leads([(&stored, after.clone())])).await {
        Ok(()) => Ok(Some(after)),
        Err(CommitError::Refused(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl From<ActionRefusal> for Problem {
    fn from(refusal: ActionRefusal) -> Self {
        let code = match &refusal {
            ActionRefusal::NotThere => Code::NotFound,
            ActionRefusal::LiveCall => Code::LiveCall,
            ActionRefusal::NotSettled(_) => Code::LeadNotSettled,
            ActionRefusal::Settled(_) => Code::LeadSettled,
            ActionRefusal::NotSuspended(_) => Code::LeadNotSuspended,
            ActionRefusal::NeedsReason => Code::ReasonMissing,
            ActionRefusal::WouldSettle(Refusal::DoNotCall(_)) => Code::DoNotCall,
            ActionRefusal::WouldSettle(Refusal::NumberClass(_)) => Code::NumberClassNotAllowed,
            ActionRefusal::WouldSettle(Refusal::NoConsent) => Code::ConsentMissing,
            ActionRefusal::WouldSettle(Refusal::Capped(_)) => Code::CalledOftenEnough,
            ActionRefusal::WouldSettle(_) => Code::ActionNotAllowed,
            ActionRefusal::TooMuch(_) => Code::InvalidFields,
            ActionRefusal::BeingImported => Code::BeingImported,
        };
        Self::new(code, refusal.message())
    }
}
