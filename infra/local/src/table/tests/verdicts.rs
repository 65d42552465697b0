//! What an interceptor's verdicts look like to the client, and what they leave in the table.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{BatchStatementErrorCodeEnum, PutRequest, WriteRequest};

use super::*;
use crate::table::{Interceptor, TableCall, Verdict};

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
