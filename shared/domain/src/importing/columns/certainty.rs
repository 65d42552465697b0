//! How sure it is what a column means, and why.

use serde::Serialize;

use super::numbers::{is_plainly_number, mentions_number};
use super::{Column, Meaning, OF_VARIABLE};

/// How sure it is what a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    Certain,
    Likely,
    /// It may mean something else than it is read as.
    Guess,
    /// Nothing is known of it: it is a value for the templates.
    Variable,
}

/// How a column is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Somebody said it.
    Mapped,
    /// Its name is one of those that the field has.
    ByName,
    /// Words of its name say so.
    ByWords,
    /// It means the same as one before it.
    Repeated,
    /// Its name speaks of numbers, and of something else.
    Doubtful,
    Unknown,
}

impl Known {
    pub(super) fn by(header: &str, meaning: &Meaning, column: &Column) -> Self {
        match meaning {
            Meaning::Numbers(_) if is_plainly_number(header) => Self::ByName,
            Meaning::Numbers(_) => Self::ByWords,
            Meaning::OfNumber(_) if !matches!(column, Column::OfNumber(..)) => Self::Unknown,
            Meaning::OfNumber(of_number) if of_number.is_plain() => Self::ByName,
            Meaning::OfNumber(_) => Self::ByWords,
            Meaning::Is(Column::Variable(_)) if header.starts_with(OF_VARIABLE) => Self::ByName,
            Meaning::Is(Column::Variable(_)) if mentions_number(header) => Self::Doubtful,
            Meaning::Is(Column::Variable(_)) => Self::Unknown,
            Meaning::Is(_) => Self::ByName,
        }
    }

    pub const fn certainty(self) -> Certainty {
        match self {
            Self::Mapped | Self::ByName => Certainty::Certain,
            Self::ByWords => Certainty::Likely,
            Self::Doubtful => Certainty::Guess,
            Self::Repeated | Self::Unknown => Certainty::Variable,
        }
    }

    pub const fn reason(self) -> &'static str {
        match self {
            Self::Mapped => "the mapping says so",
            Self::ByName => "it is called so",
            Self::ByWords => "words of its name say so",
            Self::Repeated => "it means the same as a column before it",
            Self::Doubtful => "its name speaks of numbers, and of something else",
            Self::Unknown => "nothing is known by this name",
        }
    }
}
