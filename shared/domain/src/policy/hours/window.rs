//! The parts of a day, in half hours.

use std::fmt;
use std::str::FromStr;

/// A time of day on the hour or half hour, from 06:00 to 23:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HalfHour(u8);

impl HalfHour {
    /// The earliest: 06:00.
    pub const FIRST: Self = Self(12);
    /// The latest: 23:00.
    pub const LAST: Self = Self(46);

    /// This time of day; none if it is not on the half hour or outside 06:00 to 23:00.
    pub const fn new(hour: u8, minute: u8) -> Option<Self> {
        if hour > 23 || !(minute == 0 || minute == 30) {
            return None;
        }
        let half_hours = hour * 2 + minute / 30;
        if half_hours < Self::FIRST.0 || half_hours > Self::LAST.0 { None } else { Some(Self(half_hours)) }
    }

    /// How many half hours after midnight.
    pub const fn half_hours(self) -> u8 {
        self.0
    }
}

impl fmt::Display for HalfHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 2, self.0 % 2 * 30)
    }
}

/// The text is no [`HalfHour`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time on the hour or half hour from 06:00 to 23:00, such as 09:00 or 17:30")]
pub struct HalfHourError(String);

impl FromStr for HalfHour {
    type Err = HalfHourError;

    fn from_str(text: &str) -> Result<Self, HalfHourError> {
        let digits = |text: &str| {
            let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            if plain { text.parse().ok() } else { None }
        };
        let time = text.split_once(':').and_then(|(hour, minute)| Self::new(digits(hour)?, digits(minute)?));
        time.ok_or_else(|| HalfHourError(text.to_owned()))
    }
}

/// A part of one day: from a time up to, but not including, a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    from: HalfHour,
    to: HalfHour,
}

impl Window {
    /// The window between the two; none if it would end before it has begun.
    pub const fn new(from: HalfHour, to: HalfHour) -> Option<Self> {
        if from.0 < to.0 { Some(Self { from, to }) } else { None }
    }

    pub const fn from(self) -> HalfHour {
        self.from
    }

    pub const fn to(self) -> HalfHour {
        self.to
    }

    /// 09:00–18:00.
    pub(super) const OFFICE: Self = Self { from: HalfHour(18), to: HalfHour(36) };
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}–{}", self.from, self.to)
    }
}
