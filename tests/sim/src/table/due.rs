//! The index of due leads, which follows the table with a lag.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Bound;

use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::records::lead::{DueClass, Lead};

use crate::map::Map;

/// A partition of the index.
pub(crate) type Place = (CampaignId, DueClass, Option<Zone>);
/// A place in a partition: when it falls due, the row, the lead.
pub(crate) type DueKey = (Timestamp, u64, LeadId);

/// A page of the index, in order.
#[derive(Debug, Default)]
pub(crate) struct DuePage {
    pub(crate) entries: Vec<DueKey>,
    /// The last entry, if more may follow it.
    pub(crate) next: Option<DueKey>,
}

/// The index as its readers see it, and what it has not heard of yet.
#[derive(Debug, Default)]
pub(crate) struct DueIndex {
    seen: Map<Place, BTreeSet<DueKey>>,
    waiting: VecDeque<Change>,
}

#[derive(Debug)]
struct Change {
    seen_at: Timestamp,
    gone: Option<(Place, DueKey)>,
    new: Option<(Place, DueKey)>,
}

fn entry(lead: &Lead) -> Option<(Place, DueKey)> {
    let (class, due_at) = lead.due()?;
    let zone = class.is_by_zone().then(|| lead.zone.clone());
    Some(((lead.id.campaign(), class, zone), (due_at, lead.order.row, lead.id.clone())))
}

impl DueIndex {
    /// A lead was written; readers see it `lag_ms` later, and never before what came before it.
    pub(crate) fn change(&mut self, before: Option<&Lead>, after: &Lead, now: Timestamp, lag_ms: i64) {
        let (gone, new) = (before.and_then(entry), entry(after));
        if gone == new {
            return;
        }
        let last_at = self.waiting.back().map_or(now, |change| change.seen_at);
        self.waiting.push_back(Change { seen_at: now.plus_ms(lag_ms).max(last_at), gone, new });
    }

    /// A page of a partition from behind `from` on, as it is seen now.
    pub(crate) fn page(
        &mut self,
        place: &Place,
        limit: usize,
        from: Option<&DueKey>,
        now: Timestamp,
    ) -> DuePage {
        self.catch_up(now);
        let Some(partition) = self.seen.get(place) else { return DuePage::default() };
        let start = from.map_or(Bound::Unbounded, Bound::Excluded);
        let entries: Vec<_> = partition.range((start, Bound::Unbounded)).take(limit).cloned().collect();
        let next = entries.last().filter(|_| entries.len() == limit).cloned();
        DuePage { entries, next }
    }

    fn catch_up(&mut self, now: Timestamp) {
        while self.waiting.front().is_some_and(|change| change.seen_at <= now) {
            let Some(change) = self.waiting.pop_front() else { return };
            if let Some((place, key)) = change.gone
                && let Some(partition) = self.seen.get_mut(&place)
            {
                partition.remove(&key);
            }
            if let Some((place, key)) = change.new {
                self.seen.entry(place).or_default().insert(key);
            }
        }
    }
}
