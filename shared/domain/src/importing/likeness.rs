//! Columns that look like telephone numbers, whatever they are called.

use super::columns::{Column, ColumnMap, Notice};
use crate::base::numbering::{Country, Notation};

/// Cells of a column that are looked at.
const MAX_CELLS: usize = 100;
/// So many of a hundred cells that are not blank have to look like numbers.
const MIN_PERCENT: usize = 80;
/// Digits that make a number without any sign beside them; shorter ones may count things.
const MIN_BARE_DIGITS: usize = 10;
const MIN_DIGITS: usize = 7;

/// A question for each column that is read as a variable, and looks like telephone numbers by the first rows.
pub fn numbers_in_disguise<S: AsRef<str>>(
    map: &ColumnMap,
    rows: &[&[S]],
    default_country: Option<Country>,
) -> Vec<Notice> {
    let notation = Notation { default_country, ..Notation::default() };
    let notice = |(place, (header, column)): (usize, (&str, &Column))| {
        let Column::Variable(variable) = column else { return None };
        if map.is_mapped(place) || map.notices().iter().any(|notice| notice.asks_of(header)) {
            return None;
        }
        let cells = rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.as_ref().trim());
        let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).take(MAX_CELLS).collect();
        let like = cells.iter().filter(|cell| looks_like_number(cell, notation)).count();
        let is_like = like > 0 && like * 100 >= cells.len() * MIN_PERCENT;
        is_like.then(|| Notice::LooksLikeNumbers {
            header: header.to_owned(),
            variable: variable.clone(),
            like,
            of: cells.len(),
        })
    };
    map.columns().enumerate().filter_map(notice).collect()
}

fn looks_like_number(cell: &str, notation: Notation) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let is_written = cell.starts_with(['+', '0', '(']) || cell.contains([' ', '-', '/', '.', '(']);
    if is_date(cell) || digits < MIN_DIGITS || (!is_written && digits < MIN_BARE_DIGITS) {
        return false;
    }
    notation.read(cell).is_ok() || (!is_written && notation.read(&format!("+{cell}")).is_ok())
}

/// Whether it begins with a day such as 2026-11-01, 1.11.2026 or 11/1/26: some are numbers in some country.
fn is_date(cell: &str) -> bool {
    let day = cell.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['-', '.', '/']).collect();
    let are_digits =
        parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let lens: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    are_digits && matches!(lens[..], [4, 1..=2, 1..=2] | [1..=2, 1..=2, 2 | 4])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notices(header: &str, cells: &[&str]) -> Vec<Notice> {
        let headers: Vec<String> = ["phone", header].map(ToOwned::to_owned).to_vec();
        let map = ColumnMap::recognise(&headers).expect("a good header");
        let rows: Vec<[&str; 2]> = cells.iter().map(|cell| ["", *cell]).collect();
        let rows: Vec<&[&str]> = rows.iter().map(<[&str; 2]>::as_slice).collect();
        numbers_in_disguise(&map, &rows, "DE".parse().ok())
    }

    #[test]
    fn a_column_of_numbers_with_another_name_is_asked_about() {
        let notice = Notice::LooksLikeNumbers {
            header: "Durchwahl".into(),
            variable: "durchwahl".into(),
            like: 4,
            of: 5,
        };
        let cells = ["030 23125001", "", "+49 30 23125002", "493023125003", "0171/3920004", "none"];
        assert_eq!(notices("Durchwahl", &cells), [notice]);
    }

    #[test]
    fn dates_orders_and_amounts_are_none() {
        for cells in [
            &["2026-11-01", "2026-11-02"][..],
            &["1234567", "1234568"],
            &["12.50", "1.200,00"],
            &["08123", "10115"],
            &["A-1", "A-2"],
            &["", ""],
        ] {
            assert_eq!(notices("Order", cells), [], "{cells:?}");
        }
        assert_eq!(notices("mobile", &["030 23125001"]), [], "it is one already");
    }
}
