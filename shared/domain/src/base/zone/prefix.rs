//! The time zones that a number's prefix allows.

use std::sync::LazyLock;

use chrono_tz::Tz;

use super::Places;
use crate::base::numbering::country_of;
use crate::base::phone::E164;

/// `prefix|zone&zone` a line; origin and licence are in `data/NOTICE`.
const MAP: &str = include_str!("../../../data/libphonenumber_timezones.txt");

/// Places with two clocks of which the map knows one: in the north-east of Arizona, the area code 928, the Navajo
/// Nation has daylight saving time and the rest of the state has not.
const TWO_CLOCKS: [(&str, &[Tz]); 1] = [("1928", &[Tz::America__Denver, Tz::America__Phoenix])];

/// The country code that 25 countries share, from Guam to Bermuda; as a prefix it says nothing.
const NORTH_AMERICA: &str = "1";

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(MAP));

/// Where the number may be; none if nothing is known about it.
///
/// A prefix says where a number was issued, which need not be where the person is.
pub(super) fn places(number: &E164) -> Option<Places> {
    if let Some((_, clocks)) = TWO_CLOCKS.iter().find(|(prefix, _)| number.digits().starts_with(prefix)) {
        return Places::new(clocks.iter().copied());
    }
    let (prefix, places) = TABLE.longest_match(number.digits())?;
    if prefix == NORTH_AMERICA { Places::new(north_american(number).iter().copied()) } else { Some(places) }
}

/// Zones by prefix, sorted by prefix.
pub(super) struct Table(Vec<(&'static str, Places)>);

impl Table {
    /// A row that names a zone which we don't know is left out: a shorter prefix then decides.
    pub(super) fn parse(map: &'static str) -> Self {
        let mut rows: Vec<_> = map
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('|'))
            .filter_map(|(prefix, zones)| Some((prefix, zones.parse().ok()?)))
            .collect();
        rows.sort_unstable_by_key(|&(prefix, _)| prefix);
        Self(rows)
    }

    fn longest_match(&self, digits: &str) -> Option<(&'static str, Places)> {
        (1..=digits.len()).rev().find_map(|len| {
            let prefix = &digits[..len];
            let row = self.0.binary_search_by_key(&prefix, |&(prefix, _)| prefix).ok()?;
            self.0.get(row).cloned()
        })
    }

    #[cfg(test)]
    pub(super) fn rows(&self) -> &[(&'static str, Places)] {
        &self.0
    }
}

/// The United States, from Eastern to Hawaii.
const UNITED_STATES: &[Tz] = &[
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Denver,
    Tz::America__Phoenix,
    Tz::America__Los_Angeles,
    Tz::America__Anchorage,
    Tz::Pacific__Honolulu,
];

const CANADA: &[Tz] = &[
    Tz::America__St_Johns,
    Tz::America__Halifax,
    Tz::America__Toronto,
    Tz::America__Winnipeg,
    Tz::America__Regina,
    Tz::America__Edmonton,
    Tz::America__Fort_Nelson,
    Tz::America__Vancouver,
];

const UNITED_STATES_AND_CANADA: &[Tz] = &[
    Tz::America__St_Johns,
    Tz::America__Halifax,
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Regina,
    Tz::America__Denver,
    Tz::America__Phoenix,
    Tz::America__Los_Angeles,
    Tz::America__Vancouver,
    Tz::America__Anchorage,
    Tz::Pacific__Honolulu,
];

/// The zones of the number's country within the numbering plan of North America.
///
/// All the zones of the plan together share no hour of the day, so a number of which only the
/// country is known gets its country's zones, and one of which not even that is known those of
/// the two countries that have nearly all of the numbers.
fn north_american(number: &E164) -> &'static [Tz] {
    let Some(country) = country_of(number) else {
        return UNITED_STATES_AND_CANADA;
    };
    match country.as_str() {
        "US" => UNITED_STATES,
        "CA" => CANADA,
        "AG" => &[Tz::America__Antigua],
        "AI" => &[Tz::America__Anguilla],
        "AS" => &[Tz::Pacific__Pago_Pago],
        "BB" => &[Tz::America__Barbados],
        "BM" => &[Tz::Atlantic__Bermuda],
        "BS" => &[Tz::America__Nassau],
        "DM" => &[Tz::America__Dominica],
        "DO" => &[Tz::America__Santo_Domingo],
        "GD" => &[Tz::America__Grenada],
        "GU" => &[Tz::Pacific__Guam],
        "JM" => &[Tz::America__Jamaica],
        "KN" => &[Tz::America__St_Kitts],
        "KY" => &[Tz::America__Cayman],
        "LC" => &[Tz::America__St_Lucia],
        "MP" => &[Tz::Pacific__Saipan],
        "MS" => &[Tz::America__Montserrat],
        "PR" => &[Tz::America__Puerto_Rico],
        "SX" => &[Tz::America__Lower_Princes],
        "TC" => &[Tz::America__Grand_Turk],
        "TT" => &[Tz::America__Port_of_Spain],
        "VC" => &[Tz::America__St_Vincent],
        "VG" => &[Tz::America__Tortola],
        "VI" => &[Tz::America__St_Thomas],
        _ => UNITED_STATES_AND_CANADA,
    }
}
