//! The template as a JSON value, with CloudFormation's short forms written out.

use carillon_local::wiring::QueueWiring;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// The template's file, from this crate.
const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/template.yaml");

/// `infra/template.yaml`.
pub(crate) struct Template {
    root: Value,
}

impl Template {
    /// Reads it from the repository.
    pub(crate) fn read() -> Self {
        let text = std::fs::read_to_string(TEMPLATE).expect("the template is there");
        Self { root: parse(&text) }
    }

    /// The value at a path such as `Parameters/Architecture/Default`.
    pub(crate) fn at(&self, path: &str) -> &Value {
        path.split('/').fold(&self.root, |value, step| &value[step])
    }

    /// The properties of a resource; a function's with what `Globals` gives to all.
    pub(crate) fn properties(&self, resource: &str) -> Value {
        let own = self.at("Resources")[resource]["Properties"].clone();
        if self.at("Resources")[resource]["Type"] != "AWS::Serverless::Function" {
            return own;
        }
        let mut merged = self.at("Globals/Function").clone();
        for (name, value) in own.as_object().into_iter().flatten() {
            merged[name] = value.clone();
        }
        merged
    }

    /// Names of all resources of a type, such as `AWS::SQS::Queue`.
    pub(crate) fn named(&self, kind: &str) -> Vec<&str> {
        let resources = self.at("Resources").as_object().expect("resources");
        let of_kind = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
        of_kind.map(|(name, _)| name.as_str()).collect()
    }

    /// The only resource of a type whose property holds `value`.
    pub(crate) fn only(&self, kind: &str, property: &str, value: &Value) -> &str {
        let all = self.named(kind).into_iter();
        let found: Vec<&str> = all.filter(|name| &self.properties(name)[property] == value).collect();
        assert_eq!(found.len(), 1, "{kind} with {property} = {value}: {found:?}");
        found[0]
    }

    /// The queue behind a wiring: the one whose address is in its variable; called after it where it has none.
    pub(crate) fn queue(&self, wiring: &QueueWiring) -> String {
        match wiring.url_variable {
            Some(variable) => {
                referent(&self.at("Globals/Function/Environment/Variables")[variable]).to_owned()
            }
            None => {
                let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
                let name: String = wiring.name.split('-').map(capital).collect();
                format!("{name}Queue")
            }
        }
    }

    /// The binary that a function runs.
    pub(crate) fn binary(&self, function: &str) -> &str {
        self.at("Resources")[function]["Metadata"]["BuildProperties"]["Binary"].as_str().expect("a binary")
    }
}

/// `!Ref name`, written out.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "Ref": name })
}

/// `!GetAtt name.attribute`, written out.
pub(crate) fn attribute(name: &str, attribute: &str) -> Value {
    json!({ "Fn::GetAtt": format!("{name}.{attribute}") })
}

/// The name behind `!Ref name`.
pub(crate) fn referent(value: &Value) -> &str {
    value["Ref"].as_str().expect("a reference")
}

/// A value as a number of seconds, bytes, pieces.
pub(crate) fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|number| number.try_into().ok()).expect("a number")
}

/// A value that stands alone or in a list, as a list.
pub(crate) fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    }
}

/// One YAML document as JSON.
fn parse(text: &str) -> Value {
    let documents = Yaml::load_from_str(text).expect("the template is YAML");
    assert_eq!(documents.len(), 1, "one document");
    to_json(&documents[0])
}

fn to_json(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(flag)) => (*flag).into(),
        Yaml::Value(Scalar::Integer(number)) => (*number).into(),
        Yaml::Value(Scalar::FloatingPoint(number)) => number.into_inner().into(),
        Yaml::Value(Scalar::String(text)) => text.as_ref().into(),
        Yaml::Sequence(nodes) => nodes.iter().map(to_json).collect(),
        Yaml::Mapping(pairs) => {
            let pairs =
                pairs.iter().map(|(key, value)| (key.as_str().expect("a name").to_owned(), to_json(value)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
        Yaml::Tagged(tag, inner) => {
            let name = if tag.suffix == "Ref" { "Ref".into() } else { format!("Fn::{}", tag.suffix) };
            json!({ name: to_json(inner) })
        }
        Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => {
            panic!("CloudFormation has no {node:?}")
        }
    }
}

#[test]
fn short_forms_are_written_out() {
    let parsed = parse("a: !Ref B\nb: !GetAtt C.Arn\nc: !If [D, !Ref E, 1]\nd: \"1\"");
    let expected = json!({
        "a": reference("B"),
        "b": attribute("C", "Arn"),
        "c": { "Fn::If": ["D", reference("E"), 1] },
        "d": "1",
    });
    assert_eq!(parsed, expected);
}
