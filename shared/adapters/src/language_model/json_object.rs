//! The JSON object in what a model wrote, which may stand between words or in a fence.

use serde_json::{Deserializer, Map, Value};

/// Most braces at which an object is looked for: each may cost a look at the whole text.
const MAX_STARTS: usize = 64;

/// The first JSON object. What lies within something in braces that is no object is not looked at: it would be a part
/// of a broken answer.
pub(super) fn first(text: &str) -> Option<Value> {
    let mut rest = text;
    for _ in 0..MAX_STARTS {
        rest = &rest[rest.find('{')?..];
        let mut objects = Deserializer::from_str(rest).into_iter::<Map<String, Value>>();
        if let Some(Ok(object)) = objects.next() {
            return Some(Value::Object(object));
        }
        rest = &rest[end(rest).unwrap_or('{'.len_utf8())..];
    }
    None
}

/// Where the brace that a text begins with is closed, if it is. Braces within strings don't count.
fn end(text: &str) -> Option<usize> {
    let (mut depth, mut is_in_string, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_in_string,
            b'"' => is_in_string = !is_in_string,
            b'{' if !is_in_string => depth += 1,
            b'}' if !is_in_string => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_found_between_words_and_in_fences() {
        let object = json!({ "a": "} \" \\", "b": { "c": [1, "{"] } });
        for text in [
            format!("{object}"),
            format!("{object:#}"),
            format!("Here you are:\n```json\n{object:#}\n```\nDone."),
            format!("```\n{object}\n```"),
            format!("With {{name}} and {{\"a\": b}}: {object} {{\"a\":2}}"),
            format!("{{ never closed {object}"),
            format!("\u{feff}ü{object}ü"),
        ] {
            assert_eq!(first(&text), Some(object.clone()), "{text}");
        }
    }

    #[test]
    fn no_part_of_a_broken_object_is_taken_for_the_answer() {
        for text in [
            "",
            "null",
            "[1]",
            "{",
            "}",
            "{]}",
            r#"{"a": {"b": 1}, oops}"#,
            r#"{"a": "{\"b\": 1}"#,
            "{\"a\": 1",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn hostile_texts_cost_little() {
        const BYTES: usize = 1024 * 1024;
        for part in ["{", "{\"", "{\"a\":", "{\"a\":[", "}{", "{\\\"", "{\"a\":\"{"] {
            first(&part.repeat(BYTES / part.len()));
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    fn object() -> impl Strategy<Value = Value> {
        prop::collection::hash_map(any::<String>(), value(), 0..4)
            .prop_map(|fields| Value::Object(fields.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn what_was_written_is_found_within_any_words(
            object in object(), before in "[^{}]*", after in any::<String>(), is_pretty in any::<bool>(),
        ) {
            let written = if is_pretty { format!("{object:#}") } else { object.to_string() };
            prop_assert_eq!(first(&format!("{before}{written}{after}")), Some(object));
        }

        #[test]
        fn any_text_is_looked_through(text in any::<String>(), braces in "[{}\"\\\\:,a\\[\\]]*") {
            first(&text);
            first(&braces);
        }
    }
}
