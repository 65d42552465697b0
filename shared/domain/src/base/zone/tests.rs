//! What a number, a place and a key say about where somebody may be.

use std::collections::BTreeSet;

use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;

use super::*;
use crate::base::time::{DAY_MS, Timestamp};

mod states;

fn zone_of(number: &str) -> (String, ZoneSource) {
    let (zone, source) = Zone::of(None, &number.parse().expect("a number"));
    (zone.key(), source)
}

#[test]
fn a_number_tells_where_it_may_be() {
    for (number, key) in [
        ("+493090182000", "Europe/Berlin@DE"),
        ("+12125550123", "America/New_York@US-NY"),
        ("+12083010123", "America/Boise&America/Los_Angeles@US-ID"), // Idaho has two clocks
        ("+12082150123", "America/Los_Angeles@US-ID"),               // where not settled by the exchange
        ("+19285550123", "America/Denver&America/Phoenix@US-AZ"),    // the Navajo Nation and the rest
        ("+16025550123", "America/Phoenix@US-AZ"),
        ("+919876543210", "Asia/Kolkata@IN"),
        ("+5491123456789", "America/Argentina/Buenos_Aires@AR"),
        ("+34971123456", "Europe/Madrid@ES"),
        ("+34928123456", "Atlantic/Canary@ES"),
        ("+33123456789", "Europe/Paris@FR"),
        ("+17872345678", "America/Puerto_Rico@PR"),
    ] {
        assert_eq!(zone_of(number), (key.to_owned(), ZoneSource::Prefix), "{number}");
    }
}

#[test]
fn a_lead_knows_its_clock_better_than_its_number_and_keeps_the_numbers_law() {
    let number = "+12125550123".parse().expect("a number");
    let (zone, source) = Zone::of(Some(Tz::US__Hawaii), &number);
    assert_eq!((zone.key().as_str(), source), ("Pacific/Honolulu@US-NY", ZoneSource::Lead));
    assert_eq!(zone.places(), [Tz::Pacific__Honolulu]);
    assert_eq!(zone.jurisdiction().map(|place| place.to_string()).as_deref(), Some("US-NY"));
}

#[test]
fn a_number_of_no_place_is_the_campaigns() {
    for number in ["+88213312345", "+99912345678"] {
        assert_eq!(zone_of(number), (CAMPAIGN.to_owned(), ZoneSource::Campaign), "{number}");
    }
}

/// The map has no more for these than the 42 zones of the whole plan.
#[test]
fn a_north_american_number_is_narrowed_by_its_country() {
    let united_states = "America/Anchorage&America/Chicago&America/Denver&America/Los_Angeles\
                         &America/New_York&America/Phoenix&Pacific/Honolulu@US-*";
    let canada = "America/Edmonton&America/Fort_Nelson&America/Halifax&America/Regina\
                  &America/St_Johns&America/Toronto&America/Vancouver&America/Winnipeg@CA";
    for (number, key) in [
        ("+18002345678", united_states), // toll-free
        ("+16002345678", canada),        // bound to no province
        ("+16582345678", "America/Jamaica@JM"),
    ] {
        assert_eq!(zone_of(number).0, key, "{number}");
    }
    let nowhere = zone_of("+11112345678").0;
    assert!(nowhere.contains("America/St_Johns") && nowhere.contains("Pacific/Honolulu@US-*"));
}

#[test]
fn the_whole_map_is_read_and_every_place_of_the_north_american_plan_has_a_country() {
    let table = prefix::Table::parse(include_str!("../../../data/libphonenumber_timezones.txt"));
    assert_eq!(table.rows().len(), 3295);
    let plan = &table.rows().iter().find(|(prefix, _)| *prefix == "1").expect("a row").1;
    assert_eq!(plan.as_slice().len(), 42);
}

#[test]
fn a_second_name_is_the_same_clock_and_the_preferred_name_is_final() {
    let mut renamed = 0;
    for tz in TZ_VARIANTS {
        let preferred = alias::canonical(tz);
        assert_eq!(alias::canonical(preferred), preferred, "{tz}");
        if preferred == tz {
            continue;
        }
        renamed += 1;
        for day in 0..730 {
            let at = Timestamp::from_millis((20_089 + day) * DAY_MS); // from 2025-01-01
            assert_eq!(utc_offset_ms(tz, at), utc_offset_ms(preferred, at), "{tz} at {at}");
        }
    }
    assert_eq!(renamed, 140);
}

#[test]
fn what_names_no_zone_is_refused() {
    for text in [
        "",
        "Berlin",
        "Europe/Berlin&",
        "&",
        "campaign&Europe/Berlin",
        "Campaign",
        "@DE",
        "Europe/Berlin@",
        "Europe/Berlin@XX",
        "Europe/Berlin@DE@DE",
        "Europe/Berlin@US-ZZ",
        "Europe/Berlin@DE-BY",
        "Europe/Berlin@us-fl",
    ] {
        let error = text.parse::<Zone>().expect_err("no zone");
        assert!(error.to_string().contains(&format!("`{text}`")));
    }
}

#[test]
fn a_key_without_a_jurisdiction_is_still_read() {
    for (key, places, jurisdiction) in [
        ("Europe/Berlin", 1, None),
        ("America/Chicago&America/New_York", 2, None),
        ("campaign", 0, None),
        ("campaign@FR", 0, Some("FR")),
        ("America/New_York@US-FL", 1, Some("US-FL")),
        ("America/New_York@US-*", 1, Some("US-*")),
    ] {
        let zone: Zone = key.parse().expect("a zone");
        let known = zone.jurisdiction().map(|place| place.to_string());
        assert_eq!((zone.places().len(), known.as_deref()), (places, jurisdiction), "{key}");
        assert_eq!(zone.key(), key);
    }
    // The United States have no law but that of a state.
    assert_eq!("campaign@US".parse::<Zone>().map(|zone| zone.key()), Ok("campaign@US-*".to_owned()));
}

fn zones() -> impl Strategy<Value = Zone> {
    let places = prop::collection::vec(prop::sample::select(&TZ_VARIANTS[..]), 0..5);
    let countries = crate::base::numbering::Country::all().map(Jurisdiction::from);
    let all: Vec<_> = State::all().map(Jurisdiction::State).chain(countries).collect();
    let jurisdiction = prop::option::of(prop::sample::select(all));
    (places, jurisdiction).prop_map(|(places, law)| Zone::new(Places::new(places), law))
}

proptest! {
    #[test]
    fn a_key_is_read_back_and_tells_zones_apart(a in zones(), b in zones()) {
        prop_assert_eq!(a.key().parse::<Zone>(), Ok(a.clone()));
        prop_assert_eq!(a.key() == b.key(), a == b);
        prop_assert_eq!(a.cmp(&b) == Ordering::Equal, a == b);
        let json = serde_json::to_string(&a).expect("text");
        prop_assert_eq!(serde_json::from_str::<Zone>(&json).expect("a zone"), a);
    }

    #[test]
    fn order_and_repetition_do_not_matter(
        zones in prop::collection::vec(prop::sample::select(&TZ_VARIANTS[..]), 1..5),
    ) {
        let names: BTreeSet<&str> = zones.iter().map(|&tz| alias::canonical(tz).name()).collect();
        let key = names.into_iter().collect::<Vec<_>>().join("&");
        let doubled = zones.iter().rev().chain(&zones).copied();
        prop_assert_eq!(Places::new(doubled).map(|places| places.to_string()), Some(key));
    }
}
