//! One row of a sheet as a lead.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::Serialize;

use super::absent::{is_absent, is_mark};
use super::cells::unguarded;
use super::columns::{Column, ColumnMap, NumberDetail};
use super::consent::ConsentCells;
use super::countries::country;
use super::details::{Details, FieldError, too_long};
use super::draft::LeadDraft;
use super::fault::Fault;
use super::shown;
use crate::base::numbering::{BareDigits, Country, Notation, NumberClasses, PhoneError};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::base::zone::timezone;
use crate::records::campaign::CampaignSpec;
use crate::records::lead::LeadNumber;

#[cfg(test)]
mod tests;

/// Stands between the values of one cell in Google's exports.
const BETWEEN_VALUES: &str = " ::: ";
/// Stands before labels of Google's own.
const OWN_LABEL: &str = "* ";
/// Ends a file in old systems; some programs still write it.
const END_OF_FILE: char = '\u{1a}';

/// What holds for the rows that don't say it themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportDefaults {
    /// The country of numbers that are written without one.
    pub default_country: Option<Country>,
    /// The classes of numbers that the workspace allows.
    pub allowed: NumberClasses,
    /// The clock of moments that are written without an offset.
    pub time_zone: Tz,
    /// When the row is read: what is said to have been can't lie ahead.
    pub now: Timestamp,
}

impl ImportDefaults {
    /// What a campaign says.
    pub fn of(campaign: &CampaignSpec) -> Self {
        Self { default_country: campaign.default_country, time_zone: campaign.time_zone, ..Self::default() }
    }
}

/// A row that can become a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRow {
    pub draft: LeadDraft,
    /// The cells that could not be read and are left out.
    pub warnings: Vec<RowError>,
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
/// A cell that can't be read costs no more than itself, unless no number is left.
///
/// # Errors
/// Everything that is wrong with the row, at once.
pub fn read_row<'a, S: AsRef<str>>(
    map: &ColumnMap,
    fields: &'a [S],
    row: u64,
    defaults: &ImportDefaults,
) -> Result<Option<ReadRow>, Vec<RowError>> {
    let is_blank = |field: &S| trimmed(field.as_ref()).is_empty();
    if fields.iter().all(is_blank) {
        return Ok(None);
    }
    // Spreadsheets leave out the delimiters at the end of a row, or add more.
    let surplus = fields.get(map.headers().len()..).unwrap_or_default();
    if !surplus.iter().all(is_blank) {
        let reason = Fault::FieldCount { found: fields.len(), expected: map.headers().len() };
        let surplus: Vec<&str> = surplus.iter().map(AsRef::as_ref).collect();
        return Err(vec![RowError::new(row, "", &surplus.join(", "), reason)]);
    }
    let mut reading = Reading { defaults: *defaults, ..Reading::default() };
    let cells =
        map.columns_with_digits().zip(fields).map(|((_, column, digits), field)| (column, digits, field));
    let text = |column, field: &'a S| Some(text_of(column, field.as_ref())).filter(|text| !text.is_empty());
    // Numbers are read by it, wherever it stands.
    for (column, _, field) in cells.clone().filter(|(column, ..)| **column == Column::Country) {
        text(column, field).into_iter().for_each(|value| reading.take_country(value));
    }
    for (column, bare_digits, field) in cells {
        text(column, field).into_iter().for_each(|value| reading.take(column, bare_digits, value));
    }
    let told = |error: FieldError| RowError {
        row,
        column: error.column.map(|column| map.header_of(&column)).unwrap_or_default(),
        value: error.value,
        reason: error.reason,
    };
    let told = |errors: Vec<FieldError>| errors.into_iter().map(told).collect();
    let (draft, warnings) = reading.finish().map_err(told)?;
    Ok(Some(ReadRow { draft, warnings: told(warnings) }))
}

/// The text of a cell without space around it; what stands behind a guard in front of a variable is meant.
fn text_of<'a>(column: &Column, field: &'a str) -> &'a str {
    let text = unguarded(field);
    let is_meant = matches!(column, Column::Variable(_)) && text.len() < field.len();
    if is_meant { text.trim_end() } else { trimmed(text) }
}

fn trimmed(value: &str) -> &str {
    value.trim_matches(|c: char| c.is_whitespace() || c == END_OF_FILE)
}

/// A row, as far as it is read.
#[derive(Default)]
struct Reading {
    defaults: ImportDefaults,
    /// By which of its cell's it is, and by the place of its column.
    numbers: BTreeMap<(usize, usize), E164>,
    /// What is told of the numbers of a column, by its place.
    number_details: BTreeMap<(usize, NumberDetail), String>,
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    company: Option<String>,
    timezone: Option<Tz>,
    tags: Vec<String>,
    consent: ConsentCells,
    variables: BTreeMap<String, String>,
    /// What is wrong with single cells.
    faults: Vec<FieldError>,
}

impl Reading {
    /// Takes the value of one cell, which is not blank.
    fn take(&mut self, column: &Column, bare_digits: BareDigits, value: &str) {
        let is_nothing = match column {
            Column::Phone
            | Column::SecondaryPhone(_)
            | Column::Email
            | Column::Company
            | Column::Timezone
            | Column::Tags
            | Column::Country
            | Column::Consent(_) => is_absent(value),
            // Somebody is called Null, and some answers are none.
            Column::Name
            | Column::FirstName
            | Column::LastName
            | Column::OfNumber(..)
            | Column::Variable(_) => is_mark(value),
            Column::Ignored => true,
        };
        if is_nothing {
            return;
        }
        match column {
            Column::Phone => self.take_numbers(column, 1, bare_digits, value),
            Column::SecondaryPhone(place) => self.take_numbers(column, *place, bare_digits, value),
            Column::OfNumber(detail, place) => self.take_number_detail(*detail, *place, value),
            Column::Name => self.name = Some(on_one_line(value)),
            Column::FirstName => self.first_name = Some(on_one_line(value)),
            Column::LastName => self.last_name = Some(on_one_line(value)),
            Column::Email => self.email = Some(value.to_owned()),
            Column::Company => self.company = Some(on_one_line(value)),
            Column::Timezone => match timezone(value) {
                Ok(timezone) => self.timezone = Some(timezone),
                Err(error) => self.faults.push(FieldError::new(column.clone(), value, error.into())),
            },
            Column::Tags => self.tags = tags(value),
            Column::Consent(part) => self.consent.take(*part, &on_one_line(value)),
            Column::Country => {
                self.variables.insert(column.to_string(), value.to_owned());
            }
            Column::Variable(name) => {
                self.variables.insert(name.clone(), value.to_owned());
            }
            Column::Ignored => {}
        }
    }

    fn take_country(&mut self, value: &str) {
        match country(value) {
            Some(country) => self.defaults.default_country = Some(country),
            None if is_absent(value) => {}
            None => self.faults.push(FieldError::new(Column::Country, value, Fault::Country)),
        }
    }

    /// Takes the numbers of a cell; of several, those behind the first come after the other columns'.
    fn take_numbers(&mut self, column: &Column, place: usize, bare_digits: BareDigits, value: &str) {
        let ImportDefaults { default_country, allowed, .. } = self.defaults;
        for (index, value) in values_of(value).map(str::trim).enumerate() {
            match (Notation { default_country, bare_digits }).read_allowed(value, allowed) {
                Ok(number) => {
                    self.numbers.insert((index, place), number);
                }
                Err(error) => self.faults.push(FieldError::new(column.clone(), value, error.into())),
            }
        }
    }

    fn take_number_detail(&mut self, detail: NumberDetail, place: usize, value: &str) {
        let value = match detail {
            NumberDetail::Label => on_one_line(value.trim_start_matches(OWN_LABEL)),
            NumberDetail::Name => on_one_line(value),
        };
        match too_long(|| Column::OfNumber(detail, place), &value) {
            Some(error) => self.faults.push(error),
            None => drop(self.number_details.insert((place, detail), value)),
        }
    }

    /// The lead and what is left out of it; the faults if no number is left, or if there is too much of it.
    fn finish(mut self) -> Result<(LeadDraft, Vec<FieldError>), Vec<FieldError>> {
        self.join_names();
        let errors = Details {
            name: self.name.as_deref(),
            email: self.email.as_deref(),
            company: self.company.as_deref(),
            tags: &self.tags,
            variables: &self.variables,
            overwrites: &BTreeMap::new(),
        }
        .errors();
        let is_whole_at_fault = errors.iter().any(|error| error.column.is_none());
        let (consent, mut faults) = self.consent.read(self.defaults.time_zone, self.defaults.now);
        faults.splice(0..0, self.faults);
        faults.extend(errors.iter().cloned());
        let detail = |place, detail| self.number_details.get(&(place, detail)).cloned();
        let mut numbers = self.numbers.into_iter().map(|((_, place), number)| LeadNumber {
            label: detail(place, NumberDetail::Label),
            name: detail(place, NumberDetail::Name),
            ..LeadNumber::new(number)
        });
        let Some(primary) = numbers.next() else {
            let is_number =
                |fault: &FieldError| matches!(fault.column, Some(Column::Phone | Column::SecondaryPhone(_)));
            if !faults.iter().any(is_number) {
                faults.insert(0, FieldError::new(Column::Phone, "", Fault::Phone(PhoneError::Empty)));
            }
            return Err(faults);
        };
        let mut draft = LeadDraft {
            name: self.name,
            email: self.email,
            company: self.company,
            timezone: self.timezone,
            consent,
            tags: self.tags,
            variables: self.variables,
            overwrites: BTreeMap::new(),
            ..LeadDraft::of_numbers(primary, numbers)
        };
        errors.iter().filter_map(|error| error.column.as_ref()).for_each(|column| draft.leave_out(column));
        // What was in order with nothing left out still is.
        let left =
            if errors.is_empty() { draft.number_errors() } else { draft.check().err().unwrap_or_default() };
        if left.is_empty() { Ok((draft, faults)) } else { Err(if is_whole_at_fault { faults } else { left }) }
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

/// The words between commas, semicolons or bars; none twice.
fn tags(value: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    let parts = values_of(value).flat_map(|value| value.split([',', ';', '|']));
    let parts = parts.map(|part| on_one_line(part.trim().trim_start_matches(OWN_LABEL)));
    for tag in parts.filter(|tag| !tag.is_empty()) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// The values of a cell that may have several.
fn values_of(cell: &str) -> impl Iterator<Item = &str> {
    // To look for a text costs more than to see that none of it is there.
    let (alone, several) =
        if cell.contains(':') { (None, Some(cell.split(BETWEEN_VALUES))) } else { (Some(cell), None) };
    alone.into_iter().chain(several.into_iter().flatten())
}

/// The text with single spaces in place of all space.
fn on_one_line(value: &str) -> String {
    // Nearly every cell is as it should be already.
    let is_plain = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if is_plain && value.trim_matches(' ').len() == value.len() && !value.contains("  ") {
        return value.to_owned();
    }
    let mut line = String::with_capacity(value.len());
    for word in value.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}
