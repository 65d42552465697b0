//! What is known to be empty, so that a plan does not look there again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::ids::CampaignId;
use crate::base::is_default::is_default;
use crate::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use crate::base::timing::MIN_DELAY_MINUTES;
use crate::base::zone::Zone;
use crate::records::lead::DueClass;

/// Longest time for which a place is taken to be empty, in milliseconds. No retry can fall
/// due sooner after it was made, and a stale index has long caught up.
const MAX_MARK_MS: i64 = MIN_DELAY_MINUTES as i64 * MINUTE_MS;

/// How long after a write the due index may not show it, in milliseconds.
pub const INDEX_LAG_MS: i64 = 3 * SECOND_MS;
/// How long a mark must hold to be worth a write, in milliseconds.
const WORTH_KEEPING_MS: i64 = 15 * SECOND_MS;
/// Most marks that are kept: they live in one item. What has none is looked at again.
const MAX_MARKS: usize = 500;

/// A part of the due index with nothing in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmptyPartition {
    /// When it was looked at.
    pub seen_at: Timestamp,
    /// Until when nothing falls due there.
    pub until: Timestamp,
    /// Whether somebody waits there, to fall due later.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_awaited: bool,
}

/// The marks of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmptyPartitions(BTreeMap<String, EmptyPartition>);

impl EmptyPartitions {
    /// Whether nothing is due there now. What was seen before work that was
    /// added at `work_added_at` must show counts for nothing.
    pub fn is_empty_now(
        &self,
        campaign: &CampaignId,
        class: DueClass,
        zone: Option<&Zone>,
        now: Timestamp,
        work_added_at: Timestamp,
    ) -> bool {
        self.0
            .get(&place(campaign, class, zone))
            .is_some_and(|mark| mark.seen_at > work_added_at.plus_ms(INDEX_LAG_MS) && now < mark.until)
    }

    /// Notes that nothing is due there; `head` is the next moment at which something will be.
    pub fn note(
        &mut self,
        campaign: &CampaignId,
        class: DueClass,
        zone: Option<&Zone>,
        head: Option<Timestamp>,
        now: Timestamp,
    ) {
        if self.0.len() >= MAX_MARKS {
            return;
        }
        // All marks run out together, so that they are looked at, and written, together.
        let latest = now.plus_ms(MAX_MARK_MS - now.as_millis().rem_euclid(MAX_MARK_MS));
        let until = head.map_or(latest, |head| head.min(latest));
        let mark = EmptyPartition { seen_at: now, until, is_awaited: head.is_some() };
        self.0.insert(place(campaign, class, zone), mark);
    }

    /// Whether somebody was seen to wait in a campaign, so that it can't be finished. Work that was added
    /// at `work_added_at` puts what was seen before in doubt.
    pub fn is_awaited(&self, campaign: &CampaignId, now: Timestamp, work_added_at: Timestamp) -> bool {
        let prefix = format!("{campaign} ");
        let places = self.0.range(prefix.clone()..).take_while(|(place, _)| place.starts_with(&prefix));
        places.map(|(_, mark)| mark).any(|mark| {
            mark.is_awaited && mark.seen_at > work_added_at.plus_ms(INDEX_LAG_MS) && now < mark.until
        })
    }

    /// Forgets marks that have run out.
    pub fn forget_old(&mut self, now: Timestamp) {
        self.0.retain(|_, mark| now < mark.until);
    }

    /// Whether a mark has been noted that was not there before and is worth keeping: one that runs
    /// out soon costs more to write than to look again.
    pub fn tell_more_than(&self, before: &Self) -> bool {
        let is_worth = |mark: &EmptyPartition| mark.until.since_ms(mark.seen_at) >= WORTH_KEEPING_MS;
        self.0.iter().any(|(place, mark)| is_worth(mark) && before.0.get(place) != Some(mark))
    }

    /// The first moment at which a mark runs out.
    pub fn first_end(&self) -> Option<Timestamp> {
        self.0.values().map(|mark| mark.until).min()
    }
}

fn place(campaign: &CampaignId, class: DueClass, zone: Option<&Zone>) -> String {
    format!("{campaign} {} {}", class.name(), zone.map(Zone::key).unwrap_or_default())
}
