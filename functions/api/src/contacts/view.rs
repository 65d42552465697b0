//! What a client is shown of a contact.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::{ContactId, ContactListId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::contact::Contact;
use carillon_domain::records::lead::Consent;
use serde::Serialize;
use utoipa::ToSchema;

use crate::leads::{PhoneForm, SourceView};

/// A person of the address book.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Contact)]
pub(crate) struct ContactView {
    /// Its id.
    id: ContactId,
    /// The number that is dialled first.
    phone: Option<E164>,
    /// All of their numbers, in the order in which they are dialled.
    phones: Vec<PhoneForm>,
    /// Full name.
    name: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Where they work.
    company: Option<String>,
    /// Their own time zone, if it was given.
    timezone: Option<&'static str>,
    /// That they agreed to be called, as far as it is known.
    consent: Option<Consent>,
    /// Words to find them by.
    tags: Vec<String>,
    /// Values for the templates.
    variables: BTreeMap<String, String>,
    /// The lists that they are on.
    lists: BTreeSet<ContactListId>,
    /// The row of a file that they came from.
    source: Option<SourceView>,
    /// When they were created.
    created_at: Timestamp,
    /// When they were last changed.
    updated_at: Timestamp,
}

impl From<Contact> for ContactView {
    fn from(contact: Contact) -> Self {
        Self {
            id: contact.id,
            phone: contact.numbers.first().map(|one| one.number.clone()),
            phones: contact.numbers.iter().map(PhoneForm::from).collect(),
            name: contact.profile.name,
            email: contact.profile.email,
            company: contact.profile.company,
            timezone: contact.profile.timezone.map(|zone| zone.name()),
            consent: contact.profile.consent,
            tags: contact.profile.tags,
            variables: contact.profile.variables,
            lists: contact.lists,
            source: contact.origin.map(SourceView::from),
            created_at: contact.created_at,
            updated_at: contact.updated_at,
        }
    }
}
