//! Where a page of interactions begins.

use carillon_domain::base::ids::InteractionId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::interaction::Interaction;

use crate::http::pagination::Cursor;
use crate::http::problem::{Code, Problem};

/// The parts of the list, in cursors.
const UP: &str = "up";
const ENDED: &str = "ended";

/// Where a page begins: among the calls that are up, or among those that have ended.
pub(super) enum Place {
    Up { after: Option<String> },
    Ended { after: String },
}

impl Place {
    pub(super) fn behind(list: &str, cursor: Option<&Cursor>) -> Result<Self, Problem> {
        let Some(cursor) = cursor else { return Ok(Self::Up { after: None }) };
        let place = cursor.place_in(list, 2)?;
        let after = place[1].clone();
        let is_place = after
            .split_once('#')
            .is_some_and(|(at, id)| at.parse::<Timestamp>().is_ok() && id.parse::<InteractionId>().is_ok());
        match place[0].as_str() {
            UP if is_place => Ok(Self::Up { after: Some(after) }),
            ENDED if is_place => Ok(Self::Ended { after }),
            _ => Err(Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it")),
        }
    }

    pub(super) fn cursor(self, list: &str) -> String {
        let place = match self {
            Self::Up { after } => vec![UP.to_owned(), after.unwrap_or_default()],
            Self::Ended { after } => vec![ENDED.to_owned(), after],
        };
        Cursor::behind(list, place).encode()
    }
}

/// The place of a call that is up.
pub(super) fn place_of(interaction: &Interaction) -> String {
    format!("{}#{}", interaction.started_at, interaction.id)
}
