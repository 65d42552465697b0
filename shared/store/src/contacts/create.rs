//! Creating contacts in bulk.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::records::contact::Contact;
use carillon_domain::transaction::Transaction;

use super::ContactChange;
use crate::access::Store;
use crate::commit::CommitError;
use crate::error::StoreError;
use crate::table::MAX_TRANSACTION_WRITES;

impl Store {
    /// Creates contacts, as many together as fit in a transaction; what became of each, in their order.
    ///
    /// No number is to stand twice among them. One that is held by the contact itself was created before, in a
    /// request whose reply was lost.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; the same contacts may be sent again.
    pub async fn create_contacts(
        &self,
        ws: &WorkspaceId,
        contacts: &[Contact],
    ) -> Result<Vec<ContactChange>, StoreError> {
        let known = self.contacts_of(ws, contacts.iter().flat_map(Contact::phones)).await?;
        let held = |contact: &Contact| {
            contact.phones().find_map(|number| {
                let by = known.get(&Subscriber::of(number))?.clone();
                Some(ContactChange::Held { number: number.clone(), by })
            })
        };
        let mut changes: Vec<Option<ContactChange>> = contacts.iter().map(held).collect();
        let open: Vec<usize> = (0..contacts.len()).filter(|place| changes[*place].is_none()).collect();
        let mut rest = open.as_slice();
        while !rest.is_empty() {
            let together = fitting(contacts, rest);
            for (place, change) in together.iter().zip(self.create_together(ws, contacts, together).await?) {
                changes[*place] = Some(change);
            }
            rest = &rest[together.len()..];
        }
        Ok(changes.into_iter().flatten().collect())
    }

    /// Creates contacts in one transaction; one by one if that is refused.
    async fn create_together(
        &self,
        ws: &WorkspaceId,
        contacts: &[Contact],
        places: &[usize],
    ) -> Result<Vec<ContactChange>, StoreError> {
        let transaction = Transaction::create_contacts(places.iter().map(|place| &contacts[*place]));
        match self.commit(ws, &transaction).await {
            Ok(()) => return Ok(vec![ContactChange::Done; places.len()]),
            Err(CommitError::Refused(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
        let mut changes = Vec::with_capacity(places.len());
        for place in places {
            changes.push(self.change_contact(ws, None, Some(&contacts[*place])).await?);
        }
        Ok(changes)
    }
}

/// The first places whose contacts fit in one transaction; one at least.
fn fitting<'a>(contacts: &[Contact], places: &'a [usize]) -> &'a [usize] {
    let mut writes = 0;
    let fits = |place: &&usize| {
        writes += Transaction::create_contact(&contacts[**place]).0.len();
        writes <= MAX_TRANSACTION_WRITES
    };
    &places[..places.iter().take_while(fits).count().max(1)]
}
