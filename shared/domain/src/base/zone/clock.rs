//! What the clocks of a zone show from 2000 to 2100: IANA's data, as `.ci/time-zones` writes them.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, Offset, Utc};
use chrono_tz::Tz;

use crate::base::time::{SECOND_MS, Timestamp};

/// The release, then a clock a line.
const TABLE: &str = include_str!("../../../data/time_zones.txt");
/// Stands before the name of the release.
const RELEASE: &str = "release ";

static CLOCKS: LazyLock<HashMap<Tz, &'static Clock>> = LazyLock::new(|| {
    let mut clocks = HashMap::new();
    for (names, clock) in TABLE.lines().skip(1).filter_map(read) {
        let clock: &'static Clock = Box::leak(Box::new(clock));
        clocks.extend(names.filter_map(|name| Some((name.parse().ok()?, clock))));
    }
    clocks
});

/// What one or several zones show.
#[derive(Debug, PartialEq, Eq)]
struct Clock {
    /// How far it is ahead of UTC to begin with, in milliseconds.
    first_ms: i64,
    /// Each change, in seconds since 1970, with how far it is ahead from then on, in milliseconds.
    changes: Vec<(i64, i64)>,
}

/// By how much the clocks of `tz` are ahead of UTC at this moment, in milliseconds.
pub fn utc_offset_ms(tz: Tz, at: Timestamp) -> i64 {
    // Every zone that can be named is in the table; a test holds it to that.
    let Some(clock) = CLOCKS.get(&tz) else { return 0 };
    let made = clock.changes.partition_point(|(since, _)| *since <= at.as_secs());
    made.checked_sub(1).map_or(clock.first_ms, |last| clock.changes[last].1)
}

/// A moment as the clocks of `tz` show it, with their offset.
pub fn on_clock(tz: Tz, at: Timestamp) -> DateTime<FixedOffset> {
    let offset_secs = i32::try_from(utc_offset_ms(tz, at) / SECOND_MS).ok();
    // No clock is a day ahead of UTC.
    let offset = offset_secs.and_then(FixedOffset::east_opt).unwrap_or(Utc.fix());
    at.to_utc().with_timezone(&offset)
}

/// The release of IANA's time zones by which all of this holds: `2026f`.
pub fn time_zone_release() -> &'static str {
    TABLE.lines().next().and_then(|line| line.strip_prefix(RELEASE)).unwrap_or_default()
}

/// The names and the clock of a line.
fn read(line: &'static str) -> Option<(std::str::Split<'static, char>, Clock)> {
    let mut words = line.split(' ');
    let names = words.next()?.split(',');
    let ms = |secs: &str| Some(secs.parse::<i64>().ok()? * SECOND_MS);
    let first_ms = ms(words.next()?)?;
    let change = |word: &str| {
        let (since, ahead) = word.split_once(':')?;
        Some((since.parse().ok()?, ms(ahead)?))
    };
    Some((names, Clock { first_ms, changes: words.map(change).collect::<Option<_>>()? }))
}

#[cfg(test)]
mod tests {
    use chrono_tz::TZ_VARIANTS;

    use super::*;

    #[test]
    fn every_zone_has_a_clock_and_every_line_is_read() {
        for tz in TZ_VARIANTS {
            assert!(CLOCKS.contains_key(&tz), "{tz}");
        }
        assert_eq!(TABLE.lines().skip(1).filter_map(read).count(), TABLE.lines().count() - 1);
        assert!(time_zone_release().starts_with("20"), "{}", time_zone_release());
    }

    #[test]
    fn cuba_stays_in_summer_time_until_november_2027() {
        let ahead_hours = |moment: &str| {
            utc_offset_ms(Tz::America__Havana, moment.parse().expect("a moment")) / (3_600 * SECOND_MS)
        };
        for (moment, hours) in [
            ("2026-03-08T04:59:59Z", -5),
            ("2026-03-08T05:00:00Z", -4),
            ("2026-12-01T01:30:00Z", -4),
            ("2027-03-20T12:00:00Z", -4),
            ("2027-11-07T04:59:59Z", -4),
            ("2027-11-07T05:00:00Z", -5),
        ] {
            assert_eq!(ahead_hours(moment), hours, "{moment}");
        }
    }
}
