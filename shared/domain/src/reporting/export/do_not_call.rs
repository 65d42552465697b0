//! A do-not-call list as a sheet, under the names that an import of numbers knows.

use super::column::columns;
use super::{Holds, Row};
use crate::base::phone::E164;
use crate::policy::do_not_call::Listing;

columns! {
    /// A column of a do-not-call list.
    ListColumn {
        Phone = "phone",
        Reason = "reason",
        Source = "source",
        ListedAt = "listed_at",
    }
    fn holds(self) -> Holds {
        if self == Self::Phone { Holds::Numbers } else { Holds::Text }
    }
}

impl ListColumn {
    /// A number of the list.
    pub fn row(columns: &[Self], number: &E164, listing: &Listing) -> Row {
        let cell = |column: &Self| match column {
            Self::Phone => number.to_string(),
            Self::Reason => listing.reason.clone().unwrap_or_default(),
            Self::Source => listing.source.clone(),
            Self::ListedAt => listing.at.to_string(),
        };
        Row::of(columns.iter().map(cell))
    }
}
