//! How the cells of a row come to stand in a line of a sheet.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Column, Holds};
use crate::importing::{LINE_END, guarded, guarded_exactly, guarded_in_workbook, quoted, variable_header};

/// How the name begins under which a row keeps what is told of a number; no variable's does.
const OF_NUMBER: &str = "phones.";

/// The cells of a record, before it is known which variables other records have, and what is told of their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// One for each column that is there whatever the records have.
    cells: Vec<String>,
    /// With what is told of numbers among them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<String, String>,
}

/// The columns of a sheet, as its lines need them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    slots: Vec<Slot>,
}

/// A column, or those of which each is there if some record has something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    One {
        header: String,
        holds: Holds,
    },
    Variables,
    /// What is told of numbers, under these headers.
    OfNumbers(Vec<String>),
}

/// A cell of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'a> {
    Text(Cow<'a, str>),
    /// A telephone number, which people read and spreadsheets do not count with.
    Number(&'a str),
    /// How many, how long or how much; nothing where that is not known.
    Quantity(&'a str),
}

impl Row {
    /// A record without variables.
    pub fn of(cells: impl IntoIterator<Item = String>) -> Self {
        Self { cells: cells.into_iter().collect(), variables: BTreeMap::new() }
    }

    pub(super) fn with_variables(mut self, variables: BTreeMap<String, String>) -> Self {
        self.variables.extend(variables);
        self
    }

    /// The same with what is told of its numbers, by headers.
    pub(super) fn with_number_details(mut self, details: impl Iterator<Item = (String, String)>) -> Self {
        self.variables.extend(details.map(|(header, text)| (of_number(&header), text)));
        self
    }

    /// The names of its variables, and others for what is told of its numbers.
    pub fn variables(&self) -> impl Iterator<Item = &String> {
        self.variables.keys()
    }

    /// How long its texts are together, in bytes.
    pub fn bytes(&self) -> usize {
        let variables = self.variables.iter().map(|(name, value)| name.len() + value.len());
        self.cells.iter().map(String::len).chain(variables).sum()
    }
}

impl Layout {
    /// That of columns with fixed names.
    pub fn of<C: Column>(columns: &[C]) -> Self {
        let slot = |column: &C| Slot::One { header: column.name().to_owned(), holds: column.holds() };
        Self::new(columns.iter().map(slot))
    }

    pub(super) fn new(slots: impl Iterator<Item = Slot>) -> Self {
        Self { slots: slots.collect() }
    }

    /// The line of the headers, where these are the names that the records' [`Row::variables`] gave.
    pub fn header(&self, variables: &BTreeSet<String>) -> Vec<Cell<'_>> {
        let mut line = Vec::new();
        for slot in &self.slots {
            match slot {
                Slot::One { header, .. } => line.push(Cell::Text(Cow::Borrowed(header))),
                Slot::Variables => {
                    let names = names_of_variables(variables);
                    line.extend(names.map(|name| Cell::Text(Cow::Owned(variable_header(name)))));
                }
                Slot::OfNumbers(headers) => {
                    let headers = headers.iter().filter(|header| variables.contains(&of_number(header)));
                    line.extend(headers.map(|header| Cell::text(header)));
                }
            }
        }
        line
    }

    /// The line of a record, where these are the names that all records' [`Row::variables`] gave.
    pub fn line<'a>(&self, row: &'a Row, variables: &BTreeSet<String>) -> Vec<Cell<'a>> {
        let mut cells = row.cells.iter().map(String::as_str);
        let of_row = |name: &str| Cell::text(row.variables.get(name).map_or("", String::as_str));
        let mut line = Vec::new();
        for slot in &self.slots {
            match slot {
                Slot::One { holds, .. } => {
                    let cell = cells.next().unwrap_or_default();
                    line.push(match holds {
                        Holds::Text => Cell::text(cell),
                        Holds::Numbers => Cell::Number(cell),
                        Holds::Quantities => Cell::Quantity(cell),
                    });
                }
                Slot::Variables => line.extend(names_of_variables(variables).map(|name| of_row(name))),
                Slot::OfNumbers(headers) => {
                    let names = headers.iter().map(|header| of_number(header));
                    let names = names.filter(|name| variables.contains(name));
                    line.extend(names.map(|name| of_row(&name)));
                }
            }
        }
        line
    }
}

impl<'a> Cell<'a> {
    const fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// As a field of CSV that no spreadsheet computes.
    fn in_csv(&self, delimiter: char) -> String {
        let guarded = match self {
            Self::Text(text) => guarded_exactly(text),
            Self::Number(number) => guarded(number),
            Self::Quantity(quantity) => Cow::Borrowed(*quantity),
        };
        quoted(&guarded, delimiter).into_owned()
    }

    /// As the text of a cell that a workbook keeps as text.
    pub fn in_workbook(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => guarded_in_workbook(text),
            Self::Number(text) | Self::Quantity(text) => Cow::Borrowed(text),
        }
    }

    /// What a spreadsheet can count with.
    pub fn quantity(&self) -> Option<f64> {
        match self {
            Self::Quantity(text) => text.parse().ok(),
            Self::Text(_) | Self::Number(_) => None,
        }
    }
}

/// The name under which a row keeps what stands under this header.
fn of_number(header: &str) -> String {
    format!("{OF_NUMBER}{header}")
}

fn names_of_variables(names: &BTreeSet<String>) -> impl Iterator<Item = &String> {
    names.iter().filter(|name| !name.starts_with(OF_NUMBER))
}

/// A line of CSV, with its end.
pub fn csv_line(cells: &[Cell<'_>], delimiter: char) -> String {
    let mut line = String::new();
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            line.push(delimiter);
        }
        line.push_str(&cell.in_csv(delimiter));
    }
    line.push_str(LINE_END);
    line
}
