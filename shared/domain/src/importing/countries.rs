//! Countries as people write them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::names::variable_name;
use crate::base::numbering::Country;

/// Lines of a country's two letters and its names.
const NAMES: &str = include_str!("../../data/countries.txt");

/// The country of each name; none of a name that several have.
static BY_NAME: LazyLock<BTreeMap<String, Option<Country>>> = LazyLock::new(|| {
    let mut by_name = BTreeMap::new();
    for line in NAMES.lines().filter(|line| !line.starts_with('#')) {
        let Some((Ok(country), names)) = line.split_once(' ').map(|(code, names)| (code.parse(), names))
        else {
            continue;
        };
        for name in names.split('|').filter_map(variable_name) {
            let entry = by_name.entry(name).or_insert(Some(country));
            *entry = entry.filter(|known| *known == country);
        }
    }
    by_name
});

/// The country that a text names: by its two letters, by a name in one of several languages, or by its country
/// code with a `+`.
pub(super) fn country(text: &str) -> Option<Country> {
    let text = text.trim();
    if let Some(code) = text.strip_prefix('+').or_else(|| text.strip_prefix("00")) {
        return Country::of_code(code.trim());
    }
    let letters = text.to_ascii_uppercase();
    letters.parse().ok().or_else(|| BY_NAME.get(&variable_name(text)?).copied().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_letters_names_and_code() {
        for (text, code) in [
            ("de", "DE"),
            ("Deutschland", "DE"),
            ("ALLEMAGNE", "DE"),
            ("Alemania", "DE"),
            ("Almanya", "DE"),
            ("United States", "US"),
            ("USA", "US"),
            ("u.s.a.", "US"),
            ("Estados Unidos", "US"),
            ("UK", "GB"),
            ("Great Britain", "GB"),
            ("Türkiye", "TR"),
            ("Czech Republic", "CZ"),
            ("Côte d’Ivoire", "CI"),
            (" South Korea ", "KR"),
            ("+49", "DE"),
            ("0041", "CH"),
            ("+1", "US"),
        ] {
            assert_eq!(country(text).map(Country::as_str), Some(code), "{text}");
        }
        for text in ["", "Europe", "Bavaria", "49", "+999", "D"] {
            assert_eq!(country(text), None, "{text}");
        }
    }

    #[test]
    fn every_country_has_names_and_few_share_one() {
        let codes: Vec<&str> = NAMES
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert_eq!(codes, Country::all().map(Country::as_str).collect::<Vec<_>>());
        let shared: Vec<&String> =
            BY_NAME.iter().filter(|(_, country)| country.is_none()).map(|(name, _)| name).collect();
        assert!(shared.len() < 5, "{shared:?}");
    }
}
