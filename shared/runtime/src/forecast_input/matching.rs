//! From places and samples to leads that are alike, whichever of two settings they are under.

use std::collections::BTreeMap;

use carillon_domain::base::time::Timestamp;
use carillon_domain::records::lead::Lead;
use carillon_domain::reporting::forecast::{Alike, Due, MAX_SAMPLES};

use super::by_status::{Key, Kind, View, apart};
use super::counting::Waiting;
use super::sample::{Known, Sample};
use super::shares::Shares;

/// Leads that are being put together.
pub(super) struct Matching<'a> {
    before: View<'a>,
    after: View<'a>,
    /// Waiting leads that are known to be on a do-not-call list.
    listed: Vec<Known>,
    alike: Vec<Alike>,
}

/// Leads of a sample that are alike.
struct Found {
    first: Known,
    others: Vec<Lead>,
    count: u64,
}

impl<'a> Matching<'a> {
    pub(super) const fn new(before: View<'a>, after: View<'a>, listed: Vec<Known>) -> Self {
        Self { before, after, listed, alike: Vec::new() }
    }

    /// Puts the leads of a place together.
    pub(super) fn take(&mut self, waiting: &Waiting, sample: Sample) {
        if sample.is_whole {
            self.alike.extend(sample.leads.into_iter().map(|known| alone(self.before.now, known)));
            return;
        }
        let leads: Vec<Lead> = self.listed.iter().map(|known| known.lead.clone()).collect();
        let (due, listed) = apart(self.before.now, waiting, &leads);
        let counted = self.listed.iter().filter(|known| listed.get(&known.lead.id) == Some(&true));
        self.alike.extend(counted.map(|known| alone(self.before.now, known.clone())));
        // Should all that were looked at be listed, the others are as they would be without that.
        let unlisted = sample.leads.first().map(|known| Known { records: Vec::new(), ..known.clone() });
        let mut found = BTreeMap::<(Key, bool, Kind, Kind), Found>::new();
        for known in sample.leads.into_iter().filter(|known| !listed.contains_key(&known.lead.id)) {
            self.add(&mut found, waiting, known);
        }
        if let Some(known) = unlisted.filter(|_| found.is_empty()) {
            self.add(&mut found, waiting, known);
        }
        let mut shares = Shares::new(found.values().map(|found| found.count).collect());
        let mut own_due = vec![Vec::new(); found.len()];
        for (at, leads) in due.into_iter().filter(|(_, leads)| *leads > 0 && !found.is_empty()) {
            for (own, leads) in own_due.iter_mut().zip(shares.next(leads)) {
                own.push(Due { at, leads });
            }
        }
        self.alike.extend(found.into_values().zip(own_due).map(|(found, due)| {
            let Found { first: Known { lead, records }, others, .. } = found;
            Alike { lead, records, due, others }
        }));
    }

    pub(super) fn finish(self) -> Vec<Alike> {
        self.alike
    }

    fn add(&self, found: &mut BTreeMap<(Key, bool, Kind, Kind), Found>, waiting: &Waiting, known: Known) {
        let class = waiting.place.class;
        let kind = |view: &View<'_>| view.kind_of(class, &known).rounded();
        let has_consent = known.lead.profile.consent.is_some();
        let key = (Key::of(class, &known.lead), has_consent, kind(&self.before), kind(&self.after));
        match found.get_mut(&key) {
            None => drop(found.insert(key, Found { first: known, others: Vec::new(), count: 1 })),
            Some(found) => {
                found.count += 1;
                if found.others.len() < MAX_SAMPLES {
                    found.others.push(known.lead);
                }
            }
        }
    }
}

/// A lead that stands for itself.
fn alone(now: Timestamp, known: Known) -> Alike {
    let Known { lead, records } = known;
    let at = lead.due().map_or(now, |(_, due_at)| due_at.max(now));
    Alike { lead, records, due: vec![Due { at, leads: 1 }], others: Vec::new() }
}
