//! What the columns of a sheet mean.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};

use super::names::variable_name;
use super::{MAX_COLUMNS, MAX_NUMBERS};

mod error;
#[cfg(test)]
mod tests;

pub use error::HeaderError;

/// The columns that a report of rejected rows adds behind those of the file. A mended report is
/// dropped again, so they are no data.
pub const REPORT_COLUMNS: [&str; 4] = ["row", "column", "value", "reason"];

/// What a client writes for a column that is left out.
const IGNORE: &str = "ignore";

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The number that is dialled first.
    Phone,
    /// A further number with its place; the first of them has place 2.
    SecondaryPhone(usize),
    Name,
    /// Part of the name, and the variable `first_name`.
    FirstName,
    /// Part of the name, and the variable `last_name`.
    LastName,
    Email,
    Company,
    Timezone,
    /// Words to find them by.
    Tags,
    /// A value for the templates, by its name.
    Variable(String),
    Ignored,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phone => "phone",
            Self::SecondaryPhone(place) => return write!(f, "phone_{place}"),
            Self::Name => "name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Company => "company",
            Self::Timezone => "timezone",
            Self::Tags => "tags",
            Self::Variable(name) => name,
            Self::Ignored => IGNORE,
        })
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The columns of one sheet, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMap {
    headers: Vec<String>,
    columns: Vec<Column>,
}

impl ColumnMap {
    /// Recognises the columns by their headers. Case, spaces, dashes and underscores don't matter;
    /// what is not recognised is a variable.
    ///
    /// # Errors
    /// [`HeaderError`] if there is no column of numbers, or two columns mean the same.
    pub fn recognise(headers: &[String]) -> Result<Self, HeaderError> {
        Self::mapped(headers, &BTreeMap::new())
    }

    /// The same, where `mapping` says of some headers which field they are: a column is then read
    /// as though it were called like the field (`phone`, `phone_2`, `name`, `order_id`...), or left
    /// out as `ignore`.
    ///
    /// # Errors
    /// As [`ColumnMap::recognise`]; also if `mapping` names a column or a field that is none.
    pub fn mapped(headers: &[String], mapping: &BTreeMap<String, String>) -> Result<Self, HeaderError> {
        if headers.len() > MAX_COLUMNS {
            return Err(HeaderError::TooManyColumns { count: headers.len() });
        }
        let headers: Vec<String> = headers.iter().enumerate().map(|(i, header)| called(header, i)).collect();
        if let Some(header) = mapping.keys().find(|key| !headers.iter().any(|header| is_same(header, key))) {
            return Err(HeaderError::UnknownHeader { header: header.clone(), seen: headers });
        }
        let data = without_report(&headers).len();
        let meanings = headers.iter().enumerate().map(|(index, header)| match field_for(mapping, header) {
            Some(field) => meaning_of_field(field),
            None if index >= data => Ok(Meaning::Is(Column::Ignored)),
            None => meaning(header, index),
        });
        let columns = place_numbers(&meanings.collect::<Result<Vec<_>, _>>()?)?;
        let map = Self { headers, columns };
        map.check()?;
        Ok(map)
    }

    /// Each column's header with its meaning.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&str, &Column)> {
        self.headers.iter().map(String::as_str).zip(&self.columns)
    }

    /// The headers, as they stand in the sheet; a column without one is called by its position.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The header of the column that means this; the column's own name if the sheet has none.
    pub fn header_of(&self, column: &Column) -> String {
        let same = |other: &Column| other == column || other.to_string() == column.to_string();
        let header = self.columns().find(|(_, other)| same(other)).map(|(header, _)| header);
        header.map_or_else(|| column.to_string(), ToOwned::to_owned)
    }

    fn check(&self) -> Result<(), HeaderError> {
        let (mut by_column, mut by_header) = (BTreeMap::new(), BTreeMap::new());
        for (header, column) in self.columns().filter(|(_, column)| **column != Column::Ignored) {
            let same_column = by_column.insert(column, header);
            let same_header = by_header.insert(header, header);
            if let Some(earlier) = same_column.or(same_header) {
                let headers = [earlier.to_owned(), header.to_owned()];
                return Err(HeaderError::Duplicate { column: column.clone(), headers });
            }
        }
        if self.columns.contains(&Column::Phone) {
            Ok(())
        } else {
            Err(HeaderError::NoPhone { seen: self.headers.clone() })
        }
    }
}

/// The headers without those that a report of rejected rows adds at the end.
pub fn without_report(headers: &[String]) -> &[String] {
    let data = headers.len().saturating_sub(REPORT_COLUMNS.len());
    if headers[data..].iter().map(String::as_str).eq(REPORT_COLUMNS) { &headers[..data] } else { headers }
}

/// The words for a number without a place. Several columns of one kind mean the same; of two
/// kinds the first is the primary number and the other follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PhoneKind {
    Any,
    Mobile,
}

/// What a header says by itself.
enum Meaning {
    Is(Column),
    Phone(PhoneKind),
    FurtherPhone,
}

/// The header without space around it; `column_3` for the third column if it has none.
fn called(header: &str, index: usize) -> String {
    let header = header.trim();
    if header.is_empty() { by_position(index) } else { header.to_owned() }
}

fn by_position(index: usize) -> String {
    format!("column_{}", index + 1)
}

fn meaning(header: &str, index: usize) -> Result<Meaning, HeaderError> {
    let key = key(header);
    let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &key[stem.len()..];
    let place = (!digits.is_empty()).then(|| digits.parse().unwrap_or(usize::MAX));
    let column = match (stem, place) {
        ("phone" | "phonenumber" | "telephone" | "telephonenumber" | "tel" | "primaryphone", _) => {
            return phone(PhoneKind::Any, place, header);
        }
        ("mobile" | "mobilephone" | "mobilenumber" | "cell" | "cellphone" | "cellnumber", _) => {
            return phone(PhoneKind::Mobile, place, header);
        }
        ("secondaryphone" | "secondaryphonenumber" | "alternatephone" | "otherphone", _) => {
            return place.map_or(Ok(Meaning::FurtherPhone), |n| further(n.saturating_add(1), header));
        }
        ("name" | "fullname" | "contactname", None) => Column::Name,
        ("firstname" | "givenname" | "forename", None) => Column::FirstName,
        ("lastname" | "familyname" | "surname", None) => Column::LastName,
        ("email" | "emailaddress", None) => Column::Email,
        ("company" | "companyname" | "organization" | "organisation", None) => Column::Company,
        ("timezone" | "tz", None) => Column::Timezone,
        ("tags" | "tag", None) => Column::Tags,
        (IGNORE, None) => Column::Ignored,
        _ => Column::Variable(variable_name(header).unwrap_or_else(|| by_position(index))),
    };
    Ok(Meaning::Is(column))
}

fn phone(kind: PhoneKind, place: Option<usize>, header: &str) -> Result<Meaning, HeaderError> {
    match place {
        None | Some(0 | 1) => Ok(Meaning::Phone(kind)),
        Some(place) => further(place, header),
    }
}

fn further(place: usize, header: &str) -> Result<Meaning, HeaderError> {
    if (2..=MAX_NUMBERS).contains(&place) {
        Ok(Meaning::Is(Column::SecondaryPhone(place)))
    } else {
        Err(HeaderError::TooManyNumbers { header: header.to_owned() })
    }
}

/// What a client means by a field.
fn meaning_of_field(field: &str) -> Result<Meaning, HeaderError> {
    match meaning(field, 0)? {
        Meaning::Is(Column::Variable(name)) if name != field => {
            Err(HeaderError::UnknownField { field: field.to_owned() })
        }
        known => Ok(known),
    }
}

/// Gives the numbers that came without a place the places that are free, in the order of the
/// sheet; the first of them is the primary one.
fn place_numbers(meanings: &[Meaning]) -> Result<Vec<Column>, HeaderError> {
    let taken: BTreeSet<usize> = meanings
        .iter()
        .filter_map(|meaning| match meaning {
            Meaning::Is(Column::SecondaryPhone(place)) => Some(*place),
            Meaning::Is(_) | Meaning::Phone(_) | Meaning::FurtherPhone => None,
        })
        .collect();
    let mut free = (2..=MAX_NUMBERS).filter(|place| !taken.contains(place)).map(Column::SecondaryPhone);
    let mut placed: Vec<(PhoneKind, Column)> = Vec::new();
    let mut next = || free.next().ok_or(HeaderError::NoPlace);
    meanings
        .iter()
        .map(|meaning| match meaning {
            Meaning::Is(column) => Ok(column.clone()),
            Meaning::FurtherPhone => next(),
            Meaning::Phone(kind) => {
                if let Some((_, column)) = placed.iter().find(|(other, _)| other == kind) {
                    return Ok(column.clone()); // the check for duplicates tells of it
                }
                let column = if placed.is_empty() { Column::Phone } else { next()? };
                placed.push((*kind, column.clone()));
                Ok(column)
            }
        })
        .collect()
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
