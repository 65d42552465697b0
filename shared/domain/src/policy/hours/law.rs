//! The hours that the rules leave.

use chrono::NaiveDate;

use super::slots::Slots;
use super::weekly::WeeklyHours;
use crate::base::channel::Channel;
use crate::base::zone::Jurisdiction;
use crate::policy::rules::{InForce, Rule, Rulebook, Timing};

/// The rules of a jurisdiction, as far as they are about time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Law<'a> {
    pub(super) rules: &'a Rulebook,
    pub(super) jurisdiction: Option<Jurisdiction>,
    pub(super) channel: Channel,
}

/// A rule that forbids a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forbidden<'a> {
    pub(super) rule: &'a Rule,
    pub(super) holiday: Option<&'a str>,
}

impl<'a> Law<'a> {
    /// The half hours of a local day that every rule leaves; none if there is no rule at all.
    pub(super) fn slots(&self, day: NaiveDate) -> Slots {
        let timings = self.in_force(day).timings(self.channel);
        let left = timings.map(|timing| slots(&timing, day));
        left.reduce(Slots::and).unwrap_or(Slots::NONE)
    }

    /// The first rule that forbids a half hour of a local day.
    pub(super) fn forbids(&self, day: NaiveDate, half_hour: Slots) -> Option<Forbidden<'a>> {
        let mut timings = self.in_force(day).timings(self.channel);
        let forbidding = timings.find(|timing| slots(timing, day).and(half_hour) == Slots::NONE)?;
        Some(Forbidden { rule: forbidding.rule, holiday: forbidding.holiday })
    }

    /// What holds on a local day.
    pub(super) fn in_force(&self, day: NaiveDate) -> InForce<'a> {
        self.rules.at(self.jurisdiction, day)
    }
}

fn slots(timing: &Timing<'_>, day: NaiveDate) -> Slots {
    match (timing.holiday, &timing.rule.hours) {
        (Some(_), _) => Slots::NONE,
        (None, Some(hours)) => on(hours, day),
        (None, None) => Slots::ALL,
    }
}

fn on(hours: &WeeklyHours, day: NaiveDate) -> Slots {
    use chrono::Datelike;
    hours.slots()[usize::try_from(day.weekday().num_days_from_monday()).unwrap_or_default()]
}
