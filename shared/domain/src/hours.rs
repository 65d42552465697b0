//! When a number may be called.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::flight::MAX_WAY_MS;
use crate::time::{DAY_MS, MAX_SKEW_MS, Timestamp};
use crate::zone::Zone;

mod clock;
#[cfg(test)]
mod daylight;
mod form;
#[cfg(test)]
mod tests;
mod weekly;
mod window;

pub use weekly::{HoursError, MAX_WINDOWS_PER_DAY, WeeklyHours};
pub use window::{HalfHour, HalfHourError, Window};

use clock::{Clock, Slots, Stretch};

/// The hours outside of which nobody is called, on the clock of where they are.
///
/// Source: 47 CFR 64.1200(c)(1) for the United States; kept everywhere.
pub const STATUTORY_HOURS: Window = Window::STATUTORY;

/// How many days ahead [`CallingHours::next_open`] looks: two weeks and a day.
pub const HORIZON_DAYS: i64 = 15;

/// Whose clock a campaign's hours are read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoursZone {
    /// That of each recipient.
    #[default]
    Recipient,
    /// That of the campaign.
    Campaign,
}

/// The hours in which numbers of one zone may be called.
///
/// They are open while every clock that counts says so: the weekly hours on the clocks of
/// [`whose`](Self::whose), and [`STATUTORY_HOURS`] on those of every place that the recipient may
/// be in. Where no place is known, the campaign's clock stands in for it.
///
/// An hour that daylight saving leaves out never comes; one that it repeats counts both times.
#[derive(Debug, Clone, Copy)]
pub struct CallingHours<'a> {
    /// The campaign's hours.
    pub weekly: &'a WeeklyHours,
    /// Where the recipient may be.
    pub zone: &'a Zone,
    /// The campaign's own time zone.
    pub campaign_tz: Tz,
    /// On whose clock the weekly hours are read.
    pub whose: HoursZone,
}

/// Whose rules count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// The campaign's hours, inside the law's.
    Campaign,
    /// The law's alone.
    Law,
}

impl<'a> CallingHours<'a> {
    /// Whether a call may be placed at this moment.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.is_open_by(Rules::Campaign, now)
    }

    /// When the hours that are open now are over; none if they are closed. Windows that adjoin
    /// are one.
    pub fn open_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until(Rules::Campaign, now)
    }

    /// The first moment from `from` on at which a call may be placed; none within
    /// [`HORIZON_DAYS`].
    pub fn next_open(&self, from: Timestamp) -> Option<Timestamp> {
        self.next(Rules::Campaign, from)
    }

    /// When the law's hours that are open now are over, whatever the campaign's are; none if they
    /// are closed. Calls by hand are held to these alone.
    pub fn lawful_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until(Rules::Law, now)
    }

    /// The first moment from `from` on at which the law allows a call; none within
    /// [`HORIZON_DAYS`].
    pub fn next_lawful(&self, from: Timestamp) -> Option<Timestamp> {
        self.next(Rules::Law, from)
    }

    /// When they are over, if a call that starts between two moments is placed before that and not
    /// before they begin, though the clock of whoever starts it may be off and the call takes its
    /// way to the provider; none if it may not.
    pub fn closes_after(&self, from: Timestamp, to: Timestamp) -> Option<Timestamp> {
        self.closes_after_by(Rules::Campaign, from, to)
    }

    /// The same by the law's hours alone.
    pub fn lawfully_closes_after(&self, from: Timestamp, to: Timestamp) -> Option<Timestamp> {
        self.closes_after_by(Rules::Law, from, to)
    }

    fn closes_after_by(&self, rules: Rules, from: Timestamp, to: Timestamp) -> Option<Timestamp> {
        self.until(rules, from.plus_ms(-MAX_SKEW_MS)).filter(|closes_at| *closes_at > latest_arrival(to))
    }

    fn is_open_by(&self, rules: Rules, now: Timestamp) -> bool {
        self.clocks(rules).all(|clock| clock.is_open(now))
    }

    fn until(&self, rules: Rules, now: Timestamp) -> Option<Timestamp> {
        Some(self.skip(rules, now, true)).filter(|closes_at| *closes_at > now)
    }

    fn next(&self, rules: Rules, from: Timestamp) -> Option<Timestamp> {
        let opens = self.skip(rules, from, false);
        (opens < horizon(from)).then_some(opens)
    }

    /// The first moment from `from` on at which the hours are not what `open` says, or the horizon.
    fn skip(&self, rules: Rules, from: Timestamp, open: bool) -> Timestamp {
        let end = horizon(from);
        let mut at = from;
        while at < end {
            let stretch = self.stretch(rules, at);
            if stretch.is_open != open {
                return at;
            }
            at = stretch.until;
        }
        end
    }

    fn stretch(&self, rules: Rules, at: Timestamp) -> Stretch {
        let mut until = horizon(at);
        for stretch in self.clocks(rules).map(|clock| clock.stretch(at)) {
            if !stretch.is_open {
                return stretch;
            }
            until = until.min(stretch.until);
        }
        Stretch { is_open: true, until }
    }

    /// Every clock that has a say.
    fn clocks(&self, rules: Rules) -> impl Iterator<Item = Clock<'a>> + use<'a> {
        let statutory = Slots::of(STATUTORY_HOURS);
        let week = match rules {
            Rules::Campaign => self.weekly.slots(),
            Rules::Law => &Slots::ALWAYS,
        };
        let places = self.zone.places();
        let (campaign, week_there) = match self.whose {
            HoursZone::Recipient if !places.is_empty() => (None, week),
            HoursZone::Campaign if !places.is_empty() => (Some(Slots::ALL), &Slots::ALWAYS),
            HoursZone::Recipient | HoursZone::Campaign => (Some(statutory), week),
        };
        let campaign = campaign.map(|within| Clock { tz: self.campaign_tz, week, within });
        let places = places.iter().map(move |&tz| Clock { tz, week: week_there, within: statutory });
        campaign.into_iter().chain(places)
    }
}

/// When a call that starts no later than `to`, by the clock of whoever starts it, has reached the
/// provider.
pub(crate) const fn latest_arrival(to: Timestamp) -> Timestamp {
    to.plus_ms(MAX_SKEW_MS + MAX_WAY_MS)
}

const fn horizon(from: Timestamp) -> Timestamp {
    from.plus_ms(HORIZON_DAYS * DAY_MS)
}
