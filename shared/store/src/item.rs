//! Between entities and items.

use std::collections::HashMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::table::{AttributeValue, Item, Key};

/// An entity as an item under its key.
pub(crate) fn encode(key: Key, entity: &impl Serialize) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(entity).map_err(StoreError::Codec)?;
    // Absent and null are the same to us; absent is smaller.
    item.retain(|_, value| !matches!(value, AttributeValue::Null(_)));
    item.extend(key_attributes(key));
    Ok(item)
}

/// An entity as an item that the index holds as well.
pub(crate) fn encode_indexed(
    key: Key,
    entry: Option<Key>,
    entity: &impl Serialize,
) -> Result<Item, StoreError> {
    let mut item = encode(key, entity)?;
    item.extend(entry.map(entry_attributes).unwrap_or_default());
    Ok(item)
}

/// The attributes by which the table holds an item.
pub(crate) fn key_attributes(key: Key) -> Item {
    Item::from([("pk".to_owned(), AttributeValue::S(key.pk)), ("sk".to_owned(), AttributeValue::S(key.sk))])
}

/// The attributes by which the index holds an item.
pub(crate) fn entry_attributes(entry: Key) -> Item {
    let (pk, sk) = (AttributeValue::S(entry.pk), AttributeValue::S(entry.sk));
    Item::from([("gsi1pk".to_owned(), pk), ("gsi1sk".to_owned(), sk)])
}

/// The entity that an item holds.
pub(crate) fn decode<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(StoreError::Codec)
}

/// Any value as an attribute.
pub(crate) fn value(value: &impl Serialize) -> Result<AttributeValue, StoreError> {
    serde_dynamo::to_attribute_value(value).map_err(StoreError::Codec)
}

pub(crate) fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The entity under a key, taken out of items that were read.
pub(crate) fn take<T: DeserializeOwned>(
    items: &mut HashMap<Key, Item>,
    key: &Key,
) -> Result<Option<T>, StoreError> {
    items.remove(key).map(decode).transpose()
}

/// The number of an attribute; zero if there is none.
pub(crate) fn number_of(item: &Item, name: &str) -> i64 {
    match item.get(name) {
        Some(AttributeValue::N(number)) => number.parse().unwrap_or_default(),
        _ => 0,
    }
}
