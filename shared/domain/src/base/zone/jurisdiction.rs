//! Whose law a number is under.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::area_code;
use super::state::State;
use crate::base::numbering::{Country, country_of};
use crate::base::phone::E164;

/// The country that has states of its own law.
const UNITED_STATES: &str = "US";
/// Stands for a state in the text of a number whose state is not known.
const UNKNOWN_STATE: &str = "*";
/// The country code of North America.
const NORTH_AMERICA: char = '1';

/// Whose law a number is under: that of the country, and in the United States the state, in which
/// it was issued.
///
/// As text `FR`, `US-FL`, or `US-*` for a number of the United States whose state is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Jurisdiction {
    /// A country other than the United States.
    Country(Country),
    /// A state of the United States.
    State(State),
    /// Some state of the United States: the strictest of all their rules hold.
    UnknownState,
}

impl Jurisdiction {
    /// That of the number; none if its country is not known.
    ///
    /// A number of North America that is of no known area code or country is taken for one of the
    /// United States, whose rules are the strictest there.
    pub fn of(number: &E164) -> Option<Self> {
        let Some(national) = number.digits().strip_prefix(NORTH_AMERICA) else {
            return country_of(number).map(Self::from);
        };
        Some(match area_code::state_of(national) {
            Some(state) => Self::State(state),
            None => country_of(number).map_or(Self::UnknownState, Self::from),
        })
    }
}

impl From<Country> for Jurisdiction {
    fn from(country: Country) -> Self {
        if country.as_str() == UNITED_STATES { Self::UnknownState } else { Self::Country(country) }
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Country(country) => country.fmt(f),
            Self::State(state) => write!(f, "{UNITED_STATES}-{}", state.as_str()),
            Self::UnknownState => write!(f, "{UNITED_STATES}-{UNKNOWN_STATE}"),
        }
    }
}

/// The text names no jurisdiction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a country such as FR, a state such as US-FL, or US-*")]
pub struct JurisdictionError(String);

impl FromStr for Jurisdiction {
    type Err = JurisdictionError;

    fn from_str(text: &str) -> Result<Self, JurisdictionError> {
        let read = match text.split_once('-') {
            Some((UNITED_STATES, UNKNOWN_STATE)) => Some(Self::UnknownState),
            Some((UNITED_STATES, state)) => state.parse().ok().map(Self::State),
            Some(_) => None,
            None => text.parse().ok().map(|country: Country| country.into()),
        };
        read.ok_or_else(|| JurisdictionError(text.to_owned()))
    }
}

impl Serialize for Jurisdiction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Jurisdiction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
