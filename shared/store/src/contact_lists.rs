//! Contact lists, and how many contacts are on each.
//!
//! The counts of a list are made with it, and only what is there is counted up: once they are gone with the list's
//! closing, no contact comes on it any more.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::ids::{ContactListId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::contact::{Contact, ContactGroup};
use carillon_domain::records::contact_list::ContactList;
use carillon_domain::records::job::{Checkpoint, Job};
use carillon_domain::transaction::{Transaction, Write};

use crate::access::{Store, Transacted};
use crate::commit::CommitError;
use crate::contacts::MEMBERS;
use crate::error::StoreError;
use crate::item::{self, number, number_of};
use crate::jobs::job_item;
use crate::keys::{self, CONTACT_SHARDS};
use crate::removal::Removal;
use crate::table::{Condition, ItemWrite};

/// Contacts that one step takes off a list: each takes two writes.
const CONTACTS_PER_STEP: usize = 45;

impl Store {
    /// Creates a list. Says whether there was none with its id.
    pub async fn create_contact_list(
        &self,
        ws: &WorkspaceId,
        list: &ContactList,
    ) -> Result<bool, StoreError> {
        let put = ItemWrite::put(item::encode(keys::contact_list(ws, &list.id), list)?);
        let mut writes = vec![put.when(Condition::NoItem)];
        for key in keys::member_counts(ws, &list.id) {
            let mut count = item::key_attributes(key);
            count.insert(MEMBERS.into(), number(0));
            writes.push(ItemWrite::put(count));
        }
        Ok(self.transact(writes).await? == Transacted::Done)
    }

    /// One list. One that is being deleted is gone for everybody but who deletes it.
    pub async fn contact_list(
        &self,
        ws: &WorkspaceId,
        id: &ContactListId,
    ) -> Result<Option<ContactList>, StoreError> {
        let list: Option<ContactList> = self.get(keys::contact_list(ws, id)).await?;
        Ok(list.filter(|list| !list.is_closed))
    }

    /// All lists of a workspace but those that are being deleted, oldest first.
    pub async fn contact_lists(&self, ws: &WorkspaceId) -> Result<Vec<ContactList>, StoreError> {
        let mut lists: Vec<ContactList> = self.list(keys::contact_lists(ws)).await?;
        lists.retain(|list| !list.is_closed);
        Ok(lists)
    }

    /// Those of some lists that are there and not being deleted.
    pub(crate) async fn contact_lists_of(
        &self,
        ws: &WorkspaceId,
        ids: &BTreeSet<ContactListId>,
    ) -> Result<Vec<ContactList>, StoreError> {
        let items = self.get_all(ids.iter().map(|id| keys::contact_list(ws, id)).collect()).await?;
        let lists: Result<Vec<ContactList>, _> = items.into_values().map(item::decode).collect();
        Ok(lists?.into_iter().filter(|list| !list.is_closed).collect())
    }

    /// How many contacts are on each of these lists.
    pub async fn members_of(
        &self,
        ws: &WorkspaceId,
        lists: &[ContactListId],
    ) -> Result<HashMap<ContactListId, u64>, StoreError> {
        let counts = lists.iter().flat_map(|list| keys::member_counts(ws, list));
        let items = self.get_all(counts.collect()).await?;
        let sum = |list: &ContactListId| {
            let counts = keys::member_counts(ws, list).filter_map(|key| items.get(&key));
            counts.map(|item| number_of(item, MEMBERS)).sum::<i64>()
        };
        Ok(lists.iter().map(|list| (list.clone(), u64::try_from(sum(list)).unwrap_or_default())).collect())
    }

    /// Stores a changed list, if the stored one is one version older. Says whether it was.
    pub async fn update_contact_list(
        &self,
        ws: &WorkspaceId,
        list: &ContactList,
    ) -> Result<bool, StoreError> {
        self.put_next(keys::contact_list(ws, &list.id), list, list.version).await
    }

    /// Closes a list for good, and creates the job that removes it: from then on it is gone for everybody else. Says
    /// whether the stored one was one version older.
    pub async fn close_contact_list(
        &self,
        ws: &WorkspaceId,
        closed: &ContactList,
        job: &Job,
    ) -> Result<bool, StoreError> {
        let put = ItemWrite::put(item::encode(keys::contact_list(ws, &closed.id), closed)?);
        let mut writes = vec![put.when(Condition::one_older(closed.version))];
        writes.extend(keys::member_counts(ws, &closed.id).map(ItemWrite::delete));
        writes.push(ItemWrite::put(job_item(ws, job)?).when(Condition::NoItem));
        Ok(self.transact(writes).await? == Transacted::Done)
    }

    /// Takes some more contacts off a list that is closed, for the job that removes it; then its imports go, and
    /// the list itself goes last.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, or a contact has changed in this moment; the step may be done
    /// again.
    pub async fn empty_contact_list(
        &self,
        ws: &WorkspaceId,
        list: &ContactListId,
        job: &Job,
        now: Timestamp,
    ) -> Result<Removal, StoreError> {
        let group = ContactGroup::List(list.clone());
        for shard in job.checkpoint.part..CONTACT_SHARDS {
            let (ids, _) = self.contacts_behind(ws, Some(&group), shard, None, CONTACTS_PER_STEP).await?;
            if ids.is_empty() {
                continue;
            }
            let contacts = self.contacts(ws, &ids).await?;
            let mut transaction = without(&contacts, list, now);
            let to = Checkpoint { part: shard, after: None };
            let next = job.counting(to, contacts.len() as u64, 0, now);
            transaction.push(Write::AdvanceJob(next.clone()));
            return match self.commit(ws, &transaction).await {
                Ok(()) => Ok(Removal::Stepped(Box::new(next))),
                Err(error) if error.refuses(|write| matches!(write, Write::AdvanceJob(_))) => {
                    Ok(Removal::Overtaken)
                }
                Err(CommitError::Refused(_)) => Err(StoreError::contended("a contact has changed meanwhile")),
                Err(CommitError::Store(error)) => Err(error),
            };
        }
        let mut left = self.rejected_keys(ws, list).await?;
        if left.is_empty() {
            left = self.keys_in(keys::imports(ws, list)).await?;
        }
        if !left.is_empty() {
            // What is removed twice is gone once.
            for key in left {
                self.remove(key).await?;
            }
            let to = Checkpoint { part: CONTACT_SHARDS, after: None };
            return self.with_job(ws, Vec::new(), job.counting(to, 0, 0, now)).await;
        }
        let gone = ItemWrite::delete(keys::contact_list(ws, list));
        Ok(match self.with_job(ws, vec![gone], job.completed(now)).await? {
            Removal::Stepped(_) => Removal::Done,
            other => other,
        })
    }
}

/// Takes contacts off a list that is not counted any more.
fn without(contacts: &[Contact], list: &ContactListId, now: Timestamp) -> Transaction {
    let open = BTreeSet::new();
    let off = contacts.iter().map(|contact| {
        let Transaction(writes) = Transaction::change_contact(contact, &contact.left(list, now), &open);
        writes
    });
    Transaction(off.flatten().collect())
}
