//! From a row of a sheet to a lead.
//!
//! [`ColumnMap`] says what the columns mean, [`read_row`] reads one row by it, and [`LeadDraft`]
//! is what comes out: a lead to be, from a file, from an API client or from a [contact](lead_of). All faults
//! of a row are told at once, so that it need be mended only once; [`RejectedRows`] writes them down to be dropped again.

mod absent;
mod bare;
mod cells;
mod columns;
mod consent;
mod countries;
mod details;
mod draft;
mod fault;
mod foreign;
mod from_contact;
mod likeness;
mod merged;
mod names;
mod number_rows;
mod rejected;
mod rows;

pub use bare::{BareDigitsQuestion, bare_digits, bare_digits_of};
pub use cells::{
    BYTE_ORDER_MARK, LINE_END, guarded, guarded_exactly, guarded_in_workbook, quoted, unguarded,
};
pub use columns::{
    Certainty, Column, ColumnMap, HeaderError, Known, Notice, NumberDetail, OF_EXPORT, OF_VARIABLE,
    REPORT_COLUMNS, names_numbers, variable_header, without_report,
};
pub use consent::{ConsentPart, MAX_CONSENT_AHEAD_MS, MAX_CONSENT_CHARS};
pub use details::{FieldError, fault_of};
pub use draft::LeadDraft;
pub use fault::Fault;
pub use foreign::{ForeignFile, foreign_file};
pub use from_contact::lead_of;
pub use likeness::numbers_in_disguise;
pub use merged::{merged, merged_contact};
pub use names::is_variable_name;
pub use number_rows::{
    LISTED_AT_COLUMN, NumberColumns, NumberRow, PHONE_COLUMN, REASON_COLUMN, SOURCE_COLUMN,
};
pub use rejected::{RejectedLines, RejectedRows, RowFault};
pub use rows::{ImportDefaults, ReadRow, RowError, read_row};

/// Most columns of a sheet.
pub const MAX_COLUMNS: usize = 200;
/// Most numbers of a lead, the primary one included.
pub const MAX_NUMBERS: usize = 5;
/// Most tags of a lead.
pub const MAX_TAGS: usize = 20;
/// Most variables of a lead.
pub const MAX_VARIABLES: usize = 50;
/// Most bytes of a tag.
pub const MAX_TAG_BYTES: usize = 64;
/// Most bytes of a variable's name.
pub const MAX_VARIABLE_NAME_BYTES: usize = 64;
/// Most bytes of a name, a company or a variable's value.
pub const MAX_FIELD_BYTES: usize = 1_024;
/// Most bytes of an e-mail address (RFC 5321, 4.5.3.1.3: a path of 256 with its brackets).
pub const MAX_EMAIL_BYTES: usize = 254;
/// Most bytes of all of a lead's texts together: each dial writes the whole lead, twice.
pub const MAX_LEAD_BYTES: usize = 4_096;
/// Most bytes of a value that a report repeats.
const MAX_SHOWN_BYTES: usize = 200;

/// The beginning of a value, short enough for a report.
fn shown(value: &str) -> String {
    if value.len() <= MAX_SHOWN_BYTES {
        return value.to_owned();
    }
    format!("{}…", &value[..value.floor_char_boundary(MAX_SHOWN_BYTES)])
}
