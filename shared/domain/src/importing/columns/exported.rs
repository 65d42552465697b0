//! Headers of our own exports: they say what they mean, whatever else is called so.

use super::{Column, Meaning, REPORT_COLUMNS, meaning};
use crate::importing::names::is_variable_name;

/// How the header of a column begins that tells what has become of a lead. No file sets that, so it is left out.
pub const OF_EXPORT: &str = "carillon.";
/// How a header may begin that names a variable.
pub const OF_VARIABLE: &str = "variables.";

/// The header under which a variable is read as itself: its name, where that means nothing else.
pub fn variable_header(name: &str) -> String {
    let is_itself = matches!(meaning(name, 0), Meaning::Is(Column::Variable(read)) if read == name);
    if is_itself && !REPORT_COLUMNS.contains(&name) {
        name.to_owned()
    } else {
        format!("{OF_VARIABLE}{name}")
    }
}

/// What a header of ours means; none if it is none.
pub(super) fn column(header: &str) -> Option<Column> {
    if header.starts_with(OF_EXPORT) {
        return Some(Column::Ignored);
    }
    let name = header.strip_prefix(OF_VARIABLE).filter(|name| is_variable_name(name))?;
    Some(Column::Variable(name.to_owned()))
}
