//! Which of the provider's locales a language is.

use carillon_domain::base::phone::E164;

use crate::voice::locale::spoken;

/// The locales that an agent can speak (the vendor's Python SDK 6.2.13, `language` of `agent_override`). Of
/// those of one language the first is spoken wherever none is the country's own.
const LOCALES: [&str; 63] = [
    "en-US", "en-AU", "en-GB", "en-IN", "en-NZ", "af-ZA", "ar-SA", "az-AZ", "bg-BG", "bs-BA", "ca-ES",
    "cs-CZ", "cy-GB", "da-DK", "de-DE", "el-GR", "es-419", "es-ES", "fa-IR", "fi-FI", "fil-PH", "fr-FR",
    "fr-CA", "gl-ES", "he-IL", "hi-IN", "hr-HR", "hu-HU", "hy-AM", "id-ID", "is-IS", "it-IT", "ja-JP",
    "kk-KZ", "kn-IN", "ko-KR", "lt-LT", "lv-LV", "mk-MK", "mr-IN", "ms-MY", "ne-NP", "nl-NL", "nl-BE",
    "no-NO", "pl-PL", "pt-PT", "pt-BR", "ro-RO", "ru-RU", "sk-SK", "sl-SI", "sr-RS", "sv-SE", "sw-KE",
    "ta-IN", "th-TH", "tr-TR", "uk-UA", "ur-IN", "vi-VN", "yue-CN", "zh-CN",
];
/// Languages (ISO 639-1) that the provider calls otherwise.
const OTHERWISE: [(&str, &str); 3] = [("nb", "no"), ("nn", "no"), ("tl", "fil")];

/// The locale in which somebody is spoken to in this language (ISO 639-1), at this number if one is known; none
/// if the provider does not speak it.
pub(super) fn of(language: &str, number: Option<&E164>) -> Option<&'static str> {
    let renamed = OTHERWISE.iter().find(|(code, _)| *code == language);
    let language = renamed.map_or(language, |(_, theirs)| theirs);
    spoken(&LOCALES, language, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_spoken_as_where_the_number_is() {
        let at = |language, number: &str| of(language, Some(&number.parse().expect("a number")));
        assert_eq!(at("en", "+442079460123"), Some("en-GB"));
        assert_eq!(at("en", "+14155550123"), Some("en-US"));
        assert_eq!(at("en", "+4930231250001"), Some("en-US"));
        assert_eq!(at("es", "+34912345678"), Some("es-ES"));
        assert_eq!(at("es", "+525512345678"), Some("es-419"));
        assert_eq!(at("pt", "+5511961234567"), Some("pt-BR"));
        assert_eq!(at("fr", "+15145550123"), Some("fr-CA"));
        assert_eq!(at("de", "+41446681800"), Some("de-DE"));
    }

    #[test]
    fn without_a_number_it_is_the_usual_one() {
        assert_eq!(of("en", None), Some("en-US"));
        assert_eq!(of("nb", None), Some("no-NO"));
        assert_eq!(of("tl", None), Some("fil-PH"));
        assert_eq!(of("eo", None), None);
        assert_eq!(of("", None), None);
    }
}
