//! The people of the demonstration: a file with everything that files have.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::numbering::{Country, country_of};
use carillon_domain::base::phone::E164;
use carillon_domain::importing::{ColumnMap, ImportDefaults, LeadDraft, RowError};
use carillon_domain::records::lead::LeadNumber;
use carillon_sheets::csv::{Dialect, SheetParser};

const PEOPLE: &str = include_str!("../../../infra/local/demo/people.csv");
/// Last four digits below this are kept for numbers that always do the same.
const FIRST_ORDINARY: u32 = 100;

/// The leads of the file, the faults of its rejected rows, and those that cost a lead only a cell.
fn people(default_country: Option<Country>) -> (Vec<LeadDraft>, Vec<Vec<RowError>>, Vec<RowError>) {
    let records = SheetParser::new(Dialect::detect(PEOPLE.as_bytes())).push(PEOPLE.as_bytes(), true);
    let (header, rows) = records.split_first().expect("a header");
    let map = ColumnMap::recognise(header.text()).expect("a good header");
    let (mut leads, mut rejected, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        match row.lead(&map, &ImportDefaults { default_country, ..ImportDefaults::default() }) {
            Ok(read) => {
                let read = read.expect("no blank row");
                leads.push(read.draft);
                warnings.extend(read.warnings);
            }
            Err(errors) => rejected.push(errors),
        }
    }
    (leads, rejected, warnings)
}

#[test]
fn of_300_rows_285_are_people_8_are_there_twice_and_7_are_bad() {
    let defaults = ["US", "GB", "DE", "FR", "AU"].map(|text| text.parse().ok());
    for default_country in defaults.into_iter().chain([None]) {
        let (leads, rejected, warnings) = people(default_country);
        let different: BTreeSet<&E164> = leads.iter().map(|lead| &lead.primary.number).collect();
        assert_eq!((leads.len(), different.len(), rejected.len()), (293, 285, 7), "{default_country:?}");
        assert_eq!(warnings.len(), 6);
    }
}

#[test]
fn the_bad_rows_are_bad_in_different_ways() {
    let (_, rejected, warnings) = people(None);
    let faults = rejected.iter().flatten().chain(&warnings);
    let reasons: BTreeSet<String> = faults.map(|error| error.reason.to_string()).collect();
    assert!(reasons.len() >= 10, "{reasons:#?}");
}

#[test]
fn nobody_has_two_places_and_no_number_always_does_the_same() {
    let mut owners: BTreeMap<E164, E164> = BTreeMap::new();
    for lead in people(None).0 {
        for LeadNumber { number, .. } in lead.numbers() {
            let owner = owners.entry(number.clone()).or_insert_with(|| lead.primary.number.clone());
            assert_eq!(*owner, lead.primary.number, "{number} belongs to two people");
            let last_four = &number.digits()[number.digits().len() - 4..];
            assert!(last_four.parse::<u32>().expect("digits") >= FIRST_ORDINARY, "{number}");
        }
    }
}

#[test]
fn they_live_in_many_places_and_bring_what_templates_need() {
    let (leads, ..) = people(None);
    let countries: BTreeSet<Country> =
        leads.iter().filter_map(|lead| country_of(&lead.primary.number)).collect();
    let expected = ["AU", "BR", "CA", "DE", "FR", "GB", "IN", "JP", "SE", "US"];
    assert_eq!(countries, expected.map(|text| text.parse().expect("a country")).into());
    let count = |has: fn(&LeadDraft) -> bool| leads.iter().filter(|lead| has(lead)).count();
    assert!((30..100).contains(&count(|lead| !lead.others.is_empty())));
    assert!((80..200).contains(&count(|lead| lead.timezone.is_some())));
    assert!((80..200).contains(&count(|lead| lead.variables.contains_key("appointment"))));
    assert_eq!(count(|lead| lead.name.is_some()), leads.len());
}
