//! Braces in the data: providers fill in `{{ … }}` in what they are sent, so no value may bring one.

/// Stands for a brace of the data while a template is rendered. Of one character, so that lengths and cuts
/// are those of the text; from the private use area, so that no text has it.
const OPENING: char = '\u{f7b1}';
const CLOSING: char = '\u{f7b2}';

/// The value with its braces marked as data.
pub(super) fn mark(value: &str) -> String {
    let marked = value.chars().filter_map(|c| match c {
        '{' => Some(OPENING),
        '}' => Some(CLOSING),
        OPENING | CLOSING => None,
        c => Some(c),
    });
    marked.collect()
}

/// The rendered text with the braces of the data in it, and a blank wherever one of them would stand right
/// beside another brace: nothing is heard of it, and nothing is filled in there. What the template itself says
/// stays.
pub(super) fn settle(rendered: &str) -> String {
    let mut text = String::with_capacity(rendered.len());
    let mut previous = ' ';
    for c in rendered.chars() {
        let brace = |c| match c {
            OPENING | '{' => Some('{'),
            CLOSING | '}' => Some('}'),
            _ => None,
        };
        let is_data = |c| matches!(c, OPENING | CLOSING);
        if brace(previous).is_some() && brace(previous) == brace(c) && (is_data(previous) || is_data(c)) {
            text.push(' ');
        }
        text.push(brace(c).unwrap_or(c));
        previous = c;
    }
    text
}

/// A text that is all data, as it may be sent: spoken as it stands, and filled in nowhere.
pub fn spoken(data: &str) -> String {
    settle(&mark(data))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_single_brace_stays_and_a_double_one_is_parted() {
        for (data, expected) in [
            ("{{ system__caller_id }}", "{ { system__caller_id } }"),
            ("{{{x}}}", "{ { {x} } }"),
            ("{name} {} {% raw %}", "{name} {} {% raw %}"),
            ("}{", "}{"),
            ("no brace", "no brace"),
        ] {
            assert_eq!(spoken(data), expected);
        }
    }

    proptest! {
        #[test]
        fn no_data_has_double_braces_and_nothing_but_blanks_is_added(data in "[{} a%]{0,30}") {
            let text = spoken(&data);
            prop_assert!(!text.contains("{{") && !text.contains("}}"));
            let solid = |text: &str| text.replace(' ', "");
            prop_assert_eq!(solid(&text), solid(&data));
            prop_assert_eq!(&spoken(&text), &text, "once is enough");
        }
    }
}
