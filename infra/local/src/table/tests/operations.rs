//! Each operation there and back, and the errors as the client reads them.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    BatchStatementErrorCodeEnum, Get, KeysAndAttributes, PutRequest, ReturnValue,
    ReturnValuesOnConditionCheckFailure, TableStatus, TimeToLiveSpecification, TransactGetItem, WriteRequest,
};

use super::*;

#[tokio::test]
async fn the_table_is_described_with_its_index() {
    let (_, client) = calls().await;
    let described = client.describe_table().table_name(TABLE).send().await.expect("the table is described");
    let described = described.table.expect("a description");
    assert_eq!(described.table_status, Some(TableStatus::Active));
    let indexes = described.global_secondary_indexes.expect("an index");
    assert_eq!(indexes[0].index_name.as_deref(), Some(INDEX));
}

#[tokio::test]
async fn an_item_is_put_read_updated_and_deleted() {
    let (_, client) = calls().await;
    put(&client, due("a")).await;
    assert_eq!(stored(&client, "a").await, Some(due("a")));

    let updated = client
        .update_item()
        .table_name(TABLE)
        .set_key(Some(primary("a")))
        .update_expression("SET attempts = if_not_exists(attempts, :none) + :one REMOVE gsi1pk")
        .expression_attribute_values(":none", AttributeValue::N("0".to_owned()))
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
        .return_values(ReturnValue::AllNew)
        .send()
        .await
        .expect("the item is updated");
    let attributes = updated.attributes.expect("the new item");
    assert_eq!(attributes["attempts"], AttributeValue::N("1".to_owned()));
    assert!(due_keys(&client).await.is_empty(), "an item without its index key leaves the index");

    client.delete_item().table_name(TABLE).set_key(Some(primary("a"))).send().await.expect("it is deleted");
    assert_eq!(stored(&client, "a").await, None);
}

#[tokio::test]
async fn binary_values_come_back_byte_for_byte() {
    let (_, client) = calls().await;
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    let mut item = primary("a");
    item.insert("transcript".to_owned(), AttributeValue::B(bytes.into()));
    put(&client, item.clone()).await;
    assert_eq!(stored(&client, "a").await, Some(item));
}

#[tokio::test]
async fn a_query_pages_and_a_scan_sees_all() {
    let (_, client) = calls().await;
    for sk in ["a", "b", "c"] {
        put(&client, due(sk)).await;
    }
    let query = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk AND sk > :after")
        .expression_attribute_values(":pk", s("w1"))
        .expression_attribute_values(":after", s("a"))
        .limit(1);
    let first = query.clone().send().await.expect("a page");
    assert_eq!(first.items, Some(vec![due("b")]));
    let next = query.set_exclusive_start_key(first.last_evaluated_key).send().await.expect("a page");
    assert_eq!(next.items, Some(vec![due("c")]));

    assert_eq!(due_keys(&client).await, ["a", "b", "c"]);
    let scan = client.scan().table_name(TABLE).send().await.expect("a scan");
    assert_eq!(scan.count, 3);
}

#[tokio::test]
async fn batches_write_and_read_many_items() {
    let (_, client) = calls().await;
    let writes = ["a", "b"].map(|sk| {
        let put = PutRequest::builder().set_item(Some(due(sk))).build().expect("the put is complete");
        WriteRequest::builder().put_request(put).build()
    });
    let written =
        client.batch_write_item().request_items(TABLE, writes.to_vec()).send().await.expect("a batch");
    assert!(written.unprocessed_items.unwrap_or_default().is_empty());

    let keys = ["a", "b", "missing"].map(primary).to_vec();
    let keys = KeysAndAttributes::builder().set_keys(Some(keys)).build().expect("the keys are complete");
    let read = client.batch_get_item().request_items(TABLE, keys).send().await.expect("a batch");
    assert_eq!(read.responses.expect("answers")[TABLE].len(), 2);
}

#[tokio::test]
async fn a_failed_condition_returns_the_item_that_stands() {
    let (_, client) = calls().await;
    put(&client, due("a")).await;
    let error = client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(primary("a")))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .expect_err("the item exists")
        .into_service_error();
    let PutItemError::ConditionalCheckFailedException(error) = error else {
        panic!("unexpected error {error:?}");
    };
    assert_eq!(error.item, Some(due("a")));
    assert_eq!(stored(&client, "a").await, Some(due("a")));
}

#[tokio::test]
async fn a_cancelled_transaction_gives_a_reason_for_each_item() {
    let (_, client) = calls().await;
    put(&client, due("b")).await;
    let refused = Put::builder()
        .table_name(TABLE)
        .set_item(Some(primary("b")))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .expect("the put is complete");
    let error = client
        .transact_write_items()
        .transact_items(first_put(due("a")))
        .transact_items(TransactWriteItem::builder().put(refused).build())
        .send()
        .await
        .expect_err("one item exists")
        .into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        panic!("unexpected error {error:?}");
    };
    let reasons = cancelled.cancellation_reasons();
    let codes: Vec<_> = reasons.iter().map(|reason| reason.code.as_deref()).collect();
    assert_eq!(codes, [Some("None"), Some("ConditionalCheckFailed")]);
    assert_eq!(reasons[1].item, Some(due("b")));
    assert_eq!(stored(&client, "a").await, None, "all or nothing");
}

#[tokio::test]
async fn a_transaction_writes_all_its_items_and_reads_them_together() {
    let (_, client) = calls().await;
    let writes = ["a", "b"].map(|sk| first_put(due(sk)));
    client
        .transact_write_items()
        .set_transact_items(Some(writes.to_vec()))
        .send()
        .await
        .expect("a transaction");

    let reads = ["a", "b"].map(|sk| {
        let get =
            Get::builder().table_name(TABLE).set_key(Some(primary(sk))).build().expect("the get is complete");
        TransactGetItem::builder().get(get).build()
    });
    let read =
        client.transact_get_items().set_transact_items(Some(reads.to_vec())).send().await.expect("a reading");
    let items: Vec<_> = read.responses.expect("answers").into_iter().map(|answer| answer.item).collect();
    assert_eq!(items, [Some(due("a")), Some(due("b"))]);
}

#[tokio::test]
async fn a_token_of_the_caller_makes_a_transaction_happen_once() {
    let (_, client) = calls().await;
    let once = client.transact_write_items().transact_items(first_put(due("a")));
    once.clone().client_request_token("t1").send().await.expect("the first time");
    once.clone().client_request_token("t1").send().await.expect("the same again");
    once.send().await.expect_err("without the token it is another transaction");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_count_at_once_lose_no_count() {
    const CLIENTS: usize = 8;
    const COUNTS: usize = 25;
    let (table, client) = calls().await;
    let counting = (0..CLIENTS).map(|_| {
        let count = table
            .client()
            .update_item()
            .table_name(TABLE)
            .set_key(Some(primary("counter")))
            .update_expression("ADD calls :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        tokio::spawn(async move {
            for _ in 0..COUNTS {
                count.clone().send().await.expect("it counts");
            }
        })
    });
    for client in counting.collect::<Vec<_>>() {
        client.await.expect("a client");
    }
    let counter = stored(&client, "counter").await.expect("the counter");
    assert_eq!(counter["calls"], AttributeValue::N((CLIENTS * COUNTS).to_string()));
}

#[tokio::test]
async fn of_25_inserts_only_the_duplicate_fails() {
    let (_, client) = calls().await;
    put(&client, due("row-07")).await;
    let rows: Vec<_> = (0..25).map(|row| insert(&format!("row-{row:02}"))).collect();
    let answers = client.batch_execute_statement().set_statements(Some(rows)).send().await.expect("a batch");
    let failed: Vec<_> = answers
        .responses()
        .iter()
        .enumerate()
        .filter_map(|(row, answer)| answer.error.as_ref().map(|error| (row, error.code.clone())))
        .collect();
    assert_eq!(failed, [(7, Some(BatchStatementErrorCodeEnum::DuplicateItem))]);
    assert_eq!(due_keys(&client).await.len(), 25);
}

#[tokio::test]
async fn a_statement_selects_by_its_key() {
    let (_, client) = calls().await;
    put(&client, due("a")).await;
    let statement = format!(r#"SELECT * FROM "{TABLE}" WHERE pk = ? AND sk = ?"#);
    let request = client.execute_statement().statement(statement).parameters(s("w1")).parameters(s("a"));
    assert_eq!(request.send().await.expect("an answer").items, Some(vec![due("a")]));
}

#[tokio::test]
async fn expired_items_stay_until_they_are_swept() {
    let (table, client) = calls().await;
    let expiry = TimeToLiveSpecification::builder().attribute_name("expires").enabled(true);
    let expiry = expiry.build().expect("the expiry is complete");
    let request = client.update_time_to_live().table_name(TABLE).time_to_live_specification(expiry);
    request.send().await.expect("items expire");
    let mut item = due("a");
    item.insert("expires".to_owned(), AttributeValue::N("1".to_owned()));
    put(&client, item).await;
    put(&client, due("b")).await;
    assert!(stored(&client, "a").await.is_some());

    assert_eq!(table.sweep_expired().expect("a sweep"), 1);
    assert_eq!(due_keys(&client).await, ["b"]);
}

#[tokio::test]
async fn an_invalid_request_says_what_dynamodb_says() {
    let (_, client) = calls().await;
    let error = client.put_item().table_name("no such name!").set_item(Some(due("a"))).send().await;
    let error = error.expect_err("no table has this name").into_service_error();
    assert_eq!(error.code(), Some("ValidationException"));
    let message = error.message().expect("a message");
    assert!(message.starts_with("1 validation error detected: Value 'no such name!'"), "{message}");

    let error = client.get_item().table_name("missing").set_key(Some(primary("a"))).send().await;
    let error = error.expect_err("no such table").into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
}

#[tokio::test]
async fn an_operation_that_is_not_served_says_so() {
    let (_, client) = calls().await;
    let error =
        client.delete_table().table_name(TABLE).send().await.expect_err("not served").into_service_error();
    assert_eq!(error.code(), Some("UnknownOperationException"));
    assert_eq!(error.message(), Some("the embedded table does not serve DeleteTable"));
}

#[tokio::test]
async fn a_transaction_that_names_a_key_twice_is_refused() {
    let (_, client) = calls().await;
    let writes = vec![first_put(due("a")), first_put(due("b")), first_put(due("a"))];
    let error = client.transact_write_items().set_transact_items(Some(writes)).send().await;
    let error = error.expect_err("a key twice").into_service_error();
    assert_eq!(error.code(), Some("ValidationException"), "{error:?}");
    assert_eq!(stored(&client, "b").await, None);
}
