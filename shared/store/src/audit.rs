//! The audit log of a workspace, newest first; by resource, too.
//!
//! Nothing is changed without its entry: a store that [notes](Store::noting) a change sends its entry in the
//! same transaction as each of its writes. The entry is put whole under its own id, so twice is once.

use std::sync::Arc;

use carillon_domain::base::ids::{AuditId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::audit::AuditEntry;
use carillon_domain::records::evidence::KEPT_MS;

use crate::access::Store;
use crate::error::StoreError;
use crate::item::{self, number};
use crate::keys::{self, TTL_ATTRIBUTE};
use crate::table::{
    Action, Answer, BatchRead, Cancellation, Condition, Inserted, Item, ItemWrite, Key, Page, Query,
    SortRange, Table, TableError,
};

/// Most pages that are read for one page of a log that is filtered by actor.
const MAX_READS: usize = 10;
/// Entries that are read at once.
const READ_ENTRIES: usize = 100;

/// Which entries of the log are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub resource: Option<String>,
    /// By its id.
    pub actor: Option<String>,
    pub from: Option<Timestamp>,
    /// Up to and with this millisecond.
    pub to: Option<Timestamp>,
}

/// Entries of the log, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPage {
    /// Fewer than were asked for may be followed by others.
    pub entries: Vec<AuditEntry>,
    /// The next page starts behind this entry; none if this is the last.
    pub next: Option<AuditId>,
}

impl Store {
    /// The same store, each of whose writes carries this entry in the same transaction.
    ///
    /// # Errors
    /// [`StoreError::Codec`] if the entry can't be stored.
    pub fn noting(&self, ws: &WorkspaceId, entry: &AuditEntry) -> Result<Self, StoreError> {
        Ok(Self::on(Arc::new(NotingTable { table: self.table.clone(), entry: entry_item(ws, entry)? })))
    }

    /// Keeps an entry of its own: of what is more than one transaction, before it begins; of what was
    /// denied. One that is there stays.
    pub async fn note_change(&self, ws: &WorkspaceId, entry: &AuditEntry) -> Result<(), StoreError> {
        self.write_if(ItemWrite::put(entry_item(ws, entry)?), Condition::NoItem).await.map(drop)
    }

    /// At most `limit` entries of the log, newest first, behind `after`.
    pub async fn audit_log(
        &self,
        ws: &WorkspaceId,
        filter: &AuditFilter,
        after: Option<&AuditId>,
        limit: usize,
    ) -> Result<AuditPage, StoreError> {
        let mut page = AuditPage { entries: Vec::new(), next: after.cloned() };
        for _ in 0..MAX_READS {
            let (read, is_end) = self.read_log(ws, filter, page.next.as_ref()).await?;
            for entry in read {
                if page.entries.len() == limit {
                    return Ok(page);
                }
                page.next = Some(entry.id.clone());
                if filter.actor.as_ref().is_none_or(|actor| entry.act.actor.id == *actor) {
                    page.entries.push(entry);
                }
            }
            if is_end {
                page.next = None;
                break;
            }
        }
        Ok(page)
    }

    /// The next entries of the log, and whether there are no others.
    async fn read_log(
        &self,
        ws: &WorkspaceId,
        filter: &AuditFilter,
        after: Option<&AuditId>,
    ) -> Result<(Vec<AuditEntry>, bool), StoreError> {
        let query = match &filter.resource {
            None => Query::table(keys::audit_log(ws)),
            Some(resource) => Query::index(keys::audit_of(ws, resource)),
        };
        // One more than is kept: the range takes in the entry that was seen last.
        let query = query.range(range(filter, after)).descending().limit(READ_ENTRIES + 1);
        let page = self.page(query).await?;
        let is_end = page.next.is_none();
        let items = match filter.resource {
            None => page.items,
            Some(_) => {
                self.get_all(page.items.iter().filter_map(Key::of).collect()).await?.into_values().collect()
            }
        };
        let entries: Result<Vec<AuditEntry>, _> = items.into_iter().map(item::decode).collect();
        let mut entries = entries?;
        entries.retain(|entry| after != Some(&entry.id));
        entries.sort_by(|one, other| other.id.cmp(&one.id));
        Ok((entries, is_end))
    }
}

/// The ids that were made in the time that is asked for, up to the one that was seen last.
fn range(filter: &AuditFilter, after: Option<&AuditId>) -> SortRange {
    let first = AuditId::new(filter.from.unwrap_or(Timestamp::from_millis(0)), [0; 10]);
    let last = filter.to.map(|to| AuditId::new(to, [0xff; 10]));
    let last = match (last, after) {
        (Some(last), Some(after)) => last.min(after.clone()).to_string(),
        (Some(last), None) => last.to_string(),
        (None, Some(after)) => after.to_string(),
        // Behind every id.
        (None, None) => format!("{}~", AuditId::PREFIX),
    };
    SortRange::Between(first.to_string(), last)
}

fn entry_item(ws: &WorkspaceId, entry: &AuditEntry) -> Result<Item, StoreError> {
    let index = Key { pk: keys::audit_of(ws, &entry.resource), sk: entry.id.to_string() };
    let mut item = item::encode_indexed(keys::audit_entry(ws, &entry.id), Some(index), entry)?;
    item.insert(TTL_ATTRIBUTE.into(), number(entry.at.plus_ms(KEPT_MS).as_secs()));
    Ok(item)
}

/// A table that notes what is written to it.
#[derive(Debug)]
struct NotingTable {
    table: Arc<dyn Table>,
    entry: Item,
}

impl Table for NotingTable {
    fn get(&self, key: Key) -> Answer<'_, Option<Item>> {
        self.table.get(key)
    }

    fn get_batch(&self, keys: Vec<Key>) -> Answer<'_, BatchRead> {
        self.table.get_batch(keys)
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        self.table.query(query)
    }

    /// A transaction does not answer with the item as it is then: it is read after it.
    fn write(&self, write: ItemWrite) -> Answer<'_, Option<Item>> {
        Box::pin(async move {
            let (key, is_update) = (write.key(), matches!(write.action, Action::Update(..)));
            match self.transact(vec![write]).await {
                Ok(()) if is_update => self.table.get(key).await,
                Ok(()) => Ok(None),
                Err(TableError::Cancelled(reasons)) => Err(match reasons.first() {
                    Some(Cancellation::ConditionFailed) => TableError::ConditionFailed,
                    Some(Cancellation::Conflict) => TableError::Conflict,
                    _ => TableError::Cancelled(reasons),
                }),
                Err(error) => Err(error),
            }
        })
    }

    fn transact(&self, mut writes: Vec<ItemWrite>) -> Answer<'_, ()> {
        writes.push(ItemWrite::put(self.entry.clone()));
        Box::pin(async move {
            // Who sends a transaction knows only of its own writes.
            self.table.transact(writes).await.map_err(|error| match error {
                TableError::Cancelled(mut reasons) => {
                    reasons.pop();
                    TableError::Cancelled(reasons)
                }
                error => error,
            })
        })
    }

    /// Imports, which nobody asks the API to write.
    fn insert_batch(&self, items: Vec<Item>) -> Answer<'_, Vec<Inserted>> {
        self.table.insert_batch(items)
    }

    fn back_off(&self, tries: u32) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.table.back_off(tries)
    }
}

#[cfg(test)]
mod tests {
    use carillon_domain::records::audit::{Act, Actor};
    use carillon_domain::records::workspace::Workspace;
    use serde_json::{Value, json};

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn entry(n: u8, at: Timestamp, actor: &str, resource: &str) -> AuditEntry {
        let actor = Actor { id: actor.to_owned(), name: "CRM".to_owned() };
        let act = Act { actor, operation: "change".to_owned(), request_id: "r".to_owned(), reason: None };
        act.done(at, [n; 10], resource.to_owned(), &Value::Null, &json!({ "n": n }))
    }

    #[tokio::test]
    async fn a_change_and_its_entry_are_there_together_or_not_at_all() {
        let store = Store::in_memory();
        let ws = WorkspaceId::new(at(0), [1; 10]);
        let workspace = Workspace::new(ws.clone(), "Acme".to_owned(), at(0));
        let noting = |n| store.noting(&ws, &entry(n, at(5), "key_1", "ws")).expect("an entry");
        let log =
            async || store.audit_log(&ws, &AuditFilter::default(), None, 9).await.expect("a log").entries;
        assert!(noting(1).create_workspace(&workspace).await.expect("a table"));
        assert_eq!(log().await, [entry(1, at(5), "key_1", "ws")]);
        // What is refused leaves none: a put, and a transaction.
        assert!(!noting(2).create_workspace(&workspace).await.expect("a table"));
        let late = Workspace { version: 7, ..workspace.clone() };
        assert!(!noting(3).update_workspace(&late).await.expect("a table"));
        assert_eq!(log().await.len(), 1);
        let next = Workspace { version: workspace.version + 1, ..workspace };
        assert!(noting(4).update_workspace(&next).await.expect("a table"));
        assert_eq!(log().await, [entry(4, at(5), "key_1", "ws"), entry(1, at(5), "key_1", "ws")]);
    }

    #[tokio::test]
    async fn a_long_log_is_paged_through_by_actor_resource_and_time() {
        let store = Store::in_memory();
        let ws = WorkspaceId::new(at(0), [1; 10]);
        let mut all: Vec<_> = (0..1_500_u16)
            .map(|n| {
                let (actor, resource) =
                    (if n % 700 == 3 { "key_2" } else { "key_1" }, format!("cmp_{}", n % 7));
                entry((n % 250).try_into().unwrap_or_default(), at(i64::from(n / 2)), actor, &resource)
            })
            .collect();
        for entry in &all {
            store.note_change(&ws, entry).await.expect("a table");
        }
        all.sort_by(|one, other| other.id.cmp(&one.id));
        let read = async |filter: &AuditFilter, limit| {
            let (mut read, mut next) = (Vec::new(), None);
            loop {
                let page = store.audit_log(&ws, filter, next.as_ref(), limit).await.expect("a log");
                assert!(page.entries.len() <= limit);
                read.extend(page.entries);
                match page.next {
                    None => return read,
                    some => next = some,
                }
            }
        };
        let is_meant = |filter: &AuditFilter, entry: &AuditEntry| {
            filter.resource.as_ref().is_none_or(|resource| *resource == entry.resource)
                && filter.actor.as_ref().is_none_or(|actor| *actor == entry.act.actor.id)
                && filter.from.is_none_or(|from| entry.at >= from)
                && filter.to.is_none_or(|to| entry.at <= to)
        };
        for filter in [
            AuditFilter::default(),
            AuditFilter { actor: Some("key_2".to_owned()), ..AuditFilter::default() },
            AuditFilter { resource: Some("cmp_3".to_owned()), ..AuditFilter::default() },
            AuditFilter { from: Some(at(100)), to: Some(at(300)), ..AuditFilter::default() },
            AuditFilter { resource: Some("cmp_3".to_owned()), to: Some(at(300)), ..AuditFilter::default() },
        ] {
            let meant: Vec<_> = all.iter().filter(|entry| is_meant(&filter, entry)).cloned().collect();
            assert!(meant.len() > 1);
            for limit in [7, 100] {
                assert_eq!(read(&filter, limit).await, meant, "{filter:?}");
            }
        }
    }
}
