//! `/caller-numbers`: the numbers of ours that we dial from.

mod form;
mod grant;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::ids::{CallerNumberId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::sms_sender::SmsSender;
use carillon_runtime::context::Context;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::callers::{Voices, announce};
use crate::http::change::{Patchable, change, on_current};
use crate::http::etag::{Changeable, ETag, Tagged};
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::if_match::IfMatch;
use crate::http::json::Patch;
use crate::http::pagination::{Listing, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::imports::PageQuery;
use form::CallerNumberForm;
use grant::check_sender;

/// A number of ours that we dial from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallerNumber)]
pub(crate) struct CallerNumberView {
    /// Its id.
    id: CallerNumberId,
    /// The number in its international form.
    number: E164,
    /// What we call it.
    label: Option<String>,
    /// The voice provider.
    provider: VoiceProvider,
    /// The provider's id of the number; at Retell, and with the line `own_twilio`, the number itself.
    phone_number_id: String,
    /// How it reaches the network.
    line: Line,
    /// Most calls per minute; null means no limit.
    rate_limit_per_minute: Option<u32>,
    /// How many of these are kept for calls by hand; null means 1 with a limit from 20 to 30, else 0.
    reserved_per_minute: Option<u32>,
    /// Most calls at once; null means no limit.
    concurrent_limit: Option<u32>,
    /// Most calls on one day of the number's time zone; null means no limit.
    daily_cap: Option<u32>,
    /// How texts are sent from it; null if they are not.
    sms: Option<SmsSender>,
    /// When it was created.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
}

type CallerNumberPatch = Patch<CallerNumberForm>;

/// Creates a caller number.
#[utoipa::path(post, path = "/caller-numbers", tag = "caller numbers", params(IdempotencyHeader),
    request_body = CallerNumberForm, responses((status = 201, body = CallerNumberView)))]
pub(crate) async fn create_caller_number(
    State(context): State<Context>,
    principal: Principal,
    creation: Creation<CallerNumberForm>,
) -> Result<Created, Problem> {
    let create = async |form: CallerNumberForm, birth: Birth| {
        form.check(None)?;
        let id = CallerNumberId::new(birth.at, birth.seed);
        let number = form.into_number(id, 1, birth.at, birth.at);
        check_free(&context, &principal.workspace, &number).await?;
        check_sender(&context, &principal.workspace, &number).await?;
        let store = principal.noting(&context, &number.id, &(), &CallerNumberForm::from(&number))?;
        if store.create_caller_number(&principal.workspace, &number).await? {
            return Ok(Tagged::<CallerNumberView>::of(number));
        }
        match context.store.caller_number(&principal.workspace, &number.id).await? {
            // It is itself, from a request that nobody knew the end of.
            Some(stored) => Ok(Tagged::of(stored)),
            None => {
                check_free(&context, &principal.workspace, &number).await?;
                Err(Problem::contended())
            }
        }
    };
    creation.once(&context, &principal.workspace, StatusCode::CREATED, create).await
}

/// Lists caller numbers, the oldest first.
#[utoipa::path(get, path = "/caller-numbers", tag = "caller numbers", params(PageQuery),
    responses((status = 200, body = Page<CallerNumberView>)))]
pub(crate) async fn list_caller_numbers(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<CallerNumberView>>, Problem> {
    let numbers = Voices::of(&context, &principal.workspace).await?.numbers;
    let cursor = query.cursor.as_ref();
    let listing = Listing { list: "caller numbers", is_descending: false, limit: query.limit, cursor };
    Ok(Json(listing.page(&numbers, |one| [one.id.to_string()], |one| one.clone().into())?))
}

/// Shows a caller number.
#[utoipa::path(get, path = "/caller-numbers/{caller_number_id}", tag = "caller numbers",
    params(("caller_number_id" = String, Path)), responses((status = 200, body = CallerNumberView)))]
pub(crate) async fn get_caller_number(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CallerNumberId>,
) -> Result<Tagged<CallerNumberView>, Problem> {
    Ok(Tagged::of(load(&context, &principal.workspace, &id).await?))
}

/// Changes a caller number.
#[utoipa::path(patch, path = "/caller-numbers/{caller_number_id}", tag = "caller numbers",
    params(("caller_number_id" = String, Path)), request_body = CallerNumberPatch,
    responses((status = 200, body = CallerNumberView)))]
pub(crate) async fn change_caller_number(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CallerNumberId>,
    if_match: IfMatch,
    patch: CallerNumberPatch,
) -> Result<Tagged<CallerNumberView>, Problem> {
    let ws = &principal.workspace;
    let make = |before: &CallerNumber, form: CallerNumberForm| {
        form.check(Some(before.provider))?;
        Ok(form.into_number(id.clone(), before.version + 1, before.created_at, context.now()))
    };
    let load = || load(&context, ws, &id);
    let save = |before, after| save(&context, &principal, before, after);
    let changed = change(&if_match, &patch, load, make, save).await?;
    announce(&context, ws).await?;
    Ok(Tagged::of(changed))
}

async fn save(
    context: &Context,
    principal: &Principal,
    before: CallerNumber,
    after: CallerNumber,
) -> Result<bool, Problem> {
    check_free(context, &principal.workspace, &after).await?;
    check_sender(context, &principal.workspace, &after).await?;
    let store = principal.noting(context, &after.id, &before.form(), &after.form())?;
    Ok(store.update_caller_number(&principal.workspace, &after).await?)
}

/// Deletes a caller number that no assistant and no campaign needs any more.
#[utoipa::path(delete, path = "/caller-numbers/{caller_number_id}", tag = "caller numbers",
    params(("caller_number_id" = String, Path)), responses((status = 204, description = "Gone")))]
pub(crate) async fn delete_caller_number(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CallerNumberId>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let load = || load(&context, &principal.workspace, &id);
    on_current(&if_match, load, |stored| remove(&context, &principal, stored)).await
}

async fn remove(
    context: &Context,
    principal: &Principal,
    stored: CallerNumber,
) -> Result<Option<StatusCode>, Problem> {
    let ws = &principal.workspace;
    check_unused(context, ws, &stored.id).await?;
    let store = principal.noting(context, &stored.id, &stored.form(), &())?;
    Ok(store.remove_caller_number(ws, &stored).await?.then_some(StatusCode::NO_CONTENT))
}

async fn check_unused(context: &Context, ws: &WorkspaceId, id: &CallerNumberId) -> Result<(), Problem> {
    let assistants = Voices::of(context, ws).await?.assistants;
    if let Some(assistant) = assistants.iter().find(|one| one.caller_number_ids.contains(id)) {
        return Err(in_use("assistant", &assistant.id));
    }
    if crate::workspace::load(context, ws).await?.test_number_id.as_ref() == Some(id) {
        return Err(in_use("workspace", ws));
    }
    let campaigns = context.store.campaigns(ws).await?;
    match campaigns.iter().find(|one| one.needs_number(id)) {
        Some(campaign) => Err(in_use("campaign", &campaign.id)),
        None => Ok(()),
    }
}

fn in_use(what: &str, id: impl std::fmt::Display) -> Problem {
    let detail = format!("the {what} {id} uses it; take it out there first");
    Problem::new(Code::InUse, detail).existing(id)
}

async fn load(context: &Context, ws: &WorkspaceId, id: &CallerNumberId) -> Result<CallerNumber, Problem> {
    context.store.caller_number(ws, id).await?.ok_or_else(|| Problem::not_found("caller number", id))
}

/// Each number once; the table has the last word, this names the other one.
async fn check_free(context: &Context, ws: &WorkspaceId, number: &CallerNumber) -> Result<(), Problem> {
    match context.store.caller_number_of(ws, &number.number).await? {
        Some(holder) if holder != number.id => Err(exists(&holder)),
        Some(_) | None => Ok(()),
    }
}

fn exists(id: &CallerNumberId) -> Problem {
    let detail = "this number is a caller number already; change that one instead";
    Problem::new(Code::CallerNumberExists, detail).existing(id)
}

impl Changeable for CallerNumber {
    fn etag(&self) -> ETag {
        ETag::of(self.version, &self.form())
    }
}

impl Patchable for CallerNumber {
    type Form = CallerNumberForm;

    fn form(&self) -> CallerNumberForm {
        self.into()
    }
}

impl From<CallerNumber> for CallerNumberView {
    fn from(number: CallerNumber) -> Self {
        Self {
            id: number.id,
            number: number.number,
            label: number.label,
            provider: number.provider,
            phone_number_id: number.phone_number_id,
            line: number.line,
            rate_limit_per_minute: number.rate_limit_per_minute,
            reserved_per_minute: number.reserved_per_minute,
            concurrent_limit: number.concurrent_limit,
            daily_cap: number.daily_cap,
            sms: number.sms,
            created_at: number.created_at,
            updated_at: number.updated_at,
        }
    }
}
