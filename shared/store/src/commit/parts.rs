//! The parts of a transaction, as the service takes them.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use carillon_domain::records::counters::Counters;
use carillon_domain::transaction::Stage;

use crate::item::{Item, number, text, text_of};
use crate::keys::Key;
use crate::{Store, StoreError};

impl Store {
    /// Adds to a campaign's counters.
    pub(crate) fn count(&self, key: Key, counters: &Counters) -> Result<TransactWriteItem, StoreError> {
        let mut change = Change::default();
        let mut sums = Vec::new();
        for (place, (counter, by)) in counters.iter().enumerate() {
            sums.push(format!("#c{place} :c{place}"));
            change =
                change.naming(format!("#c{place}"), counter.name()).with(format!(":c{place}"), number(by));
        }
        change.expression = format!("ADD {}", sums.join(", "));
        self.update(key, change)
    }

    /// Adds to one attribute of an item.
    pub(crate) fn add(&self, key: Key, name: &str, by: i64) -> Result<TransactWriteItem, StoreError> {
        let change = Change::new("ADD #name :by").naming("#name", name).with(":by", number(by));
        self.update(key, change)
    }

    /// Puts an item where there is none.
    pub(crate) fn put_first(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        self.put(item, &Condition::absent())
    }

    /// Puts an item over the one that is a version older.
    pub(crate) fn put_next(&self, item: Item, version: u64) -> Result<TransactWriteItem, StoreError> {
        self.put(item, &Condition::version(version))
    }

    /// Puts an item where there is none, or one with the same `id`.
    pub(crate) fn put_owned(&self, item: Item, id: &str) -> Result<TransactWriteItem, StoreError> {
        self.put(item, &Condition::owned(id))
    }

    /// Removes an item with this `id`, or nothing where there is none.
    pub(crate) fn delete_owned(&self, key: Key, id: &str) -> Result<TransactWriteItem, StoreError> {
        self.delete(key, &Condition::owned(id))
    }

    /// Removes an item of this version.
    pub(crate) fn delete_version(&self, key: Key, version: u64) -> Result<TransactWriteItem, StoreError> {
        self.delete(key, &Condition::version(version + 1))
    }

    pub(super) fn put(&self, item: Item, condition: &Condition) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values());
        Ok(TransactWriteItem::builder().put(put.build().map_err(unbuilt)?).build())
    }

    pub(super) fn delete(&self, key: Key, condition: &Condition) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key.into_attributes()))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values());
        Ok(TransactWriteItem::builder().delete(delete.build().map_err(unbuilt)?).build())
    }

    pub(super) fn put_any(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        Ok(TransactWriteItem::builder().put(put.build().map_err(unbuilt)?).build())
    }

    pub(super) fn delete_any(&self, key: Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder().table_name(&self.table).set_key(Some(key.into_attributes()));
        Ok(TransactWriteItem::builder().delete(delete.build().map_err(unbuilt)?).build())
    }

    pub(super) fn update(&self, key: Key, change: Change) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.into_attributes()))
            .update_expression(change.expression)
            .set_condition_expression(change.condition)
            .set_expression_attribute_names((!change.names.is_empty()).then_some(change.names))
            .set_expression_attribute_values(Some(change.values));
        Ok(TransactWriteItem::builder().update(update.build().map_err(unbuilt)?).build())
    }
}

/// What must be stored for a put or a delete to happen.
pub(super) struct Condition {
    expression: &'static str,
    names: Vec<(&'static str, &'static str)>,
    values: Vec<(&'static str, AttributeValue)>,
}

impl Condition {
    pub(super) fn absent() -> Self {
        Self { expression: "attribute_not_exists(pk)", names: Vec::new(), values: Vec::new() }
    }

    /// What is stored is this attempt's.
    pub(super) fn attempt(attempt: &str) -> Self {
        Self {
            expression: "attempt = :attempt",
            names: Vec::new(),
            values: vec![(":attempt", text(attempt))],
        }
    }

    /// The stored entity is one version older than this.
    pub(super) fn version(version: u64) -> Self {
        Self {
            expression: "version = :version",
            names: Vec::new(),
            values: vec![(":version", number(version.saturating_sub(1)))],
        }
    }

    /// The same; a first version stands where nothing is stored.
    pub(super) fn first_or_version(version: u64) -> Self {
        if version == 1 { Self::absent() } else { Self::version(version) }
    }

    /// Nothing is stored, or something with this `id`.
    fn owned(id: &str) -> Self {
        Self {
            expression: "attribute_not_exists(pk) OR id = :id",
            names: Vec::new(),
            values: vec![(":id", text(id))],
        }
    }

    /// The stored active attempt is this attempt's and so far.
    pub(super) fn active_attempt(attempt: &str, stage: Stage) -> Self {
        let stage = match stage {
            Stage::Claimed => "claimed",
            Stage::Dialling => "dialling",
        };
        Self {
            expression: "attempt = :attempt AND #state.#name = :stage",
            names: vec![("#state", "state"), ("#name", "name")],
            values: vec![(":attempt", text(attempt)), (":stage", text(stage))],
        }
    }

    fn names(&self) -> Option<HashMap<String, String>> {
        let names = self.names.iter().map(|(short, name)| ((*short).to_owned(), (*name).to_owned()));
        (!self.names.is_empty()).then(|| names.collect())
    }

    fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        let values = self.values.iter().map(|(short, value)| ((*short).to_owned(), value.clone()));
        (!self.values.is_empty()).then(|| values.collect())
    }
}

#[derive(Default)]
pub(super) struct Change {
    expression: String,
    condition: Option<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Change {
    pub(super) fn new(expression: impl Into<String>) -> Self {
        Self { expression: expression.into(), ..Self::default() }
    }

    pub(super) fn with(mut self, name: impl Into<String>, value: AttributeValue) -> Self {
        self.values.insert(name.into(), value);
        self
    }

    pub(super) fn naming(mut self, short: impl Into<String>, name: impl Into<String>) -> Self {
        self.names.insert(short.into(), name.into());
        self
    }

    pub(super) fn on(mut self, condition: &str) -> Self {
        self.condition = Some(condition.to_owned());
        self
    }
}

/// The key of an item that is written twice: the service would refuse the whole request, and not say
/// which.
pub(super) fn touched_twice(writes: &[TransactWriteItem]) -> Option<Key> {
    let key_of = |write: &TransactWriteItem| {
        let put = write.put().map(Put::item);
        let update = || write.update().map(Update::key);
        let key = put.or_else(update).or_else(|| write.delete().map(Delete::key))?;
        Some(Key { pk: text_of(key, "pk")?.to_owned(), sk: text_of(key, "sk")?.to_owned() })
    };
    let mut seen = HashSet::with_capacity(writes.len());
    writes.iter().filter_map(key_of).find(|key| !seen.insert(key.clone()))
}

fn unbuilt(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    StoreError::Service { code: "incomplete request".to_owned(), source: Box::new(error) }
}
