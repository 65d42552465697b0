//! What can be wrong with a header.

use super::IGNORE;
use crate::importing::{MAX_COLUMNS, MAX_NUMBERS};

/// Most headers that a message repeats.
const MAX_LISTED: usize = 20;
/// Most characters of a header that a message repeats.
const MAX_LISTED_CHARS: usize = 40;

/// Why a sheet can't be read at all. The messages say what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error(
        "no column holds telephone numbers: the first row names the columns, and one of them is called \
         `phone`, `phone_number`, `mobile`, `Telefon` or the like, or is mapped to `phone`; here are {}",
        listed(seen)
    )]
    NoPhone {
        /// The headers of the sheet.
        seen: Vec<String>,
    },
    /// The mapping gives two columns one field.
    #[error(
        "the mapping makes `{field}` of two columns: {}; map one to another field or to `{IGNORE}`",
        listed(headers)
    )]
    Duplicate { field: String, headers: [String; 2] },
    /// There are too many columns.
    #[error("{count} columns are too many; a sheet has at most {MAX_COLUMNS}")]
    TooManyColumns { count: usize },
    /// A column holds a number of a place that leads don't have.
    #[error(
        "{} is one number too many; a person has at most {MAX_NUMBERS}",
        listed(std::slice::from_ref(header))
    )]
    TooManyNumbers { header: String },
    /// The mapping names a column that is not there.
    #[error(
        "the mapping names {}, which is no column; here are {}",
        listed(std::slice::from_ref(header)),
        listed(seen)
    )]
    UnknownHeader {
        /// The header in the mapping.
        header: String,
        /// The headers of the sheet.
        seen: Vec<String>,
    },
    /// The mapping names a field that does not exist.
    #[error(
        "{} is no field: use phone, phone_2 to phone_{MAX_NUMBERS}, phone_label, phone_name, phone_2_label, \
         phone_2_name and so on, name, first_name, last_name, email, company, timezone, tags, country, \
         consent_source, consent_at, {IGNORE}, or a variable's name such as order_id",
        listed(std::slice::from_ref(field))
    )]
    UnknownField {
        /// The field in the mapping.
        field: String,
    },
}

/// The headers, quoted, as many and as much of each as a message can bear.
fn listed(headers: &[String]) -> String {
    let quote = |header: &String| match header.char_indices().nth(MAX_LISTED_CHARS) {
        Some((end, _)) => format!("`{}…`", &header[..end]),
        None => format!("`{header}`"),
    };
    let shown: Vec<String> = headers.iter().take(MAX_LISTED).map(quote).collect();
    match headers.len().saturating_sub(MAX_LISTED) {
        _ if shown.is_empty() => "none".to_owned(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
