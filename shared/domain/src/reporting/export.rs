//! What is exported, row by row: named columns, and the cell of a record in each. One truth for the answers as CSV and
//! for the files that jobs write.

mod column;
mod do_not_call;
mod evidence;
mod layout;
mod leads;
mod of_number;
mod results;

pub use column::{Column, Holds, UnknownColumn, named, named_all};
pub use do_not_call::ListColumn;
pub use evidence::{EvidenceColumn, EvidenceFacts, EvidenceKind};
pub use layout::{Cell, Layout, Row, csv_line};
pub use leads::{LeadColumn, LeadField};
pub use of_number::OfNumber;
pub use results::{ResultColumn, ResultFacts};

#[cfg(test)]
mod tests;

use crate::records::export::{Export, ExportSource};

/// The columns of a sheet, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    Leads(Vec<LeadColumn>),
    Results(Vec<ResultColumn>),
    Evidence(Vec<EvidenceColumn>),
    DoNotCall(Vec<ListColumn>),
}

impl Columns {
    /// Those of an export, by their names.
    ///
    /// # Errors
    /// The first that is none.
    pub fn of(export: &Export) -> Result<Self, UnknownColumn> {
        Self::named(&export.source, &export.columns)
    }

    /// Those with these names; all of them unless some are named.
    ///
    /// # Errors
    /// The first that is none.
    pub fn named(source: &ExportSource, names: &[String]) -> Result<Self, UnknownColumn> {
        Ok(match source {
            ExportSource::Leads { .. } => Self::Leads(LeadColumn::named_all(names)?),
            ExportSource::Results { .. } => Self::Results(named_all(names)?),
            ExportSource::Evidence { .. } => Self::Evidence(named_all(names)?),
            ExportSource::DoNotCall { .. } => Self::DoNotCall(named_all(names)?),
        })
    }

    /// What they are called.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Leads(columns) => columns.iter().map(ToString::to_string).collect(),
            Self::Results(columns) => names(columns),
            Self::Evidence(columns) => names(columns),
            Self::DoNotCall(columns) => names(columns),
        }
    }

    /// How their sheet looks.
    pub fn layout(&self) -> Layout {
        match self {
            Self::Leads(columns) => LeadColumn::layout(columns),
            Self::Results(columns) => Layout::of(columns),
            Self::Evidence(columns) => Layout::of(columns),
            Self::DoNotCall(columns) => Layout::of(columns),
        }
    }
}

fn names<C: Column>(columns: &[C]) -> Vec<String> {
    columns.iter().map(|column| column.name().to_owned()).collect()
}
