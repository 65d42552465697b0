//! Names of variables, as templates can use them.

use super::MAX_VARIABLE_NAME_BYTES;

/// What Jinja takes for something else in an expression.
const RESERVED: [&str; 14] =
    ["and", "else", "false", "False", "if", "in", "is", "none", "None", "not", "or", "true", "True", "loop"];

/// Whether a template can use the name: a letter or `_`, then letters, digits and `_`.
pub fn is_variable_name(name: &str) -> bool {
    name.len() <= MAX_VARIABLE_NAME_BYTES
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !RESERVED.contains(&name)
}

/// The header of a column as the name of a variable: `Order ID`, `order-id` and `orderId` are
/// `order_id`. None if no Latin letter and no digit is in it.
pub(super) fn variable_name(header: &str) -> Option<String> {
    let mut name = String::with_capacity(header.len());
    let mut previous = ' ';
    for c in header.chars().filter(|c| !is_combining(*c)) {
        let starts_word = c.is_uppercase() && (previous.is_lowercase() || previous.is_ascii_digit());
        if starts_word {
            push_gap(&mut name);
        }
        let before = name.len();
        c.to_lowercase().filter(|c| !is_combining(*c)).for_each(|c| push_latin(&mut name, c));
        if name.len() == before {
            push_gap(&mut name);
        }
        previous = c;
    }
    name.truncate(MAX_VARIABLE_NAME_BYTES - 1);
    name.truncate(name.trim_end_matches('_').len());
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if RESERVED.contains(&name.as_str()) {
        name.push('_');
    }
    (!name.is_empty()).then_some(name)
}

/// One `_` between two words.
fn push_gap(name: &mut String) {
    if !name.is_empty() && !name.ends_with('_') {
        name.push('_');
    }
}

/// Accents that stand as characters of their own.
const fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A lower-case letter without its accent, or a digit; nothing for the rest.
fn push_latin(name: &mut String, c: char) {
    name.push_str(match c {
        'a'..='z' | '0'..='9' => return name.push(c),
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì'..='ï' | 'ī' | 'į' | 'ı' => "i",
        'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ţ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return,
    });
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use minijinja::Environment;
    use proptest::prelude::*;

    use super::*;

    /// The template engine's own opinion.
    fn is_usable(name: &str) -> bool {
        let values = BTreeMap::from([(name, "here")]);
        let template = format!("{{{{ {name} }}}}");
        Environment::new().render_str(&template, values).is_ok_and(|text| text == "here")
    }

    #[test]
    fn headers_become_names() {
        for (header, name) in [
            ("order_id", "order_id"),
            ("Order ID", "order_id"),
            (" order-id ", "order_id"),
            ("orderId", "order_id"),
            ("OrderID", "order_id"),
            ("ORDER  (ID)", "order_id"),
            ("Straße & Größe", "strasse_grosse"),
            ("Prénom", "prenom"),
            ("Pre\u{301}nom", "prenom"),
            ("İl", "il"),
            ("2nd visit", "_2nd_visit"),
            ("In", "in_"),
            ("_private", "private"),
            ("日A", "a"),
            ("𝒽A", "a"), // a letter, and in lower case, but none that a name can have
            ("Name 名前", "name"),
        ] {
            assert_eq!(variable_name(header).as_deref(), Some(name), "`{header}`");
        }
        assert_eq!(variable_name("電話 - ?"), None);
        assert_eq!(variable_name(&"why ".repeat(50)).map(|name| name.len()), Some(63));
    }

    #[test]
    fn a_reserved_word_is_no_name() {
        let keywords = ["block", "elif", "endfor", "extends", "for", "macro", "raw", "self", "set", "with"];
        for word in RESERVED.into_iter().chain(keywords) {
            assert!(is_usable(word) || RESERVED.contains(&word), "`{word}`");
        }
    }

    proptest! {
        #[test]
        fn a_template_can_use_every_name(header in "\\PC{0,80}") {
            if let Some(name) = variable_name(&header) {
                prop_assert!(is_variable_name(&name), "{name}");
                prop_assert!(is_usable(&name), "{name}");
                prop_assert_eq!(variable_name(&name), Some(name));
            }
        }

        #[test]
        fn what_is_taken_for_a_name_can_be_used(name in "[a-zA-Z0-9_]{1,6}") {
            prop_assert!(!is_variable_name(&name) || is_usable(&name));
        }
    }
}
