//! `/do-not-call/{list}/export`: a list as CSV, which `import` takes back.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use carillon_domain::ids::WorkspaceId;
use carillon_domain::intake::{guarded, quoted};
use carillon_domain::number_record::ListName;
use carillon_runtime::world::World;
use carillon_store::ListEntry;

use super::check_there;
use super::numbers::{behind, place};
use crate::caller::Caller;
use crate::imports::CsvQuery;
use crate::path::Id;
use crate::problem::Problem;
use crate::query::Asked;

/// Most numbers in one answer: some 4 MB at worst, where a function may answer with 6.
const MAX_CSV_NUMBERS: usize = 10_000;
/// Tells spreadsheets that the text is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
const COLUMNS: [&str; 4] = ["phone", "reason", "source", "listed_at"];
const DELIMITER: char = ',';
const LINE_END: &str = "\r\n";

/// The numbers of a list as CSV, sorted: `phone`, `reason`, `source` and `listed_at`.
///
/// A long list comes in parts: the header `Link` has the address of the next one.
#[utoipa::path(get, path = "/do-not-call/{list}/export", tag = "do not call",
    params(("list" = String, Path), CsvQuery),
    responses((status = 200, content_type = "text/csv", body = String)))]
pub(crate) async fn export_numbers(
    State(world): State<World>,
    caller: Caller,
    Id(list): Id<ListName>,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    check_there(&world, &caller.ws, &list).await?;
    let after = place(&list, query.cursor.as_ref())?;
    let page = world.store.list_page(&caller.ws, &list, after.as_ref(), MAX_CSV_NUMBERS).await?;
    let mut text = String::new();
    if after.is_none() {
        text.push_str(BYTE_ORDER_MARK);
        push_line(&mut text, COLUMNS);
    }
    for ListEntry { number, listing } in &page.entries {
        let reason = listing.reason.as_deref().unwrap_or_default();
        push_line(&mut text, [number.as_str(), reason, &listing.source, &listing.at.to_string()]);
    }
    let link = page.next.map(|next| {
        let cursor = behind(&list, &next).encode();
        format!("</api/v1/do-not-call/{list}/export?cursor={cursor}>; rel=\"next\"")
    });
    Ok(csv(text, &caller.ws, &list, link))
}

fn push_line(text: &mut String, cells: [&str; COLUMNS.len()]) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            text.push(DELIMITER);
        }
        text.push_str(&quoted(&guarded(cell), DELIMITER));
    }
    text.push_str(LINE_END);
}

fn csv(text: String, ws: &WorkspaceId, list: &ListName, link: Option<String>) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response();
    let headers = response.headers_mut();
    let name = format!("attachment; filename=\"{list}-{ws}.csv\"");
    headers.extend(HeaderValue::from_str(&name).ok().map(|name| (header::CONTENT_DISPOSITION, name)));
    let link = link.and_then(|link| HeaderValue::from_str(&link).ok());
    headers.extend(link.map(|link| (header::LINK, link)));
    response
}
