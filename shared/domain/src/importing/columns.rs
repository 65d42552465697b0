//! What the columns of a sheet mean.

use std::collections::{BTreeMap, BTreeSet};

use super::MAX_COLUMNS;
use crate::base::numbering::BareDigits;

mod certainty;
mod column;
mod error;
mod exported;
mod fields;
mod meaning;
mod notice;
mod numbers;
mod of_number;
#[cfg(test)]
mod tests;

pub use certainty::{Certainty, Known};
pub use column::Column;
pub use error::HeaderError;
pub use exported::{OF_EXPORT, OF_VARIABLE, variable_header};
pub use notice::Notice;
pub use of_number::NumberDetail;

use meaning::{Meaning, called, meaning, meaning_of_field, place_numbers};
use numbers::{Role, mentions_number, numbers};
use of_number::OfNumber;

/// The columns that a report of rejected rows adds behind those of the file. A mended report is
/// dropped again, so they are no data.
pub const REPORT_COLUMNS: [&str; 4] = ["row", "column", "value", "reason"];

/// What a client writes for a column that is left out.
const IGNORE: &str = "ignore";
/// A column of Mailchimp's exports alone.
const MAILING_LIST_MARK: &str = "EUID";

/// The columns of one sheet, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMap {
    headers: Vec<String>,
    columns: Vec<Column>,
    /// What digits without + are in each of them.
    bare_digits: Vec<BareDigits>,
    /// How each of them is known.
    known: Vec<Known>,
    notices: Vec<Notice>,
}

impl ColumnMap {
    /// Recognises the columns by their headers. Case, spaces, dashes and underscores don't matter;
    /// what is not recognised is a variable. Of two that mean the same, the second is a further number,
    /// or a variable.
    ///
    /// # Errors
    /// [`HeaderError`] if there is no column of numbers.
    pub fn recognise(headers: &[String]) -> Result<Self, HeaderError> {
        Self::mapped(headers, &BTreeMap::new())
    }

    /// The same, where `mapping` says of some headers which field they are: a column is then read
    /// as though it were called like the field (`phone`, `phone_2`, `name`, `order_id`...), or left
    /// out as `ignore`.
    ///
    /// # Errors
    /// As [`ColumnMap::recognise`]; also if `mapping` names a column or a field that is none, or one field
    /// for two columns.
    pub fn mapped(headers: &[String], mapping: &BTreeMap<String, String>) -> Result<Self, HeaderError> {
        let map = Self::sketched(headers, mapping)?;
        if map.has_phone() { Ok(map) } else { Err(HeaderError::NoPhone { seen: map.headers }) }
    }

    /// The same for a look: a column of numbers may still be missing.
    ///
    /// # Errors
    /// As [`ColumnMap::mapped`], but for that.
    pub fn sketched(headers: &[String], mapping: &BTreeMap<String, String>) -> Result<Self, HeaderError> {
        if headers.len() > MAX_COLUMNS {
            return Err(HeaderError::TooManyColumns { count: headers.len() });
        }
        let headers: Vec<String> = headers.iter().enumerate().map(|(i, header)| called(header, i)).collect();
        if let Some(header) = mapping.keys().find(|key| !headers.iter().any(|header| is_same(header, key))) {
            return Err(HeaderError::UnknownHeader { header: header.clone(), seen: headers });
        }
        check_mapping(mapping)?;
        let data = without_report(&headers).len();
        let fields: Vec<Option<&str>> = headers.iter().map(|header| field_for(mapping, header)).collect();
        let meanings = headers.iter().zip(&fields).enumerate().map(|(index, (header, field))| match field {
            Some(field) => meaning_of_field(field),
            None if index >= data => Ok(Meaning::Is(Column::Ignored)),
            None => Ok(meaning(header, index)),
        });
        let mut meanings = meanings.collect::<Result<Vec<_>, _>>()?;
        if headers.iter().any(|header| header == MAILING_LIST_MARK) {
            meanings.iter_mut().zip(&headers).for_each(|(meaning, header)| meaning.of_mailing_list(header));
        }
        let mut columns = place_numbers(&meanings);
        of_number::bind(&headers, &fields, &meanings, &mut columns);
        let known = (headers.iter().zip(&fields)).zip(meanings.iter().zip(&columns));
        let known = known.map(|((header, field), (meaning, column))| match field {
            Some(_) => Known::Mapped,
            None => Known::by(header, meaning, column),
        });
        let known = known.collect();
        let bare_digits = meanings.iter().map(Meaning::bare_digits).collect();
        let mut map = Self { columns, headers, bare_digits, known, notices: Vec::new() };
        map.tell_apart();
        map.note(&meanings);
        Ok(map)
    }

    /// Whether any column holds numbers.
    pub fn has_phone(&self) -> bool {
        self.columns.contains(&Column::Phone)
    }

    /// How each column is known, in the order of the sheet.
    pub fn known(&self) -> impl Iterator<Item = Known> {
        self.known.iter().copied()
    }

    /// Whether somebody said what the column at this place means: a client, or its header itself.
    pub(super) fn is_mapped(&self, place: usize) -> bool {
        self.known.get(place) == Some(&Known::Mapped)
            || self.headers.get(place).is_some_and(|header| header.starts_with(OF_VARIABLE))
    }

    /// The same columns, where something is known of the digits in those that do not say it themselves.
    pub fn with_bare_digits(mut self, known: &[BareDigits]) -> Self {
        for (own, known) in self.bare_digits.iter_mut().zip(known) {
            if *own == BareDigits::Unknown {
                *own = *known;
            }
        }
        self
    }

    /// Each column's header with its meaning.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&str, &Column)> + Clone {
        self.headers.iter().map(String::as_str).zip(&self.columns)
    }

    /// Each column's header with its meaning, and with what digits without + are in it.
    pub fn columns_with_digits(&self) -> impl Iterator<Item = (&str, &Column, BareDigits)> + Clone {
        self.columns().zip(&self.bare_digits).map(|((header, column), digits)| (header, column, *digits))
    }

    /// The headers, as they stand in the sheet; a column without one is called by its position.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// What became of columns in another way than their headers may promise.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The header of the column that means this; the column's own name if the sheet has none.
    pub fn header_of(&self, column: &Column) -> String {
        let same = |other: &Column| other == column || other.to_string() == column.to_string();
        let header = self.columns().find(|(_, other)| same(other)).map(|(header, _)| header);
        header.map_or_else(|| column.to_string(), ToOwned::to_owned)
    }

    /// Makes a variable of each column that means the same as one before it: `notes_2`. What is told of a number
    /// twice keeps its own name, unless that is one of ours.
    fn tell_apart(&mut self) {
        let all: BTreeSet<String> = self.columns.iter().map(ToString::to_string).collect();
        let mut seen = BTreeSet::new();
        for ((column, header), known) in self.columns.iter_mut().zip(&self.headers).zip(&mut self.known) {
            if *column == Column::Ignored || seen.insert((column.is_variable(), column.to_string())) {
                continue;
            }
            let own = OfNumber::told_by(header)
                .filter(|one| matches!(column, Column::OfNumber(..)) && !one.is_ours());
            let own = own.map(|one| one.variable().to_string());
            let names = own.into_iter().chain((2..).map(|n| format!("{column}_{n}")));
            let is_seen = |name: &String| seen.iter().any(|(_, seen)| seen == name);
            let free = names.into_iter().find(|name| !all.contains(name) && !is_seen(name));
            let name = free.unwrap_or_default();
            self.notices.push(Notice::Repeated { header: header.clone(), read_as: name.clone() });
            seen.insert((true, name.clone()));
            *column = Column::Variable(name);
            *known = Known::Repeated;
        }
    }

    /// Notes what became of columns that hold numbers, or may do so.
    fn note(&mut self, meanings: &[Meaning]) {
        let columns = self.headers.iter().zip(&self.columns).zip(&self.known);
        for (((header, column), known), meaning) in columns.zip(meanings) {
            let header = header.clone();
            self.notices.extend(match (meaning, column) {
                (Meaning::Numbers(numbers), Column::Ignored) if numbers.role == Role::NotTheirs => {
                    Some(Notice::NotTheirs { header })
                }
                (Meaning::Numbers(_), Column::Ignored) => Some(Notice::NoPlace { header }),
                (Meaning::Is(_), Column::Variable(variable))
                    if *known == Known::Doubtful
                        || (*known == Known::Repeated && mentions_number(&header)) =>
                {
                    Some(Notice::MentionsNumber { header, variable: variable.clone() })
                }
                _ => None,
            });
        }
    }
}

/// The headers without those that a report of rejected rows adds at the end.
pub fn without_report(headers: &[String]) -> &[String] {
    let data = headers.len().saturating_sub(REPORT_COLUMNS.len());
    if headers[data..].iter().map(String::as_str).eq(REPORT_COLUMNS) { &headers[..data] } else { headers }
}

/// Whether a header names a column of the person's telephone numbers.
pub fn names_numbers(header: &str) -> bool {
    numbers(header).is_some_and(|numbers| numbers.role != Role::NotTheirs)
}

/// A client that gives two columns one field has slipped.
fn check_mapping(mapping: &BTreeMap<String, String>) -> Result<(), HeaderError> {
    let mut by_field = BTreeMap::new();
    for (header, field) in mapping.iter().filter(|(_, field)| key(field) != IGNORE) {
        if let Some(earlier) = by_field.insert(key(field), header) {
            let headers = [earlier.clone(), header.clone()];
            return Err(HeaderError::Duplicate { field: field.trim().to_owned(), headers });
        }
    }
    Ok(())
}

fn field_for<'a>(mapping: &'a BTreeMap<String, String>, header: &str) -> Option<&'a str> {
    let exact = mapping.get(header);
    let similar = || mapping.iter().find(|(key, _)| is_same(header, key)).map(|(_, field)| field);
    exact.or_else(similar).map(|field| field.trim())
}

fn is_same(header: &str, other: &str) -> bool {
    let (one, two) = (key(header), key(other));
    header == other || (one == two && !one.is_empty())
}

/// What counts of a header.
fn key(header: &str) -> String {
    let counts = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '_' | '\u{feff}');
    header.chars().filter(counts).flat_map(char::to_lowercase).collect()
}
