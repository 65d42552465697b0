//! Which sheet of a workbook is read, and where its rows begin.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use carillon_domain::importing::ColumnMap;

use super::{Row, Workbook, WorkbookError, record};
use crate::{Checkpoint, Record};

/// Rows at the top of a sheet among which its header is looked for, blank ones left out.
const HEADER_ROWS: usize = 20;
/// Rows behind the header that tell how the columns are written.
const SAMPLE_ROWS: usize = 500;

/// The beginning of the sheet that is read.
#[derive(Debug)]
pub struct SheetBeginning {
    pub sheet: String,
    pub headers: Vec<String>,
    /// The first rows behind the header.
    pub sample: Vec<Record>,
    /// Where the row behind the header starts.
    pub next: Checkpoint,
    pub notices: Vec<SheetNotice>,
}

/// What somebody should know of the choice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetNotice {
    #[error("the sheet `{sheet}` is read, and of the others nothing: {}", super::quoted(others))]
    OneOfSeveral { sheet: String, others: Vec<String> },
    #[error("the header is row {row}; what stands above it is left out")]
    RowsAbove { row: u64 },
}

impl Workbook {
    /// Finds the rows to read: in the sheet of this name, else in the first one that can be seen and has a header
    /// with a column of numbers. `columns` says what some headers mean. Without such a header the first row of the
    /// first sheet is taken for it.
    ///
    /// # Errors
    /// [`WorkbookError`].
    pub fn beginning(
        &mut self,
        sheet: Option<&str>,
        columns: &BTreeMap<String, String>,
    ) -> Result<SheetBeginning, WorkbookError> {
        let all = self.sheets();
        let names = |is_wanted: &dyn Fn(&(String, bool)) -> bool| -> Vec<String> {
            all.iter().filter(|sheet| is_wanted(sheet)).map(|(name, _)| name.clone()).collect()
        };
        let candidates = match sheet.map(str::trim) {
            None => names(&|(_, is_visible)| *is_visible),
            Some(wanted) => names(&|(name, _)| name.trim() == wanted),
        };
        if let (Some(name), []) = (sheet, candidates.as_slice()) {
            return Err(WorkbookError::NoSheet { name: name.to_owned(), there: names(&|_| true) });
        }
        let mut first = None;
        for name in candidates {
            let mut top = Vec::new();
            self.rows(&name, |row| {
                top.extend(Some(row).filter(|row| !row.cells.is_empty()));
                if top.len() < HEADER_ROWS + SAMPLE_ROWS {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
            let top: Vec<Record> = top.into_iter().map(|row: Row| record(row)).collect();
            if let Some(header) = header_in(&top, columns) {
                return Ok(begin(name, header, top, &all));
            }
            first = first.or_else(|| (!top.is_empty()).then_some((name, top)));
        }
        let (name, top) = first.ok_or(WorkbookError::Empty)?;
        Ok(begin(name, 0, top, &all))
    }
}

/// Which of the first rows is the header: of those with a column of numbers the one with the most columns, since
/// a title stands alone.
fn header_in(top: &[Record], columns: &BTreeMap<String, String>) -> Option<usize> {
    let is_header = |record: &Record| ColumnMap::mapped(record.text(), columns).is_ok();
    let width = |record: &Record| record.text().iter().filter(|text| !text.is_empty()).count();
    let headers = top.iter().take(HEADER_ROWS).enumerate().filter(|(_, record)| is_header(record));
    headers.rev().max_by_key(|(_, record)| width(record)).map(|(index, _)| index)
}

fn begin(sheet: String, header: usize, top: Vec<Record>, all: &[(String, bool)]) -> SheetBeginning {
    let mut notices = Vec::new();
    let others: Vec<String> =
        all.iter().map(|(name, _)| name.clone()).filter(|name| *name != sheet).collect();
    if !others.is_empty() {
        notices.push(SheetNotice::OneOfSeveral { sheet: sheet.clone(), others });
    }
    let mut rows = top.into_iter().skip(header);
    let own = rows.next();
    let next = own.as_ref().map_or(Checkpoint { position: 0, row: 1 }, |record| record.next);
    if header > 0 {
        notices.push(SheetNotice::RowsAbove { row: next.row - 1 });
    }
    let headers = own.map(|record| record.text().to_vec()).unwrap_or_default();
    SheetBeginning { sheet, headers, sample: rows.take(SAMPLE_ROWS).collect(), next, notices }
}
