//! The table that the local system makes for itself.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeySchemaElement};
use carillon_adapters::clock::Clock;
use carillon_local::table::EmbeddedTable;
use carillon_store::create_table;
use serde_json::{Value, json};

use crate::template::document::Template;

const TABLE: &str = "carillon";
/// How long ago the item expired, in milliseconds.
const EXPIRED_MS: i64 = 3_600_000;

/// A table of its own, and a client to it.
async fn local_table() -> (EmbeddedTable, Client) {
    let table = EmbeddedTable::in_memory().expect("a table");
    let client = table.client();
    create_table(&client, TABLE).await.expect("it is made");
    (table, client)
}

/// Keys as the template writes them.
fn keys(schema: &[KeySchemaElement]) -> Value {
    let key = |key: &KeySchemaElement| json!({ "AttributeName": key.attribute_name(), "KeyType": key.key_type().as_str() });
    schema.iter().map(key).collect()
}

#[tokio::test]
async fn the_local_system_makes_the_table_of_the_template() {
    let table = Template::read().properties("Table");
    let (_embedded, client) = local_table().await;
    let described = client.describe_table().table_name(TABLE).send().await.expect("it is there");
    let local = described.table.expect("a description");
    assert_eq!(keys(local.key_schema()), table["KeySchema"]);
    let indexes: Value = local
        .global_secondary_indexes()
        .iter()
        .map(|index| {
            let projection = index.projection().and_then(|projection| projection.projection_type());
            json!({
                "IndexName": index.index_name(),
                "KeySchema": keys(index.key_schema()),
                "Projection": { "ProjectionType": projection.map(|kind| kind.as_str()) },
            })
        })
        .collect();
    assert_eq!(indexes, table["GlobalSecondaryIndexes"]);
}

#[tokio::test]
async fn items_expire_locally_by_the_attribute_of_the_template() {
    let template = Template::read();
    let attribute = template.at("Resources/Table/Properties/TimeToLiveSpecification/AttributeName");
    let (embedded, client) = local_table().await;
    let expired = Clock::System.now().plus_ms(-EXPIRED_MS).as_secs();
    let put = client
        .put_item()
        .table_name(TABLE)
        .item("pk", AttributeValue::S("old".into()))
        .item("sk", AttributeValue::S("item".into()))
        .item(attribute.as_str().expect("a name"), AttributeValue::N(expired.to_string()));
    put.send().await.expect("an item");
    assert_eq!(embedded.sweep_expired().expect("a sweep"), 1);
}
