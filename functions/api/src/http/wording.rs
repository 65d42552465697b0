//! What a deserializer says, in the words of JSON: no answer names a type of Rust.

/// Why a value is refused, out of what serde says of it.
pub(super) fn plain(reason: &str) -> String {
    for kind in ["invalid type: ", "invalid value: ", "invalid length "] {
        if let Some((found, wanted)) =
            reason.strip_prefix(kind).and_then(|rest| rest.rsplit_once(", expected "))
        {
            let found =
                if kind == "invalid length " { format!("of length {found}") } else { found_as(found) };
            return format!("it is {found}, and {} is expected", wanted_as(wanted));
        }
    }
    let cut = |text: &str| text.split(" at line ").next().unwrap_or_default().to_owned();
    match reason {
        _ if reason.starts_with("data did not match any variant") => {
            "it has none of the forms that are taken here".into()
        }
        _ if reason.starts_with("unknown variant ") => {
            cut(&reason.replacen("unknown variant", "there is no", 1))
        }
        // What the standard library says of a number in a query.
        _ if reason.contains("digit found in string") || reason.contains("integer from empty string") => {
            "give a whole number".into()
        }
        _ if reason.contains("number too large") || reason.contains("number too small") => {
            "the number is out of bounds".into()
        }
        _ if reason.contains("provided string was not `true` or `false`") => "give `true` or `false`".into(),
        _ => cut(reason),
    }
}

/// What was found, such as ``floating point `1.5` ``.
fn found_as(found: &str) -> String {
    let quoted = |name: &str| found.strip_prefix(name).map(str::trim);
    match found {
        "map" | "struct variant" | "newtype struct" => "an object".into(),
        "sequence" | "tuple variant" => "a list".into(),
        "null" | "unit value" | "Option value" | "unit variant" => "null".into(),
        _ => quoted("floating point")
            .or(quoted("integer"))
            .map(|number| format!("the number {number}"))
            .or(quoted("boolean").map(str::to_owned))
            .or(quoted("string").map(|text| format!("the text {text}")))
            .unwrap_or_else(|| "something else".into()),
    }
}

/// What was wanted, such as `u32` or `struct Name`.
fn wanted_as(wanted: &str) -> String {
    let wanted = wanted.split(" at line ").next().unwrap_or_default();
    let unsigned = |max: u64| format!("a whole number from 0 to {max}");
    let named = wanted.strip_prefix("a ").or(wanted.strip_prefix("an ")).unwrap_or(wanted);
    let word = named.split([' ', '<']).next().unwrap_or_default();
    if named.ends_with(" variant") {
        return if word == "unit" { "its name alone" } else { "its name with a value" }.into();
    }
    match word {
        "u8" => unsigned(u8::MAX.into()),
        "u16" => unsigned(u16::MAX.into()),
        "u32" => unsigned(u32::MAX.into()),
        "u64" | "usize" | "u128" | "nonzero" => "a whole number that is not negative".into(),
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        "struct" | "internally" | "adjacently" | "map" => "an object".into(),
        "tuple" | "sequence" | "array" => "a list".into(),
        "string" if named == "string" => "a text".into(),
        "enum" | "variant" | "identifier" | "string" => "one of its names".into(),
        "option" | "unit" | "null" => "null".into(),
        "RFC" => "a moment such as 2026-11-23T14:30:00Z".into(),
        _ if wanted.contains("date string") => "a date such as 2026-12-24".into(),
        _ if wanted.contains("::") => "another value".into(),
        _ => wanted.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use chrono::NaiveDate;
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only what is refused is looked at")]
    enum Kind {
        Plain,
        Whole(Box<Whole>),
        Pair(u8, u8),
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "by")]
    #[expect(dead_code, reason = "only what is refused is looked at")]
    enum Tagged {
        A { count: u64 },
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only what is refused is looked at")]
    enum Either {
        Number(u64),
        Text(String),
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is refused is looked at")]
    struct Whole {
        small: Option<u8>,
        middle: Option<u32>,
        signed: Option<i64>,
        part: Option<f64>,
        is_so: Option<bool>,
        text: Option<String>,
        dates: Option<BTreeSet<NaiveDate>>,
        map: Option<BTreeMap<String, u16>>,
        pair: Option<(u8, u8)>,
        kind: Option<Kind>,
        tagged: Option<Tagged>,
        either: Option<Either>,
        inner: Option<Box<Whole>>,
    }

    const FIELDS: [&str; 13] = [
        "small", "middle", "signed", "part", "is_so", "text", "dates", "map", "pair", "kind", "tagged",
        "either", "inner",
    ];

    #[test]
    fn whatever_is_sent_no_answer_names_a_type_of_rust() {
        let values = [
            json!(1),
            json!(-1),
            json!(1.5),
            json!(1e300),
            json!("x"),
            json!(true),
            json!([]),
            json!([1, 2, 3]),
            json!(["x"]),
            json!({}),
            json!({"x": 1}),
            json!({"by": "B"}),
            json!({"by": "A"}),
            json!({"whole": 1}),
            json!({"pair": [1]}),
            json!({"plain": 2}),
            json!("whole"),
            json!("pair"),
        ];
        let mut refused = 0;
        for (field, value) in FIELDS.iter().flat_map(|field| values.iter().map(move |value| (*field, value)))
        {
            let Err(error) = serde_json::from_value::<Whole>(json!({ field: value })) else { continue };
            refused += 1;
            let told = plain(&error.to_string());
            let words = told.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            let of_rust: Vec<_> = words
                .filter(|word| {
                    matches!(
                        *word,
                        "struct" | "enum" | "variant" | "tuple" | "Option" | "sequence" | "map" | "unit"
                    ) || [
                        "u8", "u16", "u32", "u64", "i64", "f64", "usize", "Whole", "Kind", "Tagged", "Either",
                    ]
                    .contains(word)
                })
                .collect();
            assert!(of_rust.is_empty() || told.contains("`map`"), "{field} {value}: {told} ({error})");
        }
        assert!(refused > 100, "{refused}");
    }

    #[test]
    fn it_says_what_was_found_and_what_is_expected() {
        let told =
            |value: Value| plain(&serde_json::from_value::<Whole>(value).expect_err("refused").to_string());
        assert_eq!(
            told(json!({"middle": 1.5})),
            "it is the number `1.5`, and a whole number from 0 to 4294967295 is expected"
        );
        assert_eq!(told(json!({"text": 7})), "it is the number `7`, and a text is expected");
        assert_eq!(told(json!({"inner": "x"})), "it is the text \"x\", and an object is expected");
        assert_eq!(told(json!({"either": []})), "it has none of the forms that are taken here");
    }
}
