//! Messages in a SQLite file: every statement that is run.

use std::time::Duration;

use carillon_domain::base::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::super::Message;
use super::{DEAD_RETENTION_MS, DeadLetter, Depth, Lease, Received, Rows, delivery, receipt};

/// How long to wait for another process that has the file, in milliseconds.
const BUSY_WAIT_MS: u64 = 5_000;

/// `taken`: a receiver holds it, or held it last. Ids are never given twice.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS message (
        id            INTEGER PRIMARY KEY AUTOINCREMENT,
        queue         TEXT NOT NULL,
        body          TEXT NOT NULL,
        sent_at_ms    INTEGER NOT NULL,
        visible_at_ms INTEGER NOT NULL,
        receive_count INTEGER NOT NULL DEFAULT 0,
        taken         INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX IF NOT EXISTS message_by_visibility ON message (queue, visible_at_ms, id);
    CREATE TABLE IF NOT EXISTS dead (
        id            INTEGER PRIMARY KEY,
        queue         TEXT NOT NULL,
        body          TEXT NOT NULL,
        sent_at_ms    INTEGER NOT NULL,
        receive_count INTEGER NOT NULL,
        died_at_ms    INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS dead_by_queue ON dead (queue, id);
";

/// Makes the tables. A write-ahead log that is synchronised now and then keeps every commit
/// when the process dies, and the newest only perhaps when the machine does.
pub(super) fn prepare(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(Duration::from_millis(BUSY_WAIT_MS))?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

impl Rows for Connection {
    fn send(&mut self, queue: &str, messages: &[Message], now: Timestamp) -> rusqlite::Result<()> {
        let transaction = begin(self)?;
        for message in messages {
            let visible_at = now.plus_ms(message.clipped_delay_ms());
            transaction
                .prepare_cached(
                    "INSERT INTO message (queue, body, sent_at_ms, visible_at_ms) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![queue, message.body, now.as_millis(), visible_at.as_millis()])?;
        }
        transaction.commit()
    }

    fn receive(&mut self, queue: &str, max: u32, lease: Lease) -> rusqlite::Result<Vec<Received>> {
        let mut received = Vec::new();
        let transaction = begin(self)?;
        // Each message that is found leaves the visible ones, so this ends.
        while received.len() < max as usize {
            let Some(message) = first_visible(&transaction, queue, lease.now)? else { break };
            if message.receive_count >= lease.max_receives {
                bury(&transaction, message.id, lease.now)?;
            } else {
                received.push(take(&transaction, message, lease.until)?);
            }
        }
        transaction.commit()?;
        Ok(received)
    }

    fn delete(&mut self, queue: &str, receipt: &str) -> rusqlite::Result<bool> {
        let Some((id, receive_count)) = delivery(receipt) else { return Ok(false) };
        let deleted = self
            .prepare_cached(
                "DELETE FROM message WHERE id = ?1 AND queue = ?2 AND receive_count = ?3 AND taken = 1",
            )?
            .execute(params![id, queue, receive_count])?;
        Ok(deleted == 1)
    }

    fn release(&mut self, queue: &str, receipt: &str, visible_at: Timestamp) -> rusqlite::Result<bool> {
        let Some((id, receive_count)) = delivery(receipt) else { return Ok(false) };
        let released = self
            .prepare_cached(
                "UPDATE message SET taken = 0, visible_at_ms = ?4
                 WHERE id = ?1 AND queue = ?2 AND receive_count = ?3 AND taken = 1",
            )?
            .execute(params![id, queue, receive_count, visible_at.as_millis()])?;
        Ok(released == 1)
    }

    fn put_back(&mut self, queue: &str, receipt: &str, now: Timestamp) -> rusqlite::Result<bool> {
        let Some((id, receive_count)) = delivery(receipt) else { return Ok(false) };
        let is_back = self
            .prepare_cached(
                "UPDATE message SET taken = 0, visible_at_ms = ?4, receive_count = receive_count - 1
                 WHERE id = ?1 AND queue = ?2 AND receive_count = ?3 AND taken = 1",
            )?
            .execute(params![id, queue, receive_count, now.as_millis()])?;
        Ok(is_back == 1)
    }

    fn reclaim(&mut self, now: Timestamp) -> rusqlite::Result<usize> {
        self.execute(
            "UPDATE message SET taken = 0, visible_at_ms = ?1, receive_count = receive_count - 1
             WHERE taken = 1",
            params![now.as_millis()],
        )
    }

    fn next_visible_at(&mut self, queue: &str) -> rusqlite::Result<Option<Timestamp>> {
        let millis: Option<i64> = self
            .prepare_cached("SELECT min(visible_at_ms) FROM message WHERE queue = ?1")?
            .query_row(params![queue], |row| row.get(0))?;
        Ok(millis.map(Timestamp::from_millis))
    }

    fn depth(&mut self, queue: &str, now: Timestamp) -> rusqlite::Result<Depth> {
        self.prepare_cached(
            "SELECT count(*) FILTER (WHERE visible_at_ms <= ?2),
                        count(*) FILTER (WHERE visible_at_ms > ?2 AND taken = 0),
                        count(*) FILTER (WHERE visible_at_ms > ?2 AND taken = 1),
                        (SELECT count(*) FROM dead WHERE queue = ?1)
                 FROM message WHERE queue = ?1",
        )?
        .query_row(params![queue, now.as_millis()], |row| {
            Ok(Depth {
                visible: row.get(0)?,
                delayed: row.get(1)?,
                in_flight: row.get(2)?,
                dead: row.get(3)?,
            })
        })
    }

    fn dead_letters(&mut self, queue: &str, max: u32) -> rusqlite::Result<Vec<DeadLetter>> {
        self.prepare_cached(
            "SELECT id, body, receive_count, sent_at_ms, died_at_ms FROM dead
                 WHERE queue = ?1 ORDER BY id LIMIT ?2",
        )?
        .query_map(params![queue, max], |row| {
            Ok(DeadLetter {
                id: row.get::<_, i64>(0)?.to_string(),
                body: row.get(1)?,
                receive_count: row.get(2)?,
                sent_at: at(row, 3)?,
                died_at: at(row, 4)?,
            })
        })?
        .collect()
    }

    fn redrive(&mut self, queue: &str, max: u32, now: Timestamp) -> rusqlite::Result<usize> {
        let transaction = begin(self)?;
        // As new messages with new ids: the receipts of earlier deliveries must not fit.
        let moved = transaction
            .prepare_cached(
                "INSERT INTO message (queue, body, sent_at_ms, visible_at_ms)
                 SELECT queue, body, sent_at_ms, ?3 FROM dead WHERE queue = ?1 ORDER BY id LIMIT ?2",
            )?
            .execute(params![queue, max, now.as_millis()])?;
        transaction
            .prepare_cached(
                "DELETE FROM dead WHERE id IN (SELECT id FROM dead WHERE queue = ?1 ORDER BY id LIMIT ?2)",
            )?
            .execute(params![queue, max])?;
        transaction.commit()?;
        Ok(moved)
    }
}

struct Visible {
    id: i64,
    body: String,
    receive_count: u32,
    sent_at: Timestamp,
}

fn first_visible(connection: &Connection, queue: &str, now: Timestamp) -> rusqlite::Result<Option<Visible>> {
    connection
        .prepare_cached(
            "SELECT id, body, receive_count, sent_at_ms FROM message
             WHERE queue = ?1 AND visible_at_ms <= ?2 ORDER BY visible_at_ms, id LIMIT 1",
        )?
        .query_row(params![queue, now.as_millis()], |row| {
            Ok(Visible {
                id: row.get(0)?,
                body: row.get(1)?,
                receive_count: row.get(2)?,
                sent_at: at(row, 3)?,
            })
        })
        .optional()
}

fn take(connection: &Connection, message: Visible, until: Timestamp) -> rusqlite::Result<Received> {
    let receive_count = message.receive_count + 1;
    connection
        .prepare_cached("UPDATE message SET taken = 1, receive_count = ?2, visible_at_ms = ?3 WHERE id = ?1")?
        .execute(params![message.id, receive_count, until.as_millis()])?;
    Ok(Received {
        id: message.id.to_string(),
        receipt: receipt(message.id, receive_count),
        body: message.body,
        receive_count,
        sent_at: message.sent_at,
    })
}

fn bury(connection: &Connection, id: i64, now: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM dead WHERE died_at_ms < ?1")?
        .execute(params![now.plus_ms(-DEAD_RETENTION_MS).as_millis()])?;
    connection
        .prepare_cached(
            "INSERT INTO dead (id, queue, body, sent_at_ms, receive_count, died_at_ms)
             SELECT id, queue, body, sent_at_ms, receive_count, ?2 FROM message WHERE id = ?1",
        )?
        .execute(params![id, now.as_millis()])?;
    connection.prepare_cached("DELETE FROM message WHERE id = ?1")?.execute(params![id])?;
    Ok(())
}

fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn at(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}
