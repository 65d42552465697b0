//! What a client sends of a contact.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::{ContactId, ContactListId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::contact::{Contact, MAX_LISTS};
use carillon_domain::records::lead::{Consent, LeadNumber, Profile};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::change::Patchable;
use crate::http::etag::{Changeable, ETag};
use crate::http::problem::Problem;
use crate::http::validation::FieldErrors;
use crate::leads::{LeadForm, NumberRules, PhoneForm, given};

/// A person of the address book.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactForm {
    /// Their numbers, in the order in which they are dialled; a patch replaces them all. No number can be another
    /// contact's.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(nullable = false)]
    phones: Option<Vec<PhoneForm>>,
    /// The number that is dialled first, as people write it; one without a country is read as of `default_country`.
    /// With `secondary_phones` this is a short form of `phones`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(example = "+49 30 901820", min_length = 1, nullable = false)]
    phone: Option<String>,
    /// The numbers that are dialled after it, in order.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(nullable = false)]
    secondary_phones: Option<Vec<String>>,
    /// Full name.
    #[serde(default)]
    #[schema(example = "Ana Example")]
    name: Option<String>,
    /// E-mail address.
    #[serde(default)]
    email: Option<String>,
    /// Where they work.
    #[serde(default)]
    company: Option<String>,
    /// Their own time zone (IANA).
    #[serde(default)]
    #[schema(example = "Europe/Berlin")]
    timezone: Option<String>,
    /// That they agreed to be called.
    #[serde(default)]
    consent: Option<Consent>,
    /// Words to find them by.
    #[serde(default)]
    tags: Vec<String>,
    /// Values for the templates.
    #[serde(default)]
    variables: BTreeMap<String, String>,
    /// The lists that they are on.
    #[serde(default)]
    #[schema(max_items = 10)]
    lists: BTreeSet<ContactListId>,
}

impl ContactForm {
    /// The new contact, if all is right with it.
    ///
    /// # Errors
    /// A problem that names every field at fault.
    pub(super) fn into_contact(
        self,
        id: ContactId,
        rules: &NumberRules<'_>,
        now: Timestamp,
    ) -> Result<Contact, Problem> {
        let (numbers, profile, lists) = self.parts(rules, now)?;
        Ok(Contact {
            id,
            version: 1,
            profile,
            numbers,
            lists,
            origin: None,
            created_at: now,
            updated_at: now,
        })
    }

    /// A contact with what this says in the place of what it had.
    ///
    /// # Errors
    /// A problem that names every field at fault.
    pub(super) fn onto_contact(
        self,
        stored: &Contact,
        rules: &NumberRules<'_>,
        now: Timestamp,
    ) -> Result<Contact, Problem> {
        let (numbers, profile, lists) = self.parts(rules, now)?;
        Ok(stored.edited(profile, numbers, lists, now))
    }

    /// A contact is read as a lead is, which it is to become.
    fn parts(
        self,
        rules: &NumberRules<'_>,
        now: Timestamp,
    ) -> Result<(Vec<LeadNumber>, Profile, BTreeSet<ContactListId>), Problem> {
        let mut errors = FieldErrors::default();
        errors.check_count("lists", self.lists.len(), MAX_LISTS);
        errors.into_result()?;
        let lists = self.lists;
        let lead = LeadForm {
            phones: self.phones,
            phone: self.phone,
            secondary_phones: self.secondary_phones,
            name: self.name,
            email: self.email,
            company: self.company,
            timezone: self.timezone,
            consent: self.consent,
            tags: self.tags,
            variables: self.variables,
            overwrites: BTreeMap::new(),
            is_test: false,
        };
        let (numbers, profile) = lead.into_draft(rules, now)?.into_parts();
        Ok((numbers, profile, lists))
    }
}

impl Changeable for Contact {
    fn etag(&self) -> ETag {
        ETag::of(self.version, &self.form())
    }
}

impl Patchable for Contact {
    type Form = ContactForm;

    fn form(&self) -> ContactForm {
        self.into()
    }
}

impl From<&Contact> for ContactForm {
    fn from(contact: &Contact) -> Self {
        let profile = contact.profile.clone();
        Self {
            phones: Some(contact.numbers.iter().map(PhoneForm::from).collect()),
            phone: None,
            secondary_phones: None,
            name: profile.name,
            email: profile.email,
            company: profile.company,
            timezone: profile.timezone.map(|zone| zone.name().to_owned()),
            consent: profile.consent,
            tags: profile.tags,
            variables: profile.variables,
            lists: contact.lists.clone(),
        }
    }
}
