//! Numbers that are written in full, in plain characters: `+44 20 7946 0000`, `0044-2079460000`.
//!
//! There is nothing to find out about them: what stands behind the country code is a number of its plan, or it is
//! not. That spares an import all that Google's reader looks for in a text, row by row.

use std::sync::LazyLock;

use phonenumber::{PHONE_NUMBER_UTIL, PhoneNumber};

use super::country::{CODE_DIGITS, CODES};
use super::several::MIN_DIGITS;
use super::{Country, E164_MAX_LEN, EXIT_CODE, Found, MAX_TEXT_BYTES, is_valid};

/// Which country codes there are, countries' and others'.
static IS_CODE: LazyLock<[bool; CODES]> = LazyLock::new(|| {
    let mut is_code = [false; CODES];
    for code in PHONE_NUMBER_UTIL.get_supported_calling_codes() {
        if let Some(place) = usize::try_from(code).ok().and_then(|code| is_code.get_mut(code)) {
            *place = true;
        }
    }
    is_code
});

/// How numbers begin that can be read in two ways: Google's reader takes the trunk prefix off behind a country code,
/// too, if what is left may be a number, and in Belarus it is 8, with which premium numbers begin besides.
const TWO_READINGS: &str = "3758";

/// The countries in which 00 does not stand for + in front of every country code (libphonenumber 9.x).
const WITHOUT_EXIT_CODE: &str = "AG AI AS AU BB BM BO BR BS BY CA CC CO CU CV CX DM DO GD GU GY HK ID JM JP KE KH KN KR KY KZ LC MH MN MP \
    MS NG PR PW RU SG SX TC TH TJ TM TT TW TZ UG US VC VG VI WS";

/// The number, if the text is one that is written in full, and a plan has it. None says nothing: it may be written
/// in another way.
pub(super) fn in_full(text: &str, default_country: Option<Country>) -> Option<Found> {
    if text.len() > MAX_TEXT_BYTES {
        return None;
    }
    let text = text.trim_matches(' ');
    let rest = match text.strip_prefix('+') {
        Some(rest) => rest,
        None => text.strip_prefix(EXIT_CODE).filter(|_| default_country.is_none_or(dials_exit_code))?,
    };
    let number = without_marks(rest)?;
    let (code, national) = split(&number[1..])?;
    let kind = PhoneNumber {
        country_code: code,
        national_number: national.parse().ok()?,
        italian_leading_zero: national.starts_with('0').then_some(true),
        number_of_leading_zeros: leading_zeros(national),
        ..PhoneNumber::default()
    }
    .get_type();
    Some(Found { number: number.parse().ok().filter(|_| is_valid(kind))?, kind })
}

fn dials_exit_code(country: Country) -> bool {
    !WITHOUT_EXIT_CODE.split(' ').any(|other| other == country.as_str())
}

/// The digits of a text behind a +, without the marks between them. None if there is any other character, if they are
/// too many, or if others begin where a number could have ended.
fn without_marks(text: &str) -> Option<String> {
    let mut number = String::with_capacity(E164_MAX_LEN);
    number.push('+');
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let may_divide = match byte {
            b'0'..=b'9' => {
                number.push(char::from(byte));
                false
            }
            b' ' | b'-' => bytes.peek() == Some(&b'0'),
            b'(' | b'/' => true,
            b')' => false,
            _ => return None,
        };
        if number.len() > E164_MAX_LEN || (may_divide && number.len() > MIN_DIGITS) {
            return None;
        }
    }
    Some(number)
}

/// The country code and the number behind it; none if there is no such code, or if another reading counts.
fn split(digits: &str) -> Option<(i32, &str)> {
    if digits.starts_with('0') || digits.starts_with(TWO_READINGS) {
        return None;
    }
    (1..=CODE_DIGITS).find_map(|len| {
        let (code, national) = digits.split_at_checked(len)?;
        let code: usize = code.parse().ok()?;
        IS_CODE.get(code)?.then_some((i32::try_from(code).ok()?, national))
    })
}

/// How many zeros a number begins with, if more than one: as the library counts them.
fn leading_zeros(national: &str) -> Option<i32> {
    let zeros = national.bytes().take_while(|digit| *digit == b'0').count();
    i32::try_from(zeros).ok().filter(|zeros| *zeros > 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use phonenumber::PhoneNumberType;

    use super::*;
    use crate::base::numbering::{Notation, NumberClass};

    /// Countries beside one, by whose rules its numbers are read, too.
    const READERS: [&str; 4] = ["DE", "US", "IT", "BY"];
    /// What stands between digits, in turns.
    const MARKS: [&str; 7] = ["", " ", "-", "", "/", "(", ")"];

    /// Kinds whose numbers have lengths of their own somewhere.
    const KINDS: [PhoneNumberType; 6] = [
        PhoneNumberType::FixedLine,
        PhoneNumberType::Mobile,
        PhoneNumberType::TollFree,
        PhoneNumberType::PremiumRate,
        PhoneNumberType::SharedCost,
        PhoneNumberType::UAN,
    ];

    fn example_lens(country: Country) -> BTreeSet<usize> {
        let region = country.region().expect("a region");
        let examples = KINDS
            .into_iter()
            .filter_map(|kind| PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind).ok());
        examples.map(|example| example.get_national_significant_number().len()).collect()
    }

    /// Reads it both ways; says whether it was read at once.
    fn agree(text: &str, country: Option<Country>) -> bool {
        let notation = Notation { default_country: country, ..Notation::default() };
        let Some(found) = in_full(text, country) else { return false };
        let other = notation.find_anyhow(text);
        assert_eq!(other.as_ref().map(|other| &other.number), Ok(&found.number), "{text} in {country:?}");
        let class = NumberClass::of_kind(&found.number, found.kind);
        assert_eq!(NumberClass::of(&found.number), class, "{text} in {country:?}");
        true
    }

    #[test]
    fn what_is_read_at_once_is_read_so_by_every_other_way() {
        let mut at_once = 0;
        let mut tail: u64 = 20_261_130;
        for country in Country::all() {
            let code = country.code().expect("a code");
            for len in example_lens(country).into_iter().filter(|len| (4..=12).contains(len)) {
                for beginning in 0..1_000 {
                    tail =
                        tail.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let own = format!("{beginning:03}{:09}", (tail >> 33) % 1_000_000_000);
                    let (front, behind) = own[..len].split_at(beginning % len);
                    let mark = MARKS[beginning % MARKS.len()];
                    let (plus, reader) = match beginning % 3 {
                        0 => ("00", READERS[beginning % READERS.len()].parse().ok()),
                        1 => ("+", Some(country)),
                        _ => ("+", None),
                    };
                    at_once += usize::from(agree(&format!("{plus}{code}{front}{mark}{behind}"), reader));
                }
            }
        }
        assert!(at_once > 50_000, "{at_once}");
    }

    #[test]
    fn what_another_reading_counts_for_is_not_read_at_once() {
        assert!(in_full("+375 810 9437249", None).is_none());
        assert!(in_full(&format!("+44{}2079461234", " ".repeat(MAX_TEXT_BYTES)), None).is_none());
    }

    #[test]
    fn it_is_known_who_dials_00() {
        let stands_for_plus = |country: &Country| {
            let texts = [("0014155550123", "+14155550123"), ("004930901820", "+4930901820")];
            texts.iter().all(|(text, number)| {
                let read = crate::base::numbering::read(text, Some(*country)).map(|found| found.number);
                read.is_ok_and(|read| read.as_str() == *number)
            })
        };
        let others: Vec<_> = Country::all().filter(|country| !stands_for_plus(country)).collect();
        let others: Vec<&str> = others.iter().map(|country| country.as_str()).collect();
        assert_eq!(WITHOUT_EXIT_CODE, others.join(" "));
    }

    #[test]
    fn most_numbers_that_are_written_in_full_are_read_at_once() {
        for text in
            ["+44 20 7946 1234", "0044-20 79460000", " +39 06 69882022", "+1 (415) 555-1234", "+80012345678"]
        {
            assert!(in_full(text, "DE".parse().ok()).is_some(), "{text}");
        }
        for text in [
            "030 901820",
            "+49 (0)30 901820",
            "+49 30 901820 / 030 12345",
            "+49 30 901820.0",
            "0044 20 79460000 x",
        ] {
            assert!(in_full(text, "DE".parse().ok()).is_none(), "{text}");
        }
        assert!(in_full("0049 30 901820", "US".parse().ok()).is_none(), "they dial 011");
    }
}
