//! The embedded table as the real client sees it.

mod capacity;
mod durability;
mod operations;
mod verdicts;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BatchStatementRequest, BillingMode, GlobalSecondaryIndex,
    KeySchemaElement, KeyType, Projection, ProjectionType, Put, ScalarAttributeType, TransactWriteItem,
};

use super::EmbeddedTable;

const TABLE: &str = "calls";
const INDEX: &str = "gsi1";
const INSERT: &str = r#"INSERT INTO "calls" VALUE {'pk': ?, 'sk': ?, 'gsi1pk': ?, 'gsi1sk': ?}"#;

type Item = HashMap<String, AttributeValue>;

/// A table in memory with one index of keys only, and a client of it.
async fn calls() -> (EmbeddedTable, Client) {
    let table = EmbeddedTable::in_memory().expect("an empty table opens");
    let client = table.client();
    create(&client).await;
    table.meter().reset();
    (table, client)
}

async fn create(client: &Client) {
    let index = GlobalSecondaryIndex::builder()
        .index_name(INDEX)
        .key_schema(key("gsi1pk", KeyType::Hash))
        .key_schema(key("gsi1sk", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()
        .expect("the index is complete");
    let mut request = client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(index);
    for name in ["pk", "sk", "gsi1pk", "gsi1sk"] {
        let definition = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .expect("the definition is complete");
        request = request.attribute_definitions(definition);
    }
    request.send().await.expect("the table is created");
}

fn key(name: &str, key_type: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(key_type).build().expect("the key is complete")
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// The primary key of an item in the partition `w1`.
fn primary(sk: &str) -> Item {
    HashMap::from([("pk".to_owned(), s("w1")), ("sk".to_owned(), s(sk))])
}

/// An item of the partition `w1` that stands in the index partition `due`.
fn due(sk: &str) -> Item {
    let mut item = primary(sk);
    item.extend([("gsi1pk".to_owned(), s("due")), ("gsi1sk".to_owned(), s(sk))]);
    item
}

async fn put(client: &Client, item: Item) {
    client.put_item().table_name(TABLE).set_item(Some(item)).send().await.expect("the item is put");
}

async fn stored(client: &Client, sk: &str) -> Option<Item> {
    let request = client.get_item().table_name(TABLE).set_key(Some(primary(sk))).consistent_read(true);
    request.send().await.expect("the item is read").item
}

/// The sort keys the index holds in its partition `due`.
async fn due_keys(client: &Client) -> Vec<String> {
    let request = client
        .query()
        .table_name(TABLE)
        .index_name(INDEX)
        .key_condition_expression("gsi1pk = :partition")
        .expression_attribute_values(":partition", s("due"));
    let items = request.send().await.expect("the index answers").items.unwrap_or_default();
    items.iter().map(|item| item["sk"].as_s().expect("a sort key").clone()).collect()
}

/// A write of an item that must not exist yet.
fn first_put(item: Item) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(pk)");
    TransactWriteItem::builder().put(put.build().expect("the put is complete")).build()
}

fn insert(sk: &str) -> BatchStatementRequest {
    let values = ["w1", sk, "due", sk].map(s).to_vec();
    BatchStatementRequest::builder()
        .statement(INSERT)
        .set_parameters(Some(values))
        .build()
        .expect("the statement is complete")
}
