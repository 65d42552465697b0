//! The keys of the address book.

use carillon_domain::base::ids::{ContactId, ContactListId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::records::contact::ContactGroup;

use super::shard::{CONTACT_SHARDS, MEMBER_COUNT_SHARDS, shard};
use crate::table::Key;

/// A part of all contacts, or of those of a group. A contact is in the same part of each.
pub(crate) fn contact_shard(ws: &WorkspaceId, group: Option<&ContactGroup>, shard: u32) -> String {
    match group {
        None => format!("{ws}#contacts#all#{shard:02}"),
        Some(ContactGroup::List(list)) => format!("{ws}#contacts#{list}#{shard:02}"),
        Some(ContactGroup::Tag(tag)) => format!("{ws}#contacts#tag#{}#{shard:02}", part(tag)),
    }
}

pub(crate) fn contact(ws: &WorkspaceId, id: &ContactId) -> Key {
    member(ws, None, id)
}

/// Where a contact stands in a group, or itself.
pub(crate) fn member(ws: &WorkspaceId, group: Option<&ContactGroup>, id: &ContactId) -> Key {
    Key::new(contact_shard(ws, group, shard(id.body(), CONTACT_SHARDS)), id.as_str())
}

/// Whose contact a number is: each has one.
pub(crate) fn contact_number(ws: &WorkspaceId, number: &E164) -> Key {
    Key::new(format!("{ws}#number#{}", Subscriber::of(number)), "contact")
}

pub(crate) fn contact_lists(ws: &WorkspaceId) -> String {
    format!("{ws}#contact_lists")
}

pub(crate) fn contact_list(ws: &WorkspaceId, id: &ContactListId) -> Key {
    Key::new(contact_lists(ws), id.as_str())
}

/// How many contacts are on a list: a part for each shard, all of which are there as long as the list takes any.
pub(crate) fn member_counts(ws: &WorkspaceId, list: &ContactListId) -> impl Iterator<Item = Key> {
    (0..MEMBER_COUNT_SHARDS).map(move |shard| Key::new(format!("{ws}#{list}#count#{shard}"), "count"))
}

/// The part in which a contact counts.
pub(crate) fn member_count(ws: &WorkspaceId, list: &ContactListId, contact: &ContactId) -> Key {
    let shard = shard(contact.body(), MEMBER_COUNT_SHARDS);
    Key::new(format!("{ws}#{list}#count#{shard}"), "count")
}

/// A text as a part of a key: without what separates parts.
fn part(text: &str) -> String {
    text.replace('%', "%25").replace('#', "%23")
}

#[cfg(test)]
mod tests {
    use carillon_domain::base::time::Timestamp;

    use super::*;

    #[test]
    fn a_tag_is_one_part_whatever_is_in_it() {
        let ws = WorkspaceId::new(Timestamp::from_millis(1), [1; 10]);
        let of = |tag: &str| contact_shard(&ws, Some(&ContactGroup::of_tag(tag)), 3);
        assert_eq!(of("VIP"), of("vip"));
        let tags = ["a#b", "a%23b", "a%2523b", "a"];
        for (n, tag) in tags.iter().enumerate() {
            assert_eq!(of(tag).matches('#').count(), 4, "{tag}");
            assert!(tags[..n].iter().all(|other| of(other) != of(tag)), "{tag}");
        }
    }
}
