//! From the clock on the wall to the moment, and back.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use crate::base::time::{DAY_MS, Timestamp};
use crate::base::zone::utc_offset_ms;

/// The date that the clocks of a zone show.
pub fn local_date(tz: Tz, at: Timestamp) -> NaiveDate {
    at.plus_ms(utc_offset_ms(tz, at)).to_utc().date_naive()
}

/// What the clocks of a zone do around a local time.
enum Reading {
    /// They show it, at this moment for the first time.
    Shown(Timestamp),
    LeftOut {
        /// When they would show it, had they not been put forward.
        moved: Timestamp,
        /// How far they were ahead of UTC until then, in milliseconds.
        before_ms: i64,
    },
}

/// The moment at which the clocks show this, the first if there are two. One that they leave out
/// is moved forward by as much as they leave out.
pub(super) fn instant(tz: Tz, local: NaiveDateTime) -> Timestamp {
    match read(tz, local) {
        Reading::Shown(at) => at,
        Reading::LeftOut { moved, .. } => moved,
    }
}

/// Whether the clocks show this at that moment.
pub(super) fn shows(tz: Tz, at: Timestamp, local: NaiveDateTime) -> bool {
    at.plus_ms(utc_offset_ms(tz, at)).to_utc().naive_utc() == local
}

/// The first moment of a date; that of the next, if the clocks leave out the whole day.
pub(super) fn first_instant(tz: Tz, date: NaiveDate) -> Timestamp {
    match read(tz, date.and_time(NaiveTime::MIN)) {
        Reading::Shown(at) => at,
        Reading::LeftOut { moved, before_ms } => change(tz, moved, before_ms),
    }
}

/// Looks a day to either side, for no zone is farther from UTC, nor changes its clocks twice in
/// that time.
fn read(tz: Tz, local: NaiveDateTime) -> Reading {
    let local = Timestamp::from(local.and_utc());
    let before_ms = utc_offset_ms(tz, local.plus_ms(-DAY_MS));
    let after_ms = utc_offset_ms(tz, local.plus_ms(DAY_MS));
    let shown = |offset_ms: i64| {
        let at = local.plus_ms(-offset_ms);
        (utc_offset_ms(tz, at) == offset_ms).then_some(at)
    };
    match shown(before_ms).or_else(|| shown(after_ms)) {
        Some(at) => Reading::Shown(at),
        None => Reading::LeftOut { moved: local.plus_ms(-before_ms), before_ms },
    }
}

/// The moment up to `after` from which on the clocks are no longer `before_ms` ahead.
fn change(tz: Tz, after: Timestamp, before_ms: i64) -> Timestamp {
    let (mut before, mut after) = (after.plus_ms(-DAY_MS), after);
    while after.since_ms(before) > 1 {
        let middle = before.plus_ms(after.since_ms(before) / 2);
        if utc_offset_ms(tz, middle) == before_ms { before = middle } else { after = middle }
    }
    after
}
