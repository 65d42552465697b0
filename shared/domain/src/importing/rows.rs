//! One row of a sheet as a lead.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::Serialize;

use super::cells::unguarded;
use super::columns::{Column, ColumnMap};
use super::draft::{Details, FieldError, LeadDraft};
use super::fault::Fault;
use super::shown;
use crate::base::numbering::{Country, PhoneError, parse};
use crate::base::phone::E164;
use crate::base::zone::timezone;

#[cfg(test)]
mod tests;

/// What holds for the rows that don't say it themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportDefaults {
    /// The country of numbers that are written without one.
    pub default_country: Option<Country>,
}

/// One fault of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// The row, as a spreadsheet counts: the header is row 1.
    pub row: u64,
    /// The header of the column; empty if it is the row as a whole.
    pub column: String,
    /// The value, cut if it is long.
    pub value: String,
    pub reason: Fault,
}

impl RowError {
    /// A fault of a row; the value is cut if it is long.
    pub fn new(row: u64, column: &str, value: &str, reason: Fault) -> Self {
        Self { row, column: column.to_owned(), value: shown(value), reason }
    }
}

/// Reads one row; none if nothing is in it.
///
/// # Errors
/// Everything that is wrong with the row, at once.
pub fn read_row<S: AsRef<str>>(
    map: &ColumnMap,
    fields: &[S],
    row: u64,
    defaults: &ImportDefaults,
) -> Result<Option<LeadDraft>, Vec<RowError>> {
    if fields.iter().all(|field| field.as_ref().trim().is_empty()) {
        return Ok(None);
    }
    if let Some(error) = misfit(map, fields, row) {
        return Err(vec![error]);
    }
    let mut reading = Reading::new(defaults);
    for ((_, column), field) in map.columns().zip(fields) {
        let value = unguarded(field.as_ref()).trim();
        if !value.is_empty() {
            reading.take(column, value);
        }
    }
    reading.finish().map(Some).map_err(|errors| {
        errors
            .into_iter()
            .map(|error| RowError {
                row,
                column: error.column.map(|column| map.header_of(&column)).unwrap_or_default(),
                value: error.value,
                reason: error.reason,
            })
            .collect()
    })
}

/// The fault of a row that has more or fewer fields than the header.
fn misfit<S: AsRef<str>>(map: &ColumnMap, fields: &[S], row: u64) -> Option<RowError> {
    let (found, expected) = (fields.len(), map.headers().len());
    let surplus: Vec<&str> = fields.iter().skip(expected).map(AsRef::as_ref).collect();
    let reason = Fault::FieldCount { found, expected };
    (found != expected).then(|| RowError::new(row, "", &surplus.join(", "), reason))
}

/// A row, as far as it is read.
struct Reading<'a> {
    defaults: &'a ImportDefaults,
    numbers: BTreeMap<usize, E164>,
    saw_number: bool,
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    company: Option<String>,
    timezone: Option<Tz>,
    tags: Vec<String>,
    variables: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl<'a> Reading<'a> {
    const fn new(defaults: &'a ImportDefaults) -> Self {
        Self {
            defaults,
            numbers: BTreeMap::new(),
            saw_number: false,
            name: None,
            first_name: None,
            last_name: None,
            email: None,
            company: None,
            timezone: None,
            tags: Vec::new(),
            variables: BTreeMap::new(),
            errors: Vec::new(),
        }
    }

    /// Takes the value of one cell, which is not blank.
    fn take(&mut self, column: &Column, value: &str) {
        match column {
            Column::Phone => self.take_number(column, 1, value),
            Column::SecondaryPhone(place) => self.take_number(column, *place, value),
            Column::Name => self.name = Some(on_one_line(value)),
            Column::FirstName => self.first_name = Some(on_one_line(value)),
            Column::LastName => self.last_name = Some(on_one_line(value)),
            Column::Email => self.email = Some(value.to_owned()),
            Column::Company => self.company = Some(on_one_line(value)),
            Column::Timezone => match timezone(value) {
                Some(timezone) => self.timezone = Some(timezone),
                None => self.errors.push(FieldError::new(column.clone(), value, Fault::Timezone)),
            },
            Column::Tags => self.tags = tags(value),
            Column::Variable(name) => {
                self.variables.insert(name.clone(), value.to_owned());
            }
            Column::Ignored => {}
        }
    }

    fn take_number(&mut self, column: &Column, place: usize, value: &str) {
        self.saw_number = true;
        let number = parse(value, self.defaults.default_country).map_err(|error| match error {
            PhoneError::NotANumber if is_shortened(value) => Fault::Shortened,
            error => Fault::Phone(error),
        });
        match number {
            Ok(number) => {
                self.numbers.insert(place, number);
            }
            Err(fault) => self.errors.push(FieldError::new(column.clone(), value, fault)),
        }
    }

    /// The lead, if nothing is wrong with the row.
    fn finish(mut self) -> Result<LeadDraft, Vec<FieldError>> {
        if !self.saw_number {
            self.errors.push(FieldError::new(Column::Phone, "", Fault::Phone(PhoneError::Empty)));
        }
        self.join_names();
        self.errors.extend(
            Details {
                name: self.name.as_deref(),
                email: self.email.as_deref(),
                company: self.company.as_deref(),
                tags: &self.tags,
                variables: &self.variables,
            }
            .errors(),
        );
        let mut numbers = self.numbers.into_values();
        match numbers.next() {
            Some(primary) if self.errors.is_empty() => Ok(LeadDraft {
                name: self.name,
                email: self.email,
                company: self.company,
                timezone: self.timezone,
                tags: self.tags,
                variables: self.variables,
                ..LeadDraft::new(primary, numbers)
            }),
            _ => Err(self.errors),
        }
    }

    /// First and last name are variables, and the name where no other is given.
    fn join_names(&mut self) {
        let parts = [(Column::FirstName, self.first_name.take()), (Column::LastName, self.last_name.take())];
        let parts = parts.map(|(column, part)| part.map(|part| (column.to_string(), part)));
        let joined: Vec<&str> = parts.iter().flatten().map(|(_, part)| part.as_str()).collect();
        if self.name.is_none() && !joined.is_empty() {
            self.name = Some(joined.join(" "));
        }
        self.variables.extend(parts.into_iter().flatten());
    }
}

/// `4.91701E+11`: what a spreadsheet makes of a number that it takes for a quantity.
fn is_shortened(value: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    value.split_once(['E', 'e']).is_some_and(|(number, exponent)| {
        exponent.strip_prefix('+').is_some_and(digits)
            && number.split_once(['.', ',']).map_or_else(|| digits(number), |(a, b)| digits(a) && digits(b))
    })
}

/// The words between commas, semicolons or bars; none twice.
fn tags(value: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in value.split([',', ';', '|']).map(on_one_line).filter(|tag| !tag.is_empty()) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// The text with single spaces in place of all space.
fn on_one_line(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}
