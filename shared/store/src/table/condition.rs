//! What must be stored for a write to happen, or for an item to be part of an answer.

use super::AttributeValue;

/// A condition on one item. Attributes are named by their path, such as `state.name`.
///
/// Nothing holds of an attribute that is not there, but that it is absent.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Nothing is stored under the key.
    NoItem,
    Absent(&'static str),
    Present(&'static str),
    Equals(&'static str, AttributeValue),
    /// Numbers by value, texts by their bytes.
    LessThan(&'static str, AttributeValue),
    AtLeast(&'static str, AttributeValue),
    /// A set holds this text.
    Contains(&'static str, String),
    /// A set holds fewer than so many.
    FewerThan(&'static str, usize),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

impl Condition {
    /// Both this and the other.
    pub fn and(self, other: Self) -> Self {
        Self::All(vec![self, other])
    }

    /// This, or the other, or both.
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Any(mut some) => {
                some.push(other);
                Self::Any(some)
            }
            one => Self::Any(vec![one, other]),
        }
    }

    /// Whether it speaks of this attribute.
    pub fn names(&self, attribute: &str) -> bool {
        match self {
            Self::NoItem => attribute == "pk",
            Self::Absent(path)
            | Self::Present(path)
            | Self::Equals(path, _)
            | Self::LessThan(path, _)
            | Self::AtLeast(path, _)
            | Self::Contains(path, _)
            | Self::FewerThan(path, _) => *path == attribute,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.names(attribute)),
        }
    }
}
