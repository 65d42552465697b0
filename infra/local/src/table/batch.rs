//! A batch of statements that write, in one transaction of the engine. By itself the engine makes one for each, and
//! each of these waits for its file.

use std::collections::HashMap;

use dynoxide::actions::batch_execute_statement::{
    BatchExecuteStatementRequest, BatchExecuteStatementResponse, BatchStatementRequest,
    BatchStatementResponse,
};
use dynoxide::actions::execute_transaction::{ExecuteTransactionRequest, ParameterizedStatement};
use dynoxide::types::ConsumedCapacity;
use dynoxide::{Database, Result};

use super::dispatch::statement_kind;
use super::meter::Kind;

/// What a transaction bills of the table, where a batch bills once; indexes cost the same in both.
const TRANSACTION_FACTOR: f64 = 2.0;

/// Asks for the capacity of the table and of each index.
const INDEXES: &str = "INDEXES";

/// A table as batches see it.
pub(super) struct Batches<'a>(pub(super) &'a Database);

impl Batches<'_> {
    /// Runs a batch: the table and the answer are as if each statement had run by itself.
    pub(super) fn execute(
        &self,
        request: BatchExecuteStatementRequest,
    ) -> Result<BatchExecuteStatementResponse> {
        match self.at_once(&request) {
            Some(response) => Ok(response),
            None => self.0.batch_execute_statement(request),
        }
    }

    /// Runs a batch of writes that all succeed. None if it is none: then nothing is written.
    fn at_once(&self, batch: &BatchExecuteStatementRequest) -> Option<BatchExecuteStatementResponse> {
        let is_write = |member: &BatchStatementRequest| statement_kind(&member.statement) == Kind::Write;
        let wanted = batch.return_consumed_capacity.as_deref();
        if !matches!(wanted, None | Some("TOTAL")) || !batch.statements.iter().all(is_write) {
            return None;
        }
        let statement = |member: &BatchStatementRequest| ParameterizedStatement {
            statement: member.statement.clone(),
            parameters: member.parameters.clone(),
            return_values_on_condition_check_failure: None,
        };
        let transaction = self.0.execute_transaction(ExecuteTransactionRequest {
            transact_statements: batch.statements.iter().map(statement).collect(),
            client_request_token: None,
            return_consumed_capacity: Some(INDEXES.to_owned()),
        });
        let capacities = transaction.ok()?.consumed_capacity.unwrap_or_default();
        // All tables here are one.
        let table_name = capacities.first().map(|capacity| capacity.table_name.clone());
        let response = || {
            let mut response = BatchStatementResponse::default();
            response.table_name.clone_from(&table_name);
            response
        };
        Some(BatchExecuteStatementResponse {
            responses: batch.statements.iter().map(|_| response()).collect(),
            consumed_capacity: wanted.map(|_| capacities.iter().map(of_a_batch).collect()),
        })
    }
}

/// What a batch would have been billed for the same writes.
fn of_a_batch(transaction: &ConsumedCapacity) -> ConsumedCapacity {
    let of_table = transaction.table.iter().map(|table| table.capacity_units / TRANSACTION_FACTOR);
    let indexes = transaction.global_secondary_indexes.iter().chain(&transaction.local_secondary_indexes);
    let of_indexes = indexes.flat_map(HashMap::values).map(|index| index.capacity_units);
    ConsumedCapacity {
        table_name: transaction.table_name.clone(),
        capacity_units: of_table.chain(of_indexes).sum(),
        ..ConsumedCapacity::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A table with one index, as empty as it was made.
    fn table() -> Database {
        let db = Database::memory().expect("memory");
        let attribute = |name| json!({"AttributeName": name, "AttributeType": "S"});
        let key = |name, kind| json!({"AttributeName": name, "KeyType": kind});
        let table = json!({
            "TableName": "people",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [attribute("pk"), attribute("due")],
            "KeySchema": [key("pk", "HASH")],
            "GlobalSecondaryIndexes": [{
                "IndexName": "by_due",
                "KeySchema": [key("due", "HASH")],
                "Projection": {"ProjectionType": "ALL"},
            }],
        });
        db.create_table(serde_json::from_value(table).expect("a table")).expect("it is made");
        db
    }

    fn insert(pk: &str) -> Value {
        let statement = r#"INSERT INTO "people" VALUE {'pk': ?, 'due': ?}"#;
        json!({"Statement": statement, "Parameters": [{"S": pk}, {"S": "soon"}]})
    }

    fn batch(statements: &[Value], wanted: Option<&str>) -> BatchExecuteStatementRequest {
        let request = json!({"Statements": statements, "ReturnConsumedCapacity": wanted});
        serde_json::from_value(request).expect("a batch")
    }

    fn said(answer: Result<BatchExecuteStatementResponse>) -> Value {
        answer.map_or_else(
            |error| json!(error.to_json()),
            |response| serde_json::to_value(response).expect("an answer"),
        )
    }

    fn items(db: &Database) -> Value {
        let scan = db.scan(serde_json::from_value(json!({"TableName": "people"})).expect("a scan"));
        let mut scanned = serde_json::to_value(scan.expect("all")).expect("items");
        let items = scanned["Items"].as_array_mut().expect("a list");
        items.sort_by_key(Value::to_string);
        scanned
    }

    #[test]
    fn a_batch_is_as_if_each_statement_had_run_by_itself() {
        let update = json!({"Statement": r#"UPDATE "people" SET due = 'late' WHERE pk = 'a'"#});
        let delete = json!({"Statement": r#"DELETE FROM "people" WHERE pk = 'b'"#});
        let read = json!({"Statement": r#"SELECT * FROM "people" WHERE pk = 'a'"#});
        let nonsense = json!({"Statement": "INSERT INTO"});
        let empty = json!({"Statement": r#"INSERT INTO "people" VALUE {'pk': ?}"#, "Parameters": [{}]});
        let elsewhere = json!({"Statement": r#"INSERT INTO "nobody" VALUE {'pk': 'a'}"#});
        let (one, by_one) = (table(), table());
        for statements in [
            vec![insert("a"), insert("b"), insert("c")],
            vec![insert("d"), insert("a"), insert("e")],
            vec![insert("f"), insert("f")],
            vec![update, delete],
            vec![read.clone(), read],
            vec![insert("g"), nonsense],
            vec![insert("h"), empty],
            vec![insert("i"), elsewhere],
            vec![],
        ] {
            for wanted in [None, Some("TOTAL"), Some("INDEXES"), Some("WRONG")] {
                let told = (said(Batches(&one).execute(batch(&statements, wanted))), items(&one));
                let expected =
                    (said(by_one.batch_execute_statement(batch(&statements, wanted))), items(&by_one));
                assert_eq!(told, expected, "{statements:?} {wanted:?}");
            }
        }
    }

    #[test]
    fn only_what_succeeds_as_a_whole_is_one_transaction() {
        let db = table();
        assert!(Batches(&db).at_once(&batch(&[insert("a"), insert("b")], None)).is_some());
        assert!(Batches(&db).at_once(&batch(&[insert("c"), insert("b")], None)).is_none());
        assert_eq!(items(&db)["Count"], 2, "nothing was written");
    }
}
