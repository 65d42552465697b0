//! The address book: contacts, whose their numbers are, and what they are found by.
//!
//! A contact is one item; each of its numbers, lists and tags is another that names it, and all of them change in one
//! transaction. Unlike a lead's, the id of a contact says nothing of its number: it has to outlive any of them.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::ids::{ContactId, ContactListId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::importing::{MAX_NUMBERS, MAX_TAGS};
use carillon_domain::records::contact::{Contact, MAX_LISTS};
use carillon_domain::transaction::{ContactWrite, Transaction, Write};
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::commit::CommitError;
use crate::error::StoreError;
use crate::item;
use crate::keys;
use crate::table::{Change, Condition, ItemWrite, MAX_TRANSACTION_WRITES};

mod create;
mod pages;

pub use pages::ContactPage;

/// Most writes that one change of a contact takes: itself; all of its numbers, tags and lists gone and others come,
/// each list with its count; and the entry of the audit log.
const MAX_WRITES: usize = 1 + 2 * (MAX_NUMBERS + MAX_TAGS + 2 * MAX_LISTS) + 1;
const _: () = assert!(MAX_WRITES <= MAX_TRANSACTION_WRITES);

/// The attribute that counts the contacts on a list.
pub(crate) const MEMBERS: &str = "members";
/// The attribute that names the contact whose a number is.
const CONTACT: &str = "contact";

/// What became of a change of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactChange {
    Done,
    /// A number that it was to get is another contact's.
    Held {
        number: E164,
        by: ContactId,
    },
    /// A list that it was to come on is not there.
    NoList(ContactListId),
    /// Somebody else was faster.
    Overtaken,
}

#[derive(Serialize, Deserialize)]
struct NumberItem {
    contact: ContactId,
}

impl Store {
    pub async fn contact(&self, ws: &WorkspaceId, id: &ContactId) -> Result<Option<Contact>, StoreError> {
        self.get(keys::contact(ws, id)).await
    }

    /// Several contacts, strongly consistent, in the order of their ids; those that are gone are left out.
    pub async fn contacts(&self, ws: &WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        let mut items = self.get_all(ids.iter().map(|id| keys::contact(ws, id)).collect()).await?;
        let found = ids.iter().filter_map(|id| items.remove(&keys::contact(ws, id)));
        found.map(item::decode).collect()
    }

    /// Whose these numbers are in the address book, in whatever form they are written.
    pub async fn contacts_of(
        &self,
        ws: &WorkspaceId,
        numbers: impl IntoIterator<Item = &E164>,
    ) -> Result<HashMap<Subscriber, ContactId>, StoreError> {
        let numbers: HashMap<Subscriber, &E164> =
            numbers.into_iter().map(|number| (Subscriber::of(number), number)).collect();
        let keys = numbers.values().map(|number| keys::contact_number(ws, number)).collect();
        let mut items = self.get_all(keys).await?;
        let mut found = HashMap::with_capacity(items.len());
        for (subscriber, number) in numbers {
            let held: Option<NumberItem> = item::take(&mut items, &keys::contact_number(ws, number))?;
            found.extend(held.map(|held| (subscriber, held.contact)));
        }
        Ok(found)
    }

    /// Stores a contact in the place of another state of it: a new one if there is no state before, and none any
    /// more if there is none after.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; the change may have been made.
    pub async fn change_contact(
        &self,
        ws: &WorkspaceId,
        before: Option<&Contact>,
        after: Option<&Contact>,
    ) -> Result<ContactChange, StoreError> {
        let [was, is] = [before, after].map(|state| state.map(|one| one.lists.clone()).unwrap_or_default());
        let open = self.open_lists(ws, &(&was ^ &is)).await?;
        if let Some(list) = is.difference(&was).find(|list| !open.contains(list)) {
            return Ok(ContactChange::NoList(list.clone()));
        }
        let transaction = match (before, after) {
            (None, None) => return Ok(ContactChange::Done),
            (None, Some(after)) => Transaction::create_contact(after),
            (Some(before), Some(after)) => Transaction::change_contact(before, after, &open),
            (Some(before), None) => Transaction::remove_contact(before, &open),
        };
        match self.commit(ws, &transaction).await {
            Ok(()) => Ok(ContactChange::Done),
            Err(CommitError::Refused(writes)) => self.refusal(ws, &writes).await,
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// Why a change was refused: whose the number is that it did not get, if that was the reason.
    async fn refusal(&self, ws: &WorkspaceId, writes: &[Write]) -> Result<ContactChange, StoreError> {
        let number = writes.iter().find_map(|write| match write {
            Write::Contact(ContactWrite::HoldNumber { number, .. }) => Some(number),
            _ => None,
        });
        let Some(number) = number else { return Ok(ContactChange::Overtaken) };
        let held: Option<NumberItem> = self.get(keys::contact_number(ws, number)).await?;
        let held = held.map(|held| ContactChange::Held { number: number.clone(), by: held.contact });
        Ok(held.unwrap_or(ContactChange::Overtaken))
    }

    /// Those of the lists that take contacts.
    async fn open_lists(
        &self,
        ws: &WorkspaceId,
        lists: &BTreeSet<ContactListId>,
    ) -> Result<BTreeSet<ContactListId>, StoreError> {
        let mut open = BTreeSet::new();
        if !lists.is_empty() {
            let found = self.contact_lists_of(ws, lists).await?;
            open.extend(found.into_iter().map(|list| list.id));
        }
        Ok(open)
    }
}

/// A write to the address book as the table takes it.
pub(crate) fn contact_write(ws: &WorkspaceId, write: &ContactWrite) -> Result<ItemWrite, StoreError> {
    let put = |contact: &Contact| item::encode(keys::contact(ws, &contact.id), contact).map(ItemWrite::put);
    Ok(match write {
        ContactWrite::Create(contact) => put(contact)?.when(Condition::NoItem),
        ContactWrite::Update(contact) => put(contact)?.when(Condition::one_older(contact.version)),
        ContactWrite::Remove(contact) => {
            ItemWrite::delete(keys::contact(ws, &contact.id)).when(Condition::is_version(contact.version))
        }
        ContactWrite::HoldNumber { number, contact } => {
            let held = NumberItem { contact: contact.clone() };
            ItemWrite::put(item::encode(keys::contact_number(ws, number), &held)?).when(Condition::NoItem)
        }
        ContactWrite::GiveUpNumber { number, contact } => ItemWrite::delete(keys::contact_number(ws, number))
            .when(Condition::Equals(CONTACT, item::text(contact))),
        ContactWrite::Join { group, contact } => {
            ItemWrite::put(item::key_attributes(keys::member(ws, Some(group), contact)))
        }
        ContactWrite::Leave { group, contact } => ItemWrite::delete(keys::member(ws, Some(group), contact)),
        ContactWrite::CountMembers { list, contact, by } => {
            let key = keys::member_count(ws, list, contact);
            ItemWrite::update(key, vec![Change::Add(MEMBERS, *by)]).when(Condition::Present(MEMBERS))
        }
    })
}
