//! The numbers of a lead, as clients send them: whole, or as bare texts.

use std::collections::BTreeMap;

use carillon_domain::base::numbering::{self, Country, NumberClasses, PhoneError};
use carillon_domain::base::phone::E164;
use carillon_domain::records::lead::LeadNumber;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::LeadForm;
use crate::http::validation::{FieldErrors, present};

/// A number of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LeadPhoneForm)]
pub(crate) struct PhoneForm {
    /// The number, as people write it; one without a country is read as of the campaign's `default_country`.
    #[schema(example = "+49 30 901820", min_length = 1)]
    value: String,
    /// What it is called; `{{ label }}` in templates.
    #[serde(default)]
    #[schema(example = "office")]
    label: Option<String>,
    /// Who answers there, where that is somebody else than the lead; `{{ name }}` in templates.
    #[serde(default)]
    name: Option<String>,
    /// Values for the templates of calls to this number; they rank above the lead's `variables`.
    #[serde(default)]
    variables: BTreeMap<String, String>,
    /// Values that outrank all others in calls to this number.
    #[serde(default)]
    overwrites: BTreeMap<String, String>,
}

impl From<&LeadNumber> for PhoneForm {
    fn from(one: &LeadNumber) -> Self {
        let LeadNumber { number, label, name, variables, overwrites, .. } = one.clone();
        Self { value: number.to_string(), label, name, variables, overwrites }
    }
}

/// Which numbers a lead may have.
pub(crate) struct NumberRules<'a> {
    /// The country of numbers that are written without one.
    pub(crate) default_country: Option<Country>,
    /// The classes of numbers that the workspace allows.
    pub(crate) allowed: NumberClasses,
    /// Those that it has already: they may stay, whatever is allowed now.
    pub(crate) own: &'a [LeadNumber],
}

impl NumberRules<'_> {
    fn read(&self, text: &str) -> Result<E164, PhoneError> {
        let number = numbering::parse(text, self.default_country)?;
        match self.allowed.refusal_of(&number) {
            Some(class) if !self.own.iter().any(|own| own.number == number) => Err(PhoneError::Class(class)),
            _ => Ok(number),
        }
    }

    fn number(&self, errors: &mut FieldErrors, field: &str, text: &str) -> Option<E164> {
        self.read(text).map_err(|error| errors.push(field, error)).ok()
    }

    fn whole(&self, errors: &mut FieldErrors, field: &str, form: PhoneForm) -> Option<LeadNumber> {
        let number = self.number(errors, &format!("{field}.value"), &form.value)?;
        Some(LeadNumber {
            label: present(form.label),
            name: present(form.name),
            variables: form.variables,
            overwrites: form.overwrites,
            ..LeadNumber::new(number)
        })
    }

    /// The number with what the lead knows of it.
    fn known(&self, number: E164) -> LeadNumber {
        let own = self.own.iter().find(|own| own.number == number).cloned();
        own.unwrap_or_else(|| LeadNumber::new(number))
    }
}

/// Where the numbers of a lead were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SentAs {
    /// `phones`: all of them.
    Whole,
    /// `phone` and `secondary_phones`.
    Bare,
}

impl SentAs {
    /// The field of a number, by its place from 1.
    pub(super) fn field(self, place: usize) -> String {
        match (self, place) {
            (Self::Whole, place) => format!("phones[{}]", place.saturating_sub(1)),
            (Self::Bare, ..=1) => "phone".to_owned(),
            (Self::Bare, place) => format!("secondary_phones[{}]", place - 2),
        }
    }
}

/// The numbers that a form means, the first one first, and where they were sent. What is sent as bare texts
/// replaces the first number or those behind it.
pub(super) fn read(
    form: &mut LeadForm,
    rules: &NumberRules<'_>,
    errors: &mut FieldErrors,
) -> (Vec<LeadNumber>, SentAs) {
    let stored: Vec<PhoneForm> = rules.own.iter().map(PhoneForm::from).collect();
    let whole = form.phones.take().unwrap_or_default();
    let (phone, secondary) = (form.phone.take(), form.secondary_phones.take());
    if phone.is_none() && secondary.is_none() {
        if whole.is_empty() {
            errors.push("phones", "a lead has at least one number: send `phones`, or `phone`");
        }
        let numbered = whole.into_iter().enumerate();
        let read = numbered.filter_map(|(n, one)| rules.whole(errors, &format!("phones[{n}]"), one));
        return (read.collect(), SentAs::Whole);
    }
    if whole != stored {
        let field = if phone.is_some() { "phone" } else { "secondary_phones" };
        errors.push(field, "send either `phones` or `phone` and `secondary_phones`");
    }
    let mut numbers = Vec::new();
    match (phone, rules.own.first()) {
        (Some(text), _) => numbers.extend(rules.number(errors, "phone", &text)),
        (None, Some(first)) => numbers.push(first.number.clone()),
        (None, None) => errors.push("phone", "it is required"),
    }
    match secondary {
        Some(texts) => numbers.extend(
            texts
                .iter()
                .enumerate()
                .filter_map(|(n, text)| rules.number(errors, &SentAs::Bare.field(n + 2), text)),
        ),
        None => numbers.extend(rules.own.iter().skip(1).map(|own| own.number.clone())),
    }
    (numbers.into_iter().map(|number| rules.known(number)).collect(), SentAs::Bare)
}
