//! What nobody sends, for tests of whatever reads other people's messages: any bytes, and samples in which some bytes
//! or values are others.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Number, Value};

/// How many cases there are, if nothing else is said: the tests of every day are to be fast.
const CASES: u32 = 256;

/// As many cases as `CARILLON_FUZZ_CASES` says.
pub(crate) fn config() -> ProptestConfig {
    let cases = std::env::var("CARILLON_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(cases.unwrap_or(CASES))
}

pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..400)
}

/// One of these samples, with some bytes changed, a piece put in the place of another, or its end cut off.
pub(crate) fn broken(samples: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let flips = vec((any::<Index>(), any::<u8>()), 0..6);
    let piece = (any::<Index>(), 0..40_usize, vec(any::<u8>(), 0..40));
    let end = prop_oneof![3 => Just(None), 1 => any::<Index>().prop_map(Some)];
    (select(samples), flips, piece, end).prop_map(|(sample, flips, (at, length, piece), end)| {
        let mut bytes = sample.as_bytes().to_vec();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let at = at.index(bytes.len());
        let to = (at + length).min(bytes.len());
        bytes.splice(at..to, piece);
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len() + 1));
        }
        bytes
    })
}

/// One of these samples of JSON, with other values in some of its places.
pub(crate) fn altered(samples: &'static [&'static str]) -> impl Strategy<Value = Value> {
    (select(samples), vec((any::<Index>(), value()), 1..6)).prop_map(|(sample, changes)| {
        let mut document: Value = serde_json::from_str(sample).expect("JSON");
        for (place, value) in changes {
            let mut found = Vec::new();
            places(&document, "", &mut found);
            if let Some(field) = document.pointer_mut(&found[place.index(found.len())]) {
                *field = value;
            }
        }
        document
    })
}

/// Values that stand where others are expected: numbers at every edge, texts, nothing.
fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
        ".{0,20}".prop_map(Value::String),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec(("[a-z_]{1,12}", inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Every place in a document, as pointers (RFC 6901).
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, inner)| places(inner, &format!("{at}/{key}"), found))
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, inner)| places(inner, &format!("{at}/{n}"), found));
        }
        _ => {}
    }
}
