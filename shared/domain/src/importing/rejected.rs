//! Rejected rows as a sheet, to mend and drop again.

use std::borrow::Cow;

use super::cells::{BYTE_ORDER_MARK, LINE_END, guarded, quoted, unguarded};
use super::columns::{REPORT_COLUMNS, without_report};

/// Between the faults of one row.
const BETWEEN_FAULTS: &str = "; ";

/// One fault of a rejected row, as it stands in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowFault<'a> {
    /// The header of the column; empty if it is the row as a whole.
    pub column: &'a str,
    pub value: &'a str,
    pub reason: &'a str,
}

/// Rejected rows as the lines of a sheet: the columns of the file, then [`REPORT_COLUMNS`].
#[derive(Debug)]
pub struct RejectedLines {
    /// Columns of the file; what an earlier report added does not count.
    width: usize,
}

impl RejectedLines {
    /// Those of a file with these headers, and the line of the headers.
    pub fn new(headers: &[String]) -> (Self, Vec<String>) {
        let columns = without_report(headers);
        let line = columns.iter().map(|header| unguarded(header)).chain(REPORT_COLUMNS);
        (Self { width: columns.len() }, line.map(ToOwned::to_owned).collect())
    }

    /// The line of a row, with all that is wrong with it. Fields behind the last header have no column; the value of
    /// the fault shows them.
    pub fn line(&self, row: u64, fields: &[String], faults: &[RowFault<'_>]) -> Vec<String> {
        let blank = std::iter::repeat_n("", self.width.saturating_sub(fields.len()));
        // A guard that an earlier report put on is not doubled.
        let cells = fields.iter().take(self.width).map(|field| unguarded(field)).chain(blank);
        let columns: Vec<&str> = faults.iter().map(|fault| fault.column).collect();
        let values: Vec<&str> = faults.iter().map(|fault| fault.value).collect();
        let reasons: Vec<Cow<'_, str>> = faults.iter().map(|fault| reason(fault, faults.len() > 1)).collect();
        let report = [
            row.to_string(),
            columns.join(BETWEEN_FAULTS),
            values.join(BETWEEN_FAULTS),
            reasons.join(BETWEEN_FAULTS),
        ];
        cells.map(ToOwned::to_owned).chain(report).collect()
    }
}

/// Writes rejected rows as CSV (RFC 4180). No cell can become a formula. The text can be taken out piece by
/// piece, so that a report of any size takes little memory.
#[derive(Debug)]
pub struct RejectedRows {
    text: String,
    delimiter: char,
    lines: RejectedLines,
}

impl RejectedRows {
    /// A report of a file with these headers; begins with its own header.
    pub fn new(headers: &[String], delimiter: char) -> Self {
        let (lines, header) = RejectedLines::new(headers);
        let mut report = Self { text: BYTE_ORDER_MARK.to_owned(), delimiter, lines };
        report.push_line(&header);
        report
    }

    /// Adds a row, once, with all that is wrong with it.
    pub fn push(&mut self, row: u64, fields: &[String], faults: &[RowFault<'_>]) {
        let line = self.lines.line(row, fields, faults);
        self.push_line(&line);
    }

    /// Takes out the text that was written since the last time.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    fn push_line(&mut self, cells: &[String]) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.text.push(self.delimiter);
            }
            self.text.push_str(&quoted(&guarded(cell), self.delimiter));
        }
        self.text.push_str(LINE_END);
    }
}

/// The reason; of several it also tells the column.
fn reason<'a>(fault: &RowFault<'a>, is_one_of_several: bool) -> Cow<'a, str> {
    if is_one_of_several && !fault.column.is_empty() {
        format!("{}: {}", fault.column, fault.reason).into()
    } else {
        fault.reason.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: RowFault<'static> = RowFault { column: "phone", value: "12", reason: "too short" };

    fn strings<const N: usize>(texts: [&str; N]) -> Vec<String> {
        texts.map(ToOwned::to_owned).to_vec()
    }

    #[test]
    fn a_row_stands_once_with_all_its_faults() {
        let mut report = RejectedRows::new(&strings(["phone", "name", "=email"]), ';');
        let email = RowFault { column: "=email", value: "@", reason: "not an address" };
        report.push(4, &strings(["12", "Ana; \"B\"\nC", "@"]), &[BAD, email]);
        assert_eq!(
            report.take(),
            "\u{feff}phone;name;'=email;row;column;value;reason\r\n\
             12;\"Ana; \"\"B\"\"\nC\";'@;4;\"phone; =email\";\"12; @\";\"phone: too short; =email: not an address\"\r\n"
        );
        assert_eq!(report.take(), "");
    }

    #[test]
    fn a_row_that_does_not_fit_the_header_still_has_its_columns() {
        let mut report = RejectedRows::new(&strings(["phone", "name"]), ',');
        report.take();
        let fault = RowFault { column: "", value: "more", reason: "3 fields" };
        report.push(9, &strings(["+49 30 901820", "-x", "more"]), &[fault]);
        report.push(11, &strings(["@"]), &[RowFault { value: "", ..fault }]);
        assert_eq!(report.take(), "+49 30 901820,'-x,9,,more,3 fields\r\n'@,,11,,,3 fields\r\n");
    }

    #[test]
    fn a_report_of_a_report_has_the_same_columns() {
        let mut first = RejectedRows::new(&strings(["phone", "note"]), ',');
        first.push(2, &strings(["12", "=1"]), &[BAD]);
        let headers = ["phone", "note", "row", "column", "value", "reason"];
        let mut second = RejectedRows::new(&strings(headers), ',');
        second.push(2, &strings(["12", "'=1", "2", "phone", "12", "too short"]), &[BAD]);
        assert_eq!(second.take(), first.take());
    }
}
