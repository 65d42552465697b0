//! Dates as they are written: `2027-01-31`, and nothing else that chrono would read.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, de::Error};

/// The text is no date.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a date of the calendar such as 2027-01-31")]
struct DateError(String);

/// How long a date is, in bytes.
const LEN: usize = "2027-01-31".len();

fn read(text: &str) -> Result<NaiveDate, DateError> {
    let date = if text.len() == LEN { text.parse().ok() } else { None };
    // What reads back otherwise, such as `  2027-1-3`, was not written this way.
    date.filter(|date: &NaiveDate| date.to_string() == text).ok_or_else(|| DateError(text.to_owned()))
}

/// A date or none, for `deserialize_with`.
///
/// # Errors
/// If the text is not a date in this form.
pub fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    text.map(|text| read(&text)).transpose().map_err(D::Error::custom)
}
