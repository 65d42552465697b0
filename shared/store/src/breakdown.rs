//! Sums of a campaign by day, folded out of what the events of its attempts correct.
//!
//! A correction stands beside the number of its event, once. When a few pages of numbers are full, what they
//! correct is folded into an item for each day. That item says up to which number it holds all corrections of its
//! day, and is written under a condition: to fold twice, or two at once, changes nothing. Who asks adds what
//! is not folded yet, so the answer is as new as the numbers are, and costs the same in a large campaign.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::reporting::breakdown::{Breakdown, DaySums};
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::access::Store;
use crate::error::StoreError;
use crate::event_numbers::{PAGE_EVENTS, Page};
use crate::item::{self, number};
use crate::keys;
use crate::table::{Condition, ItemWrite, Key, Query, SortRange};

pub(crate) mod written;

/// Events after which what they correct is folded: in the pages of so many it waits. A day's sums of some
/// kilobytes are written then, so more events make a dial cheaper, and an answer dearer.
pub const FOLD_EVENTS: u64 = 8 * PAGE_EVENTS as u64;
/// How often a day's sums are read anew after others wrote them.
const TRIES: u32 = 12;

/// The sums of a day.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Day {
    version: u64,
    /// What events below this number correct is in it.
    folded: u64,
    sums: DaySums,
}

/// What events below this number correct is in the sums of all days.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    folded: u64,
}

impl Store {
    /// Folds the corrections of full pages into the sums of their days.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; what was not folded is folded the next time.
    pub async fn fold_breakdown(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        campaign_tz: Tz,
    ) -> Result<(), StoreError> {
        let progress = self.folded(ws, campaign).await?;
        let mut pages = self.event_pages_from(ws, campaign, progress.folded).await?;
        pages.pop_if(|latest| !latest.is_full());
        let Some(end) = pages.last().map(Page::next) else { return Ok(()) };
        let corrections = pages.iter().flat_map(|page| &page.corrections);
        let days: BTreeSet<_> = corrections.map(|one| one.tally().day(campaign_tz)).collect();
        for day in days {
            self.fold_day(ws, campaign, campaign_tz, day, &pages, end).await?;
        }
        let item = item::encode(keys::folded(ws, campaign), &Progress { folded: end })?;
        // Who comes late does not set it back.
        let is_behind = Condition::NoItem.or(Condition::LessThan("folded", number(end)));
        self.write_if(ItemWrite::put(item), is_behind).await.map(drop)
    }

    async fn fold_day(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        campaign_tz: Tz,
        day: NaiveDate,
        pages: &[Page],
        end: u64,
    ) -> Result<(), StoreError> {
        let key = keys::day_sums(ws, campaign, day);
        for tries in 0..TRIES {
            let mut stored: Day = self.get(key.clone()).await?.unwrap_or_default();
            if stored.folded >= end {
                return Ok(());
            }
            let unfolded = pages.iter().filter(|page| page.first >= stored.folded);
            for correction in unfolded.flat_map(|page| &page.corrections) {
                if correction.tally().day(campaign_tz) == day {
                    stored.sums.correct(correction, campaign_tz);
                }
            }
            let after = Day { version: stored.version + 1, folded: end, sums: stored.sums };
            let item = item::encode(key.clone(), &after)?;
            if self.write_if(ItemWrite::put(item), Condition::first_or_one_older(after.version)).await? {
                return Ok(());
            }
            self.table.back_off(tries).await;
        }
        Err(StoreError::contended("others kept folding a day"))
    }

    /// The sums of these days, with all that is numbered.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn breakdown(
        &self,
        ws: &WorkspaceId,
        campaign: &CampaignId,
        campaign_tz: Tz,
        days: &RangeInclusive<NaiveDate>,
    ) -> Result<Breakdown, StoreError> {
        // In this order: what is folded meanwhile is seen twice, and told by its number.
        let progress = self.folded(ws, campaign).await?;
        let range = SortRange::Between(days.start().to_string(), days.end().to_string());
        let mut breakdown = Breakdown::default();
        let mut folded: BTreeMap<NaiveDate, u64> = BTreeMap::new();
        for item in self.query_all(Query::table(keys::breakdown(ws, campaign)).range(range)).await? {
            let Some(date) = Key::of(&item).and_then(|key| key.sk.parse().ok()) else { continue };
            let day: Day = item::decode(item)?;
            breakdown.put(date, day.sums);
            folded.insert(date, day.folded);
        }
        for page in self.event_pages_from(ws, campaign, progress.folded).await? {
            for correction in &page.corrections {
                let day = correction.tally().day(campaign_tz);
                if days.contains(&day) && page.first >= folded.get(&day).copied().unwrap_or_default() {
                    breakdown.correct(correction, campaign_tz);
                }
            }
        }
        Ok(breakdown)
    }

    async fn folded(&self, ws: &WorkspaceId, campaign: &CampaignId) -> Result<Progress, StoreError> {
        Ok(self.get(keys::folded(ws, campaign)).await?.unwrap_or_default())
    }
}
