//! The meter against figures worked out by hand from DynamoDB's rules: a write unit for each started KB of an
//! item and of its index entry, a read unit for each started 4 KB read strongly, half of it otherwise.

use super::*;
use crate::table::{MeterSnapshot, Usage};

fn usage(requests: u64, read_units: f64, write_units: f64) -> Usage {
    Usage { requests, read_units, write_units }
}

#[tokio::test]
async fn a_write_is_billed_for_the_table_and_for_its_index() {
    let (table, client) = calls().await;
    put(&client, primary("plain")).await;
    assert_eq!(table.meter().snapshot().of("PutItem"), usage(1, 0.0, 1.0));
    put(&client, due("indexed")).await;
    assert_eq!(table.meter().snapshot().of("PutItem"), usage(2, 0.0, 1.0 + 2.0));

    let mut large = due("large");
    large.insert("note".to_owned(), s(&"x".repeat(1500)));
    put(&client, large).await;
    assert_eq!(
        table.meter().snapshot().of("PutItem"),
        usage(3, 0.0, 3.0 + 3.0),
        "2 KB, and an entry of keys only"
    );
}

#[tokio::test]
async fn moving_an_index_key_is_billed_as_two_writes_of_the_index() {
    let (table, client) = calls().await;
    put(&client, due("a")).await;
    table.meter().reset();
    let request = client
        .update_item()
        .table_name(TABLE)
        .set_key(Some(primary("a")))
        .update_expression("SET gsi1sk = :later")
        .expression_attribute_values(":later", s("b"));
    request.send().await.expect("the item moves");
    assert_eq!(table.meter().snapshot().of("UpdateItem"), usage(1, 0.0, 3.0));
}

#[tokio::test]
async fn a_transaction_bills_the_table_twice_and_its_index_once() {
    let (table, client) = calls().await;
    let writes = vec![first_put(primary("plain")), first_put(due("indexed"))];
    client.transact_write_items().set_transact_items(Some(writes)).send().await.expect("a transaction");
    assert_eq!(table.meter().snapshot().of("TransactWriteItems"), usage(1, 0.0, 2.0 + 2.0 + 1.0));
}

#[tokio::test]
async fn inserted_rows_are_one_request_and_a_duplicate_costs_its_attempt() {
    let (table, client) = calls().await;
    put(&client, due("row-07")).await;
    table.meter().reset();
    let rows: Vec<_> = (0..25).map(|row| insert(&format!("row-{row:02}"))).collect();
    client.batch_execute_statement().set_statements(Some(rows)).send().await.expect("a batch");
    assert_eq!(table.meter().snapshot().of("BatchExecuteStatement"), usage(1, 0.0, 24.0 * 2.0 + 1.0));
}

#[tokio::test]
async fn reads_are_billed_by_their_consistency() {
    let (table, client) = calls().await;
    put(&client, due("a")).await;
    table.meter().reset();
    stored(&client, "a").await;
    due_keys(&client).await;
    let statement = format!(r#"SELECT * FROM "{TABLE}" WHERE pk = 'w1' AND sk = 'a'"#);
    client.execute_statement().statement(statement).send().await.expect("an answer");
    let figures = table.meter().snapshot();
    assert_eq!(figures.of("GetItem"), usage(1, 1.0, 0.0));
    assert_eq!(figures.of("Query"), usage(1, 0.5, 0.0));
    assert_eq!(figures.of("ExecuteStatement"), usage(1, 0.5, 0.0));
    assert_eq!(figures.total(), usage(3, 2.0, 0.0));
}

#[tokio::test]
async fn the_capacity_shows_only_when_it_was_asked_for() {
    let (_, client) = calls().await;
    let request = client.put_item().table_name(TABLE).set_item(Some(due("a")));
    assert_eq!(request.clone().send().await.expect("the item is put").consumed_capacity, None);
    let asked = request.return_consumed_capacity(aws_sdk_dynamodb::types::ReturnConsumedCapacity::Indexes);
    let capacity = asked.send().await.expect("the item is put").consumed_capacity.expect("capacity");
    assert_eq!(capacity.table.and_then(|arm| arm.capacity_units), Some(1.0));
}

#[tokio::test]
async fn a_meter_starts_again_and_counts_refused_requests() {
    let (table, client) = calls().await;
    put(&client, due("a")).await;
    let meter = table.meter();
    meter.reset();
    assert_eq!(meter.snapshot(), MeterSnapshot::default());
    let writes = vec![first_put(due("a"))];
    client.transact_write_items().set_transact_items(Some(writes)).send().await.expect_err("it exists");
    assert_eq!(meter.snapshot().of("TransactWriteItems"), usage(1, 0.0, 0.0));
}
