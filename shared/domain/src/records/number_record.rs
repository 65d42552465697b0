//! What a workspace knows of a telephone number, whichever leads it belongs to: the lists that
//! forbid to call it, when it was called, and whose it was last.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::ids::{AttemptId, LeadId};
use crate::base::phone::E164;
use crate::base::subscriber::Subscriber;
use crate::base::time::{SECOND_MS, Timestamp};
use crate::policy::caps::MAX_CAP;
use crate::policy::do_not_call::{ListName, Listing};
use crate::records::audit::{Act, Actor};

/// The latest attempt to call a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestAttempt {
    pub attempt: AttemptId,
    /// Its lead; an inbound call from the number is taken to be theirs.
    pub lead: LeadId,
}

/// Most times of a number on lists that its record remembers once it was taken off; the audit log has all.
const MAX_PAST_LISTINGS: usize = 10;

/// That a number was taken off a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    pub at: Timestamp,
    /// Who took it off.
    pub by: Option<Actor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// That a number was on a list, and is not any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastListing {
    pub list: ListName,
    pub listing: Listing,
    pub removed: Removal,
}

/// What a workspace knows of a number, in whatever form it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberRecord {
    /// The form in which it was met first, and in which it stands on lists.
    pub number: E164,
    /// Raised by every change; 0 stands for a number of which nothing is stored.
    pub version: u64,
    /// The lists that it is on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<ListName, Listing>,
    /// The lists that it was on, the latest removal last; only the latest are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<PastListing>,
    /// When its person was called, in seconds since 1970, oldest first; the latest [`MAX_CAP`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attempts_secs: Vec<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<LatestAttempt>,
}

impl NumberRecord {
    /// The record of a number of which nothing is known.
    pub const fn unknown(number: E164) -> Self {
        Self {
            number,
            version: 0,
            lists: BTreeMap::new(),
            past: Vec::new(),
            attempts_secs: Vec::new(),
            latest: None,
        }
    }

    /// Whose it is: records are kept by this.
    pub fn subscriber(&self) -> Subscriber {
        Subscriber::of(&self.number)
    }

    /// The list that forbids to call it, if one of those that count does.
    pub fn suppressed_by(&self, counting: &BTreeSet<ListName>) -> Option<&ListName> {
        // What is settled counts before what is not.
        let counting = || self.lists.keys().filter(move |name| name.counts_where(counting));
        counting().find(|name| !name.is_of_unclear_wishes()).or_else(|| counting().next())
    }

    /// The record of a number whose person was called at these moments, oldest first.
    pub(crate) fn called_at(number: E164, attempts: impl Iterator<Item = Timestamp>) -> Self {
        Self { attempts_secs: attempts.map(Timestamp::as_secs).collect(), ..Self::unknown(number) }
    }

    /// The record once the number is on a list.
    pub fn listed(&self, list: ListName, listing: Listing) -> Self {
        let mut next = self.next();
        next.lists.insert(list, listing);
        next
    }

    /// The record once the number is off a list.
    pub fn unlisted(&self, list: &ListName, removed: Removal) -> Self {
        let mut next = self.next();
        if let Some(listing) = next.lists.remove(list) {
            next.past.push(PastListing { list: list.clone(), listing, removed });
            let forgotten = next.past.len().saturating_sub(MAX_PAST_LISTINGS);
            next.past.drain(..forgotten);
        }
        next
    }

    /// How it stood on a list when it was last taken off it.
    pub fn removed_from(&self, list: &ListName) -> Option<&Listing> {
        self.past.iter().rev().find(|past| past.list == *list).map(|past| &past.listing)
    }

    /// Whether the number was taken off a list at a moment or later.
    pub fn was_removed_since(&self, list: &ListName, at: Timestamp) -> bool {
        self.past.iter().any(|past| past.list == *list && past.removed.at >= at)
    }

    /// The record once its person is called to try something out: whose it is, is known; no cap counts it.
    pub fn called_for_test(&self, latest: LatestAttempt) -> Self {
        Self { latest: Some(latest), ..self.next() }
    }

    /// The record once its person is called.
    pub fn called(&self, latest: LatestAttempt, at: Timestamp) -> Self {
        let mut next = self.next();
        next.attempts_secs.push(at.as_secs());
        let most = usize::try_from(MAX_CAP).unwrap_or(usize::MAX);
        let forgotten = next.attempts_secs.len().saturating_sub(most);
        next.attempts_secs.drain(..forgotten);
        next.latest = Some(latest);
        next
    }

    /// The record once its attempts are recounted.
    pub(crate) fn recounted(&self, recount: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.next();
        recount(&mut next);
        next
    }

    /// Puts an attempt back among those that are remembered: it turned out to have been made.
    pub(crate) fn recall(&mut self, at: Timestamp) {
        if self.attempts_secs.contains(&at.as_secs()) {
            return;
        }
        self.attempts_secs.push(at.as_secs());
        self.attempts_secs.sort_unstable();
        let most = usize::try_from(MAX_CAP).unwrap_or(usize::MAX);
        let forgotten = self.attempts_secs.len().saturating_sub(most);
        self.attempts_secs.drain(..forgotten);
    }

    /// Takes an attempt out of those that are remembered: it turned out never to have been made.
    pub(crate) fn forget(&mut self, at: Timestamp) {
        self.attempts_secs.retain(|secs| *secs != at.as_secs());
    }

    fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }
}

impl Act {
    /// What it leaves of a number that it takes off a list.
    pub fn removal(&self, at: Timestamp) -> Removal {
        Removal { at, by: Some(self.actor.clone()), reason: self.reason.clone() }
    }
}

/// When a person was called, over all of their numbers, oldest first.
pub fn attempts<'a>(records: impl IntoIterator<Item = &'a NumberRecord>) -> Vec<Timestamp> {
    // One attempt is noted on every number of its person.
    let secs: BTreeSet<i64> =
        records.into_iter().flat_map(|record| record.attempts_secs.iter().copied()).collect();
    secs.into_iter().map(|secs| Timestamp::from_millis(secs * SECOND_MS)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, NOW};

    fn latest() -> LatestAttempt {
        LatestAttempt { attempt: fixtures::attempt(1), lead: fixtures::lead(1).id }
    }

    #[test]
    fn the_common_list_always_counts_and_others_where_they_are_chosen() {
        let record = NumberRecord::unknown(fixtures::number(1));
        let listing = Listing { at: NOW, source: "api".into(), reason: None };
        let partners: ListName = "partners".parse().expect("a name");
        let listed = record.listed(partners.clone(), listing.clone());
        assert_eq!(listed.suppressed_by(&BTreeSet::new()), None);
        assert_eq!(listed.suppressed_by(&[partners.clone()].into()), Some(&partners));
        let everywhere = listed.listed(ListName::do_not_call(), listing);
        assert!(everywhere.suppressed_by(&BTreeSet::new()).is_some());
        let removed = Removal { at: NOW, by: None, reason: None };
        let off = everywhere.unlisted(&ListName::do_not_call(), removed);
        assert_eq!((off.version, off.lists.len(), off.past.len()), (3, 1, 1));
    }

    #[test]
    fn a_person_was_called_once_however_many_numbers_they_have() {
        let numbers = [1, 2].map(|n| NumberRecord::unknown(fixtures::number(n)).called(latest(), NOW));
        assert_eq!(attempts(&numbers), [NOW]);
        let again = numbers[0].called(latest(), NOW.plus_ms(60_000));
        assert_eq!(attempts([&again, &numbers[1]]).len(), 2);
        assert_eq!(
            attempts([&again.recounted(|again| again.forget(NOW.plus_ms(60_000))), &numbers[1]]),
            [NOW]
        );
    }

    #[test]
    fn as_many_attempts_are_remembered_as_a_cap_can_ask_for() {
        let mut record = NumberRecord::unknown(fixtures::number(1));
        for minute in 0..100 {
            record = record.called(latest(), NOW.plus_ms(minute * 60_000));
        }
        assert_eq!(attempts([&record]).len(), usize::try_from(MAX_CAP).expect("small"));
    }

    #[test]
    fn the_latest_removals_are_remembered() {
        let mut record = NumberRecord::unknown(fixtures::number(1));
        let (list, other) = (ListName::do_not_call(), ListName::unclear_wishes());
        for minute in 0..12 {
            let at = NOW.plus_ms(minute * 60_000);
            let listing = Listing { at, source: "call".into(), reason: None };
            record = record.listed(list.clone(), listing);
            record = record.unlisted(&list, Removal { at, by: None, reason: None });
        }
        let last = NOW.plus_ms(11 * 60_000);
        assert_eq!((record.past.len(), record.past[9].removed.at), (MAX_PAST_LISTINGS, last));
        assert!(record.was_removed_since(&list, last) && !record.was_removed_since(&list, last.plus_ms(1)));
        assert!(!record.was_removed_since(&other, NOW));
    }

    #[test]
    fn a_name_is_plain() {
        assert!("Partners".parse::<ListName>().is_err());
        assert!("".parse::<ListName>().is_err());
        assert!("tps-2026".parse::<ListName>().is_ok());
    }
}
