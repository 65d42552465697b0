//! One clock on a wall, and the half hours of its week that are open.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::closed::Closed;
use super::law::{Forbidden, Law};
use super::slots::{HALF_HOUR_MS, HALF_HOURS_PER_DAY, Slots};
use crate::base::time::{DAY_MS, Timestamp};
use crate::base::zone::utc_offset_ms;

/// 1970-01-01 was a Thursday, the fourth day from Monday.
const WEEKDAY_OF_DAY_ZERO: i64 = 3;
/// 1970-01-01 in days since 0000-12-31, as chrono counts.
const CHRONO_DAY_ZERO: i64 = 719_163;

/// The clock of a zone, with what is open by it: the half hours of its week on the days that are
/// not out, as far as the law leaves them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock<'a> {
    pub(super) tz: Tz,
    pub(super) week: &'a [Slots; 7],
    pub(super) except: &'a BTreeSet<NaiveDate>,
    /// None where another clock sees to it.
    pub(super) law: Option<Law<'a>>,
}

/// A time during which a clock is open, or closed, without a break. The next may be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) is_open: bool,
    /// Its end, which is not part of it.
    pub(super) until: Timestamp,
}

/// A moment as a clock shows it.
struct Reading {
    offset_ms: i64,
    /// The local day, since 1970-01-01.
    day: i64,
    in_day_ms: i64,
}

impl<'a> Clock<'a> {
    pub(super) fn is_open(&self, at: Timestamp) -> bool {
        let reading = self.read(at);
        self.slots(&reading).and(Slots::at(reading.in_day_ms)) != Slots::NONE
    }

    /// The day that it shows; the bounds of chrono's calendar if beyond them.
    pub(super) fn date(&self, at: Timestamp) -> NaiveDate {
        date(self.read(at).day)
    }

    pub(super) fn why_closed(&self, at: Timestamp) -> Option<Closed> {
        let Reading { day, in_day_ms, .. } = self.read(at);
        let (place, date, half_hour) = (self.tz, date(day), Slots::at(in_day_ms));
        if self.except.contains(&date) {
            return Some(Closed::Date { place, date });
        }
        if self.week[weekday(day)].and(half_hour) == Slots::NONE {
            return Some(Closed::Hours { place });
        }
        let Forbidden { rule, holiday } = self.law?.forbids(date, half_hour)?;
        Some(Closed::Rule { place, rule: rule.label(), holiday: holiday.map(str::to_owned) })
    }

    /// What it is, and until when at least: to the next edge of a window, midnight or change of
    /// the clocks.
    pub(super) fn span(&self, at: Timestamp) -> Span {
        let reading = self.read(at);
        let Reading { offset_ms, in_day_ms, .. } = reading;
        let now = in_day_ms / HALF_HOUR_MS;
        let ahead = self.slots(&reading).from(now);
        let is_open = ahead & 1 == 1;
        let alike = if is_open { ahead.trailing_ones() } else { ahead.trailing_zeros() };
        let end = (now + i64::from(alike)).min(i64::from(HALF_HOURS_PER_DAY));
        let until = at.plus_ms(end * HALF_HOUR_MS - in_day_ms);
        Span { is_open, until: self.clocks_change(at, offset_ms, until).unwrap_or(until) }
    }

    fn read(&self, at: Timestamp) -> Reading {
        let offset_ms = utc_offset_ms(self.tz, at);
        let local_ms = at.as_millis().saturating_add(offset_ms);
        Reading { offset_ms, day: local_ms.div_euclid(DAY_MS), in_day_ms: local_ms.rem_euclid(DAY_MS) }
    }

    /// The half hours of the day that are open.
    fn slots(&self, reading: &Reading) -> Slots {
        let open = self.week[weekday(reading.day)];
        if open == Slots::NONE || (self.except.is_empty() && self.law.is_none()) {
            return open;
        }
        let date = date(reading.day);
        if self.except.contains(&date) {
            return Slots::NONE;
        }
        self.law.map_or(open, |law| open.and(law.slots(date)))
    }

    /// The first moment up to `until` at which the clocks are no longer `offset_ms` ahead, as they
    /// are at `at`. (No zone changes its clocks twice in a day.)
    fn clocks_change(&self, at: Timestamp, offset_ms: i64, until: Timestamp) -> Option<Timestamp> {
        let changed = |at| utc_offset_ms(self.tz, at) != offset_ms;
        if !changed(until) {
            return None;
        }
        let (mut before, mut after) = (at, until);
        while after.since_ms(before) > 1 {
            let middle = before.plus_ms(after.since_ms(before) / 2);
            if changed(middle) { after = middle } else { before = middle }
        }
        Some(after)
    }
}

/// The day of the week, from Monday.
fn weekday(day: i64) -> usize {
    usize::try_from((day + WEEKDAY_OF_DAY_ZERO).rem_euclid(7)).unwrap_or_default()
}

fn date(day: i64) -> NaiveDate {
    let beyond = if day < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
    let day = i32::try_from(day + CHRONO_DAY_ZERO).ok();
    day.and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or(beyond)
}
