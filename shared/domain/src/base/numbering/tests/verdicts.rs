//! Our verdicts beside those of Google's rules, on some 200,000 texts (`testdata/number_verdicts.py`).
//!
//! Where the two differ, it is meant, and here is why. Each class is one of kinds of texts and of our answer, so
//! that nothing else hides in it; how many there are is fixed.

use std::collections::BTreeMap;
use std::io::Read;

use super::*;

const PACKED: &[u8] = include_bytes!("../../../../testdata/number_verdicts.z");
/// Zeros of the scripts that stand in the texts, besides ASCII's.
const ZEROS: [char; 4] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{ff10}'];

/// How often we differ, and why.
const DIFFERENCES: [(&str, usize); 11] = [
    ("00 is read as +", 3_675),
    ("a form that has ended", 57),
    ("a spreadsheet's decimals", 4),
    ("an extension is left out", 3_818),
    ("letters are dialled as digits", 1_231),
    ("one of two readings is taken", 236),
    ("shorter or longer than E.164", 22),
    ("signs that show nothing", 1_407),
    ("the country's own code without +", 8),
    ("the first of two is taken", 1_194),
    ("what may be two is run together", 66),
];

/// A text and what Google's rules make of it.
struct Case<'a> {
    kind: &'a str,
    default_country: &'a str,
    text: String,
    /// The letter of the number's type, and the number.
    google: Option<(&'a str, String)>,
}

impl<'a> Case<'a> {
    fn read(line: &'a str) -> Self {
        let parts: Vec<&str> = line.split('\t').collect();
        let [kind, default_country, text, verdict] = parts[..] else { panic!("{line}") };
        let text = text.replace("\\n", "\n");
        let digits: String = text.chars().filter_map(digit).collect();
        let number = |verdict: &'a str| {
            let (kind, rest) = verdict.split_at(1);
            let (cut, front) = rest.split_once(':').expect("a cut");
            (kind, format!("+{front}{}", &digits[cut.parse::<usize>().expect("a number")..]))
        };
        let google = (verdict != "-").then(|| number(verdict));
        Self { kind, default_country, text, google }
    }

    fn ours(&self) -> Result<String, PhoneError> {
        parse(&self.text, country(self.default_country)).map(|number| number.to_string())
    }
}

fn digit(c: char) -> Option<char> {
    let other = |zero: char| char::from_digit(u32::from(c).checked_sub(u32::from(zero))?, 10);
    if c.is_ascii_digit() { Some(c) } else { ZEROS.into_iter().find_map(other) }
}

/// Why a difference is meant; none if it is not.
fn meant(case: &Case<'_>, ours: &Result<String, PhoneError>) -> Option<&'static str> {
    let google = case.google.as_ref().map(|(_, number)| number.as_str());
    let digits: String = case.text.chars().filter_map(digit).collect();
    let has_plus =
        case.text.find('+').is_some_and(|plus| !case.text[..plus].contains(|c| digit(c).is_some()));
    Some(match (ours, google, case.kind) {
        (Err(PhoneError::Extension), Some(_), "x") => "an extension is left out",
        (Err(PhoneError::Several), Some(_), "2") => "the first of two is taken",
        (Err(PhoneError::Several), Some(_), "g" | "l" | "r") => "what may be two is run together",
        (Err(PhoneError::NotANumber), Some(_), "l" | "2") => "letters are dialled as digits",
        (Err(PhoneError::Ambiguous), Some(_), _) if !has_plus => "one of two readings is taken",
        (Err(PhoneError::TooShort | PhoneError::TooLong), Some(number), _)
            if number.parse::<E164>().is_err() =>
        {
            "shorter or longer than E.164"
        }
        (Err(PhoneError::InvalidFor(_)), Some(_), "g") if case.text.ends_with(".0") => {
            "a spreadsheet's decimals"
        }
        (Ok(number), None, _) if digits.strip_prefix("00").is_some_and(|rest| means(rest, number)) => {
            "00 is read as +"
        }
        (Ok(_), None, "s") => "signs that show nothing",
        (Ok(number), None, "b" | "n" | "t") if digits == number[1..] => "the country's own code without +",
        (Ok(number), None, _) if is_renewed(number) => "a form that has ended",
        _ => return None,
    })
}

/// Whether digits behind 00 are this number, with or without a trunk prefix behind the country's code.
fn means(rest: &str, number: &str) -> bool {
    (2..=4).any(|cut| rest.starts_with(&number[1..cut]) && rest.ends_with(&number[cut..]))
}

/// Whether forms of the country's numbers have ended.
fn is_renewed(number: &str) -> bool {
    ["+225", "+229", "+52", "+55", "+57", "+84"].iter().any(|code| number.starts_with(code))
}

#[test]
fn our_verdicts_are_those_of_googles_rules_but_where_it_is_meant() {
    let mut lines = String::new();
    flate2::read::ZlibDecoder::new(PACKED).read_to_string(&mut lines).expect("text");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in lines.lines().map(Case::read) {
        let ours = case.ours();
        if ours.as_ref().ok() == case.google.as_ref().map(|(_, number)| number) {
            if let Some((kind, number)) = &case.google {
                let number: E164 = number.parse().expect("ours is one");
                let class = NumberClass::of_no_country(number.digits()).or(class_of(kind));
                assert_eq!(NumberClass::of(&number), class, "{number}");
            }
            continue;
        }
        let Case { kind, default_country, text, google } = &case;
        let class = meant(&case, &ours)
            .unwrap_or_else(|| panic!("{kind} {text:?} in {default_country:?}: {ours:?}, {google:?}"));
        *counts.entry(class).or_default() += 1;
    }
    assert_eq!(lines.lines().count(), 202_578);
    assert_eq!(Vec::from_iter(counts), DIFFERENCES);
}

/// The class of a type of Google's.
fn class_of(kind: &str) -> Option<NumberClass> {
    Some(match kind {
        "p" => NumberClass::PremiumRate,
        "s" => NumberClass::SharedCost,
        "P" => NumberClass::Personal,
        "g" => NumberClass::Pager,
        "u" => NumberClass::Universal,
        "V" => NumberClass::Voicemail,
        _ => return None,
    })
}
