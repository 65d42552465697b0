use serde_json::json;

use super::*;

fn tag(version: u64, fields: &Value) -> ETag {
    ETag::of(version, fields)
}

#[test]
fn a_tag_is_a_header_and_tells_what_changed_since() {
    let fields = json!({"b": null, "a": "x", "c": {"d": [1]}});
    let old = tag(9, &fields);
    HeaderValue::from_str(&old.quoted()).expect("a header");
    assert_eq!(old, tag(9, &json!({"c": {"d": [1]}, "a": "x", "b": null})), "the order is all one");
    let now = tag(10, &json!({"a": "y", "b": null, "c": {"d": [2]}}));
    assert_eq!(now.changed_since(&old.to_string()), Some(vec!["a".to_owned(), "c".to_owned()]));
    // The version decides, whatever the fields are.
    let back = tag(11, &fields);
    assert_ne!(back.to_string(), old.to_string());
    assert_eq!(back.changed_since(&old.to_string()), Some(Vec::new()));
}

#[test]
fn of_a_tag_that_is_not_of_these_fields_nothing_is_told() {
    let now = tag(2, &json!({"a": 1, "b": 2}));
    let others = [
        tag(1, &json!({"a": 1})),
        tag(1, &json!({"a": 1, "c": 2})),
        tag(1, &json!({"a": 1, "b": 2, "c": 3})),
        tag(1, &json!([1])),
    ];
    for other in others {
        assert_eq!(now.changed_since(&other.to_string()), None, "{other}");
    }
    let ours = now.to_string();
    let cut = &ours[..ours.len() - 1];
    let longer = format!("{ours}00");
    for text in ["", "-", "2", "2-", "2-zz", "2-0", "x-\u{fffd}", cut, &longer] {
        assert_eq!(now.changed_since(text), None, "{text}");
    }
}
