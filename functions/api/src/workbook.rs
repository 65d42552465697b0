//! Answers as Excel workbooks: sheets of texts, which no spreadsheet computes or shortens.

use carillon_domain::base::time::Timestamp;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::http::problem::{Code, Problem};

/// The media type of a workbook.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Longest text of a cell, in characters, as Excel takes it.
const MAX_CELL_CHARS: usize = 32_767;
/// Rows of a sheet that Excel takes.
const MAX_ROWS: u32 = 1_048_576;

/// A workbook of one sheet that is being written; what is written lies in a file until it is done.
pub(crate) struct WrittenSheet {
    workbook: Workbook,
    rows: u32,
}

impl WrittenSheet {
    /// Begins with a line of headers, as something that was made at this moment.
    pub(crate) fn begun(name: &str, header: &[String], at: Timestamp) -> Result<Self, Problem> {
        let mut workbook = Workbook::new();
        let made_at = ExcelDateTime::from_timestamp(at.as_secs()).map_err(unwritten)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made_at));
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(unwritten)?;
        sheet.set_name(name).map_err(unwritten)?;
        let mut sheet = Self { workbook, rows: 0 };
        sheet.push(header)?;
        Ok(sheet)
    }

    /// Adds a line.
    pub(crate) fn push(&mut self, cells: &[String]) -> Result<(), Problem> {
        if self.rows == MAX_ROWS {
            let detail = format!("an Excel sheet has at most {MAX_ROWS} rows; take it as CSV");
            return Err(Problem::new(Code::ExportTooLarge, detail));
        }
        let sheet = self.workbook.worksheet_from_index(0).map_err(unwritten)?;
        for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            let end = cell.char_indices().nth(MAX_CELL_CHARS).map_or(cell.len(), |(end, _)| end);
            sheet.write_string(self.rows, column, &cell[..end]).map_err(unwritten)?;
        }
        self.rows += 1;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Vec<u8>, Problem> {
        self.workbook.save_to_buffer().map_err(unwritten)
    }
}

fn unwritten(error: XlsxError) -> Problem {
    tracing::error!(%error, "a workbook was not written");
    Problem::new(Code::Unavailable, "the workbook can't be written now; take it as CSV, or try again")
}
