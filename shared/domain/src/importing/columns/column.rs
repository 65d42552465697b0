//! What a column can be.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{IGNORE, NumberDetail};
use crate::importing::consent::ConsentPart;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The number that is dialled first.
    Phone,
    /// A further number with its place; the first of them has place 2.
    SecondaryPhone(usize),
    /// What is told of the number at a place; the primary one has place 1.
    OfNumber(NumberDetail, usize),
    Name,
    /// Part of the name, and the variable `first_name`.
    FirstName,
    /// Part of the name, and the variable `last_name`.
    LastName,
    Email,
    Company,
    Timezone,
    /// Words to find them by.
    Tags,
    /// The country of the row's numbers that are written without one, and the variable `country`.
    Country,
    /// A part of their consent to calls.
    Consent(ConsentPart),
    /// A value for the templates, by its name.
    Variable(String),
    Ignored,
}

impl Column {
    /// Whether it is, or sets, a variable of its name.
    pub(super) const fn is_variable(&self) -> bool {
        match self {
            Self::FirstName | Self::LastName | Self::Country | Self::Variable(_) => true,
            Self::Phone
            | Self::SecondaryPhone(_)
            | Self::OfNumber(..)
            | Self::Name
            | Self::Email
            | Self::Company
            | Self::Timezone
            | Self::Tags
            | Self::Consent(_)
            | Self::Ignored => false,
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phone => "phone",
            Self::SecondaryPhone(place) => return write!(f, "phone_{place}"),
            Self::OfNumber(detail, 1) => return write!(f, "phone_{detail}"),
            Self::OfNumber(detail, place) => return write!(f, "phone_{place}_{detail}"),
            Self::Name => "name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Company => "company",
            Self::Timezone => "timezone",
            Self::Tags => "tags",
            Self::Country => "country",
            Self::Consent(part) => part.name(),
            Self::Variable(name) => name,
            Self::Ignored => IGNORE,
        })
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
