//! What holds in one jurisdiction on one day.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::book::{Entry, HeldRule, Role, Rulebook};
use super::rule::{Cap, ConsentDuty, Disclosure, Rule};
use crate::base::channel::Channel;
use crate::base::time::Timestamp;
use crate::base::zone::{Jurisdiction, Zone};
use crate::policy::schedule::local_date;

/// The rules that hold in one jurisdiction on one local day. All of them have to be kept.
#[derive(Clone, Copy)]
pub struct InForce<'a> {
    pub(super) book: &'a Rulebook,
    pub(super) entries: &'a [Entry],
    pub(super) day: NaiveDate,
}

/// A rule as far as it is about time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing<'a> {
    pub(crate) rule: &'a Rule,
    /// The holiday for which it keeps the day free.
    pub(crate) holiday: Option<&'a str>,
}

impl Rulebook {
    /// What holds for numbers of a jurisdiction, or of none that is known, on a local day.
    pub fn at(&self, jurisdiction: Option<Jurisdiction>, day: NaiveDate) -> InForce<'_> {
        // A country that was made by hand may be the United States.
        let known = jurisdiction.map(|place| match place {
            Jurisdiction::Country(country) => country.into(),
            Jurisdiction::State(_) | Jurisdiction::UnknownState => place,
        });
        InForce { book: self, entries: self.entries_in(known), day }
    }

    /// What holds now for whoever is in a zone; its day is the fallback's where the zone is not known.
    pub fn now(&self, zone: &Zone, fallback: Tz, now: Timestamp) -> InForce<'_> {
        let tz = zone.places().first().copied().unwrap_or(fallback);
        self.at(zone.jurisdiction(), local_date(tz, now))
    }
}

impl<'a> InForce<'a> {
    /// The rules; none is repeated.
    pub fn rules(self, channel: Channel) -> impl Iterator<Item = &'a Rule> {
        let mut seen: Vec<usize> = Vec::new();
        self.live(channel).filter_map(move |entry| {
            if seen.contains(&entry.held) {
                return None;
            }
            seen.push(entry.held);
            Some(&*self.held(entry.held).rule)
        })
    }

    /// How often a person may be called, with the rule that says so.
    pub fn caps(self, channel: Channel) -> impl Iterator<Item = (&'a Rule, Cap)> {
        self.rules(channel).flat_map(|rule| rule.caps.iter().map(move |&cap| (rule, cap)))
    }

    /// How many days a person who has declined is left in peace, with the rule that asks for most.
    pub fn rest_after_refusal(self, channel: Channel) -> Option<(&'a Rule, u32)> {
        let rests = self.rules(channel).filter_map(|rule| Some((rule, rule.rest_days_after_refusal?)));
        rests.max_by_key(|(_, days)| *days)
    }

    /// What people must have agreed to, with the rule that says so.
    pub fn consents(self, channel: Channel) -> impl Iterator<Item = (&'a Rule, &'a ConsentDuty)> {
        self.rules(channel).filter_map(|rule| Some((rule, rule.consent.as_ref()?)))
    }

    /// What people must be told, with the rule that says so.
    pub fn disclosures(self, channel: Channel) -> impl Iterator<Item = (&'a Rule, Disclosure)> {
        self.rules(channel).filter_map(|rule| Some((rule, rule.disclosure?)))
    }

    /// For the record, sorted: every rule that holds as `us-federal@2025-04-11`, and every one that
    /// would, were it not replaced, as `us-tx@2025-09-01 replaced by own-tx@2026-11-02: why`.
    pub fn evidence(self, channel: Channel) -> Vec<String> {
        let mut labels: Vec<String> = self.rules(channel).map(Rule::label).collect();
        for entry in self.effective(channel) {
            let replaced = &self.held(entry.held).rule;
            labels.extend(self.replacing(entry, channel).map(|by| {
                let reason = by.reason.as_deref().unwrap_or_default();
                format!("{} replaced by {}: {reason}", replaced.label(), by.rule.label())
            }));
        }
        labels.sort_unstable();
        labels.dedup();
        labels
    }

    /// The rules that hold, as far as they are about time. There is always one, if there are rules
    /// at all.
    pub(crate) fn timings(self, channel: Channel) -> impl Iterator<Item = Timing<'a>> {
        self.live(channel).map(move |entry| {
            let held = self.held(entry.held);
            let holiday = held.calendar.and_then(|calendar| calendar.holiday(self.day));
            Timing { rule: &held.rule, holiday }
        })
    }

    /// The entries that hold: the default only if no law has hours.
    fn live(self, channel: Channel) -> impl Iterator<Item = &'a Entry> {
        let is_live = move |entry: &&Entry| self.replacing(entry, channel).next().is_none();
        let is_law = |entry: &Entry| entry.role == Role::Law && self.held(entry.held).rule.hours.is_some();
        let has_law = self.effective(channel).filter(is_live).any(is_law);
        let counts = move |entry: &&Entry| entry.role != Role::Default || !has_law;
        self.effective(channel).filter(counts).filter(is_live)
    }

    /// The entries whose rules are in effect, replaced or not.
    fn effective(self, channel: Channel) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| self.is_effective(entry.held, channel))
    }

    /// What replaces an entry on this day.
    fn replacing(self, entry: &Entry, channel: Channel) -> impl Iterator<Item = &'a HeldRule> {
        let effective = entry.unless.iter().filter(move |&&by| self.is_effective(by, channel));
        effective.map(move |&by| self.held(by))
    }

    fn is_effective(self, held: usize, channel: Channel) -> bool {
        let rule = &self.held(held).rule;
        rule.is_effective(self.day) && rule.channels.contains(&channel)
    }

    fn held(self, place: usize) -> &'a HeldRule {
        &self.book.held[place]
    }
}
