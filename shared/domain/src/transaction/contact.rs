//! Writes to the address book: a contact, whose its numbers are, and what it is found by, all or nothing.

use std::collections::BTreeSet;

use super::{Transaction, Write};
use crate::base::ids::{ContactId, ContactListId};
use crate::base::phone::E164;
use crate::base::subscriber::Subscriber;
use crate::records::contact::{Contact, ContactGroup};

/// One write to the address book with its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactWrite {
    /// Puts a contact, if there is none with its id.
    Create(Contact),
    /// Puts a contact, if the stored one is one version older.
    Update(Contact),
    /// Removes a contact, if this version of it is stored.
    Remove(Contact),
    /// Gives a number to a contact, if it is nobody's.
    HoldNumber { number: E164, contact: ContactId },
    /// Takes a number from a contact, if it is this contact's.
    GiveUpNumber { number: E164, contact: ContactId },
    /// Notes a contact among those that are found together.
    Join { group: ContactGroup, contact: ContactId },
    /// Removes that note.
    Leave { group: ContactGroup, contact: ContactId },
    /// Adds to how many contacts are on a list, if the list takes any.
    CountMembers { list: ContactListId, contact: ContactId, by: i64 },
}

/// The part of the address book that a write touches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ContactItem<'a> {
    Contact(&'a ContactId),
    Number(Subscriber),
    Member(&'a ContactGroup, &'a ContactId),
    Count(&'a ContactListId),
}

impl ContactWrite {
    pub(super) fn item(&self) -> ContactItem<'_> {
        match self {
            Self::Create(contact) | Self::Update(contact) | Self::Remove(contact) => {
                ContactItem::Contact(&contact.id)
            }
            Self::HoldNumber { number, .. } | Self::GiveUpNumber { number, .. } => {
                ContactItem::Number(Subscriber::of(number))
            }
            Self::Join { group, contact } | Self::Leave { group, contact } => {
                ContactItem::Member(group, contact)
            }
            Self::CountMembers { list, .. } => ContactItem::Count(list),
        }
    }
}

impl Transaction {
    /// Puts a new contact.
    pub fn create_contact(contact: &Contact) -> Self {
        let write = ContactWrite::Create(contact.clone());
        Self::contact(write, None, Some(contact), &contact.lists)
    }

    /// Puts several new contacts, whose numbers are different; each list is counted up once.
    pub fn create_contacts<'a>(contacts: impl IntoIterator<Item = &'a Contact>) -> Self {
        let mut all = Self::default();
        for write in contacts.into_iter().flat_map(|contact| Self::create_contact(contact).0) {
            if let Write::Contact(ContactWrite::CountMembers { list, by, .. }) = &write
                && let Some(counted) = all.count_of(list)
            {
                *counted += by;
            } else {
                all.push(write);
            }
        }
        all
    }

    /// Puts a contact in the place of another state of it; lists that are not open any more are left without being
    /// counted.
    pub fn change_contact(before: &Contact, after: &Contact, open: &BTreeSet<ContactListId>) -> Self {
        Self::contact(ContactWrite::Update(after.clone()), Some(before), Some(after), open)
    }

    /// Removes a contact with all that names it.
    pub fn remove_contact(contact: &Contact, open: &BTreeSet<ContactListId>) -> Self {
        Self::contact(ContactWrite::Remove(contact.clone()), Some(contact), None, open)
    }

    fn contact(
        write: ContactWrite,
        before: Option<&Contact>,
        after: Option<&Contact>,
        open: &BTreeSet<ContactListId>,
    ) -> Self {
        let Some(id) = after.or(before).map(|contact| contact.id.clone()) else { return Self::default() };
        let mut writes = vec![write];
        let contact = || id.clone();
        for number in numbers_beyond(after, before) {
            writes.push(ContactWrite::HoldNumber { number, contact: contact() });
        }
        for number in numbers_beyond(before, after) {
            writes.push(ContactWrite::GiveUpNumber { number, contact: contact() });
        }
        let [was, is] = [before, after].map(|state| state.map(Contact::groups).unwrap_or_default());
        for (group, by) in
            is.difference(&was).map(|one| (one, 1)).chain(was.difference(&is).map(|one| (one, -1)))
        {
            let (group, contact) = (group.clone(), contact());
            if let ContactGroup::List(list) = &group
                && open.contains(list)
            {
                writes.push(ContactWrite::CountMembers { list: list.clone(), contact: contact.clone(), by });
            }
            writes.push(if by > 0 {
                ContactWrite::Join { group, contact }
            } else {
                ContactWrite::Leave { group, contact }
            });
        }
        Self(writes.into_iter().map(Write::Contact).collect())
    }
}

impl Transaction {
    fn count_of(&mut self, of: &ContactListId) -> Option<&mut i64> {
        self.0.iter_mut().find_map(|write| match write {
            Write::Contact(ContactWrite::CountMembers { list, by, .. }) if list == of => Some(by),
            _ => None,
        })
    }
}

/// The numbers of one state that another has in no form.
fn numbers_beyond(one: Option<&Contact>, other: Option<&Contact>) -> Vec<E164> {
    let others = other.map(|other| Subscriber::all(other.phones())).unwrap_or_default();
    let numbers = one.into_iter().flat_map(Contact::phones);
    numbers.filter(|number| !others.contains(&Subscriber::of(number))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures::{self, NOW};
    use crate::records::lead::LeadNumber;

    fn list(n: u8) -> ContactListId {
        ContactListId::new(NOW, [n; 10])
    }

    fn contact(numbers: &[u32], tags: &[u8], lists: &[u8]) -> Contact {
        let mut contact = fixtures::contact(1);
        contact.numbers = numbers.iter().map(|n| LeadNumber::new(fixtures::number(*n))).collect();
        contact.profile.tags = tags.iter().map(|n| format!("Tag{n}")).collect();
        contact.lists = lists.iter().map(|n| list(*n)).collect();
        contact
    }

    /// Whose numbers there are and what is found where, after some writes.
    fn noted(transaction: &Transaction, mut kept: BTreeSet<String>) -> BTreeSet<String> {
        for write in &transaction.0 {
            let Write::Contact(write) = write else { panic!("{write:?}") };
            let is_new = match write {
                ContactWrite::HoldNumber { number, .. } => kept.insert(Subscriber::of(number).to_string()),
                ContactWrite::GiveUpNumber { number, .. } => kept.remove(Subscriber::of(number).as_str()),
                ContactWrite::Join { group, .. } => kept.insert(format!("{group:?}")),
                ContactWrite::Leave { group, .. } => kept.remove(&format!("{group:?}")),
                _ => continue,
            };
            assert!(is_new, "{write:?} changes nothing");
        }
        kept
    }

    fn counted(transaction: &Transaction) -> i64 {
        let by = |write: &Write| match write {
            Write::Contact(ContactWrite::CountMembers { by, .. }) => *by,
            _ => 0,
        };
        transaction.0.iter().map(by).sum()
    }

    fn some(most: usize) -> impl Strategy<Value = Vec<u8>> {
        proptest::sample::subsequence((0..12).collect::<Vec<u8>>(), 0..=most)
    }

    proptest! {
        /// Whatever a contact was, what names it after a change is what names one that was new so.
        #[test]
        fn a_change_leaves_what_a_creation_would(
            was in (some(5), some(11), some(10)),
            is in (some(5), some(11), some(10)),
        ) {
            let [was, is] = [was, is].map(|(numbers, tags, lists)| {
                contact(&numbers.into_iter().map(u32::from).collect::<Vec<_>>(), &tags, &lists)
            });
            let open: BTreeSet<_> = (0..12).map(list).collect();
            let created = noted(&Transaction::create_contact(&was), BTreeSet::new());
            let change = Transaction::change_contact(&was, &is, &open);
            let changed = noted(&change, created);
            prop_assert_eq!(&changed, &noted(&Transaction::create_contact(&is), BTreeSet::new()));
            let count = |contact: &Contact| i64::try_from(contact.lists.len()).expect("small");
            let difference = count(&is) - count(&was);
            prop_assert_eq!(counted(&change), difference);
            prop_assert_eq!(change.touched_twice(), None);
            prop_assert_eq!(noted(&Transaction::remove_contact(&is, &open), changed), BTreeSet::new());
        }
    }

    #[test]
    fn several_that_are_new_count_each_list_once() {
        let mut other = contact(&[2], &[1], &[2]);
        other.id = ContactId::new(NOW, [9; 10]);
        let both = Transaction::create_contacts([&contact(&[1], &[1], &[1, 2]), &other]);
        assert_eq!((counted(&both), both.touched_twice()), (3, None));
        // Two contacts with their numbers, five places, and a count for each list.
        assert_eq!(both.0.len(), 4 + 5 + 2);
    }

    #[test]
    fn a_list_that_is_being_deleted_is_left_uncounted() {
        let (before, after) = (contact(&[1], &[], &[1, 2]), contact(&[1], &[], &[]));
        let change = Transaction::change_contact(&before, &after, &[list(2)].into());
        assert_eq!((change.0.len(), counted(&change)), (4, -1));
    }
}
