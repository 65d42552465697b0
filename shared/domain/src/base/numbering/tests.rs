//! Numbers as people write them, and their countries.

use phonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat};
use proptest::prelude::*;

use super::*;

mod verdicts;

fn country(text: &str) -> Option<Country> {
    (!text.is_empty()).then(|| text.parse().expect("a country"))
}

#[test]
fn a_number_is_understood_as_people_write_it() {
    for (text, default_country, number) in [
        ("+49 30 901820", "", "+4930901820"),
        ("+49 (0)30 901820", "US", "+4930901820"),
        ("+49(0)170/1234567", "DE", "+491701234567"),
        ("++49-30-901820", "", "+4930901820"),
        ("＋49 30 901820", "", "+4930901820"),
        ("+4930901820", "DE", "+4930901820"),
        ("0049 30 901820", "", "+4930901820"),
        ("00 49 30 901820", "DE", "+4930901820"),
        ("(0049) 30 901820", "US", "+4930901820"),
        ("  030/90 18 20  ", "DE", "+4930901820"),
        ("030 901820-0", "DE", "+49309018200"),
        ("tel:+49-30-901820", "US", "+4930901820"),
        ("Tel. 030 901820", "DE", "+4930901820"),
        ("'+4930901820", "", "+4930901820"),
        ("٠٣٠٩٠١٨٢٠", "DE", "+4930901820"),
        ("\u{202a}+49\u{a0}170\u{a0}1234567\u{202c}", "", "+491701234567"),
        ("(415) 555-0123", "US", "+14155550123"),
        ("415.555.0123", "US", "+14155550123"),
        ("4155550123", "CA", "+14155550123"),
        ("1-415-555-0123", "US", "+14155550123"),
        ("14155550123.0", "US", "+14155550123"),
        ("+491701234567.00", "", "+491701234567"),
        ("011 49 30 901820", "US", "+4930901820"),
        ("+44 (0) 20 7946 0000", "", "+442079460000"),
        ("44 20 7946 0000", "GB", "+442079460000"),
        ("07911 123456", "GB", "+447911123456"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("33 6 12 34 56 78", "FR", "+33612345678"),
        ("06 698 82022", "IT", "+390669882022"), // the zero stays
        ("347 123 4567", "IT", "+393471234567"),
        ("8 912 345 67 89", "RU", "+79123456789"),
        ("098765 43210", "IN", "+919876543210"),
        ("91 98765 43210", "IN", "+919876543210"),
        ("(11) 91234-5678", "BR", "+5511912345678"),
        ("0 15 11 91234-5678", "BR", "+5511912345678"), // dialled through a carrier
        ("0055 11 91234 5678", "BR", "+5511912345678"),
        ("0412 345 678", "AU", "+61412345678"),
        ("0011 49 30 901820", "AU", "+4930901820"),
        ("090-1234-5678", "JP", "+819012345678"),
        ("010 49 30 901820", "JP", "+4930901820"),
        ("+800 1234 5678", "", "+80012345678"), // of no country
        // Signs that show nothing, and those of other scripts.
        ("\u{200f}+49\u{200b}170\u{2009}123\u{2011}4567\u{feff}", "", "+491701234567"),
        ("+49\u{3164}170\u{2800}123\u{8e2}4567\u{e0020}", "", "+491701234567"),
        ("+49\u{2028}170\u{205f}1234567", "", "+491701234567"),
        ("＋４９　３０　９０１８２０", "", "+4930901820"),
        ("۰۳۰ ۹۰۱۸۲۰", "DE", "+4930901820"),
        ("030 – 901820", "DE", "+4930901820"),
        ("०98765 43210", "IN", "+919876543210"),
        // Notes.
        ("030 901820 (privat)", "DE", "+4930901820"),
        ("(Home) 030 901820 [Mo-Fr 9-17]", "DE", "+4930901820"),
        ("030/901820", "DE", "+4930901820"),
        ("0043/664/1234567", "", "+436641234567"),
        ("030 901820;", "DE", "+4930901820"),
        // Spellings that have ended.
        ("+52 1 55 5012 3456", "", "+525550123456"),
        ("5215550123456", "MX", "+525550123456"),
        ("044 55 5012 3456", "MX", "+525550123456"),
        ("01 55 5012 3456", "MX", "+525550123456"),
        ("55 5012 3456", "MX", "+525550123456"),
        ("+55 11 9555-0123", "", "+5511995550123"),
        ("(11) 9555-0123", "BR", "+5511995550123"),
        ("+229 90 01 12 34", "", "+2290190011234"),
        ("+84 120 123 4567", "", "+84701234567"),
        ("0169 123 4567", "VN", "+84391234567"),
        ("+57 1 234 5678", "", "+576012345678"),
        ("+225 07 12 34 56", "", "+2250707123456"),
        ("+225 44 12 34 56", "", "+2250544123456"),
        ("011 15 5555-0123", "AR", "+5491155550123"),
        ("+54 9 11 5555-0123", "", "+5491155550123"),
        ("11 5555 0123", "AR", "+541155550123"),
    ] {
        let read = parse(text, country(default_country));
        assert_eq!(read.as_ref().map(E164::as_str), Ok(number), "`{text}` in {default_country}");
    }
}

#[test]
fn what_is_no_number_is_refused_by_its_fault() {
    let invalid = |text: &str| PhoneError::InvalidFor(text.parse().expect("a country"));
    for (text, default_country, fault) in [
        ("", "DE", PhoneError::Empty),
        (" \t", "", PhoneError::Empty),
        ("n/a", "DE", PhoneError::NotANumber),
        ("-", "DE", PhoneError::NotANumber),
        ("+", "", PhoneError::NotANumber),
        ("Straße 5", "DE", PhoneError::NotANumber),
        ("4.91701E+11", "DE", PhoneError::Shortened),
        ("4,91701e+11", "DE", PhoneError::Shortened),
        ("5E+11", "", PhoneError::Shortened),
        ("E+11", "DE", PhoneError::NotANumber),
        ("Extra", "DE", PhoneError::NotANumber),
        ("030 901820, 030 901821", "DE", PhoneError::Several),
        ("030 23125001/02", "DE", PhoneError::Several),
        ("030 23125-001 / 002", "DE", PhoneError::Several),
        ("030 23125001 oder 0171 3920001", "DE", PhoneError::Several),
        ("030 23125001; 0171 3920001", "DE", PhoneError::Several),
        ("030 23125001 (0171 3920001)", "DE", PhoneError::Several),
        ("030 23125001\n02", "DE", PhoneError::Several),
        ("030 23125001 0171 3920001", "DE", PhoneError::Several),
        ("030 1234567 030 1234568", "DE", PhoneError::Several),
        ("+1 415 555 0123 +1 415 555 0124", "", PhoneError::Several),
        ("Tel. 030 23125001 Mobil: 0171 3920001", "DE", PhoneError::Several),
        ("415-555-0123 or 415-555-0124", "US", PhoneError::Several),
        ("030 901820 Home", "DE", PhoneError::NotANumber), // not 030 9018204663
        ("1-800-FLOWERS", "US", PhoneError::NotANumber),
        ("030 901820", "", PhoneError::NoCountry),
        ("4930901820", "", PhoneError::NoCountry),
        ("+999 12345678", "DE", PhoneError::UnknownCode),
        ("00999 12345678", "DE", PhoneError::UnknownCode),
        ("555-0123", "US", PhoneError::TooShort),
        ("+1 415 555", "", PhoneError::TooShort),
        ("0049 30", "US", PhoneError::TooShort),
        ("+1 415 555 0123 4", "", PhoneError::TooLong),
        ("017612345678-017612345679", "DE", PhoneError::Several),
        ("442079460123", "US", PhoneError::PlusMissing),
        ("(415) 555-0123 x12", "US", PhoneError::Extension),
        ("+49 30 901820;ext=5", "", PhoneError::Extension),
        ("030 901820 Durchwahl 12", "DE", PhoneError::Extension),
        ("030 901820 (DW 12)", "DE", PhoneError::Extension),
        ("+225 22 41 12 34", "", PhoneError::TooShort), // a fixed line of one of three operators
        ("+1 415 155 0123", "", invalid("US")),
        ("415 155 0123", "CA", invalid("CA")),
        ("+49 1111 1111", "US", invalid("DE")),
    ] {
        assert_eq!(parse(text, country(default_country)), Err(fault), "`{text}` in {default_country}");
    }
}

/// 04917 is an area code of Germany and 001 an exit code of Australia.
#[test]
fn what_can_mean_two_people_is_refused() {
    for (text, default_country) in [
        ("49 170 1234567", "DE"),
        ("491701234567.0", "DE"), // a spreadsheet's, and valid with the zero, too
        ("0011 65 8234 5678", "AU"),
        ("442079460123", "DE"),
        ("61491570006", "DE"),
    ] {
        assert_eq!(parse(text, country(default_country)), Err(PhoneError::Ambiguous), "`{text}`");
    }
    for clear in ["+491701234567", "00491701234567", "0170 1234567"] {
        assert_eq!(parse(clear, country("DE")).expect("a number").as_str(), "+491701234567");
    }
}

#[test]
fn the_countries_are_those_of_the_numbering_plans() {
    let mut known: Vec<String> =
        PHONE_NUMBER_UTIL.get_supported_regions().map(|one| one.to_string()).collect();
    known.sort_unstable();
    assert_eq!(Country::all().map(Country::as_str).collect::<Vec<_>>(), known);
    for text in ["", "de", "Germany", "001", "ZZ", "D"] {
        assert!(text.parse::<Country>().is_err(), "{text}");
    }
    let germany: Country = serde_json::from_str("\"DE\"").expect("a country");
    assert_eq!(serde_json::to_string(&germany).expect("text"), "\"DE\"");
}

/// Independent of our reading: the examples of the numbering plans themselves.
#[test]
fn the_example_of_every_country_is_read_in_every_form() {
    for country in Country::all() {
        let region = country.region().expect("a region");
        let example = PHONE_NUMBER_UTIL.get_example_number(region).expect("an example");
        let number = example.format_as(PhoneNumberFormat::E164);
        if number.parse::<E164>().is_err() {
            assert_eq!(country.as_str(), "AC", "{number} is too short for us");
            continue;
        }
        let read = |text: &str| parse(text, Some(country)).map(|number| number.to_string());
        assert_eq!(read(&number).as_deref(), Ok(&*number));
        assert_eq!(read(&number.replacen('+', "00", 1)).as_deref(), Ok(&*number));
        assert_eq!(read(&example.format_as(PhoneNumberFormat::International)).as_deref(), Ok(&*number));
        assert_eq!(read(&example.format_as(PhoneNumberFormat::National)).as_deref(), Ok(&*number));
        let settled = match country.as_str() {
            "EH" => "MA", // the two share all of their numbers
            "MF" => "BL",
            own => own,
        };
        let found = country_of(&number.parse().expect("a number"));
        assert_eq!(found.map(Country::as_str), Some(settled));
    }
}

#[test]
fn a_number_of_no_country_has_none() {
    for number in ["+80012345678", "+11112345678"] {
        assert_eq!(country_of(&number.parse().expect("in form")), None, "{number}");
    }
}

#[test]
fn what_a_column_says_decides_what_could_be_two() {
    let read = |text: &str, bare_digits| {
        Notation { default_country: country("DE"), bare_digits }.read(text).map(|number| number.to_string())
    };
    let (national, international) = (BareDigits::National, BareDigits::International);
    assert_eq!(read("442079460123", international).as_deref(), Ok("+442079460123"));
    assert_eq!(read("442079460123", national).as_deref(), Ok("+49442079460123"));
    assert_eq!(read("12025550123", international).as_deref(), Ok("+12025550123"));
    assert_eq!(read("030 901820", international).as_deref(), Ok("+4930901820"));
    assert_eq!(read("+44 20 7946 0123", national).as_deref(), Ok("+442079460123"));
    let readings = |text: &str| {
        let readings =
            Notation { default_country: country("DE"), ..Notation::default() }.readings_of_bare(text);
        readings.map(|(national, international)| (national.is_some(), international.is_some()))
    };
    assert_eq!(readings("442079460123"), Some((true, true)));
    assert_eq!(readings("12025550123"), Some((false, true)));
    assert_eq!(readings("3090182"), Some((true, false)));
    assert_eq!(readings("030 901820"), None);
    assert_eq!(readings("+442079460123"), None);
}

#[test]
fn numbers_that_cost_or_are_nobodys_telephone_have_a_class() {
    use NumberClass::{Pager, Personal, PremiumRate, Satellite, SharedCost, Universal};
    for (number, class) in [
        ("+19005550123", Some(PremiumRate)),
        ("+449011234567", Some(PremiumRate)),
        ("+499001234567", Some(PremiumRate)),
        ("+33899123456", Some(PremiumRate)),
        ("+979123456789", Some(PremiumRate)),
        ("+491801234567", Some(SharedCost)),
        ("+881651234567", Some(Satellite)),
        ("+870773123456", Some(Satellite)),
        ("+447044123456", Some(Personal)),
        ("+15005550006", Some(Personal)),
        ("+4970012345678", Some(Personal)),
        ("+80012345678", Some(Universal)),
        ("+491641234567", Some(Pager)),
        ("+12025550123", None),
        ("+18005550123", None),
        ("+493023125001", None),
        ("+447911123456", None),
    ] {
        assert_eq!(NumberClass::of(&number.parse().expect("a number")), class, "{number}");
    }
    let allowed: NumberClasses = [Satellite, Pager].into_iter().collect();
    assert_eq!(Vec::from(allowed), [Satellite, Pager]);
    assert_eq!(allowed.refusal_of(&"+881651234567".parse().expect("a number")), None);
    assert_eq!(NumberClasses::NONE.refusal_of(&"+881651234567".parse().expect("a number")), Some(Satellite));
}

#[test]
fn a_class_is_refused_where_it_is_read_as_where_it_is_dialled() {
    let numbers =
        ["+1 900 555 0123", "+881651234567", "+44 7044 123456", "+49 30 23125001", "+800 1234 5678"];
    for (text, allowed) in numbers.into_iter().flat_map(|text| {
        [NumberClasses::NONE, NumberClasses::ALL, [NumberClass::Satellite].into_iter().collect()]
            .map(|allowed| (text, allowed))
    }) {
        let number = parse(text, None).expect("a number");
        let read = Notation::default().read_allowed(text, allowed);
        assert_eq!(
            read,
            allowed.refusal_of(&number).map_or(Ok(number), |class| Err(PhoneError::Class(class)))
        );
    }
}

/// We take a number for valid where the library knows its kind; so does the library.
#[test]
fn a_number_is_valid_where_its_kind_is_known() {
    for country in Country::all() {
        let region = country.region().expect("a region");
        let example = PHONE_NUMBER_UTIL.get_example_number(region).expect("an example");
        for national_number in [example.national_number, example.national_number / 10, 1, 999_999_999] {
            let number = PhoneNumber { national_number, ..example.clone() };
            assert_eq!(is_valid(number.get_type()), number.is_valid(), "{number:?}");
        }
    }
}

/// A spreadsheet leaves the groups alone, and we read them as what they were.
#[test]
fn a_grouped_number_is_read_as_itself() {
    for country in Country::all() {
        let example =
            PHONE_NUMBER_UTIL.get_example_number(country.region().expect("a region")).expect("an example");
        let Ok(number) = example.format_as(PhoneNumberFormat::E164).parse::<E164>() else { continue };
        let text = grouped(&number);
        assert!(
            text.contains(' ') && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ')),
            "{text}"
        );
        for other in [None, Some(country), self::country("DE"), self::country("US")] {
            assert_eq!(parse(&text, other), Ok(number.clone()));
        }
    }
}

proptest! {
    /// Whatever divides them, two numbers never become a third.
    #[test]
    fn two_numbers_are_never_a_third(
        first in "0(30|171|89|6131)[ /-]?[1-9][0-9]{6}",
        second in "0(30|171|89|6131)[ /-]?[1-9][0-9]{6}",
        divider in " ?[/,;|&\n] ?| (or|oder|und|bzw\\.) | \\+",
    ) {
        let alone = parse(&first, country("DE"));
        prop_assume!(alone.is_ok());
        prop_assert_eq!(parse(&format!("{first}{divider}{second}"), country("DE")), Err(PhoneError::Several));
    }

    /// The short cut by the country code is no other answer.
    #[test]
    fn the_country_is_that_of_the_plans(digits in "[1-9][0-9]{6,14}") {
        let number: E164 = format!("+{digits}").parse().expect("a number");
        prop_assert_eq!(country_of(&number), country_by_plan(&number));
    }

    #[test]
    fn what_is_read_is_read_again_as_itself(
        text in "[+0-9 ()./\\-a-zA-Zü#,;]{0,20}|\\PC{0,12}|(\\+|00?)?[0-9]{5,15}",
        default_country in prop::option::of(prop::sample::select(Country::all().collect::<Vec<_>>())),
    ) {
        if let Ok(number) = parse(&text, default_country) {
            prop_assert_eq!(parse(number.as_str(), None), Ok(number.clone()));
            prop_assert_eq!(parse(number.as_str(), default_country), Ok(number));
        }
    }
}
