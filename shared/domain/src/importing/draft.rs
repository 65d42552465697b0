//! A lead to be.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use serde::Serialize;

use super::columns::Column;
use super::fault::Fault;
use super::names::is_variable_name;
use super::{
    MAX_EMAIL_BYTES, MAX_FIELD_BYTES, MAX_LEAD_BYTES, MAX_NUMBERS, MAX_TAG_BYTES, MAX_TAGS, MAX_VARIABLES,
    shown,
};
use crate::base::ids::{ContactId, ContactListId, LeadId};
use crate::base::phone::E164;
use crate::base::subscriber::Subscriber;
use crate::base::time::Timestamp;
use crate::base::zone::Zone;
use crate::records::contact::Contact;
use crate::records::lead::{Consent, FileOrder, Lead, LeadNumber, LeadState, Origin, Profile};

/// Most bytes of the part of an e-mail address before the @ (RFC 5321, 4.5.3.1.1).
const MAX_EMAIL_LOCAL_BYTES: usize = 64;

/// A lead to be: from a row of a file, or from an API client. Only the primary number is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadDraft {
    /// The number that is dialled first.
    pub primary: LeadNumber,
    /// The numbers that are dialled after it, in order; none stands twice.
    pub others: Vec<LeadNumber>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub company: Option<String>,
    pub timezone: Option<Tz>,
    /// That they agreed to be called.
    pub consent: Option<Consent>,
    /// Words to find them by.
    pub tags: Vec<String>,
    pub variables: BTreeMap<String, String>,
    /// Values of the assistant's variables for this lead.
    pub overwrites: BTreeMap<String, String>,
}

/// What is wrong with one field of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field; none if it is the lead as a whole.
    pub column: Option<Column>,
    /// The value, cut if it is long.
    pub value: String,
    pub reason: Fault,
}

impl LeadDraft {
    /// The lead, new and due at once.
    pub fn into_lead(self, id: LeadId, order: FileOrder, origin: Option<Origin>, now: Timestamp) -> Lead {
        let (zone, zone_source) = Zone::of(self.timezone, &self.primary.number);
        let (numbers, profile) = self.into_parts();
        Lead {
            id,
            version: 1,
            profile,
            numbers,
            zone,
            zone_source,
            state: LeadState::Pending,
            stood: None,
            fault: None,
            attempts: 0,
            failed: 0,
            rejected: None,
            last: None,
            next_number_index: 0,
            hold: None,
            step: 0,
            run: 0,
            is_attempted: false,
            is_leaving: false,
            is_first_submission: false,
            restart_reason: None,
            order,
            origin,
            contact: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The contact on a list, from a row of a file.
    pub fn into_contact(self, list: &ContactListId, origin: Origin, now: Timestamp) -> Contact {
        let id = ContactId::derive(&origin.import, origin.row);
        let (numbers, profile) = self.into_parts();
        let (lists, origin) = ([list.clone()].into(), Some(origin));
        Contact { id, version: 1, profile, numbers, lists, origin, created_at: now, updated_at: now }
    }

    /// Their numbers, the primary first, and what else is known of them.
    pub fn into_parts(self) -> (Vec<LeadNumber>, Profile) {
        let mut numbers = vec![self.primary];
        numbers.extend(self.others);
        let profile = Profile {
            name: self.name,
            email: self.email,
            company: self.company,
            timezone: self.timezone,
            consent: self.consent,
            tags: self.tags,
            variables: self.variables,
            overwrites: self.overwrites,
        };
        (numbers, profile)
    }

    /// A lead with these numbers and nothing else; of several spellings of a number the first counts.
    pub fn new(primary: E164, others: impl IntoIterator<Item = E164>) -> Self {
        Self::of_numbers(LeadNumber::new(primary), others.into_iter().map(LeadNumber::new))
    }

    /// The same of numbers of which more is known.
    pub fn of_numbers(primary: LeadNumber, others: impl IntoIterator<Item = LeadNumber>) -> Self {
        let mut others: Vec<LeadNumber> = others.into_iter().collect();
        // Most have one number.
        if !others.is_empty() {
            let mut seen = BTreeSet::from([Subscriber::of(&primary.number)]);
            others.retain(|one| seen.insert(Subscriber::of(&one.number)));
        }
        Self {
            primary,
            others,
            name: None,
            email: None,
            company: None,
            timezone: None,
            consent: None,
            tags: Vec::new(),
            variables: BTreeMap::new(),
            overwrites: BTreeMap::new(),
        }
    }

    /// Tags it with these words besides its own.
    ///
    /// # Errors
    /// [`Fault::TooManyTags`] or [`Fault::LeadTooLarge`]: then it goes without its own.
    pub fn tag(&mut self, tags: &[String]) -> Result<(), Fault> {
        if tags.is_empty() {
            return Ok(());
        }
        let new = tags.iter().filter(|tag| !self.tags.contains(tag)).cloned();
        let own = self.tags.len();
        self.tags.extend(new.collect::<Vec<_>>());
        let Some(error) = self.check().err().and_then(|errors| errors.into_iter().next()) else {
            return Ok(());
        };
        self.tags.drain(..own);
        Err(error.reason)
    }

    /// Leaves out what a column gave; the numbers stay.
    pub(super) fn leave_out(&mut self, column: &Column) {
        match column {
            Column::Name => self.name = None,
            Column::Email => self.email = None,
            Column::Company => self.company = None,
            Column::Timezone => self.timezone = None,
            Column::Tags => self.tags.retain(|tag| (1..=MAX_TAG_BYTES).contains(&tag.len())),
            Column::FirstName | Column::LastName | Column::Country | Column::Variable(_) => {
                self.variables.remove(&column.to_string());
            }
            // Consent is read as a whole, elsewhere, and what is told of a number with that number.
            Column::Phone
            | Column::SecondaryPhone(_)
            | Column::OfNumber(..)
            | Column::Consent(_)
            | Column::Ignored => {}
        }
    }

    /// All of its numbers, the primary one first.
    pub fn numbers(&self) -> impl Iterator<Item = &LeadNumber> {
        std::iter::once(&self.primary).chain(&self.others)
    }

    /// Whether the lead keeps to the limits.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Details {
            name: self.name.as_deref(),
            email: self.email.as_deref(),
            company: self.company.as_deref(),
            tags: &self.tags,
            variables: &self.variables,
            overwrites: &self.overwrites,
        }
        .errors();
        errors.extend(self.number_errors());
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// What is wrong with its numbers, and what is known of them.
    pub(super) fn number_errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let count = self.numbers().count();
        if count > MAX_NUMBERS {
            errors.push(FieldError::of_lead(Fault::TooManyNumbers { count }));
        }
        let mut seen = BTreeSet::new();
        for (place, one) in (1..).zip(self.numbers()) {
            let column = || if place == 1 { Column::Phone } else { Column::SecondaryPhone(place) };
            if !seen.insert(Subscriber::of(&one.number)) {
                errors.push(FieldError::new(column(), one.number.as_str(), Fault::RepeatedNumber));
            }
            errors.extend(
                errors_of(one).into_iter().map(|(value, fault)| FieldError::new(column(), value, fault)),
            );
        }
        let bytes = self.numbers().flat_map(texts_of).map(str::len).sum();
        if bytes > MAX_LEAD_BYTES {
            errors.push(FieldError::of_lead(Fault::LeadTooLarge { bytes }));
        }
        errors
    }
}

impl FieldError {
    pub(super) fn new(column: Column, value: &str, reason: Fault) -> Self {
        Self { column: Some(column), value: shown(value), reason }
    }

    fn of_lead(reason: Fault) -> Self {
        Self { column: None, value: String::new(), reason }
    }
}

/// The first limit that what a lead carries goes over, besides its numbers.
pub fn fault_of(profile: &Profile) -> Option<Fault> {
    let details = Details {
        name: profile.name.as_deref(),
        email: profile.email.as_deref(),
        company: profile.company.as_deref(),
        tags: &profile.tags,
        variables: &profile.variables,
        overwrites: &profile.overwrites,
    };
    details.errors().into_iter().next().map(|error| error.reason)
}

/// What a lead carries besides its numbers and its time zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Details<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) email: Option<&'a str>,
    pub(super) company: Option<&'a str>,
    pub(super) tags: &'a [String],
    pub(super) variables: &'a BTreeMap<String, String>,
    pub(super) overwrites: &'a BTreeMap<String, String>,
}

impl Details<'_> {
    /// Everything that is wrong with them.
    pub(super) fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (column, text) in [(Column::Name, self.name), (Column::Company, self.company)] {
            errors.extend(text.and_then(|text| too_long(|| column, text)));
        }
        if let Some(email) = self.email.filter(|email| !is_email(email)) {
            errors.push(FieldError::new(Column::Email, email, Fault::Email));
        }
        for tag in self.tags.iter().filter(|tag| !(1..=MAX_TAG_BYTES).contains(&tag.len())) {
            errors.push(FieldError::new(Column::Tags, tag, Fault::Tag));
        }
        for (name, value) in self.variables {
            if !is_variable_name(name) {
                errors.push(FieldError::new(Column::Variable(shown(name)), name, Fault::VariableName));
            }
            errors.extend(too_long(|| Column::Variable(shown(name)), value));
        }
        errors.extend(self.excess().into_iter().map(FieldError::of_lead));
        errors
    }

    /// What there is too much of.
    fn excess(&self) -> Vec<Fault> {
        let (tags, variables, bytes) = (self.tags.len(), self.variables.len(), self.bytes());
        [
            (tags > MAX_TAGS).then_some(Fault::TooManyTags { count: tags }),
            (variables > MAX_VARIABLES).then_some(Fault::TooManyVariables { count: variables }),
            (bytes > MAX_LEAD_BYTES).then_some(Fault::LeadTooLarge { bytes }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn bytes(&self) -> usize {
        let texts = [self.name, self.email, self.company].into_iter().flatten().map(str::len);
        let tags = self.tags.iter().map(String::len);
        let values = self.variables.iter().chain(self.overwrites);
        let variables = values.map(|(name, value)| name.len() + value.len());
        texts.chain(tags).chain(variables).sum()
    }
}

/// What is wrong with what is known of a number.
fn errors_of(one: &LeadNumber) -> Vec<(&str, Fault)> {
    let names = one.variables.keys().chain(one.overwrites.keys()).filter(|name| !is_variable_name(name));
    let long = texts_of(one).filter(|text| text.len() > MAX_FIELD_BYTES);
    let count = one.variables.len().max(one.overwrites.len());
    names
        .map(|name| (name.as_str(), Fault::VariableName))
        .chain(long.map(|text| (text, Fault::FieldTooLong { bytes: text.len() })))
        .chain((count > MAX_VARIABLES).then_some(("", Fault::TooManyVariables { count })))
        .collect()
}

/// All texts that are known of a number.
fn texts_of(one: &LeadNumber) -> impl Iterator<Item = &str> {
    let values = one.variables.iter().chain(&one.overwrites).flat_map(|(name, value)| [name, value]);
    one.label.iter().chain(&one.name).chain(values).map(String::as_str)
}

pub(super) fn too_long(column: impl FnOnce() -> Column, text: &str) -> Option<FieldError> {
    let bytes = text.len();
    (bytes > MAX_FIELD_BYTES).then(|| FieldError::new(column(), text, Fault::FieldTooLong { bytes }))
}

/// Whether the text can be an address; whether it is one only the mail can tell.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= MAX_EMAIL_BYTES
        && (1..=MAX_EMAIL_LOCAL_BYTES).contains(&local.len())
        && !local.contains('@')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>(),;:\"[]\\".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> LeadDraft {
        LeadDraft::new("+4930901820".parse().expect("a number"), [])
    }

    fn reasons(draft: &LeadDraft) -> Vec<Fault> {
        draft.check().err().unwrap_or_default().into_iter().map(|error| error.reason).collect()
    }

    fn variables(count: usize, value_bytes: usize) -> BTreeMap<String, String> {
        (0..count).map(|n| (format!("v{n:02}"), "x".repeat(value_bytes))).collect()
    }

    #[test]
    fn a_number_is_enough_and_stands_once() {
        let number = |text: &str| text.parse::<E164>().expect("a number");
        let others = ["+4930901821", "+4930901820", "+4930901821", "+4930901822"].map(number);
        let draft = LeadDraft::new(number("+4930901820"), others);
        assert_eq!(draft.others, ["+4930901821", "+4930901822"].map(|text| LeadNumber::new(number(text))));
        assert_eq!(draft.check(), Ok(()));
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let number: E164 = "+4930901820".parse().expect("a number");
        let faulty = LeadDraft {
            others: vec![LeadNumber::new(number); 5],
            name: Some("x".repeat(MAX_FIELD_BYTES + 1)),
            email: Some("ana".to_owned()),
            tags: vec![String::new()],
            variables: BTreeMap::from([("order id".to_owned(), "7".to_owned())]),
            ..draft()
        };
        let reasons = reasons(&faulty);
        for fault in [
            Fault::FieldTooLong { bytes: MAX_FIELD_BYTES + 1 },
            Fault::Email,
            Fault::Tag,
            Fault::VariableName,
            Fault::TooManyNumbers { count: 6 },
            Fault::RepeatedNumber,
        ] {
            assert!(reasons.contains(&fault), "{fault}");
        }
    }

    #[test]
    fn the_limits_are_the_last_that_is_allowed() {
        let with = |variables| LeadDraft { variables, ..draft() };
        assert_eq!(reasons(&with(variables(MAX_VARIABLES, 1))), []);
        let one_more = MAX_VARIABLES + 1;
        assert_eq!(reasons(&with(variables(one_more, 1))), [Fault::TooManyVariables { count: one_more }]);

        // Four names of three bytes, and values that fill the rest.
        let full = variables(4, MAX_LEAD_BYTES / 4 - 3);
        assert_eq!(reasons(&with(full.clone())), []);
        let over = LeadDraft { tags: vec!["x".to_owned()], ..with(full) };
        assert_eq!(reasons(&over), [Fault::LeadTooLarge { bytes: MAX_LEAD_BYTES + 1 }]);

        let tags = |count: usize| LeadDraft { tags: vec!["x".to_owned(); count], ..draft() };
        assert_eq!(reasons(&tags(MAX_TAGS)), []);
        assert_eq!(reasons(&tags(MAX_TAGS + 1)), [Fault::TooManyTags { count: MAX_TAGS + 1 }]);
    }

    #[test]
    fn an_address_looks_like_one() {
        for good in ["ana@example.com", "o'neil+tag@mail.example.co.uk", "josé@exämple.de"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "ana",
            "ana@",
            "@example.com",
            "ana@example",
            "ana@example..com",
            "a b@example.com",
            "Ana <ana@example.com>",
            "ana@example.com,bo@example.com",
            "a@b@example.com",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(!is_email(&format!("{}@example.com", "x".repeat(65))));
    }
}
