//! `/do-not-call/{list}/export`: a list as CSV, which `import` takes back.

use axum::extract::State;
use axum::response::Response;
use carillon_domain::policy::do_not_call::ListName;
use carillon_runtime::context::Context;
use carillon_store::ListEntry;

use super::check_there;
use super::numbers::{behind, place};
use super::sheet::{LISTED_AT_COLUMN, PHONE_COLUMN, REASON_COLUMN, SOURCE_COLUMN};
use crate::auth::Principal;
use crate::csv::{self, Delimiter, Sheet};
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::imports::CsvQuery;

/// Most numbers in one answer: some 4 MB at worst, where a function may answer with 6.
const MAX_CSV_NUMBERS: usize = 10_000;
const COLUMNS: [&str; 4] = [PHONE_COLUMN, REASON_COLUMN, SOURCE_COLUMN, LISTED_AT_COLUMN];

/// The numbers of a list as CSV, sorted: `phone`, `reason`, `source` and `listed_at`.
///
/// A long list comes in parts: the header `Link` has the address of the next one.
#[utoipa::path(get, path = "/do-not-call/{list}/export", tag = "do not call",
    params(("list" = String, Path), CsvQuery),
    responses((status = 200, content_type = "text/csv", body = String)))]
pub(crate) async fn export_numbers(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ListName>,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    check_there(&context, &principal.workspace, &list).await?;
    let delimiter = query.delimiter.unwrap_or(Delimiter::Comma);
    let after = place(&list, query.cursor.as_ref())?;
    let page = context.store.list_page(&principal.workspace, &list, after.as_ref(), MAX_CSV_NUMBERS).await?;
    let mut sheet = Sheet::begun(&COLUMNS, delimiter, after.is_none());
    for ListEntry { number, listing } in &page.entries {
        let reason = listing.reason.as_deref().unwrap_or_default();
        sheet.push(&[number.as_str(), reason, &listing.source, &listing.at.to_string()]);
    }
    let next = page.next.map(|next| {
        let cursor = behind(&list, &next).encode();
        format!("/api/v1/do-not-call/{list}/export?delimiter={delimiter}&cursor={cursor}")
    });
    let name = format!("{list}-{}.csv", principal.workspace);
    Ok(csv::part(sheet.into_text(), &name, next.as_deref()))
}
