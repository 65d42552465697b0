//! `/do-not-call/{list}/export`: a list as CSV, which `import` takes back.

use axum::extract::State;
use axum::response::Response;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::export::Delimiter;
use carillon_domain::reporting::export::{Column, ListColumn};
use carillon_runtime::context::Context;
use carillon_store::ListEntry;

use super::check_there;
use crate::auth::Principal;
use crate::csv::{self, CsvQuery, Sheet};
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::query::Asked;

/// Numbers that are read at once.
const PAGE_NUMBERS: usize = 10_000;

/// The numbers of a list as CSV, sorted: `phone`, `reason`, `source` and `listed_at`.
///
/// It comes whole; a long one is elsewhere, and the answer (303) leads there: let your client follow it. One that is too
/// long for that comes by `POST`, as a file.
#[utoipa::path(get, path = "/do-not-call/{list}/export", tag = "do not call",
    params(("list" = String, Path), CsvQuery),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = 303, description = "It is where `Location` says, for a quarter of an hour")))]
pub(crate) async fn export_numbers(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ListName>,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    check_there(&context, &principal.workspace, &list).await?;
    let mut sheet = Sheet::begun(ListColumn::ALL, query.delimiter.unwrap_or(Delimiter::Comma));
    let mut after = None;
    loop {
        let page = context.store.list_page(&principal.workspace, &list, after.as_ref(), PAGE_NUMBERS).await?;
        for ListEntry { number, listing } in &page.entries {
            sheet.push(&ListColumn::row(ListColumn::ALL, number, listing));
        }
        sheet.check_size()?;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let name = format!("{list}-{}.csv", principal.workspace);
    csv::answer(&context, &principal.workspace, sheet.into_text(), &name).await
}
