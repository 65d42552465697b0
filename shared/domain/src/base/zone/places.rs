//! The time zones that a person may be in.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono_tz::Tz;

use super::{ZoneError, alias};

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

impl FromStr for Places {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let zones: Result<Vec<Tz>, _> = text.split(AND).map(str::parse).collect();
        zones.ok().and_then(Self::new).ok_or_else(|| ZoneError(text.to_owned()))
    }
}
