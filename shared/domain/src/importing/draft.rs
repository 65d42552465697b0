//! A lead to be.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use super::columns::Column;
use super::details::{Details, FieldError, errors_of, texts_of};
use super::fault::Fault;
use super::{MAX_LEAD_BYTES, MAX_NUMBERS, MAX_TAG_BYTES};
use crate::base::channel::Channel;
use crate::base::ids::{ContactId, ContactListId, LeadId};
use crate::base::phone::E164;
use crate::base::subscriber::Subscriber;
use crate::base::time::Timestamp;
use crate::base::zone::Zone;
use crate::records::contact::Contact;
use crate::records::lead::{Consent, FileOrder, Lead, LeadNumber, LeadState, Origin, Profile};

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

impl LeadDraft {
    /// The lead, new and due at once.
    pub fn into_lead(self, id: LeadId, order: FileOrder, origin: Option<Origin>, now: Timestamp) -> Lead {
        let (zone, zone_source) = Zone::of(self.timezone, &self.primary.number);
        let (numbers, profile) = self.into_parts();
        Lead {
            channel: Channel::Call,
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
            is_test: false,
            qualification: None,
            judged: None,
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
            if count > 1 && !seen.insert(Subscriber::of(&one.number)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::importing::{MAX_FIELD_BYTES, MAX_TAGS, MAX_VARIABLES};

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
}
