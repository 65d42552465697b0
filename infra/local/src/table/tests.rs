//! The embedded table as the real client sees it.

mod capacity;
mod durability;
mod operations;
mod verdicts;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_long_lists_of_people_let_a_dial_in() {
    const LISTS: usize = 100;
    let (table, client) = calls().await;
    for n in 0..100 {
        let item = primary(&format!("lead{n:03}"));
        let text = s(&"x".repeat(2_000));
        client
            .put_item()
            .table_name(TABLE)
            .set_item(Some(item))
            .item("text", text)
            .send()
            .await
            .expect("put");
    }
    let done = Arc::new(AtomicUsize::new(0));
    let people = table.client_of_people();
    let lists = (0..LISTS).map(|_| {
        let (people, done) = (people.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            let query = people.query().table_name(TABLE).key_condition_expression("pk = :pk");
            query.expression_attribute_values(":pk", s("w1")).send().await.expect("a list");
            done.fetch_add(1, Ordering::SeqCst);
        })
    });
    let lists: Vec<_> = lists.collect();
    while done.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let item = primary("dial");
    client.put_item().table_name(TABLE).set_item(Some(item)).send().await.expect("a dial");
    let before = done.load(Ordering::SeqCst);
    assert!(before < LISTS / 2, "{before} lists went first");
    for list in lists {
        list.await.expect("a list");
    }
}
