//! `/campaigns/{id}/imports/{id}/rejected`: the rows that did not become leads, as JSON and as a
//! CSV to mend and drop again.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use carillon_domain::base::ids::{CampaignId, ContactId, ImportId, LeadId, WorkspaceId};
use carillon_domain::importing::{RejectedLines, RejectedRows, RowFault};
use carillon_domain::records::import::Import;
use carillon_runtime::context::Context;
use carillon_store::RejectedRow;
use serde::Serialize;
use utoipa::ToSchema;

use super::{PageQuery, load};
use crate::auth::Principal;
use crate::csv::{self, CsvQuery, Delimiter};
use crate::http::pagination::{Cursor, Page};
use crate::http::path::Ids;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::workbook::{WrittenSheet, XLSX};

/// Faults that are read at once for a CSV.
const PAGE_FAULTS: usize = 10_000;

/// One fault of one row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RejectedRow)]
pub(crate) struct RejectedRowView {
    /// The row, as a spreadsheet counts: the header is row 1. Of JSON, the first object is row 1.
    pub(super) row: u64,
    /// The header of the column; null if it is the row as a whole.
    pub(super) column: Option<String>,
    /// What stands there, cut if it is long.
    pub(super) value: Option<String>,
    /// What is wrong with it, and how it would be right.
    pub(super) reason: String,
    /// The lead that its number is already.
    pub(super) lead_id: Option<LeadId>,
    /// The contact that its number is already.
    pub(super) contact_id: Option<ContactId>,
}

/// Lists what is wrong with the rows that did not become leads, in their order.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/imports/{import_id}/rejected", tag = "imports",
    params(("campaign_id" = String, Path), ("import_id" = String, Path), PageQuery),
    responses((status = 200, body = Page<RejectedRowView>)))]
pub(crate) async fn list_rejected(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, ImportId>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<RejectedRowView>>, Problem> {
    let import = load(&context, &principal.workspace, &campaign, &id).await?;
    page(&context, &principal, &import, &query, Cost::Row).await
}

/// Lists the cells that can't be read and were left out of leads, in the order of their rows.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/imports/{import_id}/warnings", tag = "imports",
    params(("campaign_id" = String, Path), ("import_id" = String, Path), PageQuery),
    responses((status = 200, body = Page<RejectedRowView>)))]
pub(crate) async fn list_warnings(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, ImportId>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<RejectedRowView>>, Problem> {
    let import = load(&context, &principal.workspace, &campaign, &id).await?;
    page(&context, &principal, &import, &query, Cost::Cell).await
}

/// What a fault has cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cost {
    /// The row is no lead.
    Row,
    /// The lead goes without the cell.
    Cell,
}

/// A page of what the rows of an import have cost so.
pub(crate) async fn page(
    context: &Context,
    principal: &Principal,
    import: &Import,
    query: &PageQuery,
    cost: Cost,
) -> Result<Json<Page<RejectedRowView>>, Problem> {
    let kind = match cost {
        Cost::Row => "rejected rows",
        Cost::Cell => "warnings",
    };
    let list = format!("{kind} of {}", import.id);
    let from = Place::of(&list, query.cursor.as_ref())?;
    let (faults, next) = read(context, &principal.workspace, import, cost, from, query.limit.0).await?;
    let items = faults.into_iter().map(|(_, fault)| fault.into()).collect();
    Ok(Json(Page { items, next_cursor: next.map(|next| next.cursor(&list).encode()) }))
}

/// The rows that did not become leads as CSV: the columns of the file, then `row`, `column`,
/// `value` and `reason`. Mend it and drop it again; these four are not read.
///
/// It comes whole; a long one is elsewhere, and the answer (303) leads there: let your client follow it.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/imports/{import_id}/rejected.csv", tag = "imports",
    params(("campaign_id" = String, Path), ("import_id" = String, Path), CsvQuery),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = 303, description = "It is where `Location` says, for a quarter of an hour")))]
pub(crate) async fn download_rejected(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, ImportId>,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let ws = &principal.workspace;
    let import = load(&context, ws, &campaign, &id).await?;
    csv_of(&context, ws, &import, &query).await
}

/// The rejected rows of an import as CSV.
pub(crate) async fn csv_of(
    context: &Context,
    ws: &WorkspaceId,
    import: &Import,
    query: &CsvQuery,
) -> Result<Response, Problem> {
    let delimiter = query.delimiter.unwrap_or_else(|| Delimiter::of(import.delimiter));
    let mut report = RejectedRows::new(&import.headers, delimiter.as_char());
    let mut text = String::new();
    let mut pages = Pages::new(context, ws, import);
    while let Some(faults) = pages.next().await? {
        for row in faults.chunk_by(|one, other| one.row == other.row) {
            with_row(row, |number, fields, faults| report.push(number, fields, faults));
        }
        text.push_str(&report.take());
        csv::check_size(&text)?;
    }
    csv::answer(context, ws, text, &format!("rejected-{}.csv", import.id)).await
}

/// The rows that did not become leads as an Excel workbook, all of its cells text: as the CSV has them.
///
/// It comes whole; a long one is elsewhere, and the answer (303) leads there: let your client follow it.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/imports/{import_id}/rejected.xlsx", tag = "imports",
    params(("campaign_id" = String, Path), ("import_id" = String, Path)),
    responses((status = 200, body = String,
            content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 303, description = "It is where `Location` says, for a quarter of an hour")))]
pub(crate) async fn download_rejected_workbook(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, ImportId>,
) -> Result<Response, Problem> {
    let ws = &principal.workspace;
    let import = load(&context, ws, &campaign, &id).await?;
    let (lines, header) = RejectedLines::new(&import.headers);
    let mut sheet = WrittenSheet::begun("Rejected", &header, context.now())?;
    let mut pages = Pages::new(&context, ws, &import);
    while let Some(faults) = pages.next().await? {
        for row in faults.chunk_by(|one, other| one.row == other.row) {
            let mut line = Vec::new();
            with_row(row, |number, fields, faults| line = lines.line(number, fields, faults));
            sheet.push(&line)?;
        }
    }
    csv::answer_file(&context, ws, sheet.finish()?, XLSX, &format!("rejected-{id}.xlsx")).await
}

/// The faults of all rejected rows, page by page; a row is never cut.
struct Pages<'a> {
    context: &'a Context,
    ws: &'a WorkspaceId,
    import: &'a Import,
    from: Option<Place>,
}

impl<'a> Pages<'a> {
    fn new(context: &'a Context, ws: &'a WorkspaceId, import: &'a Import) -> Self {
        Self { context, ws, import, from: Some(Place::default()) }
    }

    async fn next(&mut self) -> Result<Option<Vec<RejectedRow>>, Problem> {
        let Some(place) = self.from else { return Ok(None) };
        let (mut faults, mut next) =
            read(self.context, self.ws, self.import, Cost::Row, place, PAGE_FAULTS).await?;
        if next.is_some() {
            next = cut_last_row(&mut faults).or(next);
        }
        self.from = next;
        Ok(Some(faults.into_iter().map(|(_, fault)| fault).collect()))
    }
}

/// Takes out the last row, of which there may be more behind the end. Says where it begins; none
/// if there is no other row.
fn cut_last_row(faults: &mut Vec<(Place, RejectedRow)>) -> Option<Place> {
    let last = faults.last()?.1.row;
    let start = faults.iter().position(|(_, fault)| fault.row == last).filter(|start| *start > 0)?;
    let place = faults[start].0;
    faults.truncate(start);
    Some(place)
}

/// Gives the number of a row, its fields and all that is wrong with it.
fn with_row(row: &[RejectedRow], give: impl FnOnce(u64, &[String], &[RowFault<'_>])) {
    let faults: Vec<RowFault<'_>> = row
        .iter()
        .map(|fault| RowFault {
            column: fault.column.as_deref().unwrap_or_default(),
            value: fault.value.as_deref().unwrap_or_default(),
            reason: &fault.reason,
        })
        .collect();
    let fields = row.iter().map(|fault| &fault.fields).find(|fields| !fields.is_empty());
    let number = row.first().map_or(0, |fault| fault.row);
    give(number, fields.map_or(&[], Vec::as_slice), &faults);
}

/// A fault's place in the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    chunk: u64,
    offset: usize,
}

impl Place {
    fn of(list: &str, cursor: Option<&Cursor>) -> Result<Self, Problem> {
        let Some(cursor) = cursor else { return Ok(Self::default()) };
        let place = cursor.place_in(list, 2)?;
        match (place[0].parse(), place[1].parse()) {
            (Ok(chunk), Ok(offset)) => Ok(Self { chunk, offset }),
            _ => Err(Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it")),
        }
    }

    fn cursor(self, list: &str) -> Cursor {
        Cursor::behind(list, vec![self.chunk.to_string(), self.offset.to_string()])
    }
}

/// At most `max` faults from a place on, and the place of the next one, if there is one.
async fn read(
    context: &Context,
    ws: &WorkspaceId,
    import: &Import,
    cost: Cost,
    from: Place,
    max: usize,
) -> Result<(Vec<(Place, RejectedRow)>, Option<Place>), Problem> {
    let mut faults = Vec::new();
    let mut offset = from.offset;
    for chunk in from.chunk..import.progress.rejected_chunks {
        let rows = context.store.rejected_rows(ws, &import.id, chunk, 1).await?;
        for (place, row) in rows.into_iter().enumerate().skip(offset) {
            if row.is_warning != (cost == Cost::Cell) {
                continue;
            }
            let place = Place { chunk, offset: place };
            if faults.len() == max {
                return Ok((faults, Some(place)));
            }
            faults.push((place, row));
        }
        offset = 0;
    }
    Ok((faults, None))
}

impl From<RejectedRow> for RejectedRowView {
    fn from(row: RejectedRow) -> Self {
        Self {
            row: row.row,
            column: row.column,
            value: row.value,
            reason: row.reason,
            lead_id: row.lead,
            contact_id: row.contact,
        }
    }
}
