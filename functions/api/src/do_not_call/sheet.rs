//! A sheet of numbers: CSV in any usual dialect, with or without a header.

use carillon_domain::importing::{NumberColumns, NumberRow};

/// What may stand between two cells.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// A row of a sheet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Its number, as a spreadsheet counts: the first row is 1, a blank one counts.
    pub(super) row: u64,
    pub(super) said: NumberRow,
}

/// What is in a sheet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sheet {
    /// Its rows, without the header and blank ones.
    pub(super) rows: Vec<Row>,
    /// The row in which a quote opens that never closes: nothing from there on is read.
    pub(super) unclosed: Option<u64>,
}

/// Reads a sheet. A first row with the name of a column of numbers is its header; without one the
/// number stands in front, then the reason.
pub(super) fn read(text: &str) -> Sheet {
    let text = text.trim_start_matches('\u{feff}').trim_end_matches('\u{1a}');
    let first_line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    // What stands in front is a number or a header: neither has one of these in it.
    let delimiter = first_line.chars().find(|c| DELIMITERS.contains(c)).unwrap_or(',');
    let mut cells = Cells { rest: text, delimiter, row: 0 };
    let (mut sheet, mut columns) = (Sheet::default(), None);
    while let Some(next) = cells.next_row() {
        let Ok(cells_of_row) = next else {
            sheet.unclosed = Some(cells.row);
            break;
        };
        if cells_of_row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let columns: &NumberColumns = match &columns {
            Some(columns) => columns,
            None => match NumberColumns::named(&cells_of_row) {
                Some(named) => {
                    columns = Some(named);
                    continue;
                }
                None => columns.insert(NumberColumns::unnamed()),
            },
        };
        sheet.rows.push(Row { row: cells.row, said: columns.read(&cells_of_row) });
    }
    sheet
}

/// The rows of a text (RFC 4180), one after another. The `csv` crate neither counts blank lines nor
/// tells of a quote that never closes: it would take the rest of the numbers for one cell.
struct Cells<'a> {
    rest: &'a str,
    delimiter: char,
    /// How many rows were read.
    row: u64,
}

/// A quote never closes.
struct Unclosed;

impl Cells<'_> {
    /// The cells of the next row; none at the end.
    fn next_row(&mut self) -> Option<Result<Vec<String>, Unclosed>> {
        if self.rest.is_empty() {
            return None;
        }
        self.row += 1;
        let (mut cells, mut cell, mut is_quoted) = (Vec::new(), String::new(), false);
        let mut chars = self.rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' if is_quoted && chars.next_if(|(_, next)| *next == '"').is_some() => cell.push('"'),
                '"' if is_quoted => is_quoted = false,
                '"' if cell.is_empty() => is_quoted = true,
                _ if is_quoted => cell.push(c),
                '\r' | '\n' => {
                    let is_pair = c == '\r' && chars.next_if(|(_, next)| *next == '\n').is_some();
                    self.rest = &self.rest[at + if is_pair { 2 } else { 1 }..];
                    cells.push(cell);
                    return Some(Ok(cells));
                }
                _ if c == self.delimiter => cells.push(std::mem::take(&mut cell)),
                _ => cell.push(c),
            }
        }
        self.rest = "";
        cells.push(cell);
        Some(if is_quoted { Err(Unclosed) } else { Ok(cells) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(u64, String, String)> {
        read(text)
            .rows
            .into_iter()
            .map(|row| (row.row, row.said.phones.join(" | "), row.said.reason))
            .collect()
    }

    fn row(row: u64, phone: &str, reason: &str) -> (u64, String, String) {
        (row, phone.to_owned(), reason.to_owned())
    }

    #[test]
    fn the_number_stands_in_front_without_a_header() {
        for (text, rows) in [
            ("", vec![]),
            ("\n \r\n", vec![]),
            ("030 1", vec![row(1, "030 1", "")]),
            ("+491\n+492\r\n+493\r", vec![row(1, "+491", ""), row(2, "+492", ""), row(3, "+493", "")]),
            ("\u{feff}+491,asked\n\n+492", vec![row(1, "+491", "asked"), row(3, "+492", "")]),
            ("+491;a, b", vec![row(1, "+491", "a, b")]),
            ("+491\ta", vec![row(1, "+491", "a")]),
            ("nonsense,x\n+491,y", vec![row(1, "nonsense", "x"), row(2, "+491", "y")]),
        ] {
            assert_eq!(told(text), rows, "{text:?}");
        }
    }

    #[test]
    fn a_header_names_the_columns() {
        for (text, rows) in [
            ("phone\n+491", vec![row(2, "+491", "")]),
            ("Reason;Name;Phone Number\nasked;Ana;+491", vec![row(2, "+491", "asked")]),
            ("\n\"phone\",reason,source,listed_at\n'+49-1,no,x,y", vec![row(3, "+49-1", "no")]),
            (
                "phone,name,mobile,phone_2\n+491,Ana,,+492\n,Bo,+493,+494",
                vec![row(2, "+491 | +492", ""), row(3, "+493 | +494", "")],
            ),
            ("mobile;cell;phone 12\n+491;+492;+493", vec![row(2, "+491 | +492 | +493", "")]),
            ("phone_2,reason\n,asked", vec![row(2, "", "asked")]),
        ] {
            assert_eq!(told(text), rows, "{text:?}");
        }
    }

    #[test]
    fn what_an_export_tells_is_read_again() {
        let sheet = read("Source;Listed At;phone\nweb;2026-01-02T03:04:05Z;+491\n;;+492");
        let told: Vec<_> =
            sheet.rows.iter().map(|row| (row.said.source.as_str(), row.said.listed_at.as_str())).collect();
        assert_eq!(told, [("web", "2026-01-02T03:04:05Z"), ("", "")]);
    }

    #[test]
    fn quotes_hold_whatever_they_enclose_and_have_to_close() {
        assert_eq!(
            told("+491,\"a \"\"b\"\",\nc\"\n+492"),
            [row(1, "+491", "a \"b\",\nc"), row(2, "+492", "")]
        );
        let sheet = read("+491,a\n+492,\"b\n+493,c\n");
        assert_eq!((sheet.rows.len(), sheet.unclosed), (1, Some(2)));
    }
}
