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

/// Why a difference is meant.
fn meant(case: &Case<'_>, ours: &Result<String, PhoneError>) -> Option<&'static str> {
    let google = case.google.as_ref().map(|(_, number)| number.as_str());
    Some(match (ours, google, case.kind) {
        _ => return None,
    })
}

#[test]
fn our_verdicts_are_those_of_googles_rules_but_where_it_is_meant() {
    let mut lines = String::new();
    flate2::read::ZlibDecoder::new(PACKED).read_to_string(&mut lines).expect("text");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut cases = 0;
    let mut odd: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines.lines() {
        let case = Case::read(line);
        let ours = case.ours();
        cases += 1;
        if ours.as_ref().ok() == case.google.as_ref().map(|(_, number)| number) {
            continue;
        }
        match meant(&case, &ours) {
            Some(class) => *counts.entry(class).or_default() += 1,
            None => {
                let class = match &ours { Ok(_) => "ok".to_owned(), Err(e) => format!("{e:?}") };
                odd.entry(format!("{} {} google={}", case.kind, class, case.google.is_some())).or_default().push(format!("{:?} in {:?}: ours {ours:?}, google's {:?}", case.text, case.default_country, case.google));
            }
        }
    }
    for (class, odd) in odd { eprintln!("{class}: {}", odd.len()); for one in odd.iter().step_by(1.max(odd.len()/4)).take(4) { eprintln!("   {one}"); } }
    eprintln!("{cases} {counts:?}");
    panic!();
}
