//! One object, and its values as the text of cells.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// The members of an object, in their order; a key may stand twice.
#[derive(Debug)]
pub(super) struct Object(pub(super) Vec<(String, Value)>);

/// Why a text is no object, and where in it.
#[derive(Debug)]
pub(super) struct Slip {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) problem: String,
}

impl Object {
    pub(super) fn parse(text: &[u8]) -> Result<Self, Slip> {
        serde_json::from_slice(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let told = error.to_string();
            let problem = told.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&told);
            Slip { line, column, problem: problem.to_owned() }
        })
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// What a value is as a cell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Blank,
    Text(String),
    /// The texts of a list, without blank ones.
    List(Vec<String>),
    /// It has structure that no cell has.
    Nested,
}

impl Cell {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Blank,
            Value::Object(_) => Self::Nested,
            Value::Array(items) => {
                let texts: Option<Vec<String>> = items.iter().map(scalar).collect();
                match texts {
                    None => Self::Nested,
                    Some(texts) => {
                        let texts: Vec<String> =
                            texts.into_iter().filter(|text| !text.trim().is_empty()).collect();
                        if texts.is_empty() { Self::Blank } else { Self::List(texts) }
                    }
                }
            }
            other => scalar(other).map_or(Self::Blank, Self::Text),
        }
    }
}

/// A value without structure as text; a number has all of its digits and no exponent.
fn scalar(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => String::new(),
        Value::Bool(is) => is.to_string(),
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap_or_default().to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

/// A value as a report shows it.
pub(super) fn told(value: &Value) -> String {
    scalar(value).unwrap_or_else(|| value.to_string())
}
