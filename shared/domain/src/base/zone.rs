//! Where, under which clock and under whose law a number may be called.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::base::phone::E164;

mod alias;
mod area_code;
mod clock;
mod jurisdiction;
mod name;
mod places;
mod prefix;
mod state;
#[cfg(test)]
mod tests;

pub use clock::{on_clock, time_zone_release, utc_offset_ms};
pub use jurisdiction::{Jurisdiction, JurisdictionError};
pub(crate) use name::deserialize_name;
pub use name::{ZoneNameError, timezone};
pub use places::Places;
pub use state::{State, UnknownState};

/// The [`Zone::key`] of a zone that only the campaign knows.
const CAMPAIGN: &str = "campaign";
/// Stands before the jurisdiction in a key.
const UNDER: char = '@';

/// The text names no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not `campaign`, nor names of time zones such as Europe/Berlin with & between them, with or \
     without a jurisdiction such as @DE or @US-FL"
)]
pub struct ZoneError(String);

/// Where and under which clock a number may be called, and whose law it is under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Zone {
    /// A call is allowed when it is allowed in every one; if none is known, the campaign's own zone
    /// stands in.
    places: Option<Places>,
    /// That of the number, wherever the person is.
    jurisdiction: Option<Jurisdiction>,
}

/// How it is known where somebody may be called: the lead says so (`lead`), the number's prefix does
/// (`prefix`), or it is not known and the campaign's zone stands in (`campaign`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ZoneSource {
    Lead,
    /// The number's prefix says so.
    Prefix,
    /// It is not known: the campaign's zone.
    Campaign,
}

impl Zone {
    pub const CAMPAIGN: Self = Self { places: None, jurisdiction: None };

    /// These places, or the campaign's, under this law.
    pub const fn new(places: Option<Places>, jurisdiction: Option<Jurisdiction>) -> Self {
        Self { places, jurisdiction }
    }

    /// The zone of a lead: its own, else the candidates of its number's prefix, else the campaign's.
    ///
    /// Where the person is changes the clock, never the jurisdiction, which is the number's.
    pub fn of(own: Option<Tz>, number: &E164) -> (Self, ZoneSource) {
        let (places, source) = match own {
            Some(tz) => (Some(tz.into()), ZoneSource::Lead),
            None => match prefix::places(number) {
                Some(places) => (Some(places), ZoneSource::Prefix),
                None => (None, ZoneSource::Campaign),
            },
        };
        (Self { places, jurisdiction: Jurisdiction::of(number) }, source)
    }

    /// The places, sorted by name; empty if only the campaign's zone is known.
    pub fn places(&self) -> &[Tz] {
        self.places.as_ref().map_or(&[], Places::as_slice)
    }

    /// Whose law the number is under, if that is known.
    pub const fn jurisdiction(&self) -> Option<Jurisdiction> {
        self.jurisdiction
    }

    /// The same places under no known law.
    pub fn without_jurisdiction(self) -> Self {
        Self { jurisdiction: None, ..self }
    }

    /// The zone as text: equal zones have equal keys. `Europe/Berlin@DE`,
    /// `America/Chicago&America/New_York@US-FL`, `Europe/Berlin`, `campaign@DE` or `campaign`.
    pub fn key(&self) -> String {
        self.to_string()
    }
}

impl From<Tz> for Zone {
    /// There, under no known law.
    fn from(tz: Tz) -> Self {
        Self { places: Some(tz.into()), jurisdiction: None }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.places {
            Some(places) => places.fmt(f)?,
            None => f.write_str(CAMPAIGN)?,
        }
        match self.jurisdiction {
            Some(jurisdiction) => write!(f, "{UNDER}{jurisdiction}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let error = || ZoneError(text.to_owned());
        let (places, jurisdiction) = match text.split_once(UNDER) {
            Some((places, jurisdiction)) => (places, Some(jurisdiction.parse().map_err(|_| error())?)),
            None => (text, None),
        };
        let places =
            if places == CAMPAIGN { None } else { Some(places.parse().map_err(|_: ZoneError| error())?) };
        Ok(Self { places, jurisdiction })
    }
}

impl Ord for Zone {
    /// By the names of the places, then the jurisdiction; the campaign's zone first.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mine, theirs) = (self.places().iter(), other.places().iter());
        let by_place = mine.map(|tz| tz.name()).cmp(theirs.map(|tz| tz.name()));
        by_place.then(self.jurisdiction.cmp(&other.jurisdiction))
    }
}

impl PartialOrd for Zone {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// A zone as jiff knows it: another library, with another copy of the data; none newer than 2026e, so it gets
/// Havana's.
#[cfg(test)]
pub(crate) fn zone_of_jiff(tz: Tz) -> jiff::tz::TimeZone {
    use jiff::tz::TimeZone;

    match tz {
        Tz::America__Havana | Tz::Cuba => TimeZone::tzif(tz.name(), include_bytes!("zone/tests/havana.tzif")),
        _ => TimeZone::get(tz.name()),
    }
    .expect("a zone of both databases")
}
