//! When a number may be called.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::base::channel::Channel;
use crate::base::time::{DAY_MS, MAX_SKEW_MS, Timestamp};
use crate::base::timing::MAX_WAY_MS;
use crate::base::zone::Zone;
use crate::policy::rules::{Cap, InForce, Rulebook};

mod clock;
mod closed;
mod form;
mod law;
mod slots;
#[cfg(test)]
mod tests;
mod weekly;
mod window;

pub use closed::Closed;
pub use weekly::{HoursError, MAX_WINDOWS_PER_DAY, WeeklyHours};
pub use window::{HalfHour, HalfHourError, Window};

use clock::{Clock, Span};
use law::Law;
use slots::Slots;

/// How many days ahead [`CallingHours::next_open`] looks; days that the campaign leaves out come
/// on top, so that no number of them hides what is after them.
pub const HORIZON_DAYS: i64 = 45;

static NO_DATES: BTreeSet<NaiveDate> = BTreeSet::new();

/// Whose clock a campaign's hours are read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HoursZone {
    #[default]
    Recipient,
    Campaign,
}

/// The hours in which numbers of one zone may be called.
///
/// They are open while every clock that counts says so: the weekly hours, on days that are not out,
/// on the clocks of [`whose`](Self::whose); and what every rule of the number's jurisdiction leaves
/// on those of every place that the recipient may be in. Where no place is known, the campaign's
/// clock stands in for it.
///
/// An hour that daylight saving leaves out never comes; one that it repeats counts both times.
#[derive(Debug, Clone, Copy)]
pub struct CallingHours<'a> {
    pub weekly: &'a WeeklyHours,
    /// Where the recipient may be.
    pub zone: &'a Zone,
    /// The campaign's own time zone.
    pub campaign_tz: Tz,
    /// On whose clock the weekly hours are read.
    pub whose: HoursZone,
    /// Days that the campaign leaves out, on the same clock.
    pub except: &'a BTreeSet<NaiveDate>,
    pub rules: &'a Rulebook,
    /// How people are reached: a rule may hold for calls only.
    pub channel: Channel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// The campaign's hours, inside the law's.
    Campaign,
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

    /// The first moment from `from` on at which a call may be made that starts within so many
    /// milliseconds of it, by the terms of [`closes_after`](Self::closes_after); none in sight.
    pub fn next_callable(&self, from: Timestamp, within_ms: i64) -> Option<Timestamp> {
        self.next_callable_in(Rules::Campaign, self.horizon(from), from, within_ms)
    }

    /// What [`next_callable`](Self::next_callable) says, by the law's hours alone.
    pub fn next_lawfully_callable(&self, from: Timestamp, within_ms: i64) -> Option<Timestamp> {
        self.next_callable_in(Rules::Law, self.horizon(from), from, within_ms)
    }

    /// The same if it comes before `by`: who looks often need not look far.
    pub fn next_callable_by(&self, by: Timestamp, from: Timestamp, within_ms: i64) -> Option<Timestamp> {
        self.next_callable_in(Rules::Campaign, by, from, within_ms)
    }

    fn next_callable_in(
        &self,
        rules: Rules,
        by: Timestamp,
        from: Timestamp,
        within_ms: i64,
    ) -> Option<Timestamp> {
        if self.closes_after_by(rules, from, from.plus_ms(within_ms)).is_some() {
            return Some(from);
        }
        let before = from.plus_ms(-MAX_SKEW_MS);
        // If they are about to close it is the next time that counts.
        let closed_from = self.until(rules, before).unwrap_or(before);
        let opens_at = self.skip(rules, closed_from, false, by);
        (opens_at < by).then(|| opens_at.plus_ms(MAX_SKEW_MS))
    }

    /// What [`closes_after`](Self::closes_after) says, by the law's hours alone.
    pub fn lawfully_closes_after(&self, from: Timestamp, to: Timestamp) -> Option<Timestamp> {
        self.closes_after_by(Rules::Law, from, to)
    }

    /// What closes them at this moment; none if they are open. The campaign's own days and hours are
    /// named before a rule.
    pub fn why_closed(&self, now: Timestamp) -> Option<Closed> {
        self.why_closed_by(Rules::Campaign, now)
    }

    /// The rule that forbids a call at this moment, whatever the campaign's hours are.
    pub fn why_unlawful(&self, now: Timestamp) -> Option<Closed> {
        self.why_closed_by(Rules::Law, now)
    }

    /// How often a person may be called, by the rules that hold at this moment in any place.
    pub fn caps(&self, now: Timestamp) -> BTreeSet<Cap> {
        let days = self.in_force(now);
        days.flat_map(|rules| rules.caps(self.channel).map(|(_, cap)| cap)).collect()
    }

    /// The rules that hold at this moment in any place, for the record; see
    /// [`InForce::evidence`].
    pub fn evidence(&self, now: Timestamp) -> BTreeSet<String> {
        self.in_force(now).flat_map(|rules| rules.evidence(self.channel)).collect()
    }

    /// What holds at this moment, by the date in each place.
    pub fn in_force(&self, now: Timestamp) -> impl Iterator<Item = InForce<'a>> + use<'a> {
        let clocks = self.clocks(Rules::Law);
        clocks.filter_map(move |clock| Some(clock.law?.in_force(clock.date(now))))
    }

    fn why_closed_by(&self, rules: Rules, now: Timestamp) -> Option<Closed> {
        self.clocks(rules).filter_map(|clock| clock.why_closed(now)).min_by_key(Closed::rank)
    }

    fn closes_after_by(&self, rules: Rules, from: Timestamp, to: Timestamp) -> Option<Timestamp> {
        self.until(rules, from.plus_ms(-MAX_SKEW_MS)).filter(|closes_at| *closes_at > latest_arrival(to))
    }

    fn is_open_by(&self, rules: Rules, now: Timestamp) -> bool {
        self.clocks(rules).all(|clock| clock.is_open(now))
    }

    fn until(&self, rules: Rules, now: Timestamp) -> Option<Timestamp> {
        Some(self.skip(rules, now, true, self.horizon(now))).filter(|closes_at| *closes_at > now)
    }

    fn next(&self, rules: Rules, from: Timestamp) -> Option<Timestamp> {
        let end = self.horizon(from);
        Some(self.skip(rules, from, false, end)).filter(|opens_at| *opens_at < end)
    }

    /// The first moment from `from` on at which the hours are not what `open` says, or `end`.
    fn skip(&self, rules: Rules, from: Timestamp, open: bool, end: Timestamp) -> Timestamp {
        let mut at = from;
        while at < end {
            let span = self.span(rules, at);
            if span.is_open != open {
                return at;
            }
            at = span.until;
        }
        end
    }

    fn span(&self, rules: Rules, at: Timestamp) -> Span {
        let mut until = self.horizon(at);
        for span in self.clocks(rules).map(|clock| clock.span(at)) {
            if !span.is_open {
                return span;
            }
            until = until.min(span.until);
        }
        Span { is_open: true, until }
    }

    /// Every clock that has a say.
    fn clocks(&self, rules: Rules) -> impl Iterator<Item = Clock<'a>> + use<'a> {
        let (week, except) = match rules {
            Rules::Campaign => (self.weekly.slots(), self.except),
            Rules::Law => (&Slots::ALWAYS, &NO_DATES),
        };
        let law =
            Some(Law { rules: self.rules, jurisdiction: self.zone.jurisdiction(), channel: self.channel });
        let places = self.zone.places();
        let own = |law| Some(Clock { tz: self.campaign_tz, week, except, law });
        let (campaign, week_there, except_there) = match self.whose {
            HoursZone::Recipient if !places.is_empty() => (None, week, except),
            HoursZone::Campaign if !places.is_empty() => (own(None), &Slots::ALWAYS, &NO_DATES),
            HoursZone::Recipient | HoursZone::Campaign => (own(law), week, except),
        };
        let there = move |&tz: &Tz| Clock { tz, week: week_there, except: except_there, law };
        campaign.into_iter().chain(places.iter().map(there))
    }

    fn horizon(&self, from: Timestamp) -> Timestamp {
        let days_out = i64::try_from(self.except.len()).unwrap_or(i64::MAX);
        from.plus_ms(days_out.saturating_add(HORIZON_DAYS).saturating_mul(DAY_MS))
    }
}

/// When a call that starts no later than `to`, by the clock of whoever starts it, has reached the
/// provider.
pub(crate) const fn latest_arrival(to: Timestamp) -> Timestamp {
    to.plus_ms(MAX_SKEW_MS + MAX_WAY_MS)
}
