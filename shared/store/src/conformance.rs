//! What the store relies on in a table, as checks that any backend must pass.
//!
//! They are run against memory, the embedded table, and whatever `CARILLON_DYNAMODB_URL` names. Partitions
//! begin with the name of the run, so that a table may be used again.

use crate::item::{entry_attributes, key_attributes, number, text};
use crate::table::{AttributeValue, Condition, Item, ItemWrite, Key, Table, TableError};

mod index;
mod queries;
mod transactions;
mod writes;

/// Checks everything.
///
/// # Panics
/// The table answers otherwise than DynamoDB does.
pub async fn check(table: &dyn Table, run: &str) {
    let bench = |subject| Bench { table, pk: format!("{run}#{subject}") };
    writes::items_are_put_read_and_deleted(&bench("items")).await;
    writes::conditions_hold_or_do_not(&bench("conditions")).await;
    writes::updates_change_what_they_name(&bench("updates")).await;
    writes::batches_read_and_insert_item_by_item(&bench("batches")).await;
    writes::what_does_not_fit_is_not_written(&bench("limits")).await;
    transactions::a_transaction_is_done_as_a_whole(&bench("whole")).await;
    transactions::a_refusal_names_its_writes(&bench("refusals")).await;
    transactions::malformed_transactions_are_refused(&bench("malformed")).await;
    transactions::sums_lose_nothing(&bench("sums")).await;
    queries::ranges_are_by_bytes_in_both_directions(&bench("ranges")).await;
    queries::pages_go_on_where_they_ended(&bench("pages")).await;
    queries::a_filter_leaves_out_what_was_looked_at(&bench("filter")).await;
    queries::a_page_ends_after_a_megabyte(&bench("megabyte")).await;
    index::the_index_is_sparse_and_follows(&bench("sparse")).await;
    index::pages_of_the_index_go_on_among_equals(&bench("equals")).await;
}

/// A partition to check in.
struct Bench<'a> {
    table: &'a dyn Table,
    pk: String,
}

impl Bench<'_> {
    fn key(&self, sk: &str) -> Key {
        Key { pk: self.pk.clone(), sk: sk.to_owned() }
    }

    fn item(&self, sk: &str, attributes: impl IntoIterator<Item = (&'static str, AttributeValue)>) -> Item {
        let mut item = key_attributes(self.key(sk));
        item.extend(attributes.into_iter().map(|(name, value)| (name.to_owned(), value)));
        item
    }

    /// An item that the index holds as well.
    fn indexed(&self, sk: &str, entry: &str) -> Item {
        let mut item = self.item(sk, [("note", text("n"))]);
        item.extend(entry_attributes(Key { pk: self.pk.clone(), sk: entry.to_owned() }));
        item
    }

    async fn put(&self, item: Item) {
        self.table.write(ItemWrite::put(item)).await.expect("the item is put");
    }

    async fn stored(&self, sk: &str) -> Option<Item> {
        self.table.get(self.key(sk)).await.expect("the item is read").map(in_order)
    }
}

/// The item with its sets in order.
fn in_order(mut item: Item) -> Item {
    for value in item.values_mut() {
        if let AttributeValue::Ss(texts) = value {
            texts.sort();
        }
    }
    item
}

fn set(texts: &[&str]) -> AttributeValue {
    AttributeValue::Ss(texts.iter().map(|text| (*text).to_owned()).collect())
}

fn map(entries: impl IntoIterator<Item = (&'static str, AttributeValue)>) -> AttributeValue {
    AttributeValue::M(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn is_invalid<T>(result: &Result<T, TableError>) -> bool {
    matches!(result, Err(TableError::Unanswered { code, .. }) if code == "ValidationException")
}

/// The sort keys of items, in their order.
fn sort_keys<'a>(items: &'a [Item], name: &str) -> Vec<&'a str> {
    items.iter().filter_map(|item| crate::table::text_of(item, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryTable;

    #[tokio::test]
    async fn memory_answers_as_dynamodb_does() {
        check(&MemoryTable::default(), "run").await;
    }

    /// `CARILLON_DYNAMODB_URL=http://127.0.0.1:8000 cargo test -p carillon-store --features aws conformance`
    #[cfg(feature = "aws")]
    #[tokio::test]
    async fn an_endpoint_answers_as_dynamodb_does() {
        use aws_sdk_dynamodb::Client;
        use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};

        let Ok(url) = std::env::var("CARILLON_DYNAMODB_URL") else { return };
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "conformance"))
            .endpoint_url(url)
            .build();
        let (client, name) = (Client::from_conf(config), "carillon-conformance");
        crate::create_table(&client, name).await.expect("a table");
        let run = getrandom::u64().expect("random bits").to_string();
        check(&crate::dynamo::DynamoTable::new(client, name), &run).await;
    }
}
