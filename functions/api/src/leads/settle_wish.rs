//! Settling what a person asked for that nobody could read, or that could not be done.

use axum::extract::State;
use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::calling::wish::{NotSettled, OpenWish, Wish};
use carillon_domain::policy::do_not_call::{ListName, Listing, MAX_REASON_CHARS};
use carillon_domain::records::audit::Act;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::Lead;
use carillon_domain::records::number_record::NumberRecord;
use carillon_domain::transaction::Write;
use carillon_runtime::context::Context;
use carillon_runtime::services::suppression;
use carillon_store::CommitError;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::back::{check_campaign, check_moment};
use super::create::put_to_work;
use super::{LeadView, load};
use crate::auth::Principal;
use crate::callers::announce;
use crate::campaigns::load as load_campaign;
use crate::do_not_call::SOURCE;
use crate::http::change::on_current;
use crate::http::etag::Tagged;
use crate::http::if_match::IfMatch;
use crate::http::json::Body;
use crate::http::path::Ids;
use crate::http::problem::{Code, Problem};
use crate::http::validation::{FieldErrors, present};

/// What somebody found out that the person wants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WishForm {
    /// What they want.
    wish: WishName,
    /// When to call back, as in `reschedule`; for `callback` alone.
    #[serde(default)]
    #[schema(format = DateTime, example = "2026-11-23T14:30:00Z")]
    at: Option<Timestamp>,
    /// How that is known; kept in the audit log, and beside the number. The person's own words unless set.
    #[serde(default)]
    #[schema(max_length = 300)]
    reason: Option<String>,
}

/// Never to be called again (`do_not_call`), to be called back (`callback`), or nothing of us (`none`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WishName {
    DoNotCall,
    Callback,
    None,
}

/// Settles what the person of a lead asked for, where that could not be read, or was a call-back that the campaign
/// could not make: the lead is `skipped` for `unclear_wish`, or a number of theirs is on the list
/// `unclear_wishes`.
///
/// All of their numbers leave that list. With `do_not_call` they are put on the list of that name, in every spelling;
/// with `callback` the lead is called back at the moment that is given; with `none` it goes on where it
/// stood. Leads of the same numbers that rest in other campaigns follow: they are skipped, or go on where they
/// stood.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads/{lead_id}/settle-wish", tag = "leads",
    params(("campaign_id" = String, Path), ("lead_id" = String, Path)),
    request_body = WishForm, responses((status = 200, body = LeadView)))]
pub(crate) async fn settle_wish(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, LeadId>,
    if_match: IfMatch,
    Body(form): Body<WishForm>,
) -> Result<Tagged<LeadView>, Problem> {
    let now = context.now();
    let wish = form.wish(now)?;
    let act = Act { reason: present(form.reason), ..principal.act };
    let principal = Principal { act, ..principal };
    let ws = &principal.workspace;
    let there = load_campaign(&context, ws, &campaign).await?;
    if let Wish::Callback { at } = wish {
        check_moment(&there, at, now)?;
        check_campaign(&there)?;
    }
    let load = || load(&context, ws, &campaign, &id);
    let lead = on_current(&if_match, load, |lead| settle(&context, &principal, &there, lead, wish)).await?;
    if wish == Wish::DoNotCall {
        let numbers = lead.phones().cloned().collect();
        suppression::withdraw_queued(&context, ws, &ListName::do_not_call(), numbers).await?;
    }
    let mut waiting = suppression::bring_on(&context, ws, &lead.person(), wish).await?;
    if lead.state.is_waiting() {
        waiting.insert(campaign);
    }
    for campaign in &waiting {
        put_to_work(&context, &principal, campaign).await?;
    }
    announce(&context, ws).await?;
    Ok(Tagged::of(lead))
}

/// The lead as it is stored then; none if somebody else was faster.
async fn settle(
    context: &Context,
    principal: &Principal,
    campaign: &Campaign,
    stored: Lead,
    wish: Wish,
) -> Result<Option<Lead>, Problem> {
    let (ws, act) = (&principal.workspace, &principal.act);
    let records = context.store.number_records(ws, &stored.person()).await?;
    if let Wish::Callback { .. } = wish {
        check_lists(campaign, &records)?;
    }
    let words =
        || records.iter().find_map(|record| record.lists.get(&ListName::unclear_wishes())?.reason.clone());
    let now = context.now();
    let reason = act.reason.clone().or_else(words);
    let listing = Listing { at: now, source: SOURCE.to_owned(), reason };
    let open = OpenWish { lead: &stored, records: &records };
    let transaction = open.settled(wish, &act.removal(now), &listing)?;
    let changed = transaction.0.iter().find_map(|write| match write {
        Write::UpdateLead { after, .. } => Some(after.clone()),
        _ => None,
    });
    let lead = changed.unwrap_or_else(|| stored.clone());
    let before = json!({ "state": stored.state, "wish": "open" });
    let after = json!({ "state": lead.state, "wish": told(wish) });
    match context.noting(ws, Some(act), &lead.id, &before, &after)?.commit(ws, &transaction).await {
        Ok(()) => Ok(Some(lead)),
        Err(CommitError::Refused(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What the audit log tells of a wish.
const fn told(wish: Wish) -> WishName {
    match wish {
        Wish::DoNotCall => WishName::DoNotCall,
        Wish::Callback { .. } => WishName::Callback,
        Wish::Nothing => WishName::None,
    }
}

/// Whether another list than that of open wishes holds one of the person's numbers.
fn check_lists(campaign: &Campaign, records: &[NumberRecord]) -> Result<(), Problem> {
    for record in records {
        match record.suppressed_by(&campaign.spec.suppression_lists) {
            Some(list) if !list.is_of_unclear_wishes() => {
                let detail = format_args!("the number {} is on the list {list}", record.number);
                return Err(Problem::new(Code::DoNotCall, detail));
            }
            _ => {}
        }
    }
    Ok(())
}

impl WishForm {
    fn wish(&self, now: Timestamp) -> Result<Wish, Problem> {
        let mut errors = FieldErrors::default();
        errors.check_optional_text("reason", self.reason.as_deref(), MAX_REASON_CHARS);
        let wish = match (self.wish, self.at) {
            (WishName::DoNotCall, None) => Wish::DoNotCall,
            (WishName::None, None) => Wish::Nothing,
            (WishName::Callback, Some(at)) => Wish::Callback { at: at.max(now) },
            (WishName::Callback, None) => {
                errors.push("at", "a `callback` needs its moment");
                Wish::Nothing
            }
            (WishName::DoNotCall | WishName::None, Some(_)) => {
                errors.push("at", "only a `callback` has a moment");
                Wish::Nothing
            }
        };
        errors.into_result()?;
        Ok(wish)
    }
}

impl From<NotSettled> for Problem {
    fn from(refusal: NotSettled) -> Self {
        match refusal {
            NotSettled::NoneOpen => Self::new(
                Code::NoOpenWish,
                "the person has asked for nothing that is open; there is nothing to settle",
            ),
            NotSettled::LiveCall => {
                let detail = "a call with this lead is in progress; try again when it is over";
                Self::new(Code::LiveCall, detail)
            }
        }
    }
}
