//! Whatever comes is read or refused, and never stops us.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Number, Value};

use super::{SIGNED_AT, fixture};
use crate::voice::retell::webhook::parse;

const EVENTS: [&str; 3] =
    [fixture!("call_ended.busy"), fixture!("call_ended.completed"), fixture!("call_analyzed.callback")];

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

/// An event with other values in some of its places.
fn altered(event: &str, changes: &[(Index, Value)]) -> Value {
    let mut event: Value = serde_json::from_str(event).expect("JSON");
    for (place, value) in changes {
        let mut found = Vec::new();
        places(&event, "", &mut found);
        if let Some(field) = event.pointer_mut(&found[place.index(found.len())]) {
            *field = value.clone();
        }
    }
    event
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes, SIGNED_AT);
    }

    #[test]
    fn an_event_with_broken_bytes_is_read_or_refused(
        event in select(&EVENTS[..]),
        flips in vec((any::<Index>(), any::<u8>()), 1..6),
        end in any::<Index>(),
    ) {
        let mut bytes = event.as_bytes().to_vec();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = parse(&bytes, SIGNED_AT);
        bytes.truncate(end.index(bytes.len()));
        let _ = parse(&bytes, SIGNED_AT);
    }

    #[test]
    fn an_event_with_other_values_is_read(
        event in select(&EVENTS[..]),
        changes in vec((any::<Index>(), value()), 1..6),
    ) {
        let event = altered(event, &changes);
        if event.is_object() {
            prop_assert!(parse(event.to_string().as_bytes(), SIGNED_AT).is_ok(), "{}", event);
        }
    }
}
