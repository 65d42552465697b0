//! `/caller-numbers`: the numbers of ours that we dial from.

mod form;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::ids::{CallerNumberId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_runtime::context::Context;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::callers::{Voices, announce};
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::json::Patch;
use crate::http::pagination::{Listing, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::imports::PageQuery;
use form::CallerNumberForm;

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
    #[schema(value_type = String, example = "elevenlabs")]
    provider: VoiceProvider,
    /// The provider's id of the number.
    phone_number_id: String,
    /// How it reaches the network.
    line: Line,
    /// Most calls per minute; null means no limit.
    rate_limit_per_minute: Option<u32>,
    /// How many of these are kept for calls by hand; null means 1 with a limit from 5 to 32, else 0.
    reserved_per_minute: Option<u32>,
    /// Most calls at once; null means no limit.
    concurrent_limit: Option<u32>,
    /// Most calls on one day of the number's time zone; null means no limit.
    daily_cap: Option<u32>,
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
        check_unused(&context, &principal.workspace, &form.number, &id).await?;
        let number = form.into_number(id, 1, birth.at, birth.at);
        let store = principal.noting(&context, &number.id, &(), &CallerNumberForm::from(&number))?;
        if store.create_caller_number(&principal.workspace, &number).await? {
            return Ok(CallerNumberView::from(number));
        }
        match context.store.caller_number(&principal.workspace, &number.id).await? {
            // It is itself, from a request that nobody knew the end of.
            Some(stored) => Ok(stored.into()),
            None => Err(taken(&context, &principal.workspace, &number).await?),
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
) -> Result<Json<CallerNumberView>, Problem> {
    Ok(Json(load(&context, &principal.workspace, &id).await?.into()))
}

/// Changes a caller number.
#[utoipa::path(patch, path = "/caller-numbers/{caller_number_id}", tag = "caller numbers",
    params(("caller_number_id" = String, Path)), request_body = CallerNumberPatch,
    responses((status = 200, body = CallerNumberView)))]
pub(crate) async fn change_caller_number(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CallerNumberId>,
    patch: CallerNumberPatch,
) -> Result<Json<CallerNumberView>, Problem> {
    let before = load(&context, &principal.workspace, &id).await?;
    let form: CallerNumberForm = patch.onto(&CallerNumberForm::from(&before))?;
    form.check(Some(before.provider))?;
    check_unused(&context, &principal.workspace, &form.number, &id).await?;
    let changed = form.into_number(id, before.version + 1, before.created_at, context.now());
    let (old, new) = (CallerNumberForm::from(&before), CallerNumberForm::from(&changed));
    let store = principal.noting(&context, &changed.id, &old, &new)?;
    if !store.update_caller_number(&principal.workspace, &changed).await? {
        return Err(taken(&context, &principal.workspace, &changed).await?);
    }
    announce(&context, &principal.workspace).await?;
    Ok(Json(changed.into()))
}

/// Deletes a caller number that no assistant and no campaign needs any more.
#[utoipa::path(delete, path = "/caller-numbers/{caller_number_id}", tag = "caller numbers",
    params(("caller_number_id" = String, Path)), responses((status = 204, description = "Gone")))]
pub(crate) async fn delete_caller_number(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CallerNumberId>,
) -> Result<StatusCode, Problem> {
    let before = load(&context, &principal.workspace, &id).await?;
    let assistants = Voices::of(&context, &principal.workspace).await?.assistants;
    if let Some(assistant) = assistants.iter().find(|one| one.caller_number_ids.contains(&id)) {
        return Err(in_use("assistant", &assistant.id));
    }
    let campaigns = context.store.campaigns(&principal.workspace).await?;
    if let Some(campaign) = campaigns.iter().find(|one| one.needs_number(&id)) {
        return Err(in_use("campaign", &campaign.id));
    }
    let store = principal.noting(&context, &id, &CallerNumberForm::from(&before), &())?;
    store.remove_caller_number(&principal.workspace, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn in_use(what: &str, id: impl std::fmt::Display) -> Problem {
    let detail = format!("the {what} {id} uses it; take it out there first");
    Problem::new(Code::InUse, detail).existing(id)
}

async fn load(context: &Context, ws: &WorkspaceId, id: &CallerNumberId) -> Result<CallerNumber, Problem> {
    context.store.caller_number(ws, id).await?.ok_or_else(|| Problem::not_found("caller number", id))
}

/// Each number once; the table has the last word, this names the other one.
async fn check_unused(
    context: &Context,
    ws: &WorkspaceId,
    number: &E164,
    id: &CallerNumberId,
) -> Result<(), Problem> {
    let numbers = Voices::of(context, ws).await?.numbers;
    match numbers.iter().find(|other| other.number == *number && other.id != *id) {
        None => Ok(()),
        Some(other) => Err(exists(&other.id)),
    }
}

/// Why the table did not take a number: somebody else was faster, with the number or with a change.
async fn taken(context: &Context, ws: &WorkspaceId, number: &CallerNumber) -> Result<Problem, Problem> {
    let holder = context.store.caller_number_of(ws, &number.number).await?;
    Ok(holder.filter(|id| *id != number.id).map_or_else(Problem::contended, |id| exists(&id)))
}

fn exists(id: &CallerNumberId) -> Problem {
    let detail = "this number is a caller number already; change that one instead";
    Problem::new(Code::CallerNumberExists, detail).existing(id)
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
            created_at: number.created_at,
            updated_at: number.updated_at,
        }
    }
}
