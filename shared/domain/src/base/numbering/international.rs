//! Numbers that are written in full, in plain characters: `+44 20 7946 0000`, `0044-2079460000`.
//!
//! Most rows of most files have such numbers, and there is nothing to find out about them: what stands behind the
//! country code is a number of its plan, or it is not. That spares them all that Google's reader looks for in a text.

use std::sync::LazyLock;

use phonenumber::{PHONE_NUMBER_UTIL, PhoneNumber};

use super::several::MIN_DIGITS;
use super::{Country, E164_MAX_LEN, EXIT_CODE, Found, is_valid};

/// Country codes there could be: up to three digits, none of which begins with another.
const CODES: usize = 1_000;

/// Which of them there are, countries' and others'.
static IS_CODE: LazyLock<[bool; CODES]> = LazyLock::new(|| {
    let mut is_code = [false; CODES];
    for code in PHONE_NUMBER_UTIL.get_supported_calling_codes() {
        if let Some(place) = usize::try_from(code).ok().and_then(|code| is_code.get_mut(code)) {
            *place = true;
        }
    }
    is_code
});

/// The countries that dial something else than 00 for + (ITU-T E.123 annex; libphonenumber 9.x).
const WITHOUT_EXIT_CODE: &str = "AG AI AS AU BB BM BO BR BS BY CA CC CO CU CV CX DM DO GD GU GY HK ID JM JP KE KH KN KR KY KZ LC MH MN MP \
    MS NG PR PW RU SG SX TC TH TJ TM TT TW TZ UG US VC VG VI WS";

/// The number, if the text is one that is written in full, and a plan has it. None says nothing: it may be written
/// in another way.
pub(super) fn in_full(text: &str, default_country: Option<Country>) -> Option<Found> {
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

/// The country code and what stands behind it.
fn split(digits: &str) -> Option<(i32, &str)> {
    (1..=3).find_map(|len| {
        let (code, national) = digits.split_at_checked(len)?;
        let code: usize = code.parse().ok()?;
        let is_code = !digits.starts_with('0') && IS_CODE.get(code).copied().unwrap_or_default();
        is_code.then_some((i32::try_from(code).ok()?, national))
    })
}

/// How many zeros a number begins with, if more than one: as the library counts them.
fn leading_zeros(national: &str) -> Option<i32> {
    let zeros = national.bytes().take_while(|digit| *digit == b'0').count();
    i32::try_from(zeros).ok().filter(|zeros| *zeros > 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::numbering::Notation;

    fn default_country() -> impl Strategy<Value = Option<Country>> {
        let countries: Vec<Country> = Country::all().collect();
        proptest::option::of(proptest::sample::select(countries))
    }

    /// A number of a plan, as somebody may write it, or one that is nearly of it.
    fn written() -> impl Strategy<Value = String> {
        let countries: Vec<Country> = Country::all().collect();
        let country = proptest::sample::select(countries);
        let changed = (0_usize..12, 0_u32..10);
        let marks =
            proptest::collection::vec(proptest::sample::select(vec!["", "", " ", "-", "(", ")", "/"]), 15);
        (country, proptest::collection::vec(changed, 0..6), marks, proptest::bool::ANY).prop_map(
            |(country, changes, marks, has_plus)| {
                let example = PHONE_NUMBER_UTIL.get_example_number(country.region().expect("a region"));
                let example = example.expect("an example");
                let mut national: Vec<char> = example.get_national_significant_number().chars().collect();
                for (place, digit) in changes {
                    let digit = char::from_digit(digit, 10).expect("a digit");
                    match national.get_mut(place) {
                        Some(own) => *own = digit,
                        None => national.push(digit),
                    }
                }
                let own = marks.iter().zip(&national).map(|(mark, digit)| format!("{mark}{digit}"));
                let own: String = own.collect();
                format!("{}{}{own}", if has_plus { "+" } else { "00" }, example.country_code)
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn what_is_read_at_once_is_read_so_by_every_other_way(text in written(), country in default_country()) {
            if let Some(found) = in_full(&text, country) {
                let notation = Notation { default_country: country, ..Notation::default() };
                let other = notation.find_anyhow(&text).map(|found| found.number);
                prop_assert_eq!(other, Ok(found.number.clone()), "{}", text);
                let kind = notation.find_anyhow(found.number.as_str()).map(|found| found.kind);
                prop_assert_eq!(kind, Ok(found.kind));
            }
        }
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
