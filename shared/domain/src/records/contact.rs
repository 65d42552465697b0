//! Contacts: the people in a workspace's address book.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::ids::{ContactId, ContactListId};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::records::lead::{LeadNumber, Origin, Profile};

/// Most lists that a contact is on: what changes of it fits in one transaction.
pub const MAX_LISTS: usize = 10;

/// A person in the address book, with all their numbers. Each number has one contact in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub id: ContactId,
    pub version: u64,
    /// Who they are, as leads have it; without overwrites, which are values of an assistant's variables.
    pub profile: Profile,
    /// Their numbers in the order in which they are dialled, as leads have them; never empty.
    pub numbers: Vec<LeadNumber>,
    /// The lists that they are on.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lists: BTreeSet<ContactListId>,
    /// The row of a file that they came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// Contacts that are found together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactGroup {
    /// Those on a list.
    List(ContactListId),
    /// Those with a tag, which is the same in any case.
    Tag(String),
}

/// The contacts that all of these hold for; all contacts if there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ContactFilter {
    /// Only those on this list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ContactListId>,
    /// Only those with this tag, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

impl Contact {
    /// Their numbers, the first one first.
    pub fn phones(&self) -> impl Iterator<Item = &E164> {
        self.numbers.iter().map(|one| &one.number)
    }

    /// All that they are found by.
    pub fn groups(&self) -> BTreeSet<ContactGroup> {
        let lists = self.lists.iter().cloned().map(ContactGroup::List);
        lists.chain(self.profile.tags.iter().map(|tag| ContactGroup::of_tag(tag))).collect()
    }

    /// The contact with other details, numbers and lists.
    pub fn edited(
        &self,
        profile: Profile,
        numbers: Vec<LeadNumber>,
        lists: BTreeSet<ContactListId>,
        now: Timestamp,
    ) -> Self {
        Self { version: self.version + 1, profile, numbers, lists, updated_at: now, ..self.clone() }
    }

    /// The contact on one list more.
    pub fn joined(&self, list: &ContactListId, now: Timestamp) -> Self {
        self.with_lists(self.lists.iter().chain([list]).cloned().collect(), now)
    }

    /// The contact without a list.
    pub fn left(&self, list: &ContactListId, now: Timestamp) -> Self {
        self.with_lists(self.lists.iter().filter(|own| *own != list).cloned().collect(), now)
    }

    fn with_lists(&self, lists: BTreeSet<ContactListId>, now: Timestamp) -> Self {
        self.edited(self.profile.clone(), self.numbers.clone(), lists, now)
    }
}

impl ContactGroup {
    /// Those with a tag.
    pub fn of_tag(tag: &str) -> Self {
        Self::Tag(tag.to_lowercase())
    }
}

impl ContactFilter {
    /// The group in which all that it finds are, with others it may be; none if they are in none together.
    pub fn group(&self) -> Option<ContactGroup> {
        let list = self.list.clone().map(ContactGroup::List);
        list.or_else(|| self.tag.as_deref().map(ContactGroup::of_tag))
    }

    pub fn finds(&self, contact: &Contact) -> bool {
        let is_tagged = |tag: &String| contact.groups().contains(&ContactGroup::of_tag(tag));
        self.list.as_ref().is_none_or(|list| contact.lists.contains(list))
            && self.tag.as_ref().is_none_or(is_tagged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, NOW};

    #[test]
    fn a_filter_finds_those_for_whom_all_of_it_holds() {
        let list = ContactListId::new(NOW, [1; 10]);
        let mut contact = fixtures::contact(1);
        contact.profile.tags = vec!["VIP".into(), "Fair".into()];
        let on_list = contact.joined(&list, NOW);
        assert_eq!(on_list.left(&list, NOW).lists, contact.lists);
        for (in_list, tag, finds) in [
            (None, None, [true, true]),
            (Some(&list), None, [false, true]),
            (None, Some("vip"), [true, true]),
            (Some(&list), Some("fair"), [false, true]),
            (Some(&list), Some("fai"), [false, false]),
        ] {
            let filter = ContactFilter { list: in_list.cloned(), tag: tag.map(Into::into) };
            assert_eq!([&contact, &on_list].map(|contact| filter.finds(contact)), finds, "{filter:?}");
            let group = filter.group();
            assert!(!finds[1] || group.is_none_or(|group| on_list.groups().contains(&group)));
        }
    }
}
