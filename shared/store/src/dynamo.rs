//! The table on DynamoDB.

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementErrorCodeEnum, BatchStatementRequest, CancellationReason, Delete,
    KeysAndAttributes, Put, ReturnValue, TransactWriteItem, Update,
};

use crate::item::{entry_attributes, key_attributes};
use crate::keys::INDEX;
use crate::table::{
    Action, Answer, BatchRead, Cancellation, Direction, Inserted, Item, ItemWrite, Key, Page, PageStart,
    Partition, Query, Select, Table, TableError,
};

mod expressions;
mod schema;

use expressions::Expressions;
pub use schema::create_table;

/// Longest first pause before a request is sent again, in milliseconds; it doubles each time.
const BACK_OFF_MS: u64 = 5;
/// The try from which on the pauses grow no more.
const LONGEST_BACK_OFF_AT: u32 = 8;

/// A table of DynamoDB, or of what answers as it does.
#[derive(Debug, Clone)]
pub struct DynamoTable {
    client: Client,
    name: String,
}

type SdkItem = HashMap<String, AttributeValue>;

impl DynamoTable {
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    async fn read_item(&self, key: Key) -> Result<Option<Item>, TableError> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(sdk_key(key)));
        let answer = request.consistent_read(true).send().await.map_err(error)?;
        Ok(answer.item.map(ours))
    }

    async fn read_batch(&self, keys: Vec<Key>) -> Result<BatchRead, TableError> {
        let keys = keys.into_iter().map(sdk_key).collect();
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let request = self.client.batch_get_item().request_items(&self.name, wanted.map_err(unbuilt)?);
        let answer = request.send().await.map_err(error)?;
        let items = answer.responses.into_iter().flatten().flat_map(|(_, items)| items);
        let unread = answer.unprocessed_keys.and_then(|mut rest| rest.remove(&self.name));
        let unread = unread.map(|rest| rest.keys).unwrap_or_default();
        Ok(BatchRead {
            items: items.map(ours).collect(),
            unread: unread.into_iter().filter_map(|key| Key::of(&ours(key))).collect(),
        })
    }

    async fn read_page(&self, query: Query) -> Result<Page, TableError> {
        let mut words = Expressions::default();
        let condition = words.key_condition(&query.partition, &query.range);
        let filter = query.filter.as_ref().map(|filter| words.condition(filter));
        let mut request = self.client.query().table_name(&self.name);
        request = match query.select {
            Select::Items => request,
            Select::SortKeys => request.projection_expression(query.partition.sort_key()),
            Select::Count => request.select(aws_sdk_dynamodb::types::Select::Count),
        };
        request = match &query.partition {
            Partition::Table(_) => request.consistent_read(true),
            Partition::Index(_) => request.index_name(INDEX),
        };
        let answer = request
            .key_condition_expression(condition)
            .set_filter_expression(filter)
            .set_expression_attribute_names(words.names())
            .set_expression_attribute_values(words.values())
            .scan_index_forward(query.direction == Direction::Ascending)
            .set_limit(query.limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(query.start.map(start_key))
            .send()
            .await
            .map_err(error)?;
        Ok(Page {
            items: answer.items.unwrap_or_default().into_iter().map(ours).collect(),
            count: usize::try_from(answer.count).unwrap_or_default(),
            next: answer.last_evaluated_key.and_then(|last| PageStart::behind(&ours(last), &query.partition)),
        })
    }

    async fn write_item(&self, write: ItemWrite) -> Result<Option<Item>, TableError> {
        let mut words = Expressions::default();
        let condition = write.condition.as_ref().map(|condition| words.condition(condition));
        match write.action {
            Action::Put(item) => {
                let put = self.client.put_item().table_name(&self.name).set_item(Some(theirs(item)));
                let put = put.set_condition_expression(condition);
                let put = put.set_expression_attribute_names(words.names());
                let sent = put.set_expression_attribute_values(words.values()).send();
                sent.await.map(|_| None).map_err(error)
            }
            Action::Update(key, changes) => {
                let update = self.client.update_item().table_name(&self.name).set_key(Some(sdk_key(key)));
                let update = update.update_expression(words.update(&changes));
                let update = update.set_condition_expression(condition).return_values(ReturnValue::AllNew);
                let update = update.set_expression_attribute_names(words.names());
                let sent = update.set_expression_attribute_values(words.values()).send();
                sent.await.map(|answer| answer.attributes.map(ours)).map_err(error)
            }
            Action::Delete(key) => {
                let delete = self.client.delete_item().table_name(&self.name).set_key(Some(sdk_key(key)));
                let delete = delete.set_condition_expression(condition);
                let delete = delete.set_expression_attribute_names(words.names());
                let sent = delete.set_expression_attribute_values(words.values()).send();
                sent.await.map(|_| None).map_err(error)
            }
        }
    }

    async fn write_all(&self, writes: Vec<ItemWrite>) -> Result<(), TableError> {
        let writes = writes.into_iter().map(|write| self.part(write)).collect::<Result<_, _>>();
        let request = self.client.transact_write_items().set_transact_items(Some(writes.map_err(unbuilt)?));
        request.send().await.map(drop).map_err(|refused| match cancellations(&refused) {
            Some(reasons) => TableError::Cancelled(reasons),
            None => error(refused),
        })
    }

    /// One write of a transaction.
    fn part(&self, write: ItemWrite) -> Result<TransactWriteItem, BuildError> {
        let mut words = Expressions::default();
        let condition = write.condition.as_ref().map(|condition| words.condition(condition));
        let part = TransactWriteItem::builder();
        Ok(match write.action {
            Action::Put(item) => {
                let put = Put::builder().table_name(&self.name).set_item(Some(theirs(item)));
                let put = put.set_condition_expression(condition);
                let put = put.set_expression_attribute_names(words.names());
                part.put(put.set_expression_attribute_values(words.values()).build()?)
            }
            Action::Update(key, changes) => {
                let update = Update::builder().table_name(&self.name).set_key(Some(sdk_key(key)));
                let update = update.update_expression(words.update(&changes));
                let update = update.set_condition_expression(condition);
                let update = update.set_expression_attribute_names(words.names());
                part.update(update.set_expression_attribute_values(words.values()).build()?)
            }
            Action::Delete(key) => {
                let delete = Delete::builder().table_name(&self.name).set_key(Some(sdk_key(key)));
                let delete = delete.set_condition_expression(condition);
                let delete = delete.set_expression_attribute_names(words.names());
                part.delete(delete.set_expression_attribute_values(words.values()).build()?)
            }
        }
        .build())
    }

    async fn insert_all(&self, items: Vec<Item>) -> Result<Vec<Inserted>, TableError> {
        let statements = items.into_iter().map(|item| self.insert(item)).collect::<Result<_, _>>();
        let request =
            self.client.batch_execute_statement().set_statements(Some(statements.map_err(unbuilt)?));
        let answer = request.send().await.map_err(error)?;
        let codes = answer.responses.unwrap_or_default().into_iter();
        Ok(codes
            .map(|response| match response.error.map(|error| error.code) {
                None => Inserted::Done,
                Some(Some(BatchStatementErrorCodeEnum::DuplicateItem)) => Inserted::Exists,
                Some(_) => Inserted::NotServed,
            })
            .collect())
    }

    fn insert(&self, item: Item) -> Result<BatchStatementRequest, BuildError> {
        let (names, values): (Vec<_>, Vec<_>) = theirs(item).into_iter().unzip();
        let attributes: Vec<_> = names.iter().map(|name| format!("'{name}': ?")).collect();
        BatchStatementRequest::builder()
            .statement(format!("INSERT INTO \"{}\" VALUE {{{}}}", self.name, attributes.join(", ")))
            .set_parameters(Some(values))
            .build()
    }
}

impl Table for DynamoTable {
    fn get(&self, key: Key) -> Answer<'_, Option<Item>> {
        Box::pin(self.read_item(key))
    }

    fn get_batch(&self, keys: Vec<Key>) -> Answer<'_, BatchRead> {
        Box::pin(self.read_batch(keys))
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        Box::pin(self.read_page(query))
    }

    fn write(&self, write: ItemWrite) -> Answer<'_, Option<Item>> {
        Box::pin(self.write_item(write))
    }

    fn transact(&self, writes: Vec<ItemWrite>) -> Answer<'_, ()> {
        Box::pin(self.write_all(writes))
    }

    fn insert_batch(&self, items: Vec<Item>) -> Answer<'_, Vec<Inserted>> {
        Box::pin(self.insert_all(items))
    }

    /// Not as long as others who met the same: half of it at least; without random bits, all of it.
    fn back_off(&self, tries: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let most_micros = (BACK_OFF_MS * 1_000) << tries.min(LONGEST_BACK_OFF_AT);
        let less_micros = getrandom::u64().unwrap_or_default() % (most_micros / 2);
        Box::pin(tokio::time::sleep(Duration::from_micros(most_micros - less_micros)))
    }
}

fn ours(item: SdkItem) -> Item {
    item.into_iter().map(|(name, value)| (name, value.into())).collect()
}

fn theirs(item: Item) -> SdkItem {
    item.into_iter().map(|(name, value)| (name, value.into())).collect()
}

fn sdk_key(key: Key) -> SdkItem {
    theirs(key_attributes(key))
}

fn start_key(start: PageStart) -> SdkItem {
    let mut key = sdk_key(start.key);
    key.extend(start.entry.map(|entry| theirs(entry_attributes(entry))).unwrap_or_default());
    key
}

/// Why each write of a cancelled transaction was not done.
fn cancellations(error: &SdkError<TransactWriteItemsError>) -> Option<Vec<Cancellation>> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error.as_service_error()? else {
        return None;
    };
    let reason = |reason: &CancellationReason| match reason.code() {
        None | Some("None") => Cancellation::None,
        Some("ConditionalCheckFailed") => Cancellation::ConditionFailed,
        Some("TransactionConflict") => Cancellation::Conflict,
        Some(_) => Cancellation::Other,
    };
    Some(cancelled.cancellation_reasons().iter().map(reason).collect())
}

fn error<E>(error: SdkError<E>) -> TableError
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let code = match &error {
        SdkError::ServiceError(service) => service.err().code().unwrap_or("unknown"),
        SdkError::TimeoutError(_) => "timeout",
        SdkError::DispatchFailure(_) => "no connection",
        _ => "unreadable answer",
    };
    match code {
        "ConditionalCheckFailedException" => TableError::ConditionFailed,
        "TransactionConflictException" => TableError::Conflict,
        code => TableError::Unanswered { code: code.to_owned(), source: Box::new(error) },
    }
}

fn unbuilt(error: BuildError) -> TableError {
    TableError::unanswered("incomplete request", error)
}
