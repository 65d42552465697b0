//! What changed in a table, record by record, as the service's stream tells it.

use std::fmt;
use std::sync::Arc;

use aws_lambda_events::event::dynamodb::Event;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::streams;
use rusqlite::{Connection, params};
use serde_json::json;

use super::engine::Engine;
use super::{EmbeddedTable, TableError};

/// With it the engine finds the latest record at once; without, each write looks through all of them.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS stream_records_by_number
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";
/// The latest record stays: the engine counts on from it.
const FORGET: &str =
    "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2";
/// What the engine puts before the numbers that it keeps, to make them as long as the service's.
const NUMBER_PREFIX: &str = "1";

/// The changes of a table that were not told of. They lie in the table's file and outlive the process.
pub struct ChangeFeed {
    engine: Arc<Engine>,
    /// A way of its own into the engine's file.
    records: Connection,
    table: String,
    stream_arn: String,
    /// The last record that was told of.
    told: Option<String>,
}

impl EmbeddedTable {
    /// The changes of a table that lies in a file, from the first one that was not told of; of a table
    /// whose changes nobody asked for yet, from now on.
    ///
    /// # Errors
    /// [`TableError::Changes`], also where the table lies in memory.
    pub fn changes(&self, table: &str) -> Result<ChangeFeed, TableError> {
        let db = &self.engine.db;
        let path = db.db_path().map_err(failed)?.filter(|path| !path.is_empty());
        let records = Connection::open(path.ok_or_else(|| failed("it lies in memory"))?).map_err(failed)?;
        records.execute_batch(INDEX).map_err(failed)?;
        let stored = || db.get_table_metadata(table).map_err(failed);
        if !stored()?.is_some_and(|stored| stored.stream_enabled) {
            let specification = json!({"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"});
            let request = json!({"TableName": table, "StreamSpecification": specification});
            db.update_table(serde_json::from_value(request).map_err(failed)?).map_err(failed)?;
        }
        let label = stored()?.and_then(|stored| stored.stream_label).unwrap_or_default();
        Ok(ChangeFeed {
            engine: Arc::clone(&self.engine),
            records,
            table: table.to_owned(),
            stream_arn: streams::stream_arn(table, &label),
            told: None,
        })
    }
}

impl ChangeFeed {
    /// The next records, at most so many; the same again until they were told of. Blocks.
    ///
    /// # Errors
    /// [`TableError::Changes`].
    pub fn next(&self, most: usize) -> Result<Event, TableError> {
        let from = if self.told.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let position = GetShardIteratorRequest {
            stream_arn: self.stream_arn.clone(),
            shard_id: streams::shard_id(&self.table),
            shard_iterator_type: from.to_owned(),
            sequence_number: self.told.clone(),
        };
        let iterator = self.engine.db.get_shard_iterator(position).map_err(failed)?.shard_iterator;
        let request = GetRecordsRequest { shard_iterator: iterator.unwrap_or_default(), limit: Some(most) };
        let records = self.engine.db.get_records(request).map_err(failed)?.records;
        serde_json::from_value(json!({"Records": records})).map_err(failed)
    }

    /// Goes on behind these records, and forgets them. Blocks.
    ///
    /// # Errors
    /// [`TableError::Changes`].
    pub fn told(&mut self, event: &Event) -> Result<(), TableError> {
        let last = event.records.last().and_then(|record| record.change.sequence_number.clone());
        let Some(last) = last else { return Ok(()) };
        let number: i64 = last.strip_prefix(NUMBER_PREFIX).unwrap_or(&last).parse().map_err(failed)?;
        self.records.execute(FORGET, params![self.table, number]).map_err(failed)?;
        self.told = Some(last);
        Ok(())
    }
}

impl fmt::Debug for ChangeFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeFeed").field("table", &self.table).finish_non_exhaustive()
    }
}

fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TableError {
    TableError::Changes(source.into())
}
