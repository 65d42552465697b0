//! How the cells of a row come to stand in a line of a sheet.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Column;
use crate::importing::{LINE_END, guarded, guarded_exactly, guarded_in_workbook, quoted, variable_header};

/// The cells of a record, before it is known which variables other records have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// One for each column but that of all variables.
    cells: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<String, String>,
}

/// The columns of a sheet, as its lines need them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    slots: Vec<Slot>,
}

/// A column, or the columns of all variables.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Slot {
    One { header: String, is_number: bool },
    Variables,
}

/// A cell of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'a> {
    Text(Cow<'a, str>),
    /// A telephone number, which people read and spreadsheets do not count with.
    Number(&'a str),
}

impl Row {
    /// A record without variables.
    pub fn of(cells: impl IntoIterator<Item = String>) -> Self {
        Self { cells: cells.into_iter().collect(), variables: BTreeMap::new() }
    }

    pub(super) fn with_variables(self, variables: BTreeMap<String, String>) -> Self {
        Self { variables, ..self }
    }

    /// The names of its variables.
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
        let slots = columns.iter().map(|column| (column.name().to_owned(), column.is_number()));
        Self::new(slots.map(Some))
    }

    /// The header of each column, and whether it holds telephone numbers; none for those of all variables.
    pub(super) fn new(columns: impl Iterator<Item = Option<(String, bool)>>) -> Self {
        let slot = |column: Option<(String, bool)>| match column {
            Some((header, is_number)) => Slot::One { header, is_number },
            None => Slot::Variables,
        };
        Self { slots: columns.map(slot).collect() }
    }

    /// The line of the headers, where these variables are among the records.
    pub fn header(&self, variables: &BTreeSet<String>) -> Vec<Cell<'_>> {
        let mut line = Vec::new();
        for slot in &self.slots {
            match slot {
                Slot::One { header, .. } => line.push(Cell::Text(Cow::Borrowed(header))),
                Slot::Variables => {
                    line.extend(variables.iter().map(|name| Cell::Text(Cow::Owned(variable_header(name)))));
                }
            }
        }
        line
    }

    /// The line of a record, where these variables are among all records.
    pub fn line<'a>(&self, row: &'a Row, variables: &BTreeSet<String>) -> Vec<Cell<'a>> {
        let mut cells = row.cells.iter().map(String::as_str);
        let mut line = Vec::new();
        for slot in &self.slots {
            match slot {
                Slot::One { is_number: true, .. } => {
                    line.push(Cell::Number(cells.next().unwrap_or_default()))
                }
                Slot::One { .. } => line.push(Cell::text(cells.next().unwrap_or_default())),
                Slot::Variables => line.extend(
                    variables
                        .iter()
                        .map(|name| Cell::text(row.variables.get(name).map_or("", String::as_str))),
                ),
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
        };
        quoted(&guarded, delimiter).into_owned()
    }

    /// As the text of a cell that a workbook keeps as text.
    pub fn in_workbook(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => guarded_in_workbook(text),
            Self::Number(number) => Cow::Borrowed(number),
        }
    }
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
