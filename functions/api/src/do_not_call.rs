//! `/do-not-call`: lists of numbers that are never called; one holds everywhere, others where a
//! campaign chooses them.

mod export;
mod import;
mod imports;
mod numbers;
mod sheet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::campaign::Campaign;
use carillon_runtime::context::Context;
use carillon_runtime::services::suppression::SuppressionError;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::http::etag::{Changeable, ETag, Tagged};
use crate::http::if_match::IfMatch;
use crate::http::pagination::{Listing, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::imports::PageQuery;

pub(crate) use export::*;
pub(crate) use import::*;
pub(crate) use imports::*;
pub(crate) use numbers::*;

/// A list of numbers that are never called.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DoNotCallList)]
pub(crate) struct ListView {
    /// What it is called.
    name: ListName,
    /// Whether it holds in every campaign; another one does where `suppression_lists` names it.
    is_default: bool,
}

/// Lists the do-not-call lists, by name. `do_not_call` is always there, and others once they were made.
#[utoipa::path(get, path = "/do-not-call", tag = "do not call", params(PageQuery),
    responses((status = 200, body = Page<ListView>)))]
pub(crate) async fn list_lists(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<ListView>>, Problem> {
    let names = Vec::from_iter(context.store.list_names(&principal.workspace).await?);
    let cursor = query.cursor.as_ref();
    let listing = Listing { list: "do_not_call", is_descending: false, limit: query.limit, cursor };
    let view = |name: &ListName| ListView { is_default: name.is_default(), name: name.clone() };
    Ok(Json(listing.page(&names, |name| [name.to_string()], view)?))
}

/// Makes a list without numbers, so that campaigns can name it before it is filled.
///
/// One that is there already stays as it is, and the answer is 200.
#[utoipa::path(put, path = "/do-not-call/{list}", tag = "do not call",
    params(("list" = String, Path)),
    responses((status = 201, body = ListView),
        (status = 200, body = ListView, description = "It is there already")))]
pub(crate) async fn make_list(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ListName>,
) -> Result<(StatusCode, Tagged<ListView>), Problem> {
    let was_there = context.store.list_names(&principal.workspace).await?.contains(&list);
    let view = ListView { is_default: list.is_default(), name: list };
    let store = principal.noting(&context, &view.name, &(), &view)?;
    if !store.add_list(&principal.workspace, &view.name).await? {
        return Err(SuppressionError::TooManyLists.into());
    }
    let status = if was_there { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Tagged::new(&view.name.clone(), view)))
}

/// Deletes a list that has no numbers, and that no campaign names which may still call. `do_not_call`
/// stays.
#[utoipa::path(delete, path = "/do-not-call/{list}", tag = "do not call",
    params(("list" = String, Path)), responses((status = 204, description = "Gone")))]
pub(crate) async fn delete_list(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ListName>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    check_there(&context, &principal.workspace, &list).await?;
    if_match.check(&list)?;
    if list.is_default() || list.is_of_unclear_wishes() {
        let detail = "this list holds in every campaign and is always there; take its numbers off instead";
        return Err(Problem::new(Code::InUse, detail));
    }
    let campaigns = context.store.campaigns(&principal.workspace).await?;
    let names_it =
        |campaign: &&Campaign| !campaign.status.is_ended() && campaign.spec.suppression_lists.contains(&list);
    if let Some(campaign) = campaigns.iter().find(names_it) {
        let detail =
            format!("the campaign {} names it in `suppression_lists`; take it out there", campaign.id);
        return Err(Problem::new(Code::InUse, detail).existing(&campaign.id));
    }
    let has_numbers = || Problem::new(Code::InUse, "numbers are on this list; take them off first");
    if !context.store.list_page(&principal.workspace, &list, None, 1).await?.entries.is_empty() {
        return Err(has_numbers());
    }
    let view = ListView { is_default: false, name: list };
    let store = principal.noting(&context, &view.name, &view, &())?;
    if !store.remove_list(&principal.workspace, &view.name).await? {
        return Err(has_numbers());
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn check_there(context: &Context, ws: &WorkspaceId, list: &ListName) -> Result<(), Problem> {
    if list.is_default() || context.store.list_names(ws).await?.contains(list) {
        return Ok(());
    }
    let detail = format!("there is no do-not-call list `{list}`; `PUT /do-not-call/{list}` makes it");
    Err(Problem::new(Code::NotFound, detail))
}

impl Changeable for ListName {
    /// A list is there or not; nothing of it can be changed, and its numbers have tags of their own.
    fn etag(&self) -> ETag {
        ETag::of(1, &json!({ "name": self }))
    }
}

impl From<SuppressionError> for Problem {
    fn from(error: SuppressionError) -> Self {
        match error {
            SuppressionError::TooManyLists => Self::new(Code::TooManyLists, error),
            SuppressionError::Contended => Self::contended(),
            SuppressionError::Store(error) => error.into(),
        }
    }
}
