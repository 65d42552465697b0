//! JSON as the AWS SDK holds it.

use aws_smithy_types::{Document, Number};
use serde_json::Value;

pub(super) fn of(json: Value) -> Document {
    match json {
        Value::Null => Document::Null,
        Value::Bool(is_true) => Document::Bool(is_true),
        Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(positive), _) => Number::PosInt(positive),
            (None, Some(negative)) => Number::NegInt(negative),
            (None, None) => Number::Float(number.as_f64().unwrap_or_default()),
        }),
        Value::String(text) => Document::String(text),
        Value::Array(values) => Document::Array(values.into_iter().map(of).collect()),
        Value::Object(fields) => {
            Document::Object(fields.into_iter().map(|(name, value)| (name, of(value))).collect())
        }
    }
}

pub(super) fn json(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(is_true) => Value::Bool(*is_true),
        Document::Number(Number::PosInt(number)) => Value::from(*number),
        Document::Number(Number::NegInt(number)) => Value::from(*number),
        Document::Number(Number::Float(number)) => Value::from(*number),
        Document::String(text) => Value::String(text.clone()),
        Document::Array(values) => Value::Array(values.iter().map(json).collect()),
        Document::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), json(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn json_goes_both_ways() {
        let value = json!({ "a": [null, true, 1, -1, 0.5, u64::MAX, "é"], "b": {} });
        assert_eq!(super::json(&super::of(value.clone())), value);
    }
}
