//! Moments and lengths of time.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub const SECOND_MS: i64 = 1_000;
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// How far a clock of ours may be from the true time, in milliseconds. AWS keeps the clocks of Lambda within
/// a few milliseconds (Amazon Time Sync); on one machine there is one clock.
pub const MAX_SKEW_MS: i64 = SECOND_MS / 4;

/// A moment, in milliseconds since 1970-01-01T00:00Z.
///
/// Written everywhere as RFC 3339 in UTC with exactly three decimals
/// (`2026-11-21T09:10:00.000Z`), so that text order is time order. RFC 3339 spells years with four
/// digits, so a moment outside the years 0000 to 9999 is the first or the last of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// 0000-01-01T00:00:00.000Z in milliseconds since 1970.
const MIN_MILLIS: i64 = -62_167_219_200_000;
/// 9999-12-31T23:59:59.999Z in milliseconds since 1970.
const MAX_MILLIS: i64 = 253_402_300_799_999;

impl Timestamp {
    /// The moment this many milliseconds after 1970-01-01T00:00Z; the nearest that RFC 3339 can spell.
    pub const fn from_millis(millis: i64) -> Self {
        if millis < MIN_MILLIS {
            Self(MIN_MILLIS)
        } else if millis > MAX_MILLIS {
            Self(MAX_MILLIS)
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970-01-01T00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00Z, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(SECOND_MS)
    }

    /// This moment and `millis` more (or fewer, if negative).
    pub const fn plus_ms(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// How many milliseconds passed since `earlier` (negative if it lies ahead).
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// As a calendar date and time in UTC.
    pub fn to_utc(self) -> DateTime<Utc> {
        // Every moment that it can hold is in chrono's calendar.
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self::from_millis(at.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// The text is no RFC 3339 time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an RFC 3339 time such as 2026-11-21T09:10:00Z")]
pub struct TimestampError(String);

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text)
            .map(|at| Self::from_millis(at.timestamp_millis()))
            .map_err(|_| TimestampError(text.to_owned()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_written_reads_back(millis in any::<i64>(), by in any::<i64>()) {
            let near = millis % (2 * MAX_MILLIS);
            for at in [millis, near].map(Timestamp::from_millis) {
                for at in [at, at.plus_ms(by), at.plus_ms(by % DAY_MS)] {
                    prop_assert_eq!(at.to_string().parse(), Ok(at));
                    prop_assert_eq!(Timestamp::from(at.to_utc()), at);
                }
            }
        }
    }

    #[test]
    fn beyond_the_years_of_four_digits_lies_their_end() {
        let (first, last) = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
        assert_eq!(first.to_string(), "0000-01-01T00:00:00.000Z");
        assert_eq!(last.to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!("9999-12-31T23:59:59-10:00".parse(), Ok(last));
        assert_eq!("0000-01-01T00:00:00+10:00".parse(), Ok(first));
    }

    #[test]
    fn text_order_is_time_order_and_nothing_is_lost() {
        let a = Timestamp::from_millis(1_795_252_200_000);
        assert_eq!(a.to_string(), "2026-11-21T09:10:00.000Z");
        assert_eq!("2026-11-21T10:10:00+01:00".parse(), Ok(a));
        assert!(a.to_string() < a.plus_ms(1).to_string());
    }

    #[test]
    fn what_is_no_time_is_named() {
        let error = "tomorrow".parse::<Timestamp>().expect_err("not a time");
        assert!(error.to_string().contains("`tomorrow`"));
    }
}
