//! What Jinja2 renders, by its own program (`testdata/jinja2/vectors.py`): the same is rendered here, but for
//! what is meant otherwise.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::{given, render};
use crate::calling::template::check;

#[derive(Deserialize)]
struct Vectors {
    values: Vec<BTreeMap<String, String>>,
    differing_values: BTreeMap<String, String>,
    agree: Vec<Agreement>,
    differ: Vec<Difference>,
}

#[derive(Deserialize)]
struct Agreement {
    template: String,
    /// Place of its values.
    values: usize,
    rendered: String,
}

#[derive(Deserialize)]
struct Difference {
    class: String,
    template: String,
    jinja2: Json,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../../testdata/jinja2/vectors.json")).expect("vectors")
}

fn ours(template: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let names = values.keys().map(String::as_str);
    check(template, names).map_err(|error| error.to_string())?;
    let values = values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    render(template, &given(values)).map_err(|error| error.to_string())
}

#[test]
fn what_jinja2_renders_is_rendered_within_the_subset() {
    let vectors = vectors();
    let templates: std::collections::BTreeSet<_> = vectors.agree.iter().map(|one| &one.template).collect();
    assert!(templates.len() >= 200, "{} templates", templates.len());
    let wrong = vectors.agree.iter().filter_map(|one| {
        let ours = ours(&one.template, &vectors.values[one.values]);
        (ours.as_ref() != Ok(&one.rendered))
            .then(|| format!("{:?}: {ours:?}, and Jinja2 has {:?}", one.template, one.rendered))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_meant_otherwise_is_known() {
    let expected: BTreeMap<&str, Result<&str, &str>> = BTreeMap::from([
        ("{{ '' | default('x') }}", Ok("x")),
        ("{{ missing | upper | default('x') }}", Ok("x")),
        ("[{{ missing | int }}]", Ok("[]")),
        ("[{{ missing | float }}]", Ok("[]")),
        ("{{ name | int }}", Err("invalid float literal")),
        ("{{ name | float }}", Err("invalid float literal")),
        ("{{ [] }}", Ok("")),
        ("Hi {name}", Ok("Hi ann SMITH")),
        ("{lead.name}", Ok("Ann Smith")),
        ("{{ braces }}", Ok("{ { system__time } }")),
        ("[{{ '' | int }}]", Ok("[]")),
        (
            "{% for x in [1, 2] %}{{ loop.nextitem }}{% endfor %}",
            Err("there is no attribute of a loop `nextitem`"),
        ),
        ("{% macro m() %}x{% endmacro %}{{ m() }}", Err("unknown statement macro")),
        ("{% block b %}x{% endblock %}", Err("unknown statement block")),
    ]);
    let Vectors { differing_values, differ, .. } = vectors();
    for Difference { class, template, jinja2 } in &differ {
        let ours = ours(template, &differing_values);
        assert_ne!(ours.as_deref().ok(), jinja2.as_str(), "{class}: {template} is no difference");
        match (expected.get(template.as_str()), &ours) {
            (Some(Ok(expected)), Ok(ours)) => assert_eq!(ours, expected, "{class}: {template}"),
            (Some(Err(expected)), Err(ours)) => {
                assert!(ours.contains(expected), "{class}: {template}: {ours}")
            }
            (expected, _) => panic!("{class}: {template}: {ours:?}, and {expected:?} is expected"),
        }
    }
    assert_eq!(differ.len(), expected.len());
}
