//! The rows of people's files that could not be used: as JSON, and as a sheet to mend and send again.

use axum::Json;
use axum::response::Response;
use carillon_domain::base::ids::{ContactId, LeadId, WorkspaceId};
use carillon_domain::importing::{RejectedLines, RejectedRows, RowFault};
use carillon_domain::records::export::Delimiter;
use carillon_runtime::batch::Chain;
use carillon_runtime::context::Context;
use carillon_sheets::workbook_writer::{WorkbookWriter, WriteError, XLSX};
use carillon_store::{RejectedBy, RejectedRow};
use serde::Serialize;
use utoipa::ToSchema;

use crate::csv;
use crate::http::pagination::{Cursor, Page};
use crate::http::problem::{Code, Problem};
use crate::imports::PageQuery;

/// Faults that are read at once for a sheet.
const PAGE_FAULTS: usize = 10_000;

/// One fault of one row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RejectedRow)]
pub(crate) struct RejectedRowView {
    /// The row, as a spreadsheet counts: the header is row 1. Of JSON, the first object is row 1.
    pub(crate) row: u64,
    /// The header of the column; null if it is the row as a whole.
    pub(crate) column: Option<String>,
    /// What stands there, cut if it is long.
    pub(crate) value: Option<String>,
    /// What is wrong with it, and how it would be right.
    pub(crate) reason: String,
    /// The lead that its number is already.
    pub(crate) lead_id: Option<LeadId>,
    /// The contact that its number is already.
    pub(crate) contact_id: Option<ContactId>,
}

/// What a fault has cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cost {
    /// The whole row.
    Row,
    /// The cell alone.
    Cell,
}

/// The rejected rows of one file.
pub(crate) struct Report<'a> {
    pub(crate) context: &'a Context,
    pub(crate) ws: &'a WorkspaceId,
    pub(crate) by: RejectedBy<'a>,
    /// Names the import or the job in cursors and file names.
    pub(crate) id: String,
    /// Chunks that are kept.
    pub(crate) chunks: u64,
    pub(crate) headers: &'a [String],
    pub(crate) delimiter: char,
}

impl Report<'_> {
    /// A page of faults, in the order of their rows.
    pub(crate) async fn page(
        &self,
        query: &PageQuery,
        cost: Cost,
    ) -> Result<Json<Page<RejectedRowView>>, Problem> {
        let kind = match cost {
            Cost::Row => "rejected rows",
            Cost::Cell => "warnings",
        };
        let list = format!("{kind} of {}", self.id);
        let from = Place::of(&list, query.cursor.as_ref())?;
        let (faults, next) = self.read(cost, from, query.limit.0).await?;
        let items = faults.into_iter().map(|(_, fault)| fault.into()).collect();
        Ok(Json(Page { items, next_cursor: next.map(|next| next.cursor(&list).encode()) }))
    }

    /// All rows as CSV.
    pub(crate) async fn csv(&self, delimiter: Option<Delimiter>) -> Result<Response, Problem> {
        let delimiter = delimiter.unwrap_or_else(|| Delimiter::of(self.delimiter));
        let mut report = RejectedRows::new(self.headers, delimiter.as_char());
        let mut text = String::new();
        let mut from = Some(Place::default());
        while let Some(faults) = self.whole_rows(&mut from).await? {
            for row in faults.chunk_by(|one, other| one.row == other.row) {
                with_row(row, |number, fields, faults| report.push(number, fields, faults));
            }
            text.push_str(&report.take());
            csv::check_size(&text)?;
        }
        csv::answer(self.context, self.ws, text, &format!("rejected-{}.csv", self.id)).await
    }

    /// All rows as an Excel workbook.
    pub(crate) async fn workbook(&self) -> Result<Response, Problem> {
        let (lines, header) = RejectedLines::new(self.headers);
        let mut sheet = WorkbookWriter::begun("Rejected", &header, self.context.now())?;
        let mut from = Some(Place::default());
        while let Some(faults) = self.whole_rows(&mut from).await? {
            for row in faults.chunk_by(|one, other| one.row == other.row) {
                let mut line = Vec::new();
                with_row(row, |number, fields, faults| line = lines.line(number, fields, faults));
                sheet.push(&line)?;
            }
        }
        let name = format!("rejected-{}.xlsx", self.id);
        let mut bytes = Vec::new();
        sheet.finish(&mut bytes)?;
        csv::answer_file(self.context, self.ws, bytes, XLSX, &name).await
    }

    /// The faults of the next rows, of which none is cut; none at the end.
    async fn whole_rows(&self, from: &mut Option<Place>) -> Result<Option<Vec<RejectedRow>>, Problem> {
        let Some(place) = *from else { return Ok(None) };
        let (mut faults, mut next) = self.read(Cost::Row, place, PAGE_FAULTS).await?;
        if next.is_some() {
            next = cut_last_row(&mut faults).or(next);
        }
        *from = next;
        Ok(Some(faults.into_iter().map(|(_, fault)| fault).collect()))
    }

    /// At most `max` faults from a place on, and the place of the next one, if there is one.
    async fn read(
        &self,
        cost: Cost,
        from: Place,
        max: usize,
    ) -> Result<(Vec<(Place, RejectedRow)>, Option<Place>), Problem> {
        let mut faults = Vec::new();
        let mut offset = from.offset;
        for chunk in from.chunk..self.chunks {
            let rows = self.context.store.rejected_rows(self.ws, self.by, chunk, 1).await?;
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

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        tracing::error!(error = %Chain(&error), "a workbook was not written");
        Self::new(Code::Unavailable, "the workbook can't be written now; take it as CSV, or try again")
    }
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
