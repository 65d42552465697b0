//! How people write telephone numbers.
//!
//! What is a number is decided by the numbering plans of Google's libphonenumber. Where a text
//! could mean two numbers it is refused: a stranger must not be called.

use phonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, PhoneNumberType,
    ValidationError,
};
use serde::{Deserialize, Serialize};

use crate::base::phone::E164;

mod class;
mod country;
mod international;
mod renewed;
mod several;
#[cfg(test)]
mod tests;
mod written;

pub use class::{NumberClass, NumberClasses, UnknownClass};
pub use country::{Country, CountryError};
pub(super) use renewed::renewed;

/// Stands for `+` in most countries (ITU-T E.164, 6.2.3).
const EXIT_CODE: &str = "00";

/// Characters of the longest number: `+` and 15 digits (ITU-T E.164, 6.2.1).
const E164_MAX_LEN: usize = 16;
/// Longest text that is looked at, in bytes: five numbers with words around them.
const MAX_TEXT_BYTES: usize = 250;

/// Why a text is not taken for a telephone number. The messages do not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// There is nothing but space.
    #[error("there is no number")]
    Empty,
    /// It is no number at all.
    #[error("this is not a telephone number")]
    NotANumber,
    /// A spreadsheet took the number for a quantity, and digits are lost.
    #[error("a spreadsheet has shortened this number; format the column as text and export it again")]
    Shortened,
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
    /// Another number follows a complete one.
    #[error("there are two numbers in this; give each a column or field of its own, such as phone_2")]
    Several,
    /// It goes on after the call is answered.
    #[error("an extension can't be dialled; give a number that reaches the person")]
    Extension,
    /// Two different numbers can be written like this.
    #[error("this can mean two different numbers; write it with + and the country code")]
    Ambiguous,
    /// It is a number only if a + is added.
    #[error("if this begins with a country code, write it with + in front")]
    PlusMissing,
    /// The country has no number like this.
    #[error("there is no such number in {0}")]
    InvalidFor(Country),
    /// The workspace allows no calls to such numbers.
    #[error("this is a number of the class {0}, which the workspace does not allow")]
    Class(NumberClass),
}

/// What digits are that begin neither with + nor with a 0, where they could be two different numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BareDigits {
    /// It is not known: such digits are refused.
    #[default]
    Unknown,
    /// What people dial within the country.
    National,
    /// They begin with a country code.
    International,
}

/// How numbers are written in one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notation {
    /// The country of numbers that are written without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_country: Option<Country>,
    pub bare_digits: BareDigits,
}

/// A number that exists.
#[derive(Debug, PartialEq)]
struct Found {
    number: E164,
    /// What the number's plan says that it is.
    kind: PhoneNumberType,
}

/// The number that the text means, where nothing is known of how numbers are written beside a country.
///
/// # Errors
/// As [`Notation::read`].
pub fn parse(text: &str, default_country: Option<Country>) -> Result<E164, PhoneError> {
    Notation { default_country, ..Notation::default() }.read(text)
}

impl Notation {
    /// The number that the text means.
    ///
    /// The usual formatting is understood: spaces, dots, dashes, slashes, brackets, a `(0)`, words in
    /// front, notes in brackets, digits of other scripts, and the `.0` that spreadsheets append. It begins
    /// with `+` or `00` and a country code, or is what people dial within `default_country`, whose bare
    /// country code may stand in front where that cannot mean another number. Spellings that have ended
    /// (Mexico's 1, eight digits in Brazil) are read as the number that they are today.
    ///
    /// # Errors
    /// [`PhoneError`] says what is wrong with it.
    pub fn read(&self, text: &str) -> Result<E164, PhoneError> {
        self.find(text).map(|found| found.number)
    }

    /// The same for a number that is to be called: one of the classes that are allowed.
    ///
    /// # Errors
    /// As [`Notation::read`], and [`PhoneError::Class`].
    pub fn read_allowed(&self, text: &str, allowed: NumberClasses) -> Result<E164, PhoneError> {
        let Found { number, kind } = self.find(text)?;
        match NumberClass::of_kind(&number, kind) {
            Some(class) if !allowed.contains(class) => Err(PhoneError::Class(class)),
            _ => Ok(number),
        }
    }

    fn find(&self, text: &str) -> Result<Found, PhoneError> {
        international::in_full(text, self.default_country).map_or_else(|| self.find_anyhow(text), Ok)
    }

    /// Finds it however it is written.
    fn find_anyhow(&self, text: &str) -> Result<Found, PhoneError> {
        let text = written::plain(text);
        if text.is_empty() {
            return Err(PhoneError::Empty);
        }
        if text.len() > MAX_TEXT_BYTES {
            return Err(PhoneError::NotANumber);
        }
        if is_shortened(&text) {
            return Err(PhoneError::Shortened);
        }
        let written = from_first_digit(&text);
        if written::tells_extension(written) {
            return Err(PhoneError::Extension);
        }
        let is_complete = |text: &str| matches!(self.one(text), Ok(_) | Err(PhoneError::Ambiguous));
        if several::holds_two(written, is_complete) {
            return Err(PhoneError::Several);
        }
        self.one(written)
    }

    /// The two readings of digits that begin neither with + nor with 0: as what people dial within the
    /// country, and behind a + that is missing. None if the text is no such digits, or if neither is a number.
    pub fn readings_of_bare(&self, text: &str) -> Option<(Option<E164>, Option<E164>)> {
        let text = written::plain(text);
        let written = from_first_digit(&text);
        let number = |found: Result<Found, _>| found.ok().map(|found| found.number);
        let national = Self { bare_digits: BareDigits::National, ..*self }.one(written);
        let readings = (number(national), number(international_reading(written)?));
        (readings != (None, None)).then_some(readings)
    }

    /// Reads what is one number at most, from its first digit or + on.
    fn one(&self, written: &str) -> Result<Found, PhoneError> {
        if written.contains([',', ';', '|', '&', '\n']) || written.chars().any(char::is_alphabetic) {
            return Err(PhoneError::NotANumber); // else a word would be dialled by its letters
        }
        let as_written = || read(written, self.default_country);
        if let Some(rest) = written.strip_prefix(EXIT_CODE) {
            return match (as_written(), read(&format!("+{rest}"), None)) {
                (Ok(one), Ok(other)) if one != other => Err(PhoneError::Ambiguous),
                (Ok(number), _) | (Err(_), Ok(number)) => Ok(number),
                (Err(_), Err(error)) => Err(error),
            };
        }
        let Some(own_code) = self.begins_with_own_code(written) else { return as_written() };
        match (self.bare_digits, as_written()) {
            (BareDigits::International, _) => international_reading(written).unwrap_or_else(as_written),
            (BareDigits::Unknown, Ok(number)) if !own_code && !self.expects_trunk_prefix() => Ok(number),
            (BareDigits::Unknown, Ok(number)) => match international_reading(written) {
                Some(Ok(other)) if other != number => Err(PhoneError::Ambiguous),
                _ => Ok(number),
            },
            (BareDigits::National, Ok(number)) => Ok(number),
            (_, Err(error)) => match international_reading(written) {
                Some(Ok(number)) if own_code => Ok(number),
                Some(Ok(_)) if error != PhoneError::NoCountry => Err(PhoneError::PlusMissing),
                _ => Err(error),
            },
        }
    }

    /// Whether digits without + begin with the code of the default country; none if it is no such text.
    fn begins_with_own_code(&self, written: &str) -> Option<bool> {
        if !written.starts_with(|c: char| matches!(c, '1'..='9')) {
            return None;
        }
        let code = self.default_country.and_then(Country::code).map(|code| code.to_string());
        let mut digits = written.chars().filter(char::is_ascii_digit);
        Some(code.is_some_and(|code| code.chars().all(|c| digits.next() == Some(c))))
    }

    fn expects_trunk_prefix(&self) -> bool {
        self.default_country.is_some_and(Country::writes_trunk_prefix)
    }
}

/// The text from its first digit or + on, without punctuation behind.
fn from_first_digit(text: &str) -> &str {
    let written = without_decimals(text).trim_start_matches(|c: char| !c.is_ascii_digit() && c != '+');
    written.trim_end_matches([',', ';', '|', '&', '/', '.', ':', '-', ' ', '\n', '"', '\''])
}

/// What the digits are behind a +; none if they begin with one, or with a 0.
fn international_reading(written: &str) -> Option<Result<Found, PhoneError>> {
    let begins_with_code = written.starts_with(|c: char| matches!(c, '1'..='9'));
    begins_with_code.then(|| read(&format!("+{written}"), None))
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
    formatted(text, PhoneNumberFormat::International)
}

/// The same as people read it within its country: `(415) 555-0123`.
pub fn readable_nationally(text: &str) -> Option<String> {
    formatted(text, PhoneNumberFormat::National)
}

fn formatted(text: &str, format: PhoneNumberFormat) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(text, None).ok()?;
    Some(number.format_as(format).into_owned())
}

/// The number in groups that spaces divide, `+1 415 555 0123`: a spreadsheet leaves that as it is, where it
/// takes `+14155550123` for a quantity and `+1 415-555` for a sum.
pub fn grouped(number: &E164) -> String {
    let readable = readable(number.as_str()).unwrap_or_else(|| number.to_string());
    let plain = readable.replace(|c: char| !c.is_ascii_digit() && c != '+', " ");
    let groups: Vec<&str> = plain.split_ascii_whitespace().collect();
    match groups.as_slice() {
        // A number of a plan without groups: the country code at least stands for itself.
        [alone] if alone.len() > 4 => format!("{} {}", &alone[..3], &alone[3..]),
        groups => groups.join(" "),
    }
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

/// `4.91701E+11`: what a spreadsheet makes of a number that it takes for a quantity.
fn is_shortened(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.trim_start_matches('+');
    text.split_once(['E', 'e']).is_some_and(|(number, exponent)| {
        exponent.strip_prefix('+').is_some_and(digits)
            && number.split_once(['.', ',']).map_or_else(|| digits(number), |(a, b)| digits(a) && digits(b))
    })
}

/// Reads the number by Google's rules.
fn read(written: &str, default_country: Option<Country>) -> Result<Found, PhoneError> {
    let region = default_country.and_then(Country::region);
    let number = PHONE_NUMBER_UTIL.parse(written, region).map_err(|error| refusal(&error, written))?;
    if number.extension.is_some() {
        return Err(PhoneError::Extension);
    }
    let text = number.format_as(PhoneNumberFormat::E164);
    let kind = number.get_type();
    if is_valid(kind) {
        let number = text.parse().map_err(|_| match text.len() {
            ..=E164_MAX_LEN => PhoneError::TooShort,
            _ => PhoneError::TooLong,
        })?;
        return Ok(Found { number, kind });
    }
    renewed(&text).and_then(|text| exact(&text)).ok_or_else(|| fault(&number, default_country))
}

/// The number that an international form is, if it is one.
fn exact(text: &str) -> Option<Found> {
    let kind = PHONE_NUMBER_UTIL.parse(text, None).ok()?.get_type();
    Some(Found { number: text.parse().ok().filter(|_| is_valid(kind))?, kind })
}

/// Whether a plan has the number: the library's own `is_valid`, without looking for the kind once more.
fn is_valid(kind: PhoneNumberType) -> bool {
    kind != PhoneNumberType::Unknown
}

/// Why nothing could be read.
fn refusal(error: &ParseError, written: &str) -> PhoneError {
    match error {
        ParseError::InvalidCountryCode if written.starts_with('+') => PhoneError::UnknownCode,
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
        Ok(NumberLengthType::IsPossible) | Err(ValidationError::InvalidLength) => default_country
            .filter(|country| country.code() == Some(number.country_code))
            .or_else(|| Country::of(PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code)?))
            .map_or(PhoneError::NotANumber, PhoneError::InvalidFor),
    }
}
