use axum::http::{HeaderName, HeaderValue};
use serde_json::json;

use super::*;

struct Thing(ETag);

impl Changeable for Thing {
    fn etag(&self) -> ETag {
        self.0.clone()
    }
}

fn if_match(lines: &[&[u8]]) -> Result<IfMatch, &'static str> {
    let line = |line: &&[u8]| {
        (HeaderName::from_static("if-match"), HeaderValue::from_bytes(line).expect("a header value"))
    };
    IfMatch::of(&lines.iter().map(line).collect())
}

#[test]
fn a_tag_matches_itself_and_a_weak_one_nothing() {
    let thing = Thing(ETag::of(1, &json!({"a": 1})));
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
    for foreign in ["", "-", "1-", "1-zz", "x-\u{fffd}"] {
        assert!(IfMatch::Tags(vec![foreign.to_owned()]).check(&thing).is_err(), "{foreign}");
    }
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
