//! Rows that become contacts on a list.

use std::collections::BTreeSet;

use carillon_domain::base::ids::{ContactId, ContactListId, WorkspaceId};
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::importing::{Fault, merged_contact};
use carillon_domain::records::campaign::OnDuplicate;
use carillon_domain::records::contact::{Contact, MAX_LISTS};
use carillon_runtime::context::Context;
use carillon_store::{ContactChange, RejectedRow, StoreError};

use super::{Chunk, Row, Stored};
use crate::error::ImportError;

/// How often a contact may change under our hands before the import rests for a moment.
const MAX_TRIES: u32 = 10;

/// A contact to be, and its row as it stands in the file.
type ContactRow = (Contact, Vec<String>);

/// Stores the rows of a chunk as contacts on a list. Whoever is a contact already comes on the list, too.
pub(super) async fn store(
    context: &Context,
    ws: &WorkspaceId,
    list: &ContactListId,
    chunk: &mut Chunk,
    rows: Vec<Row>,
    on_duplicate: OnDuplicate,
) -> Result<Stored, ImportError> {
    let contact = |Row { draft, origin, fields }| (draft.into_contact(list, origin, context.now()), fields);
    let (fresh, again) = apart(rows.into_iter().map(contact));
    let contacts: Vec<Contact> = fresh.iter().map(|(contact, _)| contact.clone()).collect();
    let changes = context.store.create_contacts(ws, &contacts).await?;
    let (mut stored, mut known) = (Stored::default(), Vec::new());
    for ((contact, fields), change) in fresh.into_iter().zip(changes) {
        match change {
            ContactChange::Done => stored.created += 1,
            // Created in a request whose reply was lost.
            ContactChange::Held { by, .. } if by == contact.id => stored.created += 1,
            ContactChange::Held { by, .. } => known.push((contact, fields, by)),
            ContactChange::NoList(list) => return Err(gone(&list)),
            ContactChange::Overtaken => return Err(contended()),
        }
    }
    for (contact, fields) in again {
        let holders = context.store.contacts_of(ws, contact.phones()).await?;
        let by = contact.phones().find_map(|number| holders.get(&Subscriber::of(number)).cloned());
        known.push((contact, fields, by.ok_or_else(contended)?));
    }
    // In the order of the file: of two rows for one person, the later one counts.
    known.sort_by_key(|(contact, ..)| row_of(contact));
    for (contact, fields, by) in known {
        let reason = format!("a number of theirs is a contact already ({by}), who is on the list now");
        match (take_over(context, ws, &by, &contact, on_duplicate).await?, on_duplicate) {
            (Ok(()), OnDuplicate::Update) => stored.updated += 1,
            (Ok(()), OnDuplicate::Skip) => chunk.report((&contact, fields), by, reason),
            (Err(fault), _) => {
                let reason = format!(
                    "a number of theirs is a contact already ({by}), who can't take it over: {fault}"
                );
                chunk.report((&contact, fields), by, reason);
            }
        }
    }
    Ok(stored)
}

/// The rows whose numbers stand here for the first time, and the others.
fn apart(rows: impl Iterator<Item = ContactRow>) -> (Vec<ContactRow>, Vec<ContactRow>) {
    let mut seen = BTreeSet::new();
    rows.partition(|(contact, _)| {
        let subscribers = Subscriber::all(contact.phones());
        let is_fresh = seen.is_disjoint(&subscribers);
        seen.extend(subscribers);
        is_fresh
    })
}

/// Has a stored contact take over what a row of one of its numbers says, or only come on the row's list. Numbers that
/// are other contacts' stay theirs. Answers with the limit if that is too much for one contact.
async fn take_over(
    context: &Context,
    ws: &WorkspaceId,
    id: &ContactId,
    row: &Contact,
    on_duplicate: OnDuplicate,
) -> Result<Result<(), Fault>, ImportError> {
    let mut row = row.clone();
    for _ in 0..MAX_TRIES {
        let Some(stored) = context.store.contact(ws, id).await? else { continue };
        let after = match on_duplicate {
            OnDuplicate::Update => merged_contact(&stored, &row, context.now()),
            OnDuplicate::Skip => on_lists_of(&stored, &row, context),
        };
        let after = match after {
            Ok(Some(after)) => after,
            Ok(None) => return Ok(Ok(())),
            Err(fault) => return Ok(Err(fault)),
        };
        match context.store.change_contact(ws, Some(&stored), Some(&after)).await? {
            ContactChange::Done => return Ok(Ok(())),
            ContactChange::Held { number, .. } => row.numbers.retain(|one| one.number != number),
            ContactChange::NoList(list) => return Err(gone(&list)),
            ContactChange::Overtaken => {}
        }
    }
    Err(contended())
}

/// A contact on the lists of another, too; none if it is on them.
fn on_lists_of(stored: &Contact, other: &Contact, context: &Context) -> Result<Option<Contact>, Fault> {
    let joined = other.lists.iter().fold(stored.clone(), |contact, list| contact.joined(list, context.now()));
    if joined.lists == stored.lists {
        return Ok(None);
    }
    if joined.lists.len() > MAX_LISTS {
        return Err(Fault::TooManyLists { count: joined.lists.len() });
    }
    Ok(Some(Contact { version: stored.version + 1, ..joined }))
}

impl Chunk {
    /// Reports a row that did not become a contact of its own.
    fn report(&mut self, (contact, fields): (&Contact, Vec<String>), by: ContactId, reason: String) {
        self.rejected.push(RejectedRow {
            row: row_of(contact),
            column: Some(self.phone_header.clone()),
            value: contact.phones().next().map(ToString::to_string),
            reason,
            lead: None,
            contact: Some(by),
            is_warning: false,
            fields,
        });
    }
}

fn row_of(contact: &Contact) -> u64 {
    contact.origin.as_ref().map_or(0, |origin| origin.row)
}

fn gone(list: &ContactListId) -> ImportError {
    ImportError::Unreadable(format!("the contact list {list} was deleted"))
}

fn contended() -> ImportError {
    StoreError::contended("a contact changed again and again").into()
}
