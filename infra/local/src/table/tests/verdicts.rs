//! What an interceptor's verdicts look like to the client, and what they leave in the table.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{BatchStatementErrorCodeEnum, PutRequest, WriteRequest};

use super::*;
use crate::table::{Interceptor, LAG_WRITES, TableCall, Verdict};

/// Gives out its verdicts in order, then lets everything pass.
#[derive(Debug)]
struct Script {
    verdicts: Mutex<VecDeque<Verdict>>,
    seen: Mutex<Vec<(String, String)>>,
}

impl Interceptor for Script {
    fn before(&self, call: &TableCall<'_>) -> Verdict {
        let table = call.request["TableName"].as_str().unwrap_or_default();
        self.seen.lock().expect("a list").push((call.operation.to_owned(), table.to_owned()));
        self.verdicts.lock().expect("a script").pop_front().unwrap_or(Verdict::Pass)
    }
}

/// A table with a quiet client and one that meets these verdicts.
async fn under(verdicts: &[Verdict]) -> (Client, Client) {
    let (table, quiet) = calls().await;
    (quiet, table.client_with(script(verdicts)))
}

fn script(verdicts: &[Verdict]) -> Arc<Script> {
    Arc::new(Script { verdicts: Mutex::new(verdicts.iter().copied().collect()), seen: Mutex::default() })
}

#[tokio::test]
async fn an_interceptor_sees_each_request_and_its_json() {
    let (table, _) = calls().await;
    let script = script(&[]);
    let client = table.client_with(script.clone());
    put(&client, due("a")).await;
    due_keys(&client).await;
    let seen = script.seen.lock().expect("a list");
    assert_eq!(*seen, [("PutItem", TABLE), ("Query", TABLE)].map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[tokio::test]
async fn a_throttled_request_is_not_run() {
    let (quiet, client) = under(&[Verdict::Throttle, Verdict::Throttle]).await;
    let error = client.put_item().table_name(TABLE).set_item(Some(due("a"))).send().await;
    let error = error.expect_err("throttled").into_service_error();
    assert!(error.is_provisioned_throughput_exceeded_exception(), "{error:?}");

    let error = client.batch_execute_statement().statements(insert("a")).send().await;
    let error = error.expect_err("throttled").into_service_error();
    assert!(error.is_throttling_exception(), "{error:?}");
    assert_eq!(stored(&quiet, "a").await, None);
}

#[tokio::test]
async fn a_conflicting_transaction_is_cancelled() {
    let (quiet, client) = under(&[Verdict::Conflict]).await;
    let writes = ["a", "b"].map(|sk| first_put(due(sk)));
    let error = client.transact_write_items().set_transact_items(Some(writes.to_vec())).send().await;
    let error = error.expect_err("a conflict").into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        panic!("unexpected error {error:?}");
    };
    let codes: Vec<_> =
        cancelled.cancellation_reasons().iter().map(|reason| reason.code.as_deref()).collect();
    assert_eq!(codes, [Some("None"), Some("TransactionConflict")]);
    assert_eq!(stored(&quiet, "a").await, None);
}

#[tokio::test]
async fn a_conflicting_single_write_is_refused() {
    let (quiet, client) = under(&[Verdict::Conflict, Verdict::Conflict]).await;
    let error = client.put_item().table_name(TABLE).set_item(Some(due("a"))).send().await;
    let error = error.expect_err("a conflict").into_service_error();
    assert!(error.is_transaction_conflict_exception(), "{error:?}");

    let error = client.delete_item().table_name(TABLE).set_key(Some(primary("a"))).send().await;
    let error = error.expect_err("a conflict").into_service_error();
    assert_eq!(error.code(), Some("TransactionConflictException"));
    assert_eq!(stored(&quiet, "a").await, None);
}

#[tokio::test]
async fn conflicting_batches_report_each_item() {
    let (quiet, client) = under(&[Verdict::Conflict, Verdict::Conflict]).await;
    let answers =
        client.batch_execute_statement().statements(insert("a")).statements(insert("b")).send().await;
    for answer in answers.expect("a batch").responses() {
        let code = answer.error.as_ref().and_then(|error| error.code.clone());
        assert_eq!(code, Some(BatchStatementErrorCodeEnum::TransactionConflict));
    }

    let write = PutRequest::builder().set_item(Some(due("a"))).build().expect("the put is complete");
    let write = WriteRequest::builder().put_request(write).build();
    let batch =
        client.batch_write_item().request_items(TABLE, vec![write.clone()]).send().await.expect("a batch");
    assert_eq!(batch.unprocessed_items.expect("the item")[TABLE], [write]);
    assert!(due_keys(&quiet).await.is_empty());
}

#[tokio::test]
async fn a_read_never_conflicts() {
    let (_, client) = under(&[Verdict::Conflict]).await;
    assert_eq!(stored(&client, "a").await, None);
}

#[tokio::test]
async fn a_lost_reply_leaves_the_write_behind() {
    let (quiet, client) = under(&[Verdict::LoseReply]).await;
    let error = client.put_item().table_name(TABLE).set_item(Some(due("a"))).send().await;
    let SdkError::DispatchFailure(failure) = error.expect_err("no reply") else {
        panic!("not the connection")
    };
    assert!(failure.is_timeout());
    assert_eq!(stored(&quiet, "a").await, Some(due("a")));
}

#[tokio::test]
async fn the_first_stale_answer_is_fresh_and_the_next_ones_lag() {
    let (quiet, client) = under(&[Verdict::StaleIndex; 3]).await;
    put(&quiet, due("a")).await;
    assert_eq!(due_keys(&client).await, ["a"], "there was no copy yet");

    put(&quiet, due("b")).await;
    quiet.delete_item().table_name(TABLE).set_key(Some(primary("a"))).send().await.expect("it is deleted");
    assert_eq!(due_keys(&client).await, ["a"], "the index has not heard of it");
    assert_eq!(due_keys(&quiet).await, ["b"]);
    assert!(stored(&client, "b").await.is_some(), "the table itself never lags");
}

#[tokio::test]
async fn a_stale_index_follows_after_some_writes() {
    let (quiet, client) = under(&[Verdict::StaleIndex; 2]).await;
    due_keys(&client).await;
    for write in 0..=LAG_WRITES {
        put(&quiet, due(&format!("{write:03}"))).await;
    }
    assert_eq!(due_keys(&client).await, ["000"], "all but the last writes");
}

#[tokio::test]
async fn a_stale_index_follows_all_kinds_of_writes_as_they_came_out() {
    let (quiet, client) = under(&[Verdict::StaleIndex; 2]).await;
    put(&quiet, due("before")).await;
    due_keys(&client).await;

    let batch = quiet.batch_execute_statement().statements(insert("before")).statements(insert("inserted"));
    batch.send().await.expect("a batch with a duplicate");
    let both = [first_put(due("moved")), first_put(due("kept"))].to_vec();
    quiet.transact_write_items().set_transact_items(Some(both.clone())).send().await.expect("a transaction");
    quiet.transact_write_items().set_transact_items(Some(both)).send().await.expect_err("they exist now");
    quiet
        .update_item()
        .table_name(TABLE)
        .set_key(Some(primary("moved")))
        .update_expression("REMOVE gsi1pk")
        .send()
        .await
        .expect("it leaves the index");
    for write in 0..LAG_WRITES {
        put(&quiet, primary(&format!("filler-{write}"))).await;
    }
    assert_eq!(due_keys(&client).await, ["before", "inserted", "kept"]);
    assert_eq!(due_keys(&quiet).await, ["before", "inserted", "kept"]);
}

#[tokio::test]
async fn a_table_younger_than_the_copy_has_a_stale_index_at_once() {
    let table = EmbeddedTable::in_memory().expect("an empty table opens");
    let client = table.client_with(script(&[Verdict::StaleIndex]));
    let query =
        client.query().table_name(TABLE).index_name(INDEX).key_condition_expression("gsi1pk = :partition");
    let query = query.expression_attribute_values(":partition", s("due"));
    query.send().await.expect_err("no table yet, but a copy from now on");

    create(&table.client()).await;
    assert!(due_keys(&table.client_with(script(&[Verdict::StaleIndex]))).await.is_empty());
}
