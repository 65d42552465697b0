//! Do-not-call lists: their names, and their entries in the order of the numbers.
//!
//! Entries are there to be found; what forbids a call is the number's record.

use std::collections::{BTreeSet, VecDeque};

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::phone::E164;
use carillon_domain::policy::do_not_call::{ListName, Listing, MAX_LISTS};
use serde::Deserialize;

use crate::access::Store;
use crate::error::StoreError;
use crate::item;
use crate::keys::{self, LIST_SHARDS};
use crate::parallel::in_parallel;
use crate::table::{Change, Condition, Query, SortRange, text_of};

/// Fewest entries that are read of a shard at once.
const MIN_READ: usize = 8;
/// The attribute that holds the names.
const LIST_NAMES: &str = "list_names";

#[derive(Debug, Default, Deserialize)]
struct NamesItem {
    #[serde(default)]
    list_names: BTreeSet<ListName>,
}

/// A number on a do-not-call list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry {
    pub number: E164,
    pub listing: Listing,
}

/// A page of a do-not-call list, sorted by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    pub entries: Vec<ListEntry>,
    /// The next page starts behind this number; none if this is the last.
    pub next: Option<E164>,
}

/// What was read of one shard and is not given out.
#[derive(Debug)]
struct QueuePosition {
    pk: String,
    entries: VecDeque<ListEntry>,
    /// Whether the shard goes on behind these.
    has_more: bool,
}

impl Store {
    /// The names of a workspace's lists; those that hold everywhere are always among them.
    pub async fn list_names(&self, ws: &WorkspaceId) -> Result<BTreeSet<ListName>, StoreError> {
        let stored: NamesItem = self.get(keys::lists(ws)).await?.unwrap_or_default();
        let mut names = stored.list_names;
        names.extend([ListName::do_not_call(), ListName::unclear_wishes()]);
        Ok(names)
    }

    /// Notes the name of a list. Says whether it is noted: not if there are [`MAX_LISTS`] others.
    pub async fn add_list(&self, ws: &WorkspaceId, list: &ListName) -> Result<bool, StoreError> {
        if self.list_names(ws).await?.contains(list) {
            return Ok(true);
        }
        // Two are always there and not stored.
        let has_room = Condition::has_room_for(list.as_str(), LIST_NAMES, MAX_LISTS - 2);
        let changes = vec![Change::Include(LIST_NAMES, vec![list.to_string()])];
        Ok(self.update_if(keys::lists(ws), changes, Some(has_room)).await?.is_some())
    }

    /// Notes the name of a list that has entries, however many lists there are.
    pub async fn keep_list(&self, ws: &WorkspaceId, list: &ListName) -> Result<(), StoreError> {
        if self.list_names(ws).await?.contains(list) {
            return Ok(());
        }
        self.update(keys::lists(ws), vec![Change::Include(LIST_NAMES, vec![list.to_string()])]).await
    }

    /// Forgets the name of a list that has no entries. Says whether it had none.
    pub async fn remove_list(&self, ws: &WorkspaceId, list: &ListName) -> Result<bool, StoreError> {
        // First the name, then the look: who adds an entry looks for the name after that.
        self.update(keys::lists(ws), vec![Change::Exclude(LIST_NAMES, list.to_string())]).await?;
        let is_empty = self.list_page(ws, list, None, 1).await?.entries.is_empty();
        if !is_empty {
            self.keep_list(ws, list).await?;
        }
        Ok(is_empty)
    }

    /// At most `limit` entries of a list, sorted by number, behind `after`.
    pub async fn list_page(
        &self,
        ws: &WorkspaceId,
        list: &ListName,
        after: Option<&E164>,
        limit: usize,
    ) -> Result<ListPage, StoreError> {
        let shards = usize::try_from(LIST_SHARDS).unwrap_or(usize::MAX);
        // Numbers are spread evenly: with twice its part, most shards are read once.
        let at_once = (2 * limit / shards).max(MIN_READ);
        let reads =
            (0..LIST_SHARDS).map(|shard| self.read_ahead(keys::list_shard(ws, list, shard), after, at_once));
        let mut aheads = in_parallel(shards, reads).await?;
        let mut page = ListPage::default();
        while let Some((number, place)) = first(&aheads) {
            if page.entries.len() >= limit {
                page.next = page.entries.last().map(|entry| entry.number.clone());
                break;
            }
            let ahead = &mut aheads[place];
            page.entries.extend(ahead.entries.pop_front());
            if ahead.entries.is_empty() && ahead.has_more {
                let pk = std::mem::take(&mut ahead.pk);
                *ahead = self.read_ahead(pk, Some(&number), at_once).await?;
            }
        }
        Ok(page)
    }

    /// The entries of one shard behind a number; more of them if any are left.
    async fn read_ahead(
        &self,
        pk: String,
        after: Option<&E164>,
        limit: usize,
    ) -> Result<QueuePosition, StoreError> {
        let range = after.map_or(SortRange::All, |after| SortRange::After(after.to_string()));
        let page = self.page(Query::table(pk.as_str()).range(range).limit(limit)).await?;
        let mut entries = VecDeque::with_capacity(limit);
        for item in page.items {
            if let Some(Ok(number)) = text_of(&item, "sk").map(str::parse) {
                entries.push_back(ListEntry { number, listing: item::decode(item)? });
            }
        }
        Ok(QueuePosition { pk, entries, has_more: page.next.is_some() })
    }
}

/// The lowest number that was read, and in which shard it stands.
fn first(aheads: &[QueuePosition]) -> Option<(E164, usize)> {
    let heads = aheads.iter().enumerate();
    let (entry, place) = heads
        .filter_map(|(place, ahead)| Some((ahead.entries.front()?, place)))
        .min_by(|(one, _), (other, _)| one.number.cmp(&other.number))?;
    Some((entry.number.clone(), place))
}
