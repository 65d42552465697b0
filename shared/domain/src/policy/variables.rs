//! The variables of an assistant: what may be set of it for one lead, and of which kind each is.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::base::phone::E164;

/// The variables of an assistant, by name.
pub type VariableSchema = BTreeMap<String, Variable>;

/// A variable of an assistant. A plain text, where one is sent, is the default of a variable of the type `text`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AssistantVariable))]
pub struct Variable {
    /// What its values are; `text` unless set.
    #[serde(default, rename = "type")]
    pub kind: VariableType,
    /// Whether a lead without a value for it, and without a default, is not called.
    #[serde(default)]
    pub required: bool,
    /// Its value where neither the lead nor the campaign has one.
    #[serde(default)]
    pub default: Option<String>,
    /// What it is for, for people.
    #[serde(default)]
    pub description: Option<String>,
}

/// What the values of a variable are: `text`, `number` (`12.5`), `boolean` (`true` or `false`), `date`
/// (`2026-12-24`), `time` (`14:30`) or `phone` (`+14155550123`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VariableType {
    #[default]
    Text,
    Number,
    Boolean,
    Date,
    Time,
    Phone,
}

impl VariableType {
    /// A value as it is right.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Text => "Example",
            Self::Number => "12.5",
            Self::Boolean => "true",
            Self::Date => "2026-12-24",
            Self::Time => "14:30",
            Self::Phone => "+14155550123",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date",
            Self::Time => "a time",
            Self::Phone => "a telephone number",
        }
    }

    fn takes(self, value: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Number => value.parse().is_ok_and(f64::is_finite),
            Self::Boolean => matches!(value, "true" | "false"),
            Self::Date => NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok(),
            Self::Time => NaiveTime::parse_from_str(value, "%H:%M").is_ok(),
            Self::Phone => value.parse::<E164>().is_ok(),
        }
    }
}

/// A value that is none of its variable's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not {}; write it as `{}`", .0.name(), .0.example())]
pub struct WrongType(VariableType);

impl Variable {
    /// Whether the variable may have this value; an empty one stands for none.
    ///
    /// # Errors
    /// [`WrongType`] says what would be right.
    pub fn check(&self, value: &str) -> Result<(), WrongType> {
        if value.is_empty() || self.kind.takes(value) { Ok(()) } else { Err(WrongType(self.kind)) }
    }
}

impl<'de> Deserialize<'de> for Variable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// A variable as it is sent and stored: its default alone, or all of it.
struct Written;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default, rename = "type")]
    kind: VariableType,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    default: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

impl<'de> Visitor<'de> for Written {
    type Value = Variable;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or an object with `type`, `required`, `default` and `description`")
    }

    fn visit_str<E>(self, default: &str) -> Result<Variable, E> {
        Ok(Variable { default: Some(default.to_owned()), ..Variable::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Variable, A::Error> {
        let Fields { kind, required, default, description } =
            Fields::deserialize(MapAccessDeserializer::new(fields))?;
        Ok(Variable { kind, required, default, description })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_variable_is_its_default_or_all_of_it() {
        let read = |value| serde_json::from_value::<Variable>(value).map_err(|error| error.to_string());
        let kind = Variable { default: Some("kind".into()), ..Variable::default() };
        assert_eq!(read(json!("kind")), Ok(kind.clone()));
        assert_eq!(read(serde_json::to_value(&kind).expect("JSON")), Ok(kind), "as it is shown");
        let price = read(json!({"type": "number", "required": true})).expect("a variable");
        assert_eq!((price.kind, price.required, price.default), (VariableType::Number, true, None));
        assert!(read(json!({"typ": "number"})).is_err_and(|error| error.contains("unknown field `typ`")));
        assert!(read(json!(7)).is_err_and(|error| error.contains("a text, or an object")));
    }

    #[test]
    fn values_are_of_their_type() {
        use VariableType::*;
        for (kind, right, wrong) in [
            (Number, vec!["12", "-0.5", "1e3"], vec!["12 €", "1,5", "inf", "NaN"]),
            (Boolean, vec!["true", "false"], vec!["yes", "True", "1"]),
            (Date, vec!["2028-02-29"], vec!["2027-02-29", "24.12.2026", "tomorrow"]),
            (Time, vec!["09:30", "23:59"], vec!["24:00", "9.30"]),
            (Phone, vec!["+14155550123"], vec!["0415 5550123", "+1"]),
            (Text, vec!["anything"], vec![]),
        ] {
            let variable = Variable { kind, ..Variable::default() };
            let right = right.into_iter().chain(["", kind.example()]);
            for value in right {
                assert_eq!(variable.check(value), Ok(()), "{kind:?} {value}");
            }
            for value in wrong {
                let error = variable.check(value).expect_err(value);
                assert!(error.to_string().contains(kind.example()), "{error}");
            }
        }
    }
}
