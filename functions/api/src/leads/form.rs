//! What a client sends of a lead.

use std::collections::BTreeMap;

use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::timezone;
use carillon_domain::importing::{Column, LeadDraft, MAX_CONSENT_AHEAD_MS, MAX_CONSENT_CHARS};
use carillon_domain::policy::assistant::Assistant;
use carillon_domain::records::lead::{Consent, Lead, Profile};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::phones::{self, NumberRules, PhoneForm, SentAs};
use crate::http::change::Patchable;
use crate::http::etag::{Changeable, ETag};
use crate::http::problem::Problem;
use crate::http::validation::{FieldErrors, present};

/// A person to call.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeadForm {
    /// Their numbers, in the order in which they are dialled; a patch replaces them all. What was found of a number
    /// stays with it. No number can be another lead's of the same campaign.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(nullable = false)]
    pub(crate) phones: Option<Vec<PhoneForm>>,
    /// The number that is dialled first, as people write it; one without a country is read as of
    /// the campaign's `default_country`. With `secondary_phones` this is a short form of `phones`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(example = "+49 30 901820", min_length = 1, nullable = false)]
    pub(crate) phone: Option<String>,
    /// The numbers that are dialled after it, in order.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(nullable = false)]
    pub(crate) secondary_phones: Option<Vec<String>>,
    /// Full name.
    #[serde(default)]
    #[schema(example = "Ana Example")]
    pub(crate) name: Option<String>,
    /// E-mail address.
    #[serde(default)]
    pub(crate) email: Option<String>,
    /// Where they work.
    #[serde(default)]
    pub(crate) company: Option<String>,
    /// Their own time zone (IANA); found by the number's prefix where it is not given.
    #[serde(default)]
    #[schema(example = "Europe/Berlin")]
    pub(crate) timezone: Option<String>,
    /// That they agreed to be called; a campaign may require it.
    #[serde(default)]
    pub(crate) consent: Option<Consent>,
    /// Words to find them by.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// Values for the templates.
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    /// Values of the assistant's `variables` that hold for this lead, whatever else says.
    #[serde(default)]
    pub(crate) overwrites: BTreeMap<String, String>,
    /// Whether it is there to try things out: it speaks with the campaign's test assistant and is in no statistics. It
    /// is so from the beginning, or never.
    #[serde(default)]
    pub(crate) is_test: bool,
}

/// Whatever is there; null is not.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

pub(super) fn check_consent(consent: &Consent, errors: &mut FieldErrors, now: Timestamp) {
    if consent.at.since_ms(now) > MAX_CONSENT_AHEAD_MS {
        errors.push("consent.at", format_args!("{} lies ahead of now ({now})", consent.at));
    }
    errors.check_text("consent.source", &consent.source, MAX_CONSENT_CHARS);
    errors.check_optional_text("consent.channel", consent.channel.as_deref(), MAX_CONSENT_CHARS);
    errors.check_optional_text("consent.proof", consent.proof.as_deref(), MAX_CONSENT_CHARS);
}

impl LeadForm {
    /// A number to try things out with.
    pub(crate) const fn for_testing(phone: String) -> Self {
        Self {
            phones: None,
            phone: Some(phone),
            secondary_phones: None,
            name: None,
            email: None,
            company: None,
            timezone: None,
            consent: None,
            tags: Vec::new(),
            variables: BTreeMap::new(),
            overwrites: BTreeMap::new(),
            is_test: true,
        }
    }

    /// The lead to be, if all is right with it.
    ///
    /// # Errors
    /// A problem that names every field at fault.
    pub(crate) fn into_draft(
        mut self,
        rules: &NumberRules<'_>,
        now: Timestamp,
    ) -> Result<LeadDraft, Problem> {
        let mut errors = FieldErrors::default();
        let (numbers, sent_as) = phones::read(&mut self, rules, &mut errors);
        let mut numbers = numbers.into_iter();
        let own_zone = self.timezone.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let timezone =
            own_zone.and_then(|name| timezone(name).map_err(|error| errors.push("timezone", error)).ok());
        if let Some(consent) = &self.consent {
            check_consent(consent, &mut errors, now);
        }
        let Some(primary) = numbers.next() else { return Err(errors.into_problem()) };
        let draft = LeadDraft {
            name: present(self.name),
            email: present(self.email),
            company: present(self.company),
            timezone,
            consent: self.consent,
            tags: self.tags,
            variables: self.variables,
            overwrites: self.overwrites,
            ..LeadDraft::of_numbers(primary, numbers)
        };
        for error in draft.check().err().unwrap_or_default() {
            errors.push(field_of(error.column.as_ref(), sent_as), error.reason);
        }
        errors.into_result().map(|()| draft)
    }
}

impl Changeable for Lead {
    /// Beside what clients set stands what becomes of it.
    fn etag(&self) -> ETag {
        let mut fields = serde_json::to_value(self.form()).unwrap_or_default();
        fields["status"] = json!(self.state.status());
        fields["next_attempt_at"] = json!(self.next_attempt_at());
        ETag::of(self.version, &fields)
    }
}

impl Patchable for Lead {
    type Form = LeadForm;

    fn form(&self) -> LeadForm {
        self.into()
    }
}

impl From<&Lead> for LeadForm {
    fn from(lead: &Lead) -> Self {
        let profile = lead.profile.clone();
        Self {
            phones: Some(lead.numbers.iter().map(PhoneForm::from).collect()),
            phone: None,
            secondary_phones: None,
            name: profile.name,
            email: profile.email,
            company: profile.company,
            timezone: profile.timezone.map(|zone| zone.name().to_owned()),
            consent: profile.consent,
            tags: profile.tags,
            variables: profile.variables,
            overwrites: profile.overwrites,
            is_test: lead.is_test,
        }
    }
}

/// Whether overwrites are of the assistant's variables, and of their types. Those that stood there before may stay.
pub(crate) fn check_overwrites(
    overwrites: &BTreeMap<String, String>,
    before: Option<&Profile>,
    assistant: Option<&Assistant>,
) -> Result<(), Problem> {
    let mut errors = FieldErrors::default();
    let stays = before.is_some_and(|before| before.overwrites == *overwrites);
    if let (Some(assistant), false) = (assistant, stays) {
        errors.check_overwrites(overwrites, assistant);
    }
    errors.into_result()
}

/// The field as clients know it; a lead's second number has place 2.
fn field_of(column: Option<&Column>, sent_as: SentAs) -> String {
    match column {
        None => "lead".to_owned(),
        Some(Column::Phone) => sent_as.field(1),
        Some(Column::SecondaryPhone(place)) => sent_as.field(*place),
        Some(Column::Variable(name)) => format!("variables.{name}"),
        Some(column) => column.to_string(),
    }
}
