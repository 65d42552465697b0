//! The table of area codes against what libphonenumber knows of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::numbering::country_of;
use crate::base::zone::*;

/// The clocks of each state, under the names that libphonenumber's map uses, and a number there.
const CLOCKS: [(&str, &str, &str); 51] = [
    ("AK", "America/Adak America/Anchorage America/Juneau Pacific/Honolulu", "+19072345678"),
    ("AL", "America/Chicago", "+12052345678"),
    ("AR", "America/Chicago", "+15012345678"),
    ("AZ", "America/Denver America/Phoenix", "+16022345678"),
    ("CA", "America/Los_Angeles", "+14152345678"),
    ("CO", "America/Denver", "+13032345678"),
    ("CT", "America/New_York", "+18602345678"),
    ("DC", "America/New_York", "+12022345678"),
    ("DE", "America/New_York", "+13022345678"),
    ("FL", "America/Chicago America/New_York", "+13052345678"),
    ("GA", "America/New_York", "+14042345678"),
    ("HI", "Pacific/Honolulu", "+18082345678"),
    ("IA", "America/Chicago", "+15152345678"),
    ("ID", "America/Boise America/Denver America/Los_Angeles", "+12082345678"),
    ("IL", "America/Chicago", "+13122345678"),
    ("IN", "America/Chicago America/New_York", "+13172345678"),
    ("KS", "America/Chicago America/Denver", "+13162345678"),
    ("KY", "America/Chicago America/New_York", "+15022345678"),
    ("LA", "America/Chicago", "+15042345678"),
    ("MA", "America/New_York", "+16172345678"),
    ("MD", "America/New_York", "+14102345678"),
    ("ME", "America/New_York", "+12072345678"),
    ("MI", "America/Chicago America/New_York", "+13132345678"),
    ("MN", "America/Chicago", "+16122345678"),
    ("MO", "America/Chicago", "+13142345678"),
    ("MS", "America/Chicago", "+16012345678"),
    ("MT", "America/Denver", "+14062345678"),
    ("NC", "America/New_York", "+19192345678"),
    ("ND", "America/Chicago America/Denver America/North_Dakota/Center", "+17012345678"),
    ("NE", "America/Chicago America/Denver", "+14022345678"),
    ("NH", "America/New_York", "+16032345678"),
    ("NJ", "America/New_York", "+12012345678"),
    ("NM", "America/Denver", "+15052345678"),
    ("NV", "America/Boise America/Denver America/Los_Angeles", "+17022345678"),
    ("NY", "America/New_York", "+12122345678"),
    ("OH", "America/New_York", "+12162345678"),
    ("OK", "America/Chicago", "+14052345678"),
    ("OR", "America/Denver America/Los_Angeles", "+15032345678"),
    ("PA", "America/New_York", "+12152345678"),
    ("RI", "America/New_York", "+14012345678"),
    ("SC", "America/New_York", "+18032345678"),
    ("SD", "America/Chicago America/Denver America/North_Dakota/Center", "+16052345678"),
    ("TN", "America/Chicago America/New_York", "+19012345678"),
    ("TX", "America/Chicago America/Denver", "+12142345678"),
    ("UT", "America/Denver", "+18012345678"),
    ("VA", "America/New_York", "+17032345678"),
    ("VT", "America/New_York", "+18022345678"),
    ("WA", "America/Los_Angeles", "+12062345678"),
    ("WI", "America/Chicago", "+14142345678"),
    ("WV", "America/New_York", "+13042345678"),
    ("WY", "America/Denver", "+13072345678"),
];

/// In service or about to be, and not yet in libphonenumber's data: overlays of 2023 to 2026.
const NEW: [usize; 12] = [357, 436, 457, 465, 471, 621, 624, 679, 729, 837, 861, 924];

/// Of the United States but of no state: toll-free (800 and so on), personal numbers (500 and so
/// on) and premium rates (900).
const NOWHERE: [usize; 24] = [
    500, 521, 522, 523, 524, 525, 526, 527, 528, 529, 532, 533, 544, 566, 577, 588, 800, 833, 844, 855, 866,
    877, 888, 900,
];

fn table() -> BTreeMap<usize, &'static str> {
    let table = area_code::read().expect("the table is read");
    table.iter().enumerate().filter_map(|(code, state)| Some((code, state.as_ref()?.as_str()))).collect()
}

/// The zones that libphonenumber gives to each area code, over all of its exchanges.
fn zones_of_codes() -> BTreeMap<usize, BTreeSet<&'static str>> {
    let map = prefix::Table::parse(include_str!("../../../../data/libphonenumber_timezones.txt"));
    let mut zones: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for (prefix, places) in map.rows() {
        let code = prefix.strip_prefix('1').and_then(|national| national.get(..3)?.parse().ok());
        if let Some(code) = code {
            zones.entry(code).or_default().extend(places.as_slice().iter().map(|tz| tz.name()));
        }
    }
    zones
}

#[test]
fn every_area_code_keeps_the_clocks_of_its_state() {
    let zones = zones_of_codes();
    let mut unknown = Vec::new();
    for (code, state) in table() {
        let (_, clocks, _) = CLOCKS.iter().find(|(name, ..)| *name == state).expect("a state");
        let clocks: BTreeSet<&str> = clocks.split(' ').collect();
        match zones.get(&code) {
            Some(zones) => assert!(zones.is_subset(&clocks), "{code} in {state}: {zones:?}"),
            None => unknown.push(code),
        }
    }
    assert_eq!(unknown, NEW);
}

#[test]
fn no_area_code_of_a_state_is_missing() {
    let table = table();
    let american: BTreeSet<&str> = CLOCKS.iter().flat_map(|(_, clocks, _)| clocks.split(' ')).collect();
    for (code, zones) in zones_of_codes() {
        let is_in_a_state = zones.is_subset(&american);
        assert!(!is_in_a_state || table.contains_key(&code), "{code}: {zones:?}");
    }
    // And by the numbering plan, which is newer than the map.
    let mut of_no_state = Vec::new();
    for code in 200..1_000 {
        let number = format!("+1{code}2345678").parse().expect("a number");
        match country_of(&number).map(|country| country.as_str()) {
            Some("US") if !table.contains_key(&code) => of_no_state.push(code),
            Some("US") => {}
            Some(country) => assert!(!table.contains_key(&code), "{code} is of {country}"),
            None => assert!(!table.contains_key(&code) || NEW.contains(&code), "{code} is of nowhere"),
        }
    }
    assert_eq!(of_no_state, NOWHERE);
}

#[test]
fn a_number_of_each_state_is_under_its_law() {
    for ((state, clocks, number), known) in CLOCKS.iter().zip(State::all()) {
        let (zone, source) = Zone::of(None, &number.parse().expect("a number"));
        assert_eq!((*state, source), (known.as_str(), ZoneSource::Prefix));
        assert_eq!(zone.jurisdiction(), Some(Jurisdiction::State(known)), "{number}");
        let clocks: BTreeSet<&str> = clocks.split(' ').collect();
        assert!(zone.places().iter().all(|tz| clocks.contains(tz.name())), "{number}: {zone}");
    }
}

#[test]
fn a_number_bound_to_no_state_is_under_the_strictest_law() {
    for code in NOWHERE {
        let number = format!("+1{code}2345678").parse().expect("a number");
        assert_eq!(Jurisdiction::of(&number), Some(Jurisdiction::UnknownState), "{number}");
    }
}
