//! Where, and under which clock, a number may be called.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::phone::E164;

mod alias;
mod clock;
mod prefix;
#[cfg(test)]
mod tests;

pub use clock::utc_offset_ms;

/// The [`Zone::key`] of a zone that only the campaign knows.
const CAMPAIGN: &str = "campaign";
/// Stands between two places in a key.
const AND: char = '&';

/// One or several time zones of which any may be the person's: sorted by name, never empty, each
/// under the name that the tz database prefers (Asia/Kolkata, not Asia/Calcutta).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Places(Arc<[Tz]>);

impl Places {
    /// The set of these zones; none if there is none.
    pub fn new(zones: impl IntoIterator<Item = Tz>) -> Option<Self> {
        let mut zones: Vec<Tz> = zones.into_iter().map(alias::canonical).collect();
        zones.sort_unstable_by_key(|tz| tz.name());
        zones.dedup();
        if zones.is_empty() { None } else { Some(Self(zones.into())) }
    }

    /// The zones, sorted by name.
    pub fn as_slice(&self) -> &[Tz] {
        &self.0
    }
}

impl From<Tz> for Places {
    fn from(tz: Tz) -> Self {
        Self([alias::canonical(tz)].into())
    }
}

impl fmt::Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, tz) in self.0.iter().enumerate() {
            if place > 0 {
                write!(f, "{AND}")?;
            }
            f.write_str(tz.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text names no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not `campaign`, nor names of time zones such as Europe/Berlin with & between them")]
pub struct ZoneError(String);

impl FromStr for Places {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let zones: Result<Vec<Tz>, _> = text.split(AND).map(str::parse).collect();
        zones.ok().and_then(Self::new).ok_or_else(|| ZoneError(text.to_owned()))
    }
}

/// Where and under which clock a number may be called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Zone {
    /// In these places: a call is allowed when it is allowed in every one.
    Places(Places),
    /// Nothing is known; the campaign's own zone stands in.
    Campaign,
}

/// How a [`Zone`] is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneSource {
    /// The lead says so.
    Lead,
    /// The number's prefix says so.
    Prefix,
    /// It is not known: the campaign's zone.
    Campaign,
}

impl Zone {
    /// The zone of a lead: its own, else the candidates of its number's prefix, else the campaign's.
    pub fn of(own: Option<Tz>, number: &E164) -> (Self, ZoneSource) {
        if let Some(tz) = own {
            return (tz.into(), ZoneSource::Lead);
        }
        match prefix::places(number) {
            Some(places) => (Self::Places(places), ZoneSource::Prefix),
            None => (Self::Campaign, ZoneSource::Campaign),
        }
    }

    /// The places, sorted by name; empty if only the campaign's zone is known.
    pub fn places(&self) -> &[Tz] {
        match self {
            Self::Places(places) => places.as_slice(),
            Self::Campaign => &[],
        }
    }

    /// The zone as text: equal zones have equal keys. `Europe/Berlin`,
    /// `America/Chicago&America/New_York` or `campaign`.
    pub fn key(&self) -> String {
        self.to_string()
    }
}

impl From<Tz> for Zone {
    fn from(tz: Tz) -> Self {
        Self::Places(tz.into())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Places(places) => places.fmt(f),
            Self::Campaign => f.write_str(CAMPAIGN),
        }
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        if text == CAMPAIGN { Ok(Self::Campaign) } else { text.parse().map(Self::Places) }
    }
}

impl Ord for Zone {
    /// By the names of the places; the campaign's zone first.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mine, theirs) = (self.places().iter(), other.places().iter());
        mine.map(|tz| tz.name()).cmp(theirs.map(|tz| tz.name()))
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

/// Whether [`utc_offset_ms`] knows better than chrono-tz.
#[cfg(test)]
pub(crate) fn is_corrected(tz: Tz) -> bool {
    clock::follows(tz).is_some()
}
