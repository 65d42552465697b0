//! Values in Python's notation, as the provider's traces have them: `{'value': True, 'rationale': "he's sure"}`.

use serde_json::Value;

/// The value that is written so; none if it is none that JSON could write.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut json = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\'' || c == '"' {
            json.push_str(&Value::from(quoted(&mut rest, c)?).to_string());
        } else if c.is_ascii_alphabetic() {
            let mut word = String::from(c);
            while let Some(next) = rest.next_if(char::is_ascii_alphabetic) {
                word.push(next);
            }
            json.push_str(match word.as_str() {
                "True" => "true",
                "False" => "false",
                "None" => "null",
                other => other,
            });
        } else {
            json.push(c);
        }
    }
    serde_json::from_str(&json).ok()
}

/// The text up to its closing quote.
fn quoted(rest: &mut impl Iterator<Item = char>, quote: char) -> Option<String> {
    let mut text = String::new();
    loop {
        match rest.next()? {
            '\\' => text.push(match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'x' => code(rest, 2)?,
                'u' => code(rest, 4)?,
                'U' => code(rest, 8)?,
                other => other,
            }),
            c if c == quote => return Some(text),
            c => text.push(c),
        }
    }
}

/// The character whose number follows, in so many hexadecimal digits.
fn code(rest: &mut impl Iterator<Item = char>, digits: usize) -> Option<char> {
    let digits: String = rest.take(digits).collect();
    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Written by `repr` of Python 3.11.
    #[test]
    fn what_python_writes_is_read() {
        for (text, value) in [
            (
                "{'value': True, 'other': None, 'n': [1, -2.5]}",
                json!({"value": true, "other": null, "n": [1, -2.5]}),
            ),
            (
                r#"{'rationale': "he's sure", 'value': 'a "b"'}"#,
                json!({"rationale": "he's sure", "value": "a \"b\""}),
            ),
            (
                r#"'it\'s "x" \\ \n \xa0 \u200b \U000e0001'"#,
                json!("it's \"x\" \\ \n \u{a0} \u{200b} \u{e0001}"),
            ),
            ("'None of True'", json!("None of True")),
            ("{}", json!({})),
        ] {
            assert_eq!(read(text), Some(value), "{text}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        for text in
            ["", "'open", r"'\u12'", r"'\ud800'", "{'a': (1, 2)}", "{1: 2}", "set()", "nan", "'a' 'b'"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
