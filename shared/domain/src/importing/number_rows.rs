//! The rows of a sheet of numbers that go on a do-not-call list.

use super::{Column, ColumnMap, unguarded};
use crate::base::time::Timestamp;
use crate::policy::do_not_call::{Listing, MAX_REASON_CHARS, MAX_SOURCE_CHARS};

/// The column of numbers; others are called as in a file of leads.
pub const PHONE_COLUMN: &str = "phone";
/// The column of what was said.
pub const REASON_COLUMN: &str = "reason";
/// The column of where it comes from.
pub const SOURCE_COLUMN: &str = "source";
/// The column of since when.
pub const LISTED_AT_COLUMN: &str = "listed_at";
/// Who put these numbers on their list, unless the sheet says so.
const SOURCE: &str = "import";

/// Where what stands in a sheet of numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberColumns {
    phones: Vec<usize>,
    reason: Option<usize>,
    source: Option<usize>,
    listed_at: Option<usize>,
}

/// A row of a sheet of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRow {
    /// What stands where numbers should be; at least one, which is empty if nothing stands there.
    pub phones: Vec<String>,
    pub reason: String,
    pub source: String,
    /// Since when, as it is written.
    pub listed_at: String,
}

impl NumberColumns {
    /// Those of a sheet without a header: the number stands in front, then the reason.
    pub fn unnamed() -> Self {
        Self { phones: vec![0], reason: Some(1), ..Self::default() }
    }

    /// Those that a first row names; none if it names no column of numbers, and so is no header.
    pub fn named(cells: &[String]) -> Option<Self> {
        let mut columns = Self::default();
        for (place, cell) in cells.iter().enumerate() {
            // Each header is read for itself: a list may have more columns of numbers than a lead has numbers.
            let Ok(map) = ColumnMap::recognise(&[PHONE_COLUMN.to_owned(), cell.clone()]) else { continue };
            match map.columns().nth(1).map(|(_, column)| column) {
                Some(Column::SecondaryPhone(_)) => columns.phones.push(place),
                Some(Column::Variable(name)) => columns.note(name, place),
                _ => {}
            }
        }
        (!columns.phones.is_empty()).then_some(columns)
    }

    /// Whether numbers stand in the cell of this place.
    pub fn is_phone(&self, place: usize) -> bool {
        self.phones.contains(&place)
    }

    fn note(&mut self, name: &str, place: usize) {
        match name {
            REASON_COLUMN => self.reason.get_or_insert(place),
            SOURCE_COLUMN => self.source.get_or_insert(place),
            LISTED_AT_COLUMN => self.listed_at.get_or_insert(place),
            _ => return,
        };
    }

    /// What a row says.
    pub fn read(&self, cells: &[String]) -> NumberRow {
        let cell = |place: usize| unguarded(cells.get(place).map_or("", String::as_str)).trim().to_owned();
        let optional = |place: Option<usize>| place.map(cell).unwrap_or_default();
        let mut phones: Vec<_> = self.phones.iter().copied().map(cell).collect();
        phones.retain(|phone| !phone.is_empty());
        // Where a number stands, a word beside it is no number that is lost.
        let has_digit = |phone: &String| phone.contains(char::is_numeric);
        if phones.iter().any(has_digit) {
            phones.retain(has_digit);
        }
        if phones.is_empty() {
            phones.push(String::new());
        }
        NumberRow {
            phones,
            reason: optional(self.reason),
            source: optional(self.source),
            listed_at: optional(self.listed_at),
        }
    }
}

impl NumberRow {
    /// Why and since when its numbers are listed. What is said of the time is believed if it has passed: a number
    /// that is sent is listed, whatever stands beside it.
    pub fn listing(&self, now: Timestamp) -> Listing {
        let said_at = self.listed_at.parse().ok().filter(|at| *at <= now);
        let source = cut(&self.source, MAX_SOURCE_CHARS).unwrap_or_else(|| SOURCE.to_owned());
        Listing { at: said_at.unwrap_or(now), source, reason: cut(&self.reason, MAX_REASON_CHARS) }
    }
}

/// The beginning of a text, if it says anything.
fn cut(text: &str, max_chars: usize) -> Option<String> {
    let text: String = text.chars().take(max_chars).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::NOW;

    fn cells(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_row_without_a_column_of_numbers_is_no_header() {
        for first in [&["+491", "asked"][..], &["nonsense", "x"], &["Reason", "Name"], &[""]] {
            assert_eq!(NumberColumns::named(&cells(first)), None, "{first:?}");
        }
        let row = NumberColumns::unnamed().read(&cells(&["030 1", "asked", "x"]));
        assert_eq!((row.phones, row.reason), (cells(&["030 1"]), "asked".to_owned()));
    }

    #[test]
    fn every_column_of_numbers_counts_and_a_word_beside_a_number_does_not() {
        let header = cells(&["Mobile", "name", "phone_2", "Cell", "Reason"]);
        let columns = NumberColumns::named(&header).expect("numbers");
        let phones = |texts: &[&str]| columns.read(&cells(texts)).phones;
        assert_eq!(phones(&["+491", "Ana", "", "+492", "x"]), cells(&["+491", "+492"]));
        assert_eq!(phones(&["none", "Ana", "'+491"]), cells(&["+491"]));
        assert_eq!(phones(&["none", "Ana"]), cells(&["none"]));
        assert_eq!(phones(&["", "Ana"]), cells(&[""]), "a row without a number is told of");
    }

    #[test]
    fn what_is_said_of_the_time_is_believed_if_it_has_passed() {
        let columns = NumberColumns::named(&cells(&["phone", "source", "listed_at"])).expect("numbers");
        let listing = |at: &str| columns.read(&cells(&["+491", " web ", at])).listing(NOW);
        let said = "2020-01-02T03:04:05Z";
        assert_eq!(Some(listing(said).at), said.parse().ok());
        for odd in ["", "yesterday", "2999-01-01T00:00:00Z"] {
            assert_eq!(listing(odd).at, NOW, "{odd}");
        }
        assert_eq!(listing("").source, "web");
        let long = "x".repeat(MAX_REASON_CHARS + 1);
        let listing = NumberColumns::unnamed().read(&cells(&["+491", &long])).listing(NOW);
        assert_eq!((listing.source, listing.reason), ("import".into(), Some("x".repeat(MAX_REASON_CHARS))));
    }
}
