//! The ledger of a workspace: what was paid in, entry by entry, and what was spent.

use std::collections::HashMap;

use carillon_domain::base::ids::{TopUpId, WorkspaceId};
use carillon_domain::records::credits::{Credits, TopUp};
use carillon_domain::records::workspace::Workspace;

use crate::access::Store;
use crate::access::Transacted;
use crate::error::StoreError;
use crate::item::{self, number_of, take};
use crate::keys::{self, CREDIT_SHARDS};
use crate::table::{Change, Condition, Item, ItemWrite, Key, PageStart, Query, SortRange};

/// The attribute that sums what was paid in, in millionths of a US dollar.
const TOPPED_UP: &str = "topped_up_micros";
/// The attribute that sums what was spent, in millionths of a US dollar.
pub(crate) const SPENT: &str = "spent_micros";

/// A page of top-ups, latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TopUpPage {
    pub entries: Vec<TopUp>,
    /// The entry behind which the next page starts; none if this is the last.
    pub next: Option<TopUpId>,
}

impl Store {
    /// Books a top-up: its entry and the sum change together. Says whether it is new; one that is
    /// booked already changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; it may be booked then, and may be sent again.
    pub async fn book_top_up(&self, ws: &WorkspaceId, entry: &TopUp) -> Result<bool, StoreError> {
        let item = item::encode(keys::top_up(ws, &entry.id), entry)?;
        let entry_put = ItemWrite::put(item).when(Condition::NoItem);
        let writes =
            vec![entry_put, ItemWrite::update(keys::credits(ws), vec![Change::Add(TOPPED_UP, entry.micros)])];
        Ok(self.transact(writes).await? == Transacted::Done)
    }

    /// The credits of a workspace, strongly and in one request.
    pub async fn credits(&self, ws: &WorkspaceId) -> Result<Credits, StoreError> {
        let items = self.get_all(credit_keys(ws).collect()).await?;
        Ok(credits_in(&items, ws))
    }

    /// The workspace and its credits, strongly and in one request.
    pub async fn workspace_and_credits(
        &self,
        ws: &WorkspaceId,
    ) -> Result<(Option<Workspace>, Credits), StoreError> {
        let wanted = std::iter::once(keys::workspace(ws)).chain(credit_keys(ws));
        let mut items = self.get_all(wanted.collect()).await?;
        let workspace = take(&mut items, &keys::workspace(ws))?;
        Ok((workspace, credits_in(&items, ws)))
    }

    /// The top-ups of a workspace, latest first; `after` is where an earlier page ended.
    pub async fn top_ups(
        &self,
        ws: &WorkspaceId,
        after: Option<&TopUpId>,
        limit: usize,
    ) -> Result<TopUpPage, StoreError> {
        let query = Query::table(keys::ledger(ws))
            .range(SortRange::StartsWith(TopUpId::PREFIX.to_owned()))
            .descending()
            .start(after.map(|id| PageStart { key: keys::top_up(ws, id), entry: None }))
            .limit(limit + 1);
        let items = self.page(query).await?.items;
        let mut entries: Vec<TopUp> = items.into_iter().map(item::decode).collect::<Result<_, _>>()?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).map(|entry| entry.id.clone());
        Ok(TopUpPage { entries, next })
    }
}

/// The items whose sums are the credits.
pub(crate) fn credit_keys(ws: &WorkspaceId) -> impl Iterator<Item = Key> {
    std::iter::once(keys::credits(ws)).chain((0..CREDIT_SHARDS).map(|shard| keys::spent(ws, shard)))
}

/// The credits among the items that were read.
pub(crate) fn credits_in(items: &HashMap<Key, Item>, ws: &WorkspaceId) -> Credits {
    let sum =
        |name| credit_keys(ws).filter_map(|key| items.get(&key)).map(|item| number_of(item, name)).sum();
    Credits { topped_up_micros: sum(TOPPED_UP), spent_micros: sum(SPENT) }
}
