//! The weather between a client and its table: what an interceptor may do to a request.

use std::fmt::Debug;

use serde_json::{Value, json};

use super::dispatch::{Answer, Operation, statement_kind};
use super::meter::{Kind, Units};

/// Status of every refusal DynamoDB gives a caller.
const REFUSED: u16 = 400;

/// Decides what happens to each request of a client.
pub trait Interceptor: Send + Sync + Debug {
    /// Called once for each request the table serves, in the order in which they are sent. Must not block.
    fn before(&self, call: &TableCall<'_>) -> Verdict;
}

/// One request on its way to the table.
#[derive(Clone, Copy, Debug)]
pub struct TableCall<'a> {
    /// The name of the operation, such as `TransactWriteItems`.
    pub operation: &'a str,
    /// The request as DynamoDB's JSON.
    pub request: &'a Value,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// Not run. `ProvisionedThroughputExceededException` where DynamoDB has it for the operation, else
    /// `ThrottlingException` (PartiQL batches, operations on tables).
    Throttle,
    /// Not run, as if another transaction held one of its items. A transaction is cancelled with the reason
    /// `TransactionConflict` for its last item; a single write gets `TransactionConflictException`; in a batch
    /// of statements each fails with `TransactionConflict`; a `BatchWriteItem` has all its items unprocessed.
    /// Requests that cannot conflict (plain reads, operations on tables) pass.
    Conflict,
    /// Run, but the caller sees a time-out of the connection (`SdkError::DispatchFailure`).
    LoseReply,
}

/// The answer to a request that is refused without being run, or none when it is to run.
pub(super) fn refusal(verdict: Verdict, operation: Operation, request: &Value) -> Option<Answer> {
    match verdict {
        Verdict::Throttle => Some(throttled(operation)),
        Verdict::Conflict => conflict(operation, request),
        Verdict::Pass | Verdict::LoseReply => None,
    }
}

/// The answer to an operation the table does not serve.
pub(super) fn unknown(operation: &str) -> Answer {
    let message = format!("the embedded table does not serve {operation}");
    refused("com.amazon.coral.service#UnknownOperationException", &message, json!({}))
}

fn throttled(operation: Operation) -> Answer {
    let message = "The level of configured provisioned throughput for the table was exceeded";
    match operation {
        Operation::CreateTable
        | Operation::DescribeTable
        | Operation::UpdateTimeToLive
        | Operation::BatchExecuteStatement => {
            refused("com.amazonaws.dynamodb.v20120810#ThrottlingException", message, json!({}))
        }
        _ => refused(
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            message,
            json!({}),
        ),
    }
}

fn conflict(operation: Operation, request: &Value) -> Option<Answer> {
    match operation {
        Operation::TransactWriteItems | Operation::TransactGetItems => {
            Some(cancelled(members(request, "TransactItems")))
        }
        Operation::PutItem | Operation::UpdateItem | Operation::DeleteItem => Some(conflicting_write()),
        Operation::ExecuteStatement => writes(request).then(conflicting_write),
        Operation::BatchExecuteStatement => {
            let statements = request["Statements"].as_array()?;
            let failed = json!({"Error": {"Code": CONFLICT, "Message": CONFLICT_MESSAGE}});
            statements
                .iter()
                .any(writes)
                .then(|| Answer::of(&json!({"Responses": vec![failed; statements.len()]})))
        }
        Operation::BatchWriteItem => Some(Answer::of(&json!({"UnprocessedItems": request["RequestItems"]}))),
        _ => None,
    }
}

const CONFLICT: &str = "TransactionConflict";
const CONFLICT_MESSAGE: &str = "Transaction is ongoing for the item";

fn cancelled(items: usize) -> Answer {
    let mut reasons = vec![json!({"Code": "None"}); items];
    if let Some(last) = reasons.last_mut() {
        *last = json!({"Code": CONFLICT, "Message": CONFLICT_MESSAGE});
    }
    let codes: Vec<_> = reasons.iter().filter_map(|reason| reason["Code"].as_str()).collect();
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    refused(
        "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        &message,
        json!({"CancellationReasons": reasons}),
    )
}

fn conflicting_write() -> Answer {
    refused("com.amazonaws.dynamodb.v20120810#TransactionConflictException", CONFLICT_MESSAGE, json!({}))
}

fn writes(statement: &Value) -> bool {
    statement_kind(statement["Statement"].as_str().unwrap_or_default()) == Kind::Write
}

fn members(request: &Value, list: &str) -> usize {
    request[list].as_array().map_or(0, Vec::len)
}

fn refused(error_type: &str, message: &str, mut body: Value) -> Answer {
    body["__type"] = error_type.into();
    body["message"] = message.into();
    Answer { status: REFUSED, body: body.to_string().into_bytes(), units: Units::default() }
}
