//! In which of a provider's locales a language is spoken.

use carillon_domain::base::numbering::country_of;
use carillon_domain::base::phone::E164;

/// The locale in which somebody is spoken to in this language, at this number if one is known: of those of the language
/// the country's own, else the first; none if the provider does not speak it.
pub(super) fn spoken(
    locales: &[&'static str],
    language: &str,
    number: Option<&E164>,
) -> Option<&'static str> {
    let country = number.and_then(country_of);
    let of_language = || {
        let parts = locales.iter().filter_map(|locale| Some((*locale, locale.split_once('-')?)));
        parts.filter(|(_, (spoken, _))| *spoken == language)
    };
    let own =
        of_language().find(|(_, (_, region))| country.is_some_and(|country| country.as_str() == *region));
    own.or_else(|| of_language().next()).map(|(locale, _)| locale)
}
