//! The table in memory, as a function sees it: requests take time, fail and lose their answers, and the
//! index lags behind.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use carillon_domain::base::time::Timestamp;
use carillon_store::MemoryTable;
use carillon_store::table::Key;
use carillon_store::table::{
    Action, Answer, BatchRead, Cancellation, Inserted, Item, ItemWrite, Page, Partition, Query, Table,
    TableError,
};

use super::spoil;
use super::written::Kind;
use crate::event_queue::Event;
use crate::simulation::{pause, travel, with};
use crate::trace::Story;

/// Longest first pause before a request is sent again, in milliseconds; it doubles each time.
const BACK_OFF_MS: i64 = 5;

#[derive(Debug, Default)]
pub(crate) struct SimulatedTable {
    table: MemoryTable,
    /// What the index shows: each change of the table reaches it some time later.
    index: MemoryTable,
    behind: Mutex<VecDeque<(Timestamp, Key)>>,
}

impl Table for SimulatedTable {
    fn get(&self, key: Key) -> Answer<'_, Option<Item>> {
        Box::pin(async move {
            arrive().await?;
            self.table.get(key).await
        })
    }

    fn get_batch(&self, keys: Vec<Key>) -> Answer<'_, BatchRead> {
        Box::pin(async move {
            arrive().await?;
            let mut read = self.table.get_batch(keys).await?;
            if with(|run| run.strikes(|rates| rates.throttled)) {
                let rest = read.items.split_off(read.items.len() / 2);
                read.unread.extend(rest.iter().filter_map(Key::of));
            }
            spoil::read(&mut read.items);
            Ok(read)
        })
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        Box::pin(async move {
            arrive().await?;
            if spoil::finds_nothing(&query) {
                return Ok(Page::default());
            }
            let mut page = match &query.partition {
                Partition::Table(_) => self.table.query(query).await?,
                Partition::Index(_) => {
                    self.catch_up().await?;
                    self.index.query(query).await?
                }
            };
            spoil::read(&mut page.items);
            Ok(page)
        })
    }

    fn write(&self, mut write: ItemWrite) -> Answer<'_, Option<Item>> {
        Box::pin(async move {
            arrive().await?;
            spoil::write(&mut write);
            if with(|run| run.strikes(|rates| rates.conflict)) {
                return Err(TableError::Conflict);
            }
            let changes = self.changes(std::slice::from_ref(&write)).await?;
            let mut answer = self.table.write(write.clone()).await;
            if let Ok(after) = &mut answer {
                tell(changes);
                self.written(&[write]);
                after.iter_mut().for_each(spoil::updated);
            }
            reply(answer)
        })
    }

    fn transact(&self, mut writes: Vec<ItemWrite>) -> Answer<'_, ()> {
        Box::pin(async move {
            arrive().await?;
            if with(|run| run.strikes(|rates| rates.conflict)) {
                let unlucky = with(|run| run.rng.place(writes.len()));
                let reason =
                    |place| if place == unlucky { Cancellation::Conflict } else { Cancellation::None };
                return Err(TableError::Cancelled((0..writes.len()).map(reason).collect()));
            }
            if let Some((late, delay_ms)) = spoil::transaction(&mut writes) {
                with(|run| run.events.add(delay_ms, Event::Write(late)));
            }
            if writes.is_empty() {
                return Ok(());
            }
            let changes = self.changes(&writes).await?;
            let answer = self.table.transact(writes.clone()).await;
            if answer.is_ok() {
                tell(changes);
                self.written(&writes);
            }
            reply(answer)
        })
    }

    fn insert_batch(&self, items: Vec<Item>) -> Answer<'_, Vec<Inserted>> {
        Box::pin(async move {
            arrive().await?;
            let puts: Vec<_> = items.iter().cloned().map(ItemWrite::put).collect();
            let inserted = self.table.insert_batch(items.clone()).await?;
            let done = puts.into_iter().zip(&inserted).filter(|(_, inserted)| **inserted == Inserted::Done);
            tell(
                items
                    .into_iter()
                    .zip(&inserted)
                    .filter(|(_, inserted)| **inserted == Inserted::Done)
                    .map(|(item, _)| (Item::new(), item))
                    .collect(),
            );
            self.written(&done.map(|(put, _)| put).collect::<Vec<_>>());
            reply(Ok(inserted))
        })
    }

    fn back_off(&self, tries: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let most_ms = BACK_OFF_MS << tries.min(8);
        Box::pin(pause(with(|run| run.chance().between(most_ms / 2, most_ms))))
    }
}

impl SimulatedTable {
    /// Writes that were acknowledged before they were done.
    pub(crate) fn write_late(&self, writes: Vec<ItemWrite>) {
        let changes = with(|run| run.direct(self.changes(&writes)));
        if with(|run| run.direct(self.table.transact(writes.clone()))).is_ok() {
            tell(changes.unwrap_or_default());
            self.written(&writes);
        }
    }

    /// The leads and records of attempts that these writes put or remove, before and after; empty where there is none.
    async fn changes(&self, writes: &[ItemWrite]) -> Result<Vec<(Item, Item)>, TableError> {
        let mut changes = Vec::new();
        for write in writes {
            let key = write.key();
            let after = match &write.action {
                Action::Put(after) => after.clone(),
                Action::Delete(_) => Item::new(),
                Action::Update(..) => continue,
            };
            if matches!(Kind::of(&key), Kind::Interaction | Kind::Lead) {
                changes.push((self.table.get(key).await?.unwrap_or_default(), after));
            }
        }
        Ok(changes)
    }

    /// What was written is judged, and on its way to the index.
    fn written(&self, writes: &[ItemWrite]) {
        let keys = writes.iter().map(ItemWrite::key).filter(|key| Kind::of(key).is_indexed());
        let mut behind = self.behind();
        with(|run| {
            for key in keys {
                let lag_ms = if run.is_direct() { 0 } else { run.rng.between(0, run.rates().index_lag_ms) };
                behind.push_back((run.now().plus_ms(lag_ms), key));
            }
            if !run.is_direct() {
                run.tell(|| format!("{:?} wrote {}", run.at_work.get().function, Story(writes)));
            }
            let judged = run.checker.borrow_mut().committed(writes, run.at_work.get().number, run.now());
            match judged {
                Ok(news) => run.follow(&news),
                Err(alarm) => run.raise(Err(alarm)),
            }
        });
    }

    /// Lets the index have what is due there.
    async fn catch_up(&self) -> Result<(), TableError> {
        let now = with(|run| run.now());
        let mut due = Vec::new();
        self.behind().retain(|(at, key)| {
            let is_due = *at <= now;
            if is_due {
                due.push(key.clone());
            }
            !is_due
        });
        for key in due {
            let write = match self.table.get(key.clone()).await? {
                Some(mut item) => {
                    item.retain(|name, _| ["pk", "sk", "gsi1pk", "gsi1sk"].contains(&name.as_str()));
                    ItemWrite::put(item)
                }
                None => ItemWrite::delete(key),
            };
            self.index.write(write).await?;
        }
        Ok(())
    }

    fn behind(&self) -> MutexGuard<'_, VecDeque<(Timestamp, Key)>> {
        self.behind.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stream has these changes.
fn tell(changes: Vec<(Item, Item)>) {
    with(|run| changes.into_iter().for_each(|(before, after)| run.stream.add(run, before, after)));
}

/// A request is on its way, and may be lost on it.
async fn arrive() -> Result<(), TableError> {
    travel().await;
    match with(|run| run.strikes(|rates| rates.throttled)) {
        true => Err(TableError::unanswered("ThrottlingException", "too much")),
        false => Ok(()),
    }
}

/// The answer to a write is on its way, and may be lost on it.
fn reply<T>(answer: Result<T, TableError>) -> Result<T, TableError> {
    match with(|run| run.strikes(|rates| rates.reply_lost)) {
        true => Err(TableError::unanswered("timeout", "no reply")),
        false => answer,
    }
}
