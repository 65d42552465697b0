//! `/do-not-call`: lists of numbers that are never called; one holds everywhere, others where a
//! campaign chooses them.

mod export;
mod import;
mod numbers;
mod sheet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::ids::WorkspaceId;
use carillon_domain::number_record::ListName;
use carillon_runtime::suppression::SuppressionError;
use carillon_runtime::world::World;
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::imports::PageQuery;
use crate::pages::{Listing, Page};
use crate::path::Id;
use crate::problem::{Code, Problem};
use crate::query::Asked;

pub(crate) use export::*;
pub(crate) use import::*;
pub(crate) use numbers::*;

/// Longest reason, in bytes: an answer of ten thousand numbers stays under the limit of a function.
const MAX_REASON_BYTES: usize = 300;

/// A list of numbers that are never called.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DoNotCallList)]
pub(crate) struct ListView {
    /// What it is called.
    #[schema(value_type = String, example = "do_not_call")]
    name: ListName,
    /// Whether it holds in every campaign; another one does where `suppression_lists` names it.
    is_default: bool,
}

/// Lists the do-not-call lists, by name. `do_not_call` is always there, and others from their first
/// number on.
#[utoipa::path(get, path = "/do-not-call", tag = "do not call", params(PageQuery),
    responses((status = 200, body = Page<ListView>)))]
pub(crate) async fn list_lists(
    State(world): State<World>,
    caller: Caller,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<ListView>>, Problem> {
    let names = Vec::from_iter(world.store.list_names(&caller.ws).await?);
    let cursor = query.cursor.as_ref();
    let listing = Listing { list: "do_not_call", is_descending: false, limit: query.limit, cursor };
    let view = |name: &ListName| ListView { is_default: name.is_default(), name: name.clone() };
    Ok(Json(listing.page(&names, |name| [name.to_string()], view)?))
}

/// Deletes a list that has no numbers. `do_not_call` stays.
#[utoipa::path(delete, path = "/do-not-call/{list}", tag = "do not call",
    params(("list" = String, Path)), responses((status = 204, description = "Gone")))]
pub(crate) async fn delete_list(
    State(world): State<World>,
    caller: Caller,
    Id(list): Id<ListName>,
) -> Result<StatusCode, Problem> {
    check_there(&world, &caller.ws, &list).await?;
    if list.is_default() {
        let detail = "this list holds in every campaign and is always there; take its numbers off instead";
        return Err(Problem::new(Code::InUse, detail));
    }
    if !world.store.remove_list(&caller.ws, &list).await? {
        return Err(Problem::new(Code::InUse, "numbers are on this list; take them off first"));
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn check_there(world: &World, ws: &WorkspaceId, list: &ListName) -> Result<(), Problem> {
    if list.is_default() || world.store.list_names(ws).await?.contains(list) {
        return Ok(());
    }
    Err(Problem::not_found("do-not-call list", list))
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
