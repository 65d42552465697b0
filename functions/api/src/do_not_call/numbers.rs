//! `/do-not-call/{list}/numbers`: put on, look, take off.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::numbering::{self, Country};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::do_not_call::{ListName, Listing, MAX_REASON_CHARS, MAX_SOURCE_CHARS};
use carillon_domain::records::audit::{Act, Actor};
use carillon_domain::records::number_record::Removal;
use carillon_runtime::context::Context;
use carillon_runtime::services::suppression;
use carillon_store::ListEntry;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::check_there;
use crate::auth::Principal;
use crate::http::etag::{Changeable, ETag, Tagged};
use crate::http::if_match::IfMatch;
use crate::http::json::Body;
use crate::http::pagination::{Cursor, Page};
use crate::http::path::{Id, Ids};
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::http::validation::{FieldErrors, present};
use crate::imports::PageQuery;

/// Who put a number on a list, unless the client says so.
pub(crate) const SOURCE: &str = "api";

/// A number that is never to be called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListedNumberForm {
    /// The number, in any usual spelling.
    #[schema(example = "+4930901820", min_length = 1)]
    number: String,
    /// The country of a number that is written without one (ISO 3166-1 alpha-2).
    #[serde(default)]
    default_country: Option<Country>,
    /// What was said.
    #[serde(default)]
    #[schema(max_length = 300)]
    reason: Option<String>,
    /// Where it comes from; `api` unless set.
    #[serde(default)]
    #[schema(max_length = 64)]
    source: Option<String>,
}

/// A number that is never called.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedNumber)]
pub(crate) struct ListedNumberView {
    /// The number.
    number: E164,
    /// The list that it is on.
    list: ListName,
    /// Where it comes from: `api`, `import`, `call`, or what the client said.
    source: String,
    /// What was said.
    reason: Option<String>,
    /// Since when it is on the list.
    listed_at: Timestamp,
}

/// When a number was on a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberHistory {
    /// The number.
    number: E164,
    /// The list.
    list: ListName,
    /// The times that it was on the list, the latest leading.
    items: Vec<StayView>,
}

/// A time of a number on a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedTime)]
struct StayView {
    /// When it was put there.
    listed_at: Timestamp,
    /// By whom, as in the list.
    source: String,
    /// What was said.
    reason: Option<String>,
    /// That it was taken off; null if it is on the list.
    removed: Option<RemovalView>,
}

/// That a number was taken off a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedNumberRemoval)]
struct RemovalView {
    /// When.
    at: Timestamp,
    /// Who did it.
    by: Option<Actor>,
    /// Why.
    reason: Option<String>,
}

impl StayView {
    fn of(listing: Listing, removed: Option<Removal>) -> Self {
        let removed = removed.map(|Removal { at, by, reason }| RemovalView { at, by, reason });
        Self { listed_at: listing.at, source: listing.source, reason: listing.reason, removed }
    }
}

impl ListedNumberView {
    fn tagged(list: &ListName, number: E164, listing: Listing) -> Tagged<Self> {
        Tagged { etag: Some(listing.etag()), view: Self::new(list, number, listing) }
    }

    fn new(list: &ListName, number: E164, listing: Listing) -> Self {
        Self {
            number,
            list: list.clone(),
            source: listing.source,
            reason: listing.reason,
            listed_at: listing.at,
        }
    }
}

impl Changeable for Listing {
    /// A number is on a list or not; one that was put on it anew is there since another moment.
    fn etag(&self) -> ETag {
        let Self { at, source, reason } = self;
        let fields = json!({ "listed_at": at, "source": source, "reason": reason });
        ETag::of(at.as_millis().unsigned_abs(), &fields)
    }
}

/// Why a number is taken off.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UnlistQuery {
    /// Why the person may be called again, such as that they asked for it.
    #[param(min_length = 1, max_length = 300)]
    reason: String,
}

/// Puts a number on a list. One that is not there is made first, by `PUT /do-not-call/{list}`: on a list
/// whose name is misspelt a number would be called all the same.
///
/// From this answer on the number is not dialled any more where the list counts, whatever is
/// queued; a call that is up goes on. A number that is on the list already stays as it is, and the
/// answer is 200.
#[utoipa::path(post, path = "/do-not-call/{list}/numbers", tag = "do not call",
    params(("list" = String, Path)), request_body = ListedNumberForm,
    responses((status = 201, body = ListedNumberView),
        (status = 200, body = ListedNumberView, description = "It is on the list already")))]
pub(crate) async fn list_number(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ListName>,
    Body(form): Body<ListedNumberForm>,
) -> Result<(StatusCode, Tagged<ListedNumberView>), Problem> {
    check_there(&context, &principal.workspace, &list).await?;
    let (number, listing) = form.read(context.now())?;
    let listed =
        suppression::list(&context, &principal.workspace, &list, &number, listing, Some(&principal.act))
            .await?;
    let status = if listed.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, ListedNumberView::tagged(&list, number, listed.listing)))
}

/// Lists the numbers of a list, sorted.
#[utoipa::path(get, path = "/do-not-call/{list}/numbers", tag = "do not call",
    params(("list" = String, Path), PageQuery),
    responses((status = 200, body = Page<ListedNumberView>)))]
pub(crate) async fn list_numbers(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ListName>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<ListedNumberView>>, Problem> {
    check_there(&context, &principal.workspace, &list).await?;
    let after = place(&list, query.cursor.as_ref())?;
    let page = context.store.list_page(&principal.workspace, &list, after.as_ref(), query.limit.0).await?;
    let view = |ListEntry { number, listing }| ListedNumberView::new(&list, number, listing);
    let next_cursor = page.next.map(|next| behind(&list, &next).encode());
    Ok(Json(Page { items: page.entries.into_iter().map(view).collect(), next_cursor }))
}

/// Shows why a number is on a list.
#[utoipa::path(get, path = "/do-not-call/{list}/numbers/{number}", tag = "do not call",
    params(("list" = String, Path), ("number" = String, Path)),
    responses((status = 200, body = ListedNumberView)))]
pub(crate) async fn get_number(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, number): Ids<ListName, E164>,
) -> Result<Tagged<ListedNumberView>, Problem> {
    let records = context.store.number_records(&principal.workspace, std::slice::from_ref(&number)).await?;
    let listing = records.into_iter().find_map(|mut record| record.lists.remove(&list));
    let listing = listing.ok_or_else(|| Problem::not_found("number on this list:", &number))?;
    Ok(ListedNumberView::tagged(&list, number, listing))
}

/// Shows since when a number is on a list and when it was on it before, with who took it off, when and why; the
/// latest leads. The ten latest removals from any list are kept here, and all of them in the audit log.
#[utoipa::path(get, path = "/do-not-call/{list}/numbers/{number}/history", tag = "do not call",
    params(("list" = String, Path), ("number" = String, Path)),
    responses((status = 200, body = NumberHistory)))]
pub(crate) async fn get_number_history(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, number): Ids<ListName, E164>,
) -> Result<Json<NumberHistory>, Problem> {
    let records = context.store.number_records(&principal.workspace, std::slice::from_ref(&number)).await?;
    let record = records.into_iter().next();
    let (now, past) = record.map(|mut record| (record.lists.remove(&list), record.past)).unwrap_or_default();
    let past = past.into_iter().rev().filter(|past| past.list == list);
    let past = past.map(|past| StayView::of(past.listing, Some(past.removed)));
    let items: Vec<_> = now.map(|listing| StayView::of(listing, None)).into_iter().chain(past).collect();
    if items.is_empty() {
        return Err(Problem::not_found("number that is or was on this list:", &number));
    }
    Ok(Json(NumberHistory { number, list, items }))
}

/// Takes a number off a list, for a reason that its history and the audit log keep. Leads that were settled because
/// of it stay settled until somebody restarts them. Neither an event that comes again nor a late one of a call before puts it back: an opt-out of
/// which nobody knew is open then, on the list `unclear_wishes`.
#[utoipa::path(delete, path = "/do-not-call/{list}/numbers/{number}", tag = "do not call",
    params(("list" = String, Path), ("number" = String, Path), UnlistQuery),
    responses((status = 204, description = "Gone")))]
pub(crate) async fn unlist_number(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, number): Ids<ListName, E164>,
    Asked(query): Asked<UnlistQuery>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let mut errors = FieldErrors::default();
    errors.check_text("reason", &query.reason, MAX_REASON_CHARS);
    errors.into_result()?;
    let act = Act { reason: Some(query.reason.trim().to_owned()), ..principal.act };
    let check = |listing: &Listing| if_match.check(listing);
    if suppression::unlist(&context, &principal.workspace, &list, &number, &act, check).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found("number on this list:", &number))
}

/// Puts a number back on a list that it was taken off by mistake, as it stood there: since when, from where, and why.
/// That it was off stays in its history. One that is on the list stays as it is.
#[utoipa::path(post, path = "/do-not-call/{list}/numbers/{number}/restore", tag = "do not call",
    params(("list" = String, Path), ("number" = String, Path)),
    responses((status = 200, body = ListedNumberView)))]
pub(crate) async fn restore_number(
    State(context): State<Context>,
    principal: Principal,
    Ids(list, number): Ids<ListName, E164>,
) -> Result<Json<ListedNumberView>, Problem> {
    check_there(&context, &principal.workspace, &list).await?;
    let restored =
        suppression::restore(&context, &principal.workspace, &list, &number, &principal.act).await?;
    let restored = restored.ok_or_else(|| Problem::not_found("number that was on this list:", &number))?;
    Ok(Json(ListedNumberView::new(&list, number, restored.listing)))
}

/// The number behind which a page begins.
fn place(list: &ListName, cursor: Option<&Cursor>) -> Result<Option<E164>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let place = cursor.place_in(&list_key(list), 1)?;
    let damaged = || Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it");
    place[0].parse().map(Some).map_err(|_| damaged())
}

/// The place behind a number of a list.
fn behind(list: &ListName, number: &E164) -> Cursor {
    Cursor::behind(&list_key(list), vec![number.to_string()])
}

/// Names the list in cursors.
fn list_key(list: &ListName) -> String {
    format!("do_not_call/{list}")
}

impl ListedNumberForm {
    fn read(self, now: Timestamp) -> Result<(E164, Listing), Problem> {
        let mut errors = FieldErrors::default();
        let number = numbering::parse(&self.number, self.default_country);
        if let Err(error) = &number {
            errors.push("number", error);
        }
        errors.check_optional_text("reason", self.reason.as_deref(), MAX_REASON_CHARS);
        errors.check_optional_text("source", self.source.as_deref(), MAX_SOURCE_CHARS);
        match number {
            Ok(number) => {
                errors.into_result()?;
                let source = present(self.source).unwrap_or_else(|| SOURCE.to_owned());
                Ok((number, Listing { at: now, source, reason: present(self.reason) }))
            }
            Err(_) => Err(errors.into_problem()),
        }
    }
}
