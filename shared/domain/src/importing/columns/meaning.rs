//! What headers say by themselves, and the places that numbers get by what all of them say.

use std::collections::BTreeSet;

use super::numbers::{Numbers, Role, numbers};
use super::of_number::OfNumber;
use super::{Column, HeaderError, IGNORE, exported, fields, key};
use crate::base::numbering::BareDigits;
use crate::importing::MAX_NUMBERS;
use crate::importing::names::variable_name;

/// What the country is called in the export of a mailing list.
const MAILING_LIST_COUNTRY: &str = "CC";

/// What a header says by itself.
pub(super) enum Meaning {
    Is(Column),
    Numbers(Numbers),
    OfNumber(OfNumber),
}

impl Meaning {
    /// In the export of a mailing list a consent is one to mails.
    pub(super) fn of_mailing_list(&mut self, header: &str) {
        if let Self::Is(Column::Consent(_)) = self
            && let Some(name) = variable_name(header)
        {
            *self = Self::Is(Column::Variable(name));
        } else if header == MAILING_LIST_COUNTRY {
            *self = Self::Is(Column::Country);
        }
    }

    pub(super) const fn bare_digits(&self) -> BareDigits {
        match self {
            Self::Is(_) | Self::OfNumber(_) => BareDigits::Unknown,
            Self::Numbers(numbers) => numbers.bare_digits,
        }
    }
}

/// The header without space around it; `column_3` for the third column if it has none.
pub(super) fn called(header: &str, index: usize) -> String {
    let header = header.trim();
    if header.is_empty() { by_position(index) } else { header.to_owned() }
}

fn by_position(index: usize) -> String {
    format!("column_{}", index + 1)
}

pub(super) fn meaning(header: &str, index: usize) -> Meaning {
    if let Some(column) = exported::column(header) {
        return Meaning::Is(column);
    }
    if let Some(numbers) = numbers(header) {
        return Meaning::Numbers(numbers);
    }
    if let Some(column) = fields::field(header) {
        return Meaning::Is(column);
    }
    if let Some(of_number) = OfNumber::told_by(header) {
        return Meaning::OfNumber(of_number);
    }
    Meaning::Is(if key(header) == IGNORE {
        Column::Ignored
    } else {
        Column::Variable(variable_name(header).unwrap_or_else(|| by_position(index)))
    })
}

/// What a client means by a field.
pub(super) fn meaning_of_field(field: &str) -> Result<Meaning, HeaderError> {
    let meaning = match meaning(field, 0) {
        // What else tells of a number is a name that a variable may have.
        Meaning::OfNumber(of_number) if !of_number.is_ours() => Meaning::Is(of_number.variable()),
        meaning => meaning,
    };
    match meaning {
        Meaning::Is(Column::Variable(name)) if name != field => {
            Err(HeaderError::UnknownField { field: field.to_owned() })
        }
        Meaning::Numbers(Numbers { role: Role::Placed(place), .. }) if place > MAX_NUMBERS => {
            Err(HeaderError::TooManyNumbers { header: field.to_owned() })
        }
        known => Ok(known),
    }
}

/// Gives the numbers that came without a place the places that are free, in the order of the
/// sheet; the first of them is the primary one. Those for which there is no place are left out.
pub(super) fn place_numbers(meanings: &[Meaning]) -> Vec<Column> {
    let mut taken = BTreeSet::new();
    let told = |meaning: &Meaning| match meaning {
        Meaning::Numbers(Numbers { role: Role::Placed(place), .. }) => Some(*place),
        Meaning::Numbers(_) | Meaning::Is(_) | Meaning::OfNumber(_) => None,
    };
    let told: Vec<Option<usize>> = meanings
        .iter()
        .map(|meaning| {
            told(meaning).filter(|place| (2..=MAX_NUMBERS).contains(place) && taken.insert(*place))
        })
        .collect();
    let mut free = (2..=MAX_NUMBERS).filter(|place| !taken.contains(place)).map(Column::SecondaryPhone);
    let mut has_primary = false;
    let mut columns: Vec<Column> = meanings
        .iter()
        .zip(told)
        .map(|(meaning, told)| match meaning {
            Meaning::Is(column) => column.clone(),
            Meaning::OfNumber(of_number) => of_number.variable(),
            Meaning::Numbers(Numbers { role: Role::NotTheirs, .. }) => Column::Ignored,
            Meaning::Numbers(Numbers { role: Role::Own, .. }) if !has_primary => {
                has_primary = true;
                Column::Phone
            }
            Meaning::Numbers(_) => {
                told.map(Column::SecondaryPhone).or_else(|| free.next()).unwrap_or(Column::Ignored)
            }
        })
        .collect();
    let lowest = columns.iter().filter(|column| matches!(column, Column::SecondaryPhone(_))).min().cloned();
    if let Some(lowest) = lowest.filter(|_| !has_primary) {
        columns.iter_mut().filter(|column| **column == lowest).for_each(|column| *column = Column::Phone);
    }
    columns
}
