//! What is known of a person beside their numbers, and its limits.

use std::collections::BTreeMap;

use serde::Serialize;

use super::columns::Column;
use super::fault::Fault;
use super::names::is_variable_name;
use super::{
    MAX_EMAIL_BYTES, MAX_FIELD_BYTES, MAX_LEAD_BYTES, MAX_TAG_BYTES, MAX_TAGS, MAX_VARIABLES, shown,
};
use crate::records::lead::{LeadNumber, Profile};

/// Most bytes of the part of an e-mail address before the @ (RFC 5321, 4.5.3.1.1).
const MAX_EMAIL_LOCAL_BYTES: usize = 64;

/// What is wrong with one field of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field; none if it is the lead as a whole.
    pub column: Option<Column>,
    /// The value, cut if it is long.
    pub value: String,
    pub reason: Fault,
}

impl FieldError {
    pub(super) fn new(column: Column, value: &str, reason: Fault) -> Self {
        Self { column: Some(column), value: shown(value), reason }
    }

    pub(super) fn of_lead(reason: Fault) -> Self {
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
pub(super) fn errors_of(one: &LeadNumber) -> Vec<(&str, Fault)> {
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
pub(super) fn texts_of(one: &LeadNumber) -> impl Iterator<Item = &str> {
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
        && !text.contains(|c: char| {
            c.is_whitespace()
                || c.is_control()
                || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"' | '[' | ']' | '\\')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

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
