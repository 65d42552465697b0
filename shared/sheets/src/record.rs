//! A row of a file, whatever the file is.

use carillon_domain::importing::{Column, ColumnMap, Fault, ImportDefaults, ReadRow, RowError, read_row};

/// Where a row starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Bytes of the file before it. A workbook has no such order: what stands here says at most how far it is read.
    pub position: u64,
    /// Its number, as a spreadsheet counts: the header is row 1, and blank lines count. Of JSON, the first object
    /// is row 1.
    pub row: u64,
}

/// One row of the file; blank ones are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number, counted as in [`Checkpoint`].
    pub row: u64,
    /// Its fields as text.
    pub fields: Result<Vec<String>, Malformed>,
    /// Cells that are blank, or not what they were, because no text says the same.
    pub cell_faults: Vec<CellFault>,
    /// Where the next row starts.
    pub next: Checkpoint,
}

/// A row that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub fault: Fault,
    /// The field that is wrong; none if it is the row as a whole.
    pub field: Option<usize>,
    /// The fields, with U+FFFD for what is no text; where the fields can't be told apart, the
    /// beginning of the row.
    pub fields: Vec<String>,
}

/// What is wrong with one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// None if nobody can say which cell of the row it is.
    pub field: Option<usize>,
    /// What stood there.
    pub value: String,
    pub fault: Fault,
}

impl Record {
    /// The row as a lead; none if nothing is in it.
    ///
    /// # Errors
    /// Everything that is wrong with the row, at once.
    pub fn lead(&self, map: &ColumnMap, defaults: &ImportDefaults) -> Result<Option<ReadRow>, Vec<RowError>> {
        let fields = match &self.fields {
            Ok(fields) => fields,
            Err(malformed) => return Err(vec![malformed.error(self.row, map)]),
        };
        let warnings = self.cell_faults.iter().filter(|fault| fault.counts(map));
        let warnings = warnings.map(|fault| fault.error(self.row, map));
        match read_row(map, fields, self.row, defaults) {
            Ok(Some(mut read)) => {
                read.warnings.extend(warnings);
                Ok(Some(read))
            }
            Ok(None) => {
                let errors: Vec<RowError> = warnings.collect();
                if errors.is_empty() { Ok(None) } else { Err(errors) }
            }
            Err(errors) => Err(errors.into_iter().chain(warnings).collect()),
        }
    }

    /// The fields as text, also of a malformed row: for the report.
    pub fn text(&self) -> &[String] {
        match &self.fields {
            Ok(fields) => fields,
            Err(malformed) => &malformed.fields,
        }
    }
}

impl Malformed {
    fn error(&self, row: u64, map: &ColumnMap) -> RowError {
        let header = self.field.and_then(|field| map.headers().get(field));
        let value = self.fields.get(self.field.unwrap_or_default());
        RowError::new(
            row,
            header.map(String::as_str).unwrap_or_default(),
            value.map(String::as_str).unwrap_or_default(),
            self.fault.clone(),
        )
    }
}

impl CellFault {
    /// Whether it matters, by what its column is: tags and numbers may be lists, and a column that is left out has
    /// no faults.
    fn counts(&self, map: &ColumnMap) -> bool {
        let column = self.field.and_then(|field| map.columns().nth(field)).map(|(_, column)| column);
        match column {
            Some(Column::Ignored) => false,
            Some(Column::Tags | Column::Phone | Column::SecondaryPhone(_)) => self.fault != Fault::List,
            Some(_) | None => true,
        }
    }

    fn error(&self, row: u64, map: &ColumnMap) -> RowError {
        let header = self.field.and_then(|field| map.headers().get(field));
        RowError::new(row, header.map(String::as_str).unwrap_or_default(), &self.value, self.fault.clone())
    }
}
