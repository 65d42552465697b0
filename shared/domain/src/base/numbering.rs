//! How people write telephone numbers.
//!
//! What is a number is decided by the numbering plans of Google's libphonenumber. Where a text
//! could mean two numbers it is refused: a stranger must not be called.

use std::borrow::Cow;

use phonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, ValidationError,
};

use crate::base::phone::E164;

mod country;
#[cfg(test)]
mod tests;

pub use country::{Country, CountryError};

/// Stands for `+` in most countries (ITU-T E.164, 6.2.3).
const EXIT_CODE: &str = "00";

/// Characters of the longest number: `+` and 15 digits (ITU-T E.164, 6.2.1).
const E164_MAX_LEN: usize = 16;

/// Why a text is not taken for a telephone number. The messages do not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// There is nothing but space.
    #[error("there is no number")]
    Empty,
    /// It is no number at all.
    #[error("this is not a telephone number")]
    NotANumber,
    /// It is written without a country, and none is given.
    #[error("write it with + and the country code, or set default_country")]
    NoCountry,
    /// It begins with + and no country has the code.
    #[error("no country has this country code")]
    UnknownCode,
    /// Digits are missing, or the area code is.
    #[error("it is too short: digits or the area code are missing")]
    TooShort,
    /// It has more digits than a number may have.
    #[error("it is too long")]
    TooLong,
    /// It goes on after the call is answered.
    #[error("an extension can't be dialled; give a number that reaches the person")]
    Extension,
    /// Two different numbers can be written like this.
    #[error("this can mean two different numbers; write it with + and the country code")]
    Ambiguous,
    /// The country has no number like this.
    #[error("there is no such number in {0}")]
    InvalidFor(Country),
}

/// The number that the text means.
///
/// The usual formatting is understood: spaces, dots, dashes, slashes, brackets, a `(0)`, words in
/// front, digits of other scripts, and the `.0` that spreadsheets append. It begins with `+` or
/// `00` and a country code, or is what people dial within `default_country`, whose bare country
/// code may stand in front where that cannot mean another number.
///
/// # Errors
/// [`PhoneError`] says what is wrong with it.
pub fn parse(text: &str, default_country: Option<Country>) -> Result<E164, PhoneError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(PhoneError::Empty);
    }
    let text = without_decimals(text);
    let written = text.trim_start_matches(|c: char| !c.is_numeric() && !is_plus(c));
    let as_written = read(text, written, default_country);
    let Some(international) = international_form(written, default_country) else {
        return as_written;
    };
    match (as_written, read(&international, &international, None)) {
        (Ok(one), Ok(other)) if one != other => Err(PhoneError::Ambiguous),
        (Ok(number), _) | (Err(_), Ok(number)) => Ok(number),
        (Err(_), Err(error)) if written.starts_with(EXIT_CODE) => Err(error),
        (Err(error), Err(_)) => Err(error),
    }
}

/// The country of the number; none if its country code is of no country (+800), or of several
/// none of which has the number.
pub fn country_of(number: &E164) -> Option<Country> {
    // An import asks for every row, and nearly all country codes are one country's.
    Country::sole(number.digits()).or_else(|| country_by_plan(number))
}

/// The same by the numbering plans alone.
fn country_by_plan(number: &E164) -> Option<Country> {
    PHONE_NUMBER_UTIL.parse(number.as_str(), None).ok()?.get_region_code().and_then(Country::of)
}

/// The number as people read it, in its international form: `+1 415-555-0123`. None if the text
/// is no international number.
pub fn readable(text: &str) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(text, None).ok()?;
    Some(number.format_as(PhoneNumberFormat::International).into_owned())
}

/// `491701234567.0` is how a spreadsheet writes a number that it took for a quantity.
fn without_decimals(text: &str) -> &str {
    match text.rsplit_once('.') {
        Some((whole, "0" | "00")) if whole.trim_start_matches('+').bytes().all(|c| c.is_ascii_digit()) => {
            whole
        }
        _ => text,
    }
}

const fn is_plus(c: char) -> bool {
    matches!(c, '+' | '＋')
}

/// A second reading of a text without `+`: with one in place of `00`, or in front of the code of
/// the default country.
fn international_form(written: &str, default_country: Option<Country>) -> Option<Cow<'_, str>> {
    if let Some(rest) = written.strip_prefix(EXIT_CODE) {
        return Some(format!("+{rest}").into());
    }
    let code = PHONE_NUMBER_UTIL.get_country_code_for_region(default_country?.region()?)?;
    let mut digits = written.chars().filter(char::is_ascii_digit);
    let has_code =
        !written.starts_with(is_plus) && code.to_string().chars().all(|c| digits.next() == Some(c));
    has_code.then(|| format!("+{written}").into())
}

/// Reads the number by Google's rules; `written` is the text from its first digit or `+` on.
fn read(text: &str, written: &str, default_country: Option<Country>) -> Result<E164, PhoneError> {
    let region = default_country.and_then(Country::region);
    let number = PHONE_NUMBER_UTIL.parse(text, region).map_err(|error| refusal(&error, written))?;
    if number.extension.is_some() {
        return Err(PhoneError::Extension);
    }
    if written.chars().any(char::is_alphabetic) {
        return Err(PhoneError::NotANumber); // else a word after the number would be dialled by its letters
    }
    if !number.is_valid() {
        return Err(fault(&number, default_country));
    }
    let text = number.format_as(PhoneNumberFormat::E164);
    text.parse()
        .map_err(|_| if text.len() > E164_MAX_LEN { PhoneError::TooLong } else { PhoneError::TooShort })
}

/// Why nothing could be read.
fn refusal(error: &ParseError, written: &str) -> PhoneError {
    match error {
        ParseError::InvalidCountryCode if written.starts_with(is_plus) => PhoneError::UnknownCode,
        ParseError::InvalidCountryCode => PhoneError::NoCountry,
        ParseError::NotANumber(_) => PhoneError::NotANumber,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneError::TooShort,
        ParseError::TooLongNsn => PhoneError::TooLong,
    }
}

/// Why what was read is not a number that exists.
fn fault(number: &PhoneNumber, default_country: Option<Country>) -> PhoneError {
    match number.is_possible_with_reason() {
        Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => PhoneError::TooShort,
        Err(ValidationError::TooLong) => PhoneError::TooLong,
        Err(ValidationError::InvalidCountryCode) => PhoneError::UnknownCode,
        Ok(NumberLengthType::IsPossible) | Err(ValidationError::InvalidLength) => {
            let code_of =
                |country: &Country| PHONE_NUMBER_UTIL.get_country_code_for_region(country.region()?);
            default_country
                .filter(|country| code_of(country) == Some(number.country_code))
                .or_else(|| Country::of(PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code)?))
                .map_or(PhoneError::NotANumber, PhoneError::InvalidFor)
        }
    }
}
