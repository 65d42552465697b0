//! What the clocks of a zone show.

use chrono::{Offset, TimeZone};
use chrono_tz::Tz;

use crate::base::time::{SECOND_MS, Timestamp};

/// By how much the clocks of `tz` are ahead of UTC at this moment, in milliseconds.
///
/// Source: tz database 2025b as chrono-tz has it, and `follows` for what changed up to 2026e.
pub fn utc_offset_ms(tz: Tz, at: Timestamp) -> i64 {
    let tz = match follows(tz) {
        Some((since, other)) if at >= since => other,
        _ => tz,
    };
    let offset = tz.offset_from_utc_datetime(&at.to_utc().naive_utc());
    i64::from(offset.fix().local_minus_utc()) * SECOND_MS
}

/// Zones whose law changed after chrono-tz was built: since then they keep another zone's clock.
///
/// Each row is checked against a newer tz database by a test, which also says when a newer
/// chrono-tz has made the row superfluous.
pub(super) const fn follows(tz: Tz) -> Option<(Timestamp, Tz)> {
    match tz {
        // British Columbia, Alberta with the Northwest Territories, and Manitoba did not put their
        // clocks back on 2026-11-01, and stay.
        Tz::America__Vancouver | Tz::Canada__Pacific => {
            Some((Timestamp::from_millis(1_793_523_600_000), Tz::America__Phoenix))
        }
        Tz::America__Edmonton | Tz::America__Inuvik | Tz::America__Yellowknife | Tz::Canada__Mountain => {
            Some((Timestamp::from_millis(1_793_520_000_000), Tz::America__Regina))
        }
        Tz::America__Winnipeg | Tz::America__Rainy_River | Tz::Canada__Central => {
            Some((Timestamp::from_millis(1_793_516_400_000), Tz::America__Panama))
        }
        // Morocco went back to UTC on 2026-09-20, without changes for Ramadan.
        Tz::Africa__Casablanca | Tz::Africa__El_Aaiun => {
            Some((Timestamp::from_millis(1_789_866_000_000), Tz::Africa__Abidjan))
        }
        // Moldova changes at the same moment as the European Union since 2022.
        Tz::Europe__Chisinau | Tz::Europe__Tiraspol => {
            Some((Timestamp::from_millis(1_640_995_200_000), Tz::Europe__Bucharest))
        }
        _ => None,
    }
}
