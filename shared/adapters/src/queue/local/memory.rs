//! Messages in memory.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::time::Timestamp;

use super::super::Message;
use super::{DEAD_RETENTION_MS, DeadLetter, Depth, Lease, Received, Rows, delivery, receipt};

/// All queues. Ids are never given twice.
#[derive(Debug, Default)]
pub(super) struct Memory {
    last_id: i64,
    queues: BTreeMap<String, Contents>,
}

/// What one queue holds, by id.
#[derive(Debug, Default)]
struct Contents {
    messages: BTreeMap<i64, Row>,
    by_visibility: BTreeSet<(Timestamp, i64)>,
    dead: BTreeMap<i64, DeadLetter>,
}

/// `is_taken`: a receiver holds it, or had it last.
#[derive(Debug)]
struct Row {
    body: String,
    sent_at: Timestamp,
    visible_at: Timestamp,
    receive_count: u32,
    is_taken: bool,
}

impl Memory {
    fn queue(&mut self, name: &str) -> &mut Contents {
        self.queues.entry(name.to_owned()).or_default()
    }

    fn add(&mut self, queue: &str, body: String, sent_at: Timestamp, visible_at: Timestamp) {
        self.last_id += 1;
        let id = self.last_id;
        let contents = self.queue(queue);
        contents.by_visibility.insert((visible_at, id));
        contents.messages.insert(id, Row { body, sent_at, visible_at, receive_count: 0, is_taken: false });
    }

    fn forget_old_dead(&mut self, now: Timestamp) {
        let since = now.plus_ms(-DEAD_RETENTION_MS);
        self.queues
            .values_mut()
            .for_each(|contents| contents.dead.retain(|_, letter| letter.died_at >= since));
    }
}

impl Contents {
    fn first_visible(&self, now: Timestamp) -> Option<i64> {
        self.by_visibility.first().filter(|(visible_at, _)| *visible_at <= now).map(|&(_, id)| id)
    }

    fn remove(&mut self, id: i64) -> Option<Row> {
        let row = self.messages.remove(&id)?;
        self.by_visibility.remove(&(row.visible_at, id));
        Some(row)
    }

    fn put(&mut self, id: i64, row: Row) {
        self.by_visibility.insert((row.visible_at, id));
        self.messages.insert(id, row);
    }

    /// The message whose latest delivery has this receipt.
    fn taken(&self, receipt: &str) -> Option<i64> {
        let (id, receive_count) = delivery(receipt)?;
        self.messages.get(&id).filter(|row| row.is_taken && row.receive_count == receive_count).map(|_| id)
    }
}

impl Rows for Memory {
    fn send(&mut self, queue: &str, messages: &[Message], now: Timestamp) -> rusqlite::Result<()> {
        for message in messages {
            self.add(queue, message.body.clone(), now, now.plus_ms(message.clipped_delay_ms()));
        }
        Ok(())
    }

    fn receive(&mut self, queue: &str, max: u32, lease: Lease) -> rusqlite::Result<Vec<Received>> {
        let mut received = Vec::new();
        while received.len() < max as usize {
            let contents = self.queue(queue);
            let Some(id) = contents.first_visible(lease.now) else { break };
            let Some(mut row) = contents.remove(id) else { break };
            if row.receive_count >= lease.max_receives {
                self.forget_old_dead(lease.now);
                self.queue(queue).dead.insert(id, dead(id, row, lease.now));
                continue;
            }
            row.receive_count += 1;
            row.visible_at = lease.until;
            row.is_taken = true;
            received.push(Received {
                id: id.to_string(),
                receipt: receipt(id, row.receive_count),
                body: row.body.clone(),
                receive_count: row.receive_count,
                sent_at: row.sent_at,
            });
            contents.put(id, row);
        }
        Ok(received)
    }

    fn delete(&mut self, queue: &str, receipt: &str) -> rusqlite::Result<bool> {
        let contents = self.queue(queue);
        Ok(contents.taken(receipt).is_some_and(|id| contents.remove(id).is_some()))
    }

    fn release(&mut self, queue: &str, receipt: &str, visible_at: Timestamp) -> rusqlite::Result<bool> {
        let contents = self.queue(queue);
        let Some((id, row)) = contents.taken(receipt).and_then(|id| Some((id, contents.remove(id)?))) else {
            return Ok(false);
        };
        contents.put(id, Row { visible_at, is_taken: false, ..row });
        Ok(true)
    }

    fn put_back(&mut self, queue: &str, receipt: &str, now: Timestamp) -> rusqlite::Result<bool> {
        let contents = self.queue(queue);
        let Some((id, row)) = contents.taken(receipt).and_then(|id| Some((id, contents.remove(id)?))) else {
            return Ok(false);
        };
        let receive_count = row.receive_count - 1;
        contents.put(id, Row { visible_at: now, is_taken: false, receive_count, ..row });
        Ok(true)
    }

    fn reclaim(&mut self, now: Timestamp) -> rusqlite::Result<usize> {
        let mut reclaimed = 0;
        for contents in self.queues.values_mut() {
            for (&id, row) in contents.messages.iter_mut().filter(|(_, row)| row.is_taken) {
                contents.by_visibility.remove(&(row.visible_at, id));
                contents.by_visibility.insert((now, id));
                row.visible_at = now;
                row.is_taken = false;
                row.receive_count -= 1;
                reclaimed += 1;
            }
        }
        Ok(reclaimed)
    }

    fn next_visible_at(&mut self, queue: &str) -> rusqlite::Result<Option<Timestamp>> {
        Ok(self.queue(queue).by_visibility.first().map(|(visible_at, _)| *visible_at))
    }

    fn depth(&mut self, queue: &str, now: Timestamp) -> rusqlite::Result<Depth> {
        let contents = self.queue(queue);
        let mut depth = Depth { dead: contents.dead.len() as u64, ..Depth::default() };
        for row in contents.messages.values() {
            match (row.visible_at > now, row.is_taken) {
                (false, _) => depth.visible += 1,
                (true, false) => depth.delayed += 1,
                (true, true) => depth.in_flight += 1,
            }
        }
        Ok(depth)
    }

    fn dead_letters(&mut self, queue: &str, max: u32) -> rusqlite::Result<Vec<DeadLetter>> {
        Ok(self.queue(queue).dead.values().take(max as usize).cloned().collect())
    }

    fn redrive(&mut self, queue: &str, max: u32, now: Timestamp) -> rusqlite::Result<usize> {
        let mut moved = 0;
        while moved < max as usize {
            let Some((_, letter)) = self.queue(queue).dead.pop_first() else { break };
            self.add(queue, letter.body, letter.sent_at, now);
            moved += 1;
        }
        Ok(moved)
    }
}

fn dead(id: i64, row: Row, died_at: Timestamp) -> DeadLetter {
    DeadLetter {
        id: id.to_string(),
        body: row.body,
        receive_count: row.receive_count,
        sent_at: row.sent_at,
        died_at,
    }
}
