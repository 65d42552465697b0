//! What is told of a lead's numbers, each in a column that an import reads back.

use std::fmt;

use crate::importing::{Column, MAX_NUMBERS, NumberDetail};
use crate::records::lead::Lead;

/// A label or a name of the number at a place; the primary one has place 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfNumber {
    place: usize,
    detail: NumberDetail,
}

impl OfNumber {
    /// All that leads can have, in the order in which they stand.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (1..=MAX_NUMBERS).flat_map(|place| NumberDetail::ALL.map(|detail| Self { place, detail }))
    }

    /// The one that an import calls so.
    pub(super) fn called(name: &str) -> Option<Self> {
        Self::all().find(|one| one.to_string() == name)
    }

    /// What is told of that number of a lead.
    pub(super) fn of(self, lead: &Lead) -> Option<&str> {
        let number = lead.numbers.get(self.place - 1)?;
        let text = match self.detail {
            NumberDetail::Label => &number.label,
            NumberDetail::Name => &number.name,
        };
        text.as_deref()
    }
}

impl fmt::Display for OfNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Column::OfNumber(self.detail, self.place).fmt(f)
    }
}
