use axum::http::HeaderName;
use serde_json::json;

use super::*;

struct Thing(ETag);

impl Changeable for Thing {
    fn etag(&self) -> ETag {
        self.0.clone()
    }
}

fn tag(version: u64, fields: &Value) -> ETag {
    ETag::of(version, fields)
}

fn if_match(lines: &[&[u8]]) -> Result<IfMatch, &'static str> {
    let line = |line: &&[u8]| {
        (HeaderName::from_static("if-match"), HeaderValue::from_bytes(line).expect("a header value"))
    };
    IfMatch::of(&lines.iter().map(line).collect())
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
        assert!(IfMatch::Tags(vec![text.to_owned()]).check(&Thing(now.clone())).is_err(), "{text}");
    }
}

#[test]
fn a_tag_matches_itself_and_a_weak_one_nothing() {
    let thing = Thing(tag(1, &json!({"a": 1})));
    let tag = thing.0.quoted();
    let weak = format!("W/{tag}");
    let listed = format!("\"x,y\" , ,{tag}");
    for (lines, matches) in [
        (vec![tag.as_str()], true),
        (vec!["*"], true),
        (vec![" *\t"], true),
        (vec![], true),
        (vec![&listed], true),
        (vec!["\"x\"", &tag], true),
        (vec![&weak], false),
        (vec![&weak, "\"x\""], false),
        (vec!["\"\""], false),
    ] {
        let lines: Vec<_> = lines.into_iter().map(str::as_bytes).collect();
        let checked = if_match(&lines).expect("well formed").check(&thing);
        assert_eq!(checked.is_ok(), matches, "{lines:?}");
    }
    assert!(if_match(&[b"\"\xff\""]).is_ok_and(|given| given.check(&thing).is_err()));
}

#[test]
fn what_is_no_list_of_tags_is_refused() {
    for line in [
        "",
        " ",
        ",",
        "x",
        "W/",
        "w/\"a\"",
        "\"a",
        "\"a\" \"b\"",
        "\"a\"b",
        "\"a b\"",
        "*, \"a\"",
        "\"a\", *",
    ] {
        assert!(if_match(&[line.as_bytes()]).is_err(), "{line}");
    }
    assert!(if_match(&[b"*", b"*"]).is_err());
}
