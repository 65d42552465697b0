//! The table in memory, with the semantics of DynamoDB that the store relies on.
//!
//! Requests happen one after another and are answered at once; what is random, late or lost is for a table
//! around this one to bring. Items do not expire, as those of DynamoDB may be read long after their time.

use std::collections::{BTreeMap, HashMap};
use std::future::ready;
use std::ops::Bound;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::item::{entry_attributes, key_attributes, text};
use crate::table::{
    Action, Answer, BatchRead, Cancellation, Condition, Direction, Inserted, Item, ItemWrite, Key,
    MAX_BATCH_INSERTS, MAX_BATCH_KEYS, MAX_TRANSACTION_WRITES, Page, PageStart, Partition, Query, Select,
    SortRange, Table, TableError, repeated, text_of,
};

mod evaluation;

use evaluation::{apply, holds, size_bytes};

const MAX_ITEM_BYTES: usize = 400 << 10;
/// Bytes after which a page ends.
const MAX_PAGE_BYTES: usize = 1 << 20;
/// What sorts behind a key and before any other that begins with it: keys hold no control characters.
const JUST_BEHIND: char = '\u{1}';
/// What parts the keys of an index entry.
const BETWEEN_KEYS: char = '\0';

/// A table in memory. A clone is a handle to the same one.
#[derive(Debug, Clone, Default)]
pub struct MemoryTable(Arc<Mutex<Data>>);

/// The items of a partition, by what they are sorted by.
type Sorted = BTreeMap<String, Stored>;

#[derive(Debug, Default)]
struct Data {
    partitions: HashMap<String, Sorted>,
    /// Keys only; entries under the same key stand in the order of their items' keys.
    index: HashMap<String, Sorted>,
}

#[derive(Debug)]
struct Stored {
    item: Item,
    size_bytes: usize,
}

impl MemoryTable {
    fn data(&self) -> MutexGuard<'_, Data> {
        // Data only changes when nothing can fail any more, so behind a poisoned lock it is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table for MemoryTable {
    fn get(&self, key: Key) -> Answer<'_, Option<Item>> {
        answer(Ok(self.data().item(&key).cloned()))
    }

    fn get_batch(&self, keys: Vec<Key>) -> Answer<'_, BatchRead> {
        answer(self.data().batch(&keys))
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        answer(Ok(self.data().page(&query)))
    }

    fn write(&self, write: ItemWrite) -> Answer<'_, Option<Item>> {
        answer(self.data().write(write))
    }

    fn transact(&self, writes: Vec<ItemWrite>) -> Answer<'_, ()> {
        answer(self.data().transact(writes))
    }

    fn insert_batch(&self, items: Vec<Item>) -> Answer<'_, Vec<Inserted>> {
        answer(self.data().insert(items))
    }

    /// Nothing is worth waiting for here.
    fn back_off(&self, _: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(ready(()))
    }
}

fn answer<'a, T: Send + 'a>(result: Result<T, TableError>) -> Answer<'a, T> {
    Box::pin(ready(result))
}

fn invalid(reason: &str) -> TableError {
    TableError::unanswered("ValidationException", reason)
}

impl Data {
    fn item(&self, key: &Key) -> Option<&Item> {
        Some(&self.partitions.get(&key.pk)?.get(&key.sk)?.item)
    }

    fn batch(&self, keys: &[Key]) -> Result<BatchRead, TableError> {
        if keys.is_empty() || keys.len() > MAX_BATCH_KEYS || repeated(keys).is_some() {
            return Err(invalid("a batch reads 1 to 100 different items"));
        }
        Ok(BatchRead {
            items: keys.iter().filter_map(|key| self.item(key).cloned()).collect(),
            unread: vec![],
        })
    }

    fn page(&self, query: &Query) -> Page {
        let partition = match &query.partition {
            Partition::Table(pk) => self.partitions.get(pk),
            Partition::Index(pk) => self.index.get(pk),
        };
        partition.map(|partition| page(partition, query)).unwrap_or_default()
    }

    fn write(&mut self, write: ItemWrite) -> Result<Option<Item>, TableError> {
        let (key, is_update) = (write.key(), matches!(write.action, Action::Update(..)));
        let after = self.outcome(write)?;
        let answer = after.clone().filter(|_| is_update);
        self.store(&key, after);
        Ok(answer)
    }

    fn transact(&mut self, writes: Vec<ItemWrite>) -> Result<(), TableError> {
        let keys: Vec<_> = writes.iter().map(ItemWrite::key).collect();
        if keys.is_empty() || keys.len() > MAX_TRANSACTION_WRITES || repeated(&keys).is_some() {
            return Err(invalid("a transaction writes 1 to 100 different items"));
        }
        let (mut outcomes, mut reasons) = (Vec::with_capacity(writes.len()), Vec::new());
        for (key, write) in keys.into_iter().zip(writes) {
            let outcome = self.outcome(write);
            reasons.push(match &outcome {
                Ok(_) => Cancellation::None,
                Err(TableError::ConditionFailed) => Cancellation::ConditionFailed,
                Err(_) => Cancellation::Other,
            });
            outcomes.extend(outcome.ok().map(|after| (key, after)));
        }
        if outcomes.len() < reasons.len() {
            return Err(TableError::Cancelled(reasons));
        }
        for (key, after) in outcomes {
            self.store(&key, after);
        }
        Ok(())
    }

    fn insert(&mut self, items: Vec<Item>) -> Result<Vec<Inserted>, TableError> {
        let keys: Vec<_> = items.iter().filter_map(Key::of).collect();
        if items.is_empty() || items.len() > MAX_BATCH_INSERTS || repeated(&keys).is_some() {
            return Err(invalid("a batch inserts 1 to 25 different items"));
        }
        let insert = |item| match self.write(ItemWrite::put(item).when(Condition::NoItem)) {
            Ok(_) => Inserted::Done,
            Err(TableError::ConditionFailed) => Inserted::Exists,
            Err(_) => Inserted::NotServed,
        };
        Ok(items.into_iter().map(insert).collect())
    }

    /// What a write makes of its item; none if the item is gone then.
    fn outcome(&self, write: ItemWrite) -> Result<Option<Item>, TableError> {
        let key = write.key();
        if key.pk.is_empty() || key.sk.is_empty() {
            return Err(invalid("an item needs the text of its key"));
        }
        let before = self.item(&key);
        if write.condition.is_some_and(|condition| !holds(&condition, before)) {
            return Err(TableError::ConditionFailed);
        }
        let after = match write.action {
            Action::Put(item) => Some(item),
            Action::Update(key, changes) => {
                let item = before.cloned().unwrap_or_else(|| key_attributes(key));
                Some(apply(changes, item).ok_or_else(|| invalid("a change does not fit its attribute"))?)
            }
            Action::Delete(_) => None,
        };
        if after.as_ref().is_some_and(|item| size_bytes(item) > MAX_ITEM_BYTES) {
            return Err(invalid("an item holds 400 KB"));
        }
        Ok(after)
    }

    fn store(&mut self, key: &Key, after: Option<Item>) {
        let old_entry = self.item(key).and_then(Key::in_index);
        let entry = after.as_ref().and_then(Key::in_index);
        if old_entry != entry {
            if let Some(old) = old_entry {
                remove(&mut self.index, &old.pk, &indexed(&old, key));
            }
            if let Some(entry) = &entry {
                let mut item = key_attributes(key.clone());
                item.extend(entry_attributes(entry.clone()));
                put(&mut self.index, &entry.pk, indexed(entry, key), item);
            }
        }
        match after {
            Some(item) => put(&mut self.partitions, &key.pk, key.sk.clone(), item),
            None => remove(&mut self.partitions, &key.pk, &key.sk),
        }
    }
}

/// Where an entry of the index stands in its partition.
fn indexed(entry: &Key, key: &Key) -> String {
    format!("{}{BETWEEN_KEYS}{}{BETWEEN_KEYS}{}", entry.sk, key.pk, key.sk)
}

fn put(partitions: &mut HashMap<String, Sorted>, pk: &str, sorted_by: String, item: Item) {
    let size_bytes = size_bytes(&item);
    let stored = Stored { item, size_bytes };
    match partitions.get_mut(pk) {
        Some(partition) => drop(partition.insert(sorted_by, stored)),
        None => drop(partitions.insert(pk.to_owned(), Sorted::from([(sorted_by, stored)]))),
    }
}

fn remove(partitions: &mut HashMap<String, Sorted>, pk: &str, sorted_by: &str) {
    if let Some(partition) = partitions.get_mut(pk) {
        partition.remove(sorted_by);
        if partition.is_empty() {
            partitions.remove(pk);
        }
    }
}

fn page(partition: &Sorted, query: &Query) -> Page {
    let (from, to) = bounds(&query.range);
    let start = query.start.as_ref().map(|start| match &start.entry {
        None => start.key.sk.clone(),
        Some(entry) => indexed(entry, &start.key),
    });
    let (mut lower, mut upper) = (Bound::Included(from), to.map_or(Bound::Unbounded, Bound::Excluded));
    match (start, query.direction) {
        (None, _) => {}
        (Some(start), Direction::Ascending) => lower = Bound::Excluded(start),
        (Some(start), Direction::Descending) => upper = Bound::Excluded(start),
    }
    let mut page = Page::default();
    if let (Bound::Included(low) | Bound::Excluded(low), Bound::Excluded(high)) = (&lower, &upper)
        && low >= high
    {
        return page;
    }
    let (mut rest, mut looked_at, mut read_bytes) = (partition.range((lower, upper)), 0, 0);
    while let Some((_, stored)) = match query.direction {
        Direction::Ascending => rest.next(),
        Direction::Descending => rest.next_back(),
    } {
        looked_at += 1;
        read_bytes += stored.size_bytes;
        if query.filter.as_ref().is_none_or(|filter| holds(filter, Some(&stored.item))) {
            page.count += 1;
            page.items.extend(selected(&stored.item, query));
        }
        if query.limit == Some(looked_at) || read_bytes >= MAX_PAGE_BYTES {
            page.next = PageStart::behind(&stored.item, &query.partition);
            break;
        }
    }
    page
}

/// From where to before where a range goes.
fn bounds(range: &SortRange) -> (String, Option<String>) {
    let behind = |key: &str| format!("{key}{JUST_BEHIND}");
    match range {
        SortRange::All => (String::new(), None),
        SortRange::StartsWith(prefix) => (prefix.clone(), Some(format!("{prefix}{}", char::MAX))),
        SortRange::From(from) => (from.clone(), None),
        SortRange::Before(to) => (String::new(), Some(to.clone())),
        SortRange::After(from) => (behind(from), None),
        SortRange::Between(from, to) => (from.clone(), Some(behind(to))),
    }
}

fn selected(item: &Item, query: &Query) -> Option<Item> {
    match query.select {
        Select::Items => Some(item.clone()),
        Select::SortKeys => {
            let name = query.partition.sort_key();
            Some(Item::from([(name.to_owned(), text(text_of(item, name)?))]))
        }
        Select::Count => None,
    }
}
