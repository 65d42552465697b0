//! From places and samples to groups.

use std::collections::BTreeMap;

use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::records::lead::{Lead, SkipReason};
use carillon_domain::reporting::forecast::{Due, Group};

use super::by_status::{Key, Kind, View, apart};
use super::counting::Waiting;
use super::sample::Sample;
use super::shares::Shares;

/// Groups that are being filled.
pub(super) struct Sorting<'a> {
    view: View<'a>,
    /// Waiting leads that are known to be on a do-not-call list.
    listed: Vec<Lead>,
    groups: BTreeMap<Key, Filling>,
    skipped: BTreeMap<SkipReason, u64>,
}

#[derive(Debug, Default)]
struct Filling {
    due: BTreeMap<Timestamp, u64>,
    sample: Option<E164>,
}

impl<'a> Sorting<'a> {
    pub(super) fn new(view: View<'a>, listed: Vec<Lead>) -> Self {
        Self { view, listed, groups: BTreeMap::new(), skipped: BTreeMap::new() }
    }

    /// Sorts the leads of a place in.
    pub(super) fn take(&mut self, waiting: &Waiting, sample: Sample) {
        if sample.is_whole {
            for known in sample.leads {
                let at = known.lead.due().map_or(self.view.now, |(_, due_at)| due_at);
                let kind = self.view.kind_of(waiting.place.class, &known);
                self.add(&kind, at, 1);
                self.note(kind, &known.lead);
            }
            return;
        }
        let (mut due, listed) = apart(self.view.now, waiting, &self.listed);
        let counted = listed.values().filter(|is_counted| **is_counted).count();
        if counted > 0 {
            let skipped = self.skipped.entry(SkipReason::DoNotCall).or_default();
            *skipped += u64::try_from(counted).unwrap_or_default();
        }
        let mut kinds = BTreeMap::<Kind, u64>::new();
        for known in sample.leads.into_iter().filter(|known| !listed.contains_key(&known.lead.id)) {
            let kind = self.view.kind_of(waiting.place.class, &known).rounded();
            *kinds.entry(kind.clone()).or_default() += 1;
            self.note(kind, &known.lead);
        }
        if kinds.is_empty() {
            let (zone, class) = (waiting.place.zone.clone().unwrap_or(Zone::CAMPAIGN), waiting.place.class);
            let key = Key { zone, class, attempts: 0 };
            kinds.insert(Kind::Waits { key, held_until: None }, 1);
        }
        due.retain(|_, leads| *leads > 0);
        let weights: Vec<u64> = kinds.values().copied().collect();
        let mut shares = Shares::new(weights);
        for (at, leads) in due {
            for (kind, part) in kinds.keys().zip(shares.next(leads)) {
                self.add(kind, at, part);
            }
        }
    }

    /// What came of it: the groups, and who is skipped and why.
    pub(super) fn finish(self) -> (Vec<Group>, BTreeMap<SkipReason, u64>) {
        let group = |(key, filling): (Key, Filling)| Group {
            zone: key.zone,
            class: key.class,
            attempts: key.attempts,
            due: filling.due.into_iter().map(|(at, leads)| Due { at, leads }).collect(),
            sample: filling.sample,
        };
        let groups = self.groups.into_iter().map(group).filter(|group| group.leads() > 0).collect();
        (groups, self.skipped)
    }

    fn add(&mut self, kind: &Kind, at: Timestamp, leads: u64) {
        if leads == 0 {
            return;
        }
        match kind {
            Kind::Skipped(reason) => *self.skipped.entry(*reason).or_default() += leads,
            Kind::Waits { key, held_until } => {
                let at = at.max(self.view.now).max(held_until.unwrap_or(self.view.now));
                let filling = self.groups.entry(key.clone()).or_default();
                *filling.due.entry(at).or_default() += leads;
            }
        }
    }

    /// Keeps the number of a lead that was looked at, if it can be called.
    fn note(&mut self, kind: Kind, lead: &Lead) {
        if let Kind::Waits { key, .. } = kind {
            let filling = self.groups.entry(key).or_default();
            filling.sample = filling.sample.take().or_else(|| lead.phones().next().cloned());
        }
    }
}
