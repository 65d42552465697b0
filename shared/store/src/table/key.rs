//! Items, and the keys under which they lie.

use std::collections::HashMap;

pub use serde_dynamo::AttributeValue;

/// An item with all its attributes, those of its keys among them.
pub type Item = HashMap<String, AttributeValue>;

/// The primary key of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    pub(crate) fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    /// The key of an item; none if it has no such texts.
    pub fn of(item: &Item) -> Option<Self> {
        Some(Self { pk: text_of(item, "pk")?.to_owned(), sk: text_of(item, "sk")?.to_owned() })
    }

    /// Where the index holds an item; nowhere unless it has both attributes.
    pub fn in_index(item: &Item) -> Option<Self> {
        Some(Self { pk: text_of(item, "gsi1pk")?.to_owned(), sk: text_of(item, "gsi1sk")?.to_owned() })
    }
}

/// The text of an attribute.
pub(crate) fn text_of<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    match item.get(name)? {
        AttributeValue::S(text) => Some(text),
        _ => None,
    }
}
