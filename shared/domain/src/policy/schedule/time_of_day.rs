//! A time on the wall.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

const MINUTES_PER_HOUR: u16 = 60;

/// A time of day to the minute, from 00:00 to 23:59. Written `09:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// This time of day; none if a clock does not show it.
    pub fn new(hour: u8, minute: u8) -> Option<Self> {
        let (hour, minute) = (u16::from(hour), u16::from(minute));
        (hour < 24 && minute < MINUTES_PER_HOUR).then_some(Self(hour * MINUTES_PER_HOUR + minute))
    }

    /// How many minutes a clock shows since midnight: 0 to 1439.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// The time on this date.
    pub(super) fn on(self, date: NaiveDate) -> NaiveDateTime {
        NaiveDateTime::from(date) + TimeDelta::minutes(self.0.into())
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / MINUTES_PER_HOUR, self.0 % MINUTES_PER_HOUR)
    }
}

/// The text is no [`TimeOfDay`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time of day from 00:00 to 23:59, such as 09:00 or 17:30")]
pub struct TimeOfDayError(String);

impl FromStr for TimeOfDay {
    type Err = TimeOfDayError;

    fn from_str(text: &str) -> Result<Self, TimeOfDayError> {
        let digits = |text: &str| {
            let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            if plain { text.parse().ok() } else { None }
        };
        let time = text.split_once(':').and_then(|(hour, minute)| Self::new(digits(hour)?, digits(minute)?));
        time.ok_or_else(|| TimeOfDayError(text.to_owned()))
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
