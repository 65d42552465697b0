//! Between entities and items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::keys::Key;

/// An item of the table.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// An entity as an item under its key.
pub(crate) fn encode(key: Key, entity: &impl Serialize) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(entity).map_err(StoreError::codec)?;
    // Absent and null are the same to us; absent is smaller.
    item.retain(|_, value| !matches!(value, AttributeValue::Null(_)));
    item.extend(key.into_attributes());
    Ok(item)
}

/// An entity as an item that the index holds as well.
pub(crate) fn encode_indexed(
    key: Key,
    entry: Option<Key>,
    entity: &impl Serialize,
) -> Result<Item, StoreError> {
    let mut item = encode(key, entity)?;
    if let Some(entry) = entry {
        item.insert("gsi1pk".into(), AttributeValue::S(entry.pk));
        item.insert("gsi1sk".into(), AttributeValue::S(entry.sk));
    }
    Ok(item)
}

/// The entity that an item holds.
pub(crate) fn decode<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(StoreError::codec)
}

pub(crate) fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The text of an attribute.
pub(crate) fn text_of<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
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
    item.get(name).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or_default()
}
