//! The few shapes in which entities are read from the table and written to it.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::analyses::KnownModels;
use crate::dynamo::DynamoTable;
use crate::error::StoreError;
use crate::event_numbers::LatestPages;
use crate::item;
use crate::memory::MemoryTable;
use crate::search_index::LatestChanges;
use crate::table::{
    BatchRead, Cancellation, Change, Condition, Item, ItemWrite, Key, MAX_BATCH_KEYS, Page, Query, Table,
    TableError, repeated,
};
use crate::webhook_endpoints::KnownEndpoints;

/// How often a write that met another one is sent again.
const CONTENTION_TRIES: u32 = 6;
/// How often the rest of a batch is asked for again.
pub(crate) const BATCH_TRIES: u32 = 8;

/// The entities of the table. A clone is a handle to the same one.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) table: Arc<dyn Table>,
    pub(crate) event_pages: Arc<LatestPages>,
    pub(crate) latest_changes: Arc<LatestChanges>,
    pub(crate) known_endpoints: Arc<KnownEndpoints>,
    pub(crate) known_models: Arc<KnownModels>,
}

/// How a transaction ended that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Transacted {
    Done,
    /// For each of the writes, whether its condition failed; nothing was written.
    Refused(Vec<bool>),
}

impl Store {
    /// On the DynamoDB table of this name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self::on(Arc::new(DynamoTable::new(client, table)))
    }

    /// On an empty table in memory.
    pub fn in_memory() -> Self {
        Self::on(Arc::new(MemoryTable::default()))
    }

    pub fn on(table: Arc<dyn Table>) -> Self {
        Self {
            table,
            event_pages: Arc::default(),
            latest_changes: Arc::default(),
            known_endpoints: Arc::default(),
            known_models: Arc::default(),
        }
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, key: Key) -> Result<Option<T>, StoreError> {
        self.table.get(key).await?.map(item::decode).transpose()
    }

    /// Several items, strongly consistent, by key.
    pub(crate) async fn get_all(&self, keys: Vec<Key>) -> Result<HashMap<Key, Item>, StoreError> {
        let mut found = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(MAX_BATCH_KEYS) {
            let mut wanted = chunk.to_vec();
            for tries in 0..BATCH_TRIES {
                if tries > 0 {
                    self.table.back_off(tries).await;
                }
                let BatchRead { items, unread } = self.table.get_batch(wanted).await?;
                found.extend(items.into_iter().filter_map(|item| Some((Key::of(&item)?, item))));
                wanted = unread;
                if wanted.is_empty() {
                    break;
                }
            }
            if !wanted.is_empty() {
                let reason = format!("{} items were not read", wanted.len());
                return Err(TableError::unanswered("throttled", reason).into());
            }
        }
        Ok(found)
    }

    /// A page of a partition.
    pub(crate) async fn page(&self, query: Query) -> Result<Page, StoreError> {
        Ok(self.table.query(query).await?)
    }

    /// All pages of a query.
    pub(crate) async fn query_all(&self, mut query: Query) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        loop {
            let page = self.table.query(query.clone()).await?;
            items.extend(page.items);
            if page.next.is_none() {
                return Ok(items);
            }
            query.start = page.next;
        }
    }

    /// All entities of one partition.
    pub(crate) async fn list<T: DeserializeOwned>(&self, pk: String) -> Result<Vec<T>, StoreError> {
        self.query_all(Query::table(pk)).await?.into_iter().map(item::decode).collect()
    }

    /// Puts an entity, if there is none under its key. Says whether it was put.
    pub(crate) async fn put_new(&self, key: Key, entity: &impl Serialize) -> Result<bool, StoreError> {
        self.write_if(ItemWrite::put(item::encode(key, entity)?), Condition::NoItem).await
    }

    /// Puts an entity, if the stored one is a version older. Says whether it was put.
    pub(crate) async fn put_next(
        &self,
        key: Key,
        entity: &impl Serialize,
        version: u64,
    ) -> Result<bool, StoreError> {
        self.write_if(ItemWrite::put(item::encode(key, entity)?), Condition::one_older(version)).await
    }

    /// Puts an item whatever is there.
    pub(crate) async fn put(&self, item: Item) -> Result<(), StoreError> {
        self.table.write(ItemWrite::put(item)).await?;
        Ok(())
    }

    /// Removes an item, whether it is there or not.
    pub(crate) async fn remove(&self, key: Key) -> Result<(), StoreError> {
        self.table.write(ItemWrite::delete(key)).await?;
        Ok(())
    }

    /// Does a write, if what is stored meets the condition. Says whether it did.
    pub(crate) async fn write_if(&self, write: ItemWrite, condition: Condition) -> Result<bool, StoreError> {
        match self.table.write(write.when(condition)).await {
            Ok(_) => Ok(true),
            Err(TableError::ConditionFailed) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes an item, again while it only meets transactions; the item after it, none if what was
    /// stored did not meet the condition.
    pub(crate) async fn update_if(
        &self,
        key: Key,
        changes: Vec<Change>,
        condition: Option<Condition>,
    ) -> Result<Option<Item>, StoreError> {
        self.write_again(ItemWrite { condition, ..ItemWrite::update(key, changes) }).await
    }

    /// Does a write, again while it only meets transactions; the item after it, none if what was stored did
    /// not meet the condition.
    pub(crate) async fn write_again(&self, write: ItemWrite) -> Result<Option<Item>, StoreError> {
        let mut tries = 0;
        loop {
            match self.table.write(write.clone()).await {
                Err(TableError::Conflict) if tries < CONTENTION_TRIES => {
                    self.table.back_off(tries).await;
                    tries += 1;
                }
                Ok(item) => return Ok(Some(item.unwrap_or_default())),
                Err(TableError::ConditionFailed) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Changes an item whatever is there, again while it only meets transactions.
    pub(crate) async fn update(&self, key: Key, changes: Vec<Change>) -> Result<(), StoreError> {
        self.update_if(key, changes, None).await.map(drop)
    }

    /// Sends a transaction, again while it only meets others.
    pub(crate) async fn transact(&self, writes: Vec<ItemWrite>) -> Result<Transacted, StoreError> {
        // The service would refuse it as well, and not say which.
        let keys: Vec<_> = writes.iter().map(ItemWrite::key).collect();
        if let Some(Key { pk, sk }) = repeated(&keys).cloned() {
            return Err(StoreError::TouchedTwice { pk, sk });
        }
        let mut tries = 0;
        loop {
            let reasons = match self.table.transact(writes.clone()).await {
                Ok(()) => return Ok(Transacted::Done),
                Err(TableError::Cancelled(reasons)) => reasons,
                Err(error) => return Err(error.into()),
            };
            let has_failed = |reason: &Cancellation| *reason == Cancellation::ConditionFailed;
            if reasons.iter().any(has_failed) {
                return Ok(Transacted::Refused(reasons.iter().map(has_failed).collect()));
            }
            tries += 1;
            if tries == CONTENTION_TRIES || !reasons.contains(&Cancellation::Conflict) {
                return Err(TableError::Cancelled(reasons).into());
            }
            self.table.back_off(tries - 1).await;
        }
    }
}
