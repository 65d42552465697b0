//! Writes an Excel workbook in constant memory: sheets of texts, which no spreadsheet computes or shortens, and of
//! quantities.

use std::borrow::Cow;
use std::io::Write;

use carillon_domain::base::time::Timestamp;
use carillon_domain::reporting::export::Cell;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, IgnoreError, Workbook, Worksheet, XlsxError};

/// The media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Longest text of a cell, in characters, as Excel takes it.
const MAX_CELL_CHARS: usize = 32_767;
/// Ends a text that is cut.
const CUT: char = '…';
/// Rows of a sheet that Excel takes.
const MAX_ROWS: u32 = 1_048_576;
/// Columns of a sheet that Excel takes.
pub const MAX_SHEET_COLUMNS: usize = 16_384;
/// What Excel calls a cell that is a text whatever is typed into it.
const TEXT_FORMAT: &str = "@";

/// A workbook that is being written; what is written lies in a file until it is done. Where a sheet is full the next one
/// goes on, under the same header.
pub struct WorkbookWriter {
    workbook: Workbook,
    text: Format,
    name: String,
    header: Vec<String>,
    sheets: usize,
    rows: u32,
    max_rows: u32,
}

/// A workbook was not written: the disk is full, or a sheet has too many columns.
#[derive(Debug, thiserror::Error)]
#[error("the workbook could not be written")]
pub struct WriteError(#[from] XlsxError);

impl WorkbookWriter {
    /// Begins a sheet with a line of headers, as something that was made at this moment.
    ///
    /// # Errors
    /// [`WriteError`]
    pub fn begun(name: &str, header: &[impl AsRef<str>], at: Timestamp) -> Result<Self, WriteError> {
        Self::with_rows(name, header, at, MAX_ROWS)
    }

    fn with_rows(
        name: &str,
        header: &[impl AsRef<str>],
        at: Timestamp,
        max_rows: u32,
    ) -> Result<Self, WriteError> {
        let mut workbook = Workbook::new();
        let made_at = ExcelDateTime::from_timestamp(at.as_secs())?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made_at));
        let text = Format::new().set_num_format(TEXT_FORMAT);
        let header = header.iter().map(|cell| cell.as_ref().to_owned()).collect();
        let mut writer = Self { workbook, text, name: name.to_owned(), header, sheets: 0, rows: 0, max_rows };
        writer.begin_sheet()?;
        Ok(writer)
    }

    /// Adds a line of texts.
    ///
    /// # Errors
    /// [`WriteError`]
    pub fn push(&mut self, cells: &[impl AsRef<str>]) -> Result<(), WriteError> {
        self.make_room()?;
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        write_texts(sheet, self.rows, cells, &self.text)?;
        self.rows += 1;
        Ok(())
    }

    /// Adds a line of an export: its quantities are such, and all else is text.
    ///
    /// # Errors
    /// [`WriteError`]
    pub fn push_line(&mut self, cells: &[Cell<'_>]) -> Result<(), WriteError> {
        self.make_room()?;
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        for (column, cell) in (0..).zip(cells) {
            match cell.quantity() {
                Some(quantity) => drop(sheet.write_number(self.rows, column, quantity)?),
                None => write_text(sheet, self.rows, column, &cell.in_workbook(), &self.text)?,
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Writes the workbook out.
    ///
    /// # Errors
    /// [`WriteError`]
    pub fn finish(mut self, into: impl Write + Send) -> Result<(), WriteError> {
        Ok(self.workbook.save_to_writer(into)?)
    }

    fn make_room(&mut self) -> Result<(), WriteError> {
        if self.rows == self.max_rows { self.begin_sheet() } else { Ok(()) }
    }

    fn begin_sheet(&mut self) -> Result<(), WriteError> {
        self.sheets += 1;
        let number = if self.sheets > 1 { format!(" {}", self.sheets) } else { String::new() };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(format!("{}{number}", self.name))?;
        sheet.set_freeze_panes(1, 0)?;
        if let Some(last) = self.header.len().checked_sub(1) {
            let last = u16::try_from(last).unwrap_or(u16::MAX);
            sheet.ignore_error_range(0, 0, self.max_rows - 1, last, IgnoreError::NumberStoredAsText)?;
        }
        write_texts(sheet, 0, &self.header, &self.text)?;
        self.rows = 1;
        Ok(())
    }
}

fn write_texts(
    sheet: &mut Worksheet,
    row: u32,
    cells: &[impl AsRef<str>],
    format: &Format,
) -> Result<(), XlsxError> {
    (0..).zip(cells).try_for_each(|(column, cell)| write_text(sheet, row, column, cell.as_ref(), format))
}

fn write_text(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    if !text.is_empty() {
        sheet.write_string_with_format(row, column, fitting(text), format)?;
    }
    Ok(())
}

/// The text, cut where it is longer than a cell.
fn fitting(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_CELL_CHARS || text.chars().nth(MAX_CELL_CHARS).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().take(MAX_CELL_CHARS - 1).chain([CUT]).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx};

    use super::*;

    fn read(bytes: Vec<u8>) -> Vec<(String, Vec<Vec<Data>>)> {
        let mut book = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
        let names = book.sheet_names();
        let rows = |name: &String| {
            let range = book.worksheet_range(name).expect("a sheet");
            range.rows().map(<[Data]>::to_vec).collect()
        };
        let sheets: Vec<_> = names.iter().map(rows).collect();
        names.into_iter().zip(sheets).collect()
    }

    #[test]
    fn numbers_and_formulas_are_texts_and_a_full_sheet_goes_on_in_the_next() {
        let at = Timestamp::from_millis(0);
        let mut writer = WorkbookWriter::with_rows("Leads", &["phone", "note"], at, 3).expect("a workbook");
        for n in 0..5 {
            let number = format!("{n}");
            writer.push(&[number.as_str(), "=1+1"]).expect("a line");
        }
        let mut bytes = Vec::new();
        writer.finish(&mut bytes).expect("a workbook");
        let sheets = read(bytes);
        let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Leads", "Leads 2", "Leads 3"]);
        let text = |text: &str| Data::String(text.to_owned());
        assert_eq!(
            sheets[1].1,
            [[text("phone"), text("note")], [text("2"), text("=1+1")], [text("3"), text("=1+1")],]
        );
        assert_eq!(sheets[2].1.len(), 2);
    }

    #[test]
    fn quantities_of_an_export_can_be_counted_with_and_nothing_else() {
        let mut writer =
            WorkbookWriter::begun("Results", &["phone", "secs", "cost", "note"], Timestamp::from_millis(0))
                .expect("a workbook");
        let line = [
            Cell::Number("+4930901820"),
            Cell::Quantity("30"),
            Cell::Quantity("0.040000"),
            Cell::Text("7".into()),
        ];
        writer.push_line(&line).expect("a line");
        writer.push_line(&[Cell::Number(""), Cell::Quantity(""), Cell::Quantity("n")]).expect("a line");
        let mut bytes = Vec::new();
        writer.finish(&mut bytes).expect("a workbook");
        let rows = &read(bytes)[0].1;
        let text = |text: &str| Data::String(text.to_owned());
        assert_eq!(rows[1], [text("+4930901820"), Data::Float(30.0), Data::Float(0.04), text("7")]);
        assert_eq!(rows[2], [Data::Empty, Data::Empty, text("n"), Data::Empty]);
    }

    #[test]
    fn a_text_that_is_too_long_for_a_cell_is_cut() {
        assert_eq!(fitting("ä"), "ä");
        let exact = "ä".repeat(MAX_CELL_CHARS);
        assert_eq!(fitting(&exact), exact);
        let cut = fitting(&format!("{exact}x")).into_owned();
        assert_eq!(cut.chars().count(), MAX_CELL_CHARS);
        assert!(cut.ends_with(CUT));
    }
}
