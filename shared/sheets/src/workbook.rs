//! Reads an Excel workbook: XLSX as a stream of cells, XLS (which has at most 65,536 rows) at once.
//!
//! A workbook can be read only where all of it is at hand: its directory stands at its end. Of an XLSX, memory holds
//! the packed file and the texts that its cells share.

use std::io::Cursor;
use std::ops::ControlFlow;

use calamine::{Data, Dimensions, Reader, SheetType, SheetVisible, Xls, Xlsx, XlsxError};
use carillon_domain::importing::{Fault, MAX_COLUMNS};

mod beginning;
mod cell;
#[cfg(test)]
mod tests;
mod unpacked;

pub use beginning::{SheetBeginning, SheetNotice};

use cell::Cell;
use unpacked::MAX_HELD_BYTES;

use crate::{CellFault, Checkpoint, MAX_ROW_BYTES, MAX_SHOWN_BYTES, Malformed, Record};

/// Largest workbook in bytes.
pub const MAX_WORKBOOK_BYTES: u64 = 96 << 20;
/// How the directory of a ZIP archive, and so an XLSX, begins its entries.
const ZIP: &[u8] = b"PK";

/// A workbook that is being read.
pub struct Workbook(Book);

enum Book {
    Xlsx(Box<Xlsx<Cursor<Vec<u8>>>>),
    Xls(Box<Xls<Cursor<Vec<u8>>>>),
}

/// Why a workbook can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkbookError {
    #[error(
        "a workbook of {} MB is too large: at most {} MB are read; save it as CSV (UTF-8), which may have any size",
        bytes >> 20, limit_bytes >> 20
    )]
    TooLarge { bytes: u64, limit_bytes: u64 },
    #[error(
        "the texts of this workbook unpack to more than {} MB; save it as CSV (UTF-8), which may have any size",
        limit_bytes >> 20
    )]
    TooMuchText { limit_bytes: u64 },
    #[error(
        "this workbook can't be read ({0}); if it has a password, save it without one, else save it anew, or as CSV"
    )]
    Damaged(String),
    #[error("there is no sheet `{name}` in this workbook; there are {}", quoted(there))]
    NoSheet { name: String, there: Vec<String> },
    #[error("this workbook has no sheet with rows")]
    Empty,
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// One row of a sheet.
struct Row {
    /// As the spreadsheet counts: the first is row 1.
    number: u64,
    /// Those that are not blank, with their columns, in order.
    cells: Vec<(usize, Cell)>,
}

impl Workbook {
    /// # Errors
    /// [`WorkbookError::Damaged`], or [`WorkbookError::TooMuchText`].
    pub fn open(bytes: Vec<u8>) -> Result<Self, WorkbookError> {
        let is_zip = bytes.starts_with(ZIP);
        if is_zip {
            unpacked::check(&bytes, MAX_HELD_BYTES)?;
        }
        let bytes = Cursor::new(bytes);
        Ok(Self(if is_zip {
            Book::Xlsx(Box::new(Xlsx::new(bytes).map_err(damaged)?))
        } else {
            Book::Xls(Box::new(Xls::new(bytes).map_err(damaged)?))
        }))
    }

    /// Whether it is one of the old form.
    pub const fn is_old(&self) -> bool {
        matches!(self.0, Book::Xls(_))
    }

    /// Gives the rows of a sheet from a checkpoint on until `take` breaks off. Blank rows are none.
    ///
    /// A cell that is merged of several rows stands in each of them, and in the first of its columns.
    ///
    /// # Errors
    /// [`WorkbookError::Damaged`]; what was given until then was good.
    pub fn records(
        &mut self,
        sheet: &str,
        from: Checkpoint,
        mut take: impl FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), WorkbookError> {
        let mut merged = Merged::new(self.merged(sheet)?);
        self.rows(sheet, |mut row| {
            merged.fill(&mut row);
            let is_wanted = row.number >= from.row && !row.cells.is_empty();
            if is_wanted { take(record(row)) } else { ControlFlow::Continue(()) }
        })
    }

    /// How many rows a sheet has, as far as it says so.
    ///
    /// # Errors
    /// [`WorkbookError::Damaged`].
    pub fn row_count(&mut self, sheet: &str) -> Result<u64, WorkbookError> {
        Ok(match &mut self.0 {
            Book::Xlsx(book) => {
                u64::from(book.worksheet_cells_reader(sheet).map_err(damaged)?.dimensions().end.0) + 1
            }
            Book::Xls(book) => {
                let end = book.worksheet_range(sheet).map_err(damaged)?.end();
                end.map_or(0, |(row, _)| u64::from(row) + 1)
            }
        })
    }

    /// The names of the sheets that have cells, and whether each can be seen.
    fn sheets(&self) -> Vec<(String, bool)> {
        let sheets = match &self.0 {
            Book::Xlsx(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
        };
        let with_cells = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        with_cells.map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible)).collect()
    }

    fn merged(&mut self, sheet: &str) -> Result<Vec<Dimensions>, WorkbookError> {
        match &mut self.0 {
            Book::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).map_err(damaged),
            Book::Xls(book) => book.merge_cells_by_sheet_name(sheet).map_err(damaged),
        }
    }

    fn rows(
        &mut self,
        sheet: &str,
        mut take: impl FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), WorkbookError> {
        match &mut self.0 {
            Book::Xlsx(book) => rows_of_xlsx(book, sheet, take),
            Book::Xls(book) => {
                let range = book.worksheet_range(sheet).map_err(damaged)?;
                let (first_row, first_column) = range.start().unwrap_or_default();
                for (number, row) in (u64::from(first_row) + 1..).zip(range.rows()) {
                    let cells = (first_column as usize..).zip(row);
                    let cells = cells.filter_map(|(column, value)| Some((column, Cell::of(value)?)));
                    if take(Row { number, cells: cells.collect() }).is_break() {
                        break;
                    }
                }
                Ok(())
            }
        }
    }
}

impl std::fmt::Debug for Workbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workbook").field("is_old", &self.is_old()).finish_non_exhaustive()
    }
}

fn rows_of_xlsx(
    book: &mut Xlsx<Cursor<Vec<u8>>>,
    sheet: &str,
    mut take: impl FnMut(Row) -> ControlFlow<()>,
) -> Result<(), WorkbookError> {
    let mut reader = book.worksheet_cells_reader(sheet).map_err(damaged)?;
    let mut row = Row { number: 1, cells: Vec::new() };
    loop {
        let (number, column, cell) = match reader.next_cell() {
            Ok(Some(cell)) => {
                let (row, column) = cell.get_position();
                (u64::from(row) + 1, column as usize, Cell::of(&Data::from(cell.get_value().clone())))
            }
            Ok(None) => break,
            // A newer error than the reader knows, in a cell whose place it does not tell.
            Err(XlsxError::CellError(error)) => {
                let column = row.cells.last().map_or(0, |(column, _)| column + 1);
                (row.number, column, Some(Cell::Error(error)))
            }
            Err(error) => return Err(damaged(error)),
        };
        if number != row.number {
            let whole = std::mem::replace(&mut row, Row { number, cells: Vec::new() });
            if take(whole).is_break() {
                return Ok(());
            }
        }
        row.cells.extend(cell.map(|cell| (column, cell)));
    }
    let _ = take(row);
    Ok(())
}

/// Cells that are merged of several rows.
struct Merged {
    areas: Vec<(Dimensions, Option<Cell>)>,
}

impl Merged {
    fn new(areas: Vec<Dimensions>) -> Self {
        let mut areas: Vec<_> =
            areas.into_iter().filter(|area| area.end.0 > area.start.0).map(|area| (area, None)).collect();
        areas.sort_by_key(|(area, _)| std::cmp::Reverse(area.start.0));
        Self { areas }
    }

    /// Puts the value of an area into each of its rows.
    fn fill(&mut self, row: &mut Row) {
        let index = u32::try_from(row.number - 1).unwrap_or(u32::MAX);
        // The next area is the last one.
        while self.areas.last().is_some_and(|(area, _)| area.end.0 < index) {
            self.areas.pop();
        }
        let begun = self.areas.iter_mut().rev().take_while(|(area, _)| area.start.0 <= index);
        for (area, value) in begun.filter(|(area, _)| area.end.0 >= index) {
            let column = area.start.1 as usize;
            let place = row.cells.partition_point(|(other, _)| *other < column);
            let own = row.cells.get(place).filter(|(other, _)| *other == column);
            if area.start.0 == index {
                *value = own.map(|(_, cell)| cell.clone());
            } else if own.is_none()
                && let Some(value) = value
            {
                row.cells.insert(place, (column, value.clone()));
            }
        }
    }
}

fn record(row: Row) -> Record {
    let Row { number, cells } = row;
    let next = Checkpoint { position: 0, row: number + 1 };
    let width = cells.last().map_or(0, |(column, _)| column + 1);
    let mut fields = vec![String::new(); width.min(MAX_COLUMNS)];
    let mut cell_faults = Vec::new();
    let mut bytes = 0;
    for (column, cell) in cells {
        match (fields.get_mut(column), cell) {
            (None, _) => {}
            (Some(field), Cell::Text(text)) => {
                bytes += text.len();
                *field = text;
            }
            (Some(_), Cell::Error(value)) => {
                cell_faults.push(CellFault { field: Some(column), value, fault: Fault::CellError });
            }
        }
    }
    let fault = if width > MAX_COLUMNS {
        Some(Fault::TooManyFields)
    } else {
        (bytes > MAX_ROW_BYTES).then_some(Fault::RowTooLong { limit_bytes: MAX_ROW_BYTES })
    };
    let fields = match fault {
        None => Ok(fields),
        Some(fault) => Err(Malformed { fault, field: None, fields: vec![beginning_of(&fields)] }),
    };
    Record { row: number, fields, cell_faults, next }
}

fn beginning_of(fields: &[String]) -> String {
    let mut text = String::new();
    for field in fields.iter().filter(|field| !field.is_empty()) {
        if text.len() > MAX_SHOWN_BYTES {
            break;
        }
        text.push_str(field);
        text.push(' ');
    }
    text.truncate(text.floor_char_boundary(MAX_SHOWN_BYTES));
    text
}

fn damaged(error: impl std::fmt::Display) -> WorkbookError {
    WorkbookError::Damaged(error.to_string())
}
