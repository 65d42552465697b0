//! Leads as a sheet: under the names that an import knows, so that the file gives the same leads again, and beside
//! them what has become of each, which an import leaves out.

use std::fmt;

use super::column::{columns, name_of, text};
use super::layout::Slot;
use super::of_number::OfNumber;
use super::{Column, Holds, Layout, Row, UnknownColumn};
use crate::importing::{OF_EXPORT, OF_VARIABLE, is_variable_name, variable_header};
use crate::records::lead::{Consent, Lead, LeadState};

/// Between the tags of a lead.
const BETWEEN_TAGS: &str = "; ";

columns! {
    /// A column of leads that has always the same name.
    LeadField {
        Phone = "phone",
        Phone2 = "phone_2",
        Phone3 = "phone_3",
        Phone4 = "phone_4",
        Phone5 = "phone_5",
        /// A column for each label and each name that a number of some lead has: most leads have none.
        PhoneDetails = "phone_details",
        Name = "name",
        Email = "email",
        Company = "company",
        TimeZone = "timezone",
        Tags = "tags",
        ConsentSource = "consent_source",
        ConsentAt = "consent_at",
        ConsentChannel = "consent_channel",
        ConsentProof = "consent_proof",
        /// A column for each variable that a lead has.
        Variables = "variables",
        Id = "id",
        Status = "status",
        StatusReason = "status_reason",
        IsTest = "is_test",
        Disposition = "disposition",
        Outcome = "outcome",
        Attempts = "attempts",
        NextAttemptAt = "next_attempt_at",
        LastAttemptAt = "last_attempt_at",
        LastDurationSecs = "last_duration_secs",
        CreatedAt = "created_at",
        UpdatedAt = "updated_at",
    }
    fn holds(self) -> Holds {
        match self {
            Self::Attempts | Self::LastDurationSecs => Holds::Quantities,
            _ if self.number().is_some() => Holds::Numbers,
            _ => Holds::Text,
        }
    }
}

/// A column of leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeadColumn {
    Field(LeadField),
    /// One label or name of a number: `phone_2_label`.
    OfNumber(OfNumber),
    /// One variable, by its name.
    Variable(String),
}

impl LeadColumn {
    /// The columns with these names, in their order; all of them if none are named.
    ///
    /// # Errors
    /// The first that there is none of.
    pub fn named_all(names: &[String]) -> Result<Vec<Self>, UnknownColumn> {
        if names.is_empty() {
            return Ok(LeadField::ALL.iter().copied().map(Self::Field).collect());
        }
        names.iter().map(|name| Self::named(name)).collect()
    }

    fn named(name: &str) -> Result<Self, UnknownColumn> {
        match name.trim().strip_prefix(OF_VARIABLE) {
            Some(variable) if is_variable_name(variable) => Ok(Self::Variable(variable.to_owned())),
            _ => match OfNumber::called(name.trim()) {
                Some(of_number) => Ok(Self::OfNumber(of_number)),
                None => super::named(name).map(Self::Field),
            },
        }
    }

    pub(super) fn layout(columns: &[Self]) -> Layout {
        Layout::new(columns.iter().map(|column| match column {
            Self::Field(LeadField::Variables) => Slot::Variables,
            Self::Field(LeadField::PhoneDetails) => {
                Slot::OfNumbers(OfNumber::all().map(|of_number| of_number.to_string()).collect())
            }
            Self::Field(field) => Slot::One { header: field.header(), holds: field.holds() },
            Self::OfNumber(of_number) => Slot::One { header: of_number.to_string(), holds: Holds::Text },
            Self::Variable(name) => Slot::One { header: variable_header(name), holds: Holds::Text },
        }))
    }

    /// A lead in these columns.
    pub fn row(columns: &[Self], lead: &Lead) -> Row {
        let variables = &lead.profile.variables;
        let cells = columns.iter().filter_map(|column| match column {
            Self::Field(LeadField::Variables | LeadField::PhoneDetails) => None,
            Self::Field(field) => Some(field.cell(lead)),
            Self::OfNumber(of_number) => Some(text(of_number.of(lead))),
            Self::Variable(name) => Some(variables.get(name).cloned().unwrap_or_default()),
        });
        let mut row = Row::of(cells);
        if columns.contains(&Self::Field(LeadField::Variables)) {
            row = row.with_variables(variables.clone());
        }
        if columns.contains(&Self::Field(LeadField::PhoneDetails)) {
            let details =
                OfNumber::all().filter_map(|one| one.of(lead).map(|text| (one.to_string(), text.to_owned())));
            row = row.with_number_details(details);
        }
        row
    }
}

impl fmt::Display for LeadColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => f.write_str(field.name()),
            Self::OfNumber(of_number) => of_number.fmt(f),
            Self::Variable(name) => write!(f, "{OF_VARIABLE}{name}"),
        }
    }
}

impl LeadField {
    /// What stands above it: what no file can set is marked, so that an import leaves it out.
    fn header(self) -> String {
        if self.is_told() { format!("{OF_EXPORT}{}", self.name()) } else { self.name().to_owned() }
    }

    /// Whether it tells what has become of a lead.
    const fn is_told(self) -> bool {
        match self {
            Self::Phone
            | Self::Phone2
            | Self::Phone3
            | Self::Phone4
            | Self::Phone5
            | Self::PhoneDetails
            | Self::Name
            | Self::Email
            | Self::Company
            | Self::TimeZone
            | Self::Tags
            | Self::ConsentSource
            | Self::ConsentAt
            | Self::ConsentChannel
            | Self::ConsentProof
            | Self::Variables => false,
            Self::Id
            | Self::Status
            | Self::StatusReason
            | Self::IsTest
            | Self::Disposition
            | Self::Outcome
            | Self::Attempts
            | Self::NextAttemptAt
            | Self::LastAttemptAt
            | Self::LastDurationSecs
            | Self::CreatedAt
            | Self::UpdatedAt => true,
        }
    }

    /// Which of a lead's numbers it holds.
    const fn number(self) -> Option<usize> {
        match self {
            Self::Phone => Some(0),
            Self::Phone2 => Some(1),
            Self::Phone3 => Some(2),
            Self::Phone4 => Some(3),
            Self::Phone5 => Some(4),
            _ => None,
        }
    }

    fn cell(self, lead: &Lead) -> String {
        let profile = &lead.profile;
        let consent = |part: fn(&Consent) -> Option<String>| text(profile.consent.as_ref().and_then(part));
        match self {
            Self::Phone | Self::Phone2 | Self::Phone3 | Self::Phone4 | Self::Phone5 => {
                text(self.number().and_then(|place| lead.numbers.get(place)).map(|one| &one.number))
            }
            Self::Name => text(profile.name.as_ref()),
            Self::Email => text(profile.email.as_ref()),
            Self::Company => text(profile.company.as_ref()),
            Self::TimeZone => text(profile.timezone.map(chrono_tz::Tz::name)),
            Self::Tags => profile.tags.join(BETWEEN_TAGS),
            Self::ConsentSource => consent(|consent| Some(consent.source.clone())),
            Self::ConsentAt => consent(|consent| Some(consent.at.to_string())),
            Self::ConsentChannel => consent(|consent| consent.channel.clone()),
            Self::ConsentProof => consent(|consent| consent.proof.clone()),
            // Each has a column of its own.
            Self::PhoneDetails | Self::Variables => String::new(),
            Self::Id => lead.id.to_string(),
            Self::Status => lead.state.name().to_owned(),
            Self::IsTest => lead.is_test.to_string(),
            Self::StatusReason => match lead.state {
                LeadState::Skipped { reason } => name_of(reason),
                _ => name_of(lead.fail_reason()),
            },
            Self::Disposition => name_of(lead.disposition()),
            Self::Outcome => {
                text(lead.last.as_ref().and_then(|last| last.outcome).map(|outcome| outcome.name()))
            }
            Self::Attempts => lead.attempts.to_string(),
            Self::NextAttemptAt => text(lead.next_attempt_at()),
            Self::LastAttemptAt => text(lead.last.as_ref().map(|last| last.dialled_at)),
            Self::LastDurationSecs => text(lead.last.as_ref().and_then(|last| last.duration_secs)),
            Self::CreatedAt => lead.created_at.to_string(),
            Self::UpdatedAt => lead.updated_at.to_string(),
        }
    }
}
