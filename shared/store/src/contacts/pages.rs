//! Contacts in the order in which they came: all of them, or those of a group. A page costs what it shows, however
//! many contacts there are.

use std::collections::VecDeque;

use carillon_domain::base::ids::{ContactId, WorkspaceId};
use carillon_domain::records::contact::{Contact, ContactFilter, ContactGroup};

use crate::access::Store;
use crate::error::StoreError;
use crate::keys::{self, CONTACT_SHARDS};
use crate::parallel::in_parallel;
use crate::table::{Query, Select, SortRange, text_of};

/// Fewest contacts that are read of a shard at once.
const MIN_READ: usize = 4;
/// Most portions that are read for one page of a list that is filtered by more than its group.
const MAX_READS: usize = 10;

/// A page of contacts, the oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactPage {
    /// Fewer than were asked for may be followed by others.
    pub contacts: Vec<Contact>,
    /// The next page starts behind this contact; none if this is the last.
    pub next: Option<ContactId>,
}

/// What was read of one shard and is not given out.
struct Shard {
    pk: String,
    ids: VecDeque<ContactId>,
    /// Whether the shard goes on behind these.
    has_more: bool,
}

impl Store {
    /// At most `limit` contacts that a filter finds, the oldest first, behind `after`.
    pub async fn contact_page(
        &self,
        ws: &WorkspaceId,
        filter: &ContactFilter,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<ContactPage, StoreError> {
        let group = filter.group();
        let mut page = ContactPage { contacts: Vec::new(), next: after.cloned() };
        for _ in 0..MAX_READS {
            let wanted = limit - page.contacts.len();
            let ids = self.contact_ids(ws, group.as_ref(), page.next.as_ref(), wanted + 1).await?;
            let is_last = ids.len() <= wanted;
            let shown = &ids[..ids.len().min(wanted)];
            let mut contacts = self.contacts(ws, shown).await?;
            contacts.retain(|contact| filter.finds(contact));
            page.contacts.extend(contacts);
            page.next = shown.last().cloned().filter(|_| !is_last);
            if is_last || page.contacts.len() == limit {
                break;
            }
        }
        Ok(page)
    }

    /// At most `limit` contacts of one shard behind an id, strongly, in the order of their ids, and whether there may
    /// be more: of all, or of those of a group. There are [`CONTACT_SHARDS`].
    pub async fn contacts_behind(
        &self,
        ws: &WorkspaceId,
        group: Option<&ContactGroup>,
        shard: u32,
        after: Option<ContactId>,
        limit: usize,
    ) -> Result<(Vec<ContactId>, bool), StoreError> {
        let read = self.read_ids(keys::contact_shard(ws, group, shard), after.as_ref(), limit).await?;
        Ok((read.ids.into(), read.has_more))
    }

    /// The first ids behind another one, over all shards.
    async fn contact_ids(
        &self,
        ws: &WorkspaceId,
        group: Option<&ContactGroup>,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<ContactId>, StoreError> {
        let shards = usize::try_from(CONTACT_SHARDS).unwrap_or(usize::MAX);
        // Contacts are spread evenly: with twice its part, most shards are read once.
        let at_once = (2 * limit / shards).max(MIN_READ);
        let reads = (0..CONTACT_SHARDS)
            .map(|shard| self.read_ids(keys::contact_shard(ws, group, shard), after, at_once));
        let mut shards = in_parallel(shards, reads).await?;
        let mut ids = Vec::new();
        while ids.len() < limit
            && let Some(shard) = first(&mut shards)
            && let Some(id) = shard.ids.pop_front()
        {
            if shard.ids.is_empty() && shard.has_more {
                *shard = self.read_ids(std::mem::take(&mut shard.pk), Some(&id), at_once).await?;
            }
            ids.push(id);
        }
        Ok(ids)
    }

    async fn read_ids(
        &self,
        pk: String,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Shard, StoreError> {
        let range = after.map_or(SortRange::All, |after| SortRange::After(after.to_string()));
        let query = Query::table(pk.as_str()).range(range).limit(limit).select(Select::SortKeys);
        let page = self.page(query).await?;
        let ids = page.items.iter().filter_map(|item| text_of(item, "sk")?.parse().ok());
        Ok(Shard { ids: ids.collect(), pk, has_more: page.next.is_some() })
    }
}

/// The shard whose next id is the lowest.
fn first(shards: &mut [Shard]) -> Option<&mut Shard> {
    let open = shards.iter_mut().filter(|shard| !shard.ids.is_empty());
    open.min_by(|one, other| one.ids.front().cmp(&other.ids.front()))
}
