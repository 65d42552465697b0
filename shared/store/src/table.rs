//! The few shapes in which the table is read and written.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::item::{self, Item, text};
use crate::keys::Key;

/// Most items of one batch read (limit of the service).
pub(crate) const BATCH_GET_ITEMS: usize = 100;
/// How often a write that met another one is sent again.
pub(crate) const CONTENTION_TRIES: u32 = 6;
/// Longest first pause before a request is sent again, in milliseconds; it doubles each time.
const BACK_OFF_MS: u64 = 5;
/// How often the rest of a batch read is asked for again.
const BATCH_GET_TRIES: u32 = 8;

#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: String,
}

impl Store {
    /// The table of this name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, key: Key) -> Result<Option<T>, StoreError> {
        self.get_item(key).await?.map(item::decode).transpose()
    }

    pub(crate) async fn get_item(&self, key: Key) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key.into_attributes()))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::service)?;
        Ok(answer.item)
    }

    /// Several items, strongly consistent, by key.
    pub(crate) async fn get_all(&self, keys: Vec<Key>) -> Result<HashMap<Key, Item>, StoreError> {
        let mut found = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(BATCH_GET_ITEMS) {
            let mut wanted: Vec<_> = chunk.iter().cloned().map(Key::into_attributes).collect();
            for tries in 0..BATCH_GET_TRIES {
                if tries > 0 {
                    back_off(tries).await;
                }
                let request = KeysAndAttributes::builder()
                    .set_keys(Some(std::mem::take(&mut wanted)))
                    .consistent_read(true)
                    .build()
                    .map_err(|error| StoreError::Service {
                        code: "incomplete request".to_owned(),
                        source: Box::new(error),
                    })?;
                let answer = self
                    .client
                    .batch_get_item()
                    .request_items(&self.table, request)
                    .send()
                    .await
                    .map_err(StoreError::service)?;
                for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                    if let (Some(pk), Some(sk)) = (item::text_of(&item, "pk"), item::text_of(&item, "sk")) {
                        found.insert(Key { pk: pk.to_owned(), sk: sk.to_owned() }, item);
                    }
                }
                wanted = answer
                    .unprocessed_keys
                    .and_then(|mut rest| rest.remove(&self.table))
                    .map(|rest| rest.keys)
                    .unwrap_or_default();
                if wanted.is_empty() {
                    break;
                }
            }
            if !wanted.is_empty() {
                return Err(StoreError::Service {
                    code: "throttled".to_owned(),
                    source: format!("{} items were not read", wanted.len()).into(),
                });
            }
        }
        Ok(found)
    }

    /// A query of one partition, strongly consistent, all pages.
    pub(crate) async fn query_all(&self, pk: String, prefix: Option<&str>) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let answer = self
                .partition(&pk, prefix)
                .consistent_read(true)
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(StoreError::service)?;
            items.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    /// All entities of one partition.
    pub(crate) async fn list<T: DeserializeOwned>(&self, pk: String) -> Result<Vec<T>, StoreError> {
        self.query_all(pk, None).await?.into_iter().map(item::decode).collect()
    }

    pub(crate) fn partition(&self, pk: &str, prefix: Option<&str>) -> QueryFluentBuilder {
        let query = self.client.query().table_name(&self.table).expression_attribute_values(":pk", text(pk));
        match prefix {
            None => query.key_condition_expression("pk = :pk"),
            Some(prefix) => query
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", text(prefix)),
        }
    }

    /// Puts an entity, if there is none under its key. Says whether it was put.
    pub(crate) async fn put_new(&self, key: Key, entity: &impl Serialize) -> Result<bool, StoreError> {
        self.put_item_new(item::encode(key, entity)?).await
    }

    /// Puts an item, if there is none under its key. Says whether it was put.
    pub(crate) async fn put_item_new(&self, item: Item) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)");
        met(put.send().await.map(drop).map_err(StoreError::service))
    }

    /// Puts an entity, if the stored one has this version. Says whether it was put.
    pub(crate) async fn put_over(
        &self,
        key: Key,
        entity: &impl Serialize,
        version: u64,
    ) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::encode(key, entity)?))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", item::number(version));
        met(put.send().await.map(drop).map_err(StoreError::service))
    }

    /// Puts an item whatever is there.
    pub(crate) async fn put_item(&self, item: Item) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .send()
            .await
            .map(drop)
            .map_err(StoreError::service)
    }

    /// Removes an item, whether it is there or not.
    pub(crate) async fn remove(&self, key: Key) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key.into_attributes()))
            .send()
            .await
            .map(drop)
            .map_err(StoreError::service)
    }

    /// Sends an update, again while it only meets a transaction; the SDK does not.
    pub(crate) async fn update_uncontended(
        &self,
        update: UpdateItemFluentBuilder,
    ) -> Result<UpdateItemOutput, StoreError> {
        let mut tries = 0;
        loop {
            match update.clone().send().await.map_err(StoreError::service) {
                Err(error) if error.is_contention() && tries < CONTENTION_TRIES => {
                    back_off(tries).await;
                    tries += 1;
                }
                answered => return answered,
            }
        }
    }
}

/// Waits a little before a request is sent again: longer each time, and not as long as others who met
/// the same.
pub(crate) async fn back_off(tries: u32) {
    let most_micros = (BACK_OFF_MS * 1_000) << tries.min(8);
    // Half of it at least; without random bits, all of it.
    let less_micros = getrandom::u64().unwrap_or_default() % (most_micros / 2);
    tokio::time::sleep(Duration::from_micros(most_micros - less_micros)).await;
}

/// Whether a conditional write's condition was met.
pub(crate) fn met(result: Result<(), StoreError>) -> Result<bool, StoreError> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.is_condition() => Ok(false),
        Err(error) => Err(error),
    }
}
