//! One DynamoDB request as JSON, run on the engine, and its answer as JSON.

use dynoxide::actions::{
    batch_execute_statement::BatchExecuteStatementRequest, batch_get_item::BatchGetItemRequest,
    batch_write_item::BatchWriteItemRequest, delete_item::DeleteItemRequest,
    execute_statement::ExecuteStatementRequest, get_item::GetItemRequest, put_item::PutItemRequest,
    query::QueryRequest, scan::ScanRequest, transact_get_items::TransactGetItemsRequest,
    transact_write_items::TransactWriteItemsRequest, update_item::UpdateItemRequest,
};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::meter::{Kind, Units};

/// The token the client gives a transaction whose caller gave none. The engine searches all tokens of the last
/// ten minutes on each transaction that bears one; nothing repeats a request here, so the token is left out.
pub(super) const NO_TOKEN: &str = "none";

const OK: u16 = 200;
const STATEMENT_READS: &str = "SELECT";

/// The operations the table serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    CreateTable,
    DescribeTable,
    UpdateTimeToLive,
    PutItem,
    GetItem,
    DeleteItem,
    UpdateItem,
    Query,
    Scan,
    BatchGetItem,
    BatchWriteItem,
    TransactWriteItems,
    TransactGetItems,
    ExecuteStatement,
    BatchExecuteStatement,
}

impl Operation {
    const ALL: [Self; 15] = [
        Self::CreateTable,
        Self::DescribeTable,
        Self::UpdateTimeToLive,
        Self::PutItem,
        Self::GetItem,
        Self::DeleteItem,
        Self::UpdateItem,
        Self::Query,
        Self::Scan,
        Self::BatchGetItem,
        Self::BatchWriteItem,
        Self::TransactWriteItems,
        Self::TransactGetItems,
        Self::ExecuteStatement,
        Self::BatchExecuteStatement,
    ];

    /// The operation of this name, or none when the table does not serve it.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::CreateTable => "CreateTable",
            Self::DescribeTable => "DescribeTable",
            Self::UpdateTimeToLive => "UpdateTimeToLive",
            Self::PutItem => "PutItem",
            Self::GetItem => "GetItem",
            Self::DeleteItem => "DeleteItem",
            Self::UpdateItem => "UpdateItem",
            Self::Query => "Query",
            Self::Scan => "Scan",
            Self::BatchGetItem => "BatchGetItem",
            Self::BatchWriteItem => "BatchWriteItem",
            Self::TransactWriteItems => "TransactWriteItems",
            Self::TransactGetItems => "TransactGetItems",
            Self::ExecuteStatement => "ExecuteStatement",
            Self::BatchExecuteStatement => "BatchExecuteStatement",
        }
    }
}

/// An answer as it goes on the wire, with the capacity it consumed.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) units: Units,
}

impl Answer {
    /// A successful answer that consumed nothing.
    pub(super) fn of(value: &serde_json::Value) -> Self {
        Self { status: OK, body: value.to_string().into_bytes(), units: Units::default() }
    }
}

impl From<DynoxideError> for Answer {
    fn from(error: DynoxideError) -> Self {
        Self { status: error.status_code(), body: error.to_json().into_bytes(), units: Units::default() }
    }
}

/// Runs one request. Blocks: the engine is synchronous and lets one request in at a time.
pub(super) fn run(db: &Database, operation: Operation, body: &[u8]) -> Answer {
    serve(db, operation, body).unwrap_or_else(Answer::from)
}

/// Serves one kind of item request: reads it, asks for its capacity, runs it, and leaves the capacity out of
/// the reply unless the caller wanted it.
macro_rules! metered {
    ($db:ident . $call:ident ( $body:ident as $request_type:ty ), $request:ident => $kind:expr) => {{
        let mut $request: $request_type = read($body)?;
        let kind = $kind;
        let wanted = matches!($request.return_consumed_capacity.as_deref(), Some("TOTAL" | "INDEXES"));
        if !wanted {
            $request.return_consumed_capacity = Some("TOTAL".to_owned());
        }
        let mut response = $db.$call($request)?;
        let units = Units::of(&response.consumed_capacity, kind);
        if !wanted {
            response.consumed_capacity = None;
        }
        reply(&response, units)
    }};
}

fn serve(db: &Database, operation: Operation, body: &[u8]) -> Result<Answer, DynoxideError> {
    use Kind::{Read, Write};
    match operation {
        Operation::CreateTable => reply(&db.create_table(read(body)?)?, Units::default()),
        Operation::DescribeTable => reply(&db.describe_table(read(body)?)?, Units::default()),
        Operation::UpdateTimeToLive => reply(&db.update_time_to_live(read(body)?)?, Units::default()),
        Operation::PutItem => metered!(db.put_item(body as PutItemRequest), request => Write),
        Operation::GetItem => metered!(db.get_item(body as GetItemRequest), request => Read),
        Operation::DeleteItem => metered!(db.delete_item(body as DeleteItemRequest), request => Write),
        Operation::UpdateItem => metered!(db.update_item(body as UpdateItemRequest), request => Write),
        Operation::Query => metered!(db.query(body as QueryRequest), request => Read),
        Operation::Scan => metered!(db.scan(body as ScanRequest), request => Read),
        Operation::BatchGetItem => metered!(db.batch_get_item(body as BatchGetItemRequest), request => Read),
        Operation::BatchWriteItem => {
            metered!(db.batch_write_item(body as BatchWriteItemRequest), request => Write)
        }
        Operation::TransactWriteItems => {
            metered!(db.transact_write_items(body as TransactWriteItemsRequest), request => {
                request.client_request_token.take_if(|token| token == NO_TOKEN);
                Write
            })
        }
        Operation::TransactGetItems => {
            metered!(db.transact_get_items(body as TransactGetItemsRequest), request => Read)
        }
        Operation::ExecuteStatement => metered!(
            db.execute_statement(body as ExecuteStatementRequest),
            request => statement_kind(&request.statement)
        ),
        Operation::BatchExecuteStatement => metered!(
            db.batch_execute_statement(body as BatchExecuteStatementRequest),
            // A batch either reads or writes: DynamoDB refuses one that mixes them.
            request => request.statements.first().map_or(Write, |first| statement_kind(&first.statement))
        ),
    }
}

/// Whether a PartiQL statement reads or writes.
pub(super) fn statement_kind(statement: &str) -> Kind {
    let verb = statement.split_whitespace().next().unwrap_or_default();
    if verb.eq_ignore_ascii_case(STATEMENT_READS) { Kind::Read } else { Kind::Write }
}

fn reply(response: &impl Serialize, units: Units) -> Result<Answer, DynoxideError> {
    let body = serde_json::to_vec(response)
        .map_err(|error| DynoxideError::InternalServerError(format!("unreadable answer: {error}")))?;
    Ok(Answer { status: OK, body, units })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| refusal(&error.to_string()))
}

/// Turns the message of a request that could not be read into the error DynamoDB gives. The engine marks
/// the class of error with a prefix, which its own HTTP server takes off, and serde adds the position.
fn refusal(message: &str) -> DynoxideError {
    const VALIDATION_MARKERS: [&str; 3] = ["VALIDATION:", "VALIDATION_REQUEST:", "VALIDATION_AS_READ:"];
    const SERIALIZATION_MARKERS: [&str; 2] = ["SERIALIZATION:", "SERIALIZATION_AS_READ:"];

    let message = message.rsplit_once(" at line ").map_or(message, |(text, _position)| text);
    let without = |markers: &[&str]| markers.iter().find_map(|marker| message.strip_prefix(marker));
    if let Some(text) = without(&SERIALIZATION_MARKERS) {
        return DynoxideError::SerializationException(text.to_owned());
    }
    DynoxideError::ValidationException(without(&VALIDATION_MARKERS).unwrap_or(message).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_name() {
        for operation in Operation::ALL {
            assert_eq!(Operation::named(operation.name()), Some(operation));
        }
        assert_eq!(Operation::named("DeleteTable"), None);
    }

    #[test]
    fn a_refusal_carries_neither_marker_nor_position() {
        let error = refusal("VALIDATION:Item is missing at line 1 column 20");
        assert!(matches!(error, DynoxideError::ValidationException(text) if text == "Item is missing"));
        let error = refusal("SERIALIZATION:not a string");
        assert!(matches!(error, DynoxideError::SerializationException(text) if text == "not a string"));
        let error = refusal("missing field `TableName` at line 1 column 2");
        assert!(
            matches!(error, DynoxideError::ValidationException(text) if text == "missing field `TableName`")
        );
    }

    #[test]
    fn only_a_select_reads() {
        assert_eq!(statement_kind(" select * from t"), Kind::Read);
        assert_eq!(statement_kind("INSERT INTO t VALUE {}"), Kind::Write);
        assert_eq!(statement_kind(""), Kind::Write);
    }
}
