//! The table as the store needs it: a port of seven questions, whose conditions, changes and ranges
//! are values.
//!
//! [`DynamoTable`](crate::dynamo::DynamoTable) renders them to expressions, [`MemoryTable`](crate::MemoryTable)
//! evaluates them. The port is a trait and no closed enum, because tests put tables of their own around
//! either: ones that lose a reply, drop a condition, or answer from an old index.

use std::collections::HashSet;
use std::fmt::Debug;
use std::pin::Pin;

mod condition;
mod key;
mod query;

pub use condition::Condition;
pub(crate) use key::text_of;
pub use key::{AttributeValue, Item, Key};
pub use query::{Direction, Page, PageStart, Partition, Query, Select, SortRange};

/// Most items of one batch read (limit of the service).
pub const MAX_BATCH_KEYS: usize = 100;
/// Most items of one batch of inserts (limit of the service on statements).
pub const MAX_BATCH_INSERTS: usize = 25;
/// Most writes of one transaction (limit of the service).
pub const MAX_TRANSACTION_WRITES: usize = 100;

/// An answer on its way.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, TableError>> + Send + 'a>>;

/// The one table with its sparse index, as DynamoDB serves it.
pub trait Table: Debug + Send + Sync {
    fn get(&self, key: Key) -> Answer<'_, Option<Item>>;

    /// At most [`MAX_BATCH_KEYS`] items by different keys, strongly consistent, in any order.
    fn get_batch(&self, keys: Vec<Key>) -> Answer<'_, BatchRead>;

    /// A page of one partition: of the table strongly consistent, of the index perhaps stale.
    fn query(&self, query: Query) -> Answer<'_, Page>;

    /// One write; an update answers with the item as it is then.
    fn write(&self, write: ItemWrite) -> Answer<'_, Option<Item>>;

    /// At most [`MAX_TRANSACTION_WRITES`] writes of different items, all or none.
    fn transact(&self, writes: Vec<ItemWrite>) -> Answer<'_, ()>;

    /// Puts at most [`MAX_BATCH_INSERTS`] items, each only where there is none; what became of each.
    fn insert_batch(&self, items: Vec<Item>) -> Answer<'_, Vec<Inserted>>;

    /// Waits a little before a request is sent again, longer with each try.
    fn back_off(&self, tries: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// Why a request was not answered, or not as hoped.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// What is stored does not meet the condition of the write.
    #[error("the condition does not hold")]
    ConditionFailed,
    /// A transaction held the item for a moment.
    #[error("the item is part of a transaction under way")]
    Conflict,
    /// Nothing of the transaction was written; for each of its writes, why.
    #[error("the transaction was cancelled: {0:?}")]
    Cancelled(Vec<Cancellation>),
    /// The service refused or did not answer; a write may or may not have happened.
    #[error("the table did not answer ({code})")]
    Unanswered {
        /// The service's code, or what was seen instead of an answer.
        code: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl TableError {
    /// No answer, for a reason that is only words.
    pub fn unanswered(code: &str, reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unanswered { code: code.to_owned(), source: reason.into() }
    }
}

/// What one write had to do with its transaction's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    None,
    /// Its condition did not hold.
    ConditionFailed,
    /// Its item was part of another transaction.
    Conflict,
    /// The service would not take it: throttled, too large, malformed.
    Other,
}

/// What a batch read found, and what it was not served.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchRead {
    pub items: Vec<Item>,
    /// To be asked for again.
    pub unread: Vec<Key>,
}

/// What became of an insert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    Done,
    /// There is an item with its key.
    Exists,
    NotServed,
}

/// A write of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemWrite {
    pub action: Action,
    pub condition: Option<Condition>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The item replaces what is there.
    Put(Item),
    /// The item is changed; one that is not there begins empty.
    Update(Key, Vec<Change>),
    Delete(Key),
}

/// A change of one attribute. An update changes each attribute at most once.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Set(&'static str, AttributeValue),
    Remove(&'static str),
    /// Adds to a number; one that is not there is zero.
    Add(&'static str, i64),
    /// Adds texts to a set; one that is not there is empty.
    Include(&'static str, Vec<String>),
    /// Takes a text out of a set; an empty set is not kept.
    Exclude(&'static str, String),
}

impl ItemWrite {
    pub fn put(item: Item) -> Self {
        Self { action: Action::Put(item), condition: None }
    }

    pub fn update(key: Key, changes: Vec<Change>) -> Self {
        Self { action: Action::Update(key, changes), condition: None }
    }

    pub fn delete(key: Key) -> Self {
        Self { action: Action::Delete(key), condition: None }
    }

    /// The same, only where this holds.
    pub fn when(self, condition: Condition) -> Self {
        Self { condition: Some(condition), ..self }
    }

    /// The key of its item.
    pub fn key(&self) -> Key {
        match &self.action {
            Action::Put(item) => Key::of(item).unwrap_or_default(),
            Action::Update(key, _) | Action::Delete(key) => key.clone(),
        }
    }
}

/// The first key that is there twice.
pub(crate) fn repeated(keys: &[Key]) -> Option<&Key> {
    let mut seen = HashSet::with_capacity(keys.len());
    keys.iter().find(|key| !seen.insert(*key))
}
