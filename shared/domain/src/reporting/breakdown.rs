//! What came of a campaign's attempts by day, by hour of the recipient, by caller number and by channel.
//!
//! A day keeps the same counters as the campaign, once by hour and once by caller number; both come to the same
//! sums.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::base::channel::Channel;
use crate::base::ids::CallerNumberId;
use crate::records::counters::Counters;
use crate::records::interaction::Interaction;
use crate::records::tally::Tally;
use crate::reporting::events::Change;

/// How sums are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum By {
    #[default]
    Day,
    Hour,
    CallerNumber,
    Channel,
}

/// A tally that comes to the sums, or is taken back because more has become known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    Count(Tally),
    TakeBack(Tally),
}

/// The sums of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Cells", into = "Cells")]
pub struct DaySums {
    /// None where the recipient's hour is not known.
    by_hour: BTreeMap<(Channel, Option<i8>), Counters>,
    by_caller: BTreeMap<(Channel, Option<CallerNumberId>), Counters>,
}

/// The form in which they are stored.
#[derive(Serialize, Deserialize)]
struct Cells {
    hours: Vec<(Channel, Option<i8>, Counters)>,
    callers: Vec<(Channel, Option<CallerNumberId>, Counters)>,
}

/// The sums of several days, by the date in the campaign's time zone on which an attempt was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Breakdown(BTreeMap<NaiveDate, DaySums>);

impl Correction {
    /// What a change of a record changes in the sums. Only a new version does, as with events.
    pub fn of(change: &Change) -> Vec<Self> {
        let Change::Interaction { before, after } = change else { return Vec::new() };
        if before.as_ref().is_some_and(|before| before.version == after.version) {
            return Vec::new();
        }
        let (before, after) = (before.as_ref().and_then(Tally::of), Tally::of(after));
        if before == after {
            return Vec::new();
        }
        before.map(Self::TakeBack).into_iter().chain(after.map(Self::Count)).collect()
    }

    pub const fn tally(&self) -> &Tally {
        match self {
            Self::Count(tally) | Self::TakeBack(tally) => tally,
        }
    }

    fn apply_to(&self, sums: &mut Counters) {
        let counters = Counters::of_tally(self.tally());
        match self {
            Self::Count(_) => sums.merge(&counters),
            Self::TakeBack(_) => sums.take(&counters),
        }
    }
}

impl DaySums {
    pub fn correct(&mut self, correction: &Correction, campaign_tz: Tz) {
        let tally = correction.tally();
        let channel = tally.outcome.channel();
        correct_cell(&mut self.by_hour, (channel, tally.hour(campaign_tz)), correction);
        correct_cell(&mut self.by_caller, (channel, tally.caller_number.clone()), correction);
    }

    fn is_empty(&self) -> bool {
        self.by_hour.is_empty() && self.by_caller.is_empty()
    }
}

/// A cell in which nothing is left goes.
fn correct_cell<K: Ord + Clone>(cells: &mut BTreeMap<K, Counters>, cell: K, correction: &Correction) {
    let sums = cells.entry(cell.clone()).or_default();
    correction.apply_to(sums);
    if sums.is_empty() {
        cells.remove(&cell);
    }
}

impl Breakdown {
    /// The sums of these records: the truth that all others are held against.
    pub fn of<'a>(interactions: impl IntoIterator<Item = &'a Interaction>, campaign_tz: Tz) -> Self {
        let mut breakdown = Self::default();
        for tally in interactions.into_iter().filter_map(Tally::of) {
            breakdown.correct(&Correction::Count(tally), campaign_tz);
        }
        breakdown
    }

    pub fn correct(&mut self, correction: &Correction, campaign_tz: Tz) {
        let day = correction.tally().day(campaign_tz);
        let mut sums = self.0.remove(&day).unwrap_or_default();
        sums.correct(correction, campaign_tz);
        self.put(day, sums);
    }

    /// Puts the sums of a day in place of what there was.
    pub fn put(&mut self, day: NaiveDate, sums: DaySums) {
        if sums.is_empty() {
            self.0.remove(&day);
        } else {
            self.0.insert(day, sums);
        }
    }

    /// The sums with what tells them apart: a date, an hour (`09`), an id, a channel; none where it is not known.
    pub fn rows(&self, by: By) -> BTreeMap<Option<String>, Counters> {
        let mut rows: BTreeMap<_, Counters> = BTreeMap::new();
        for (day, sums) in &self.0 {
            for ((channel, hour), counters) in &sums.by_hour {
                let key = match by {
                    By::Day => Some(day.to_string()),
                    By::Hour => hour.map(|hour| format!("{hour:02}")),
                    By::Channel => Some(channel.name().to_owned()),
                    By::CallerNumber => break,
                };
                rows.entry(key).or_default().merge(counters);
            }
            if by == By::CallerNumber {
                for ((_, caller_number), counters) in &sums.by_caller {
                    rows.entry(caller_number.as_ref().map(ToString::to_string)).or_default().merge(counters);
                }
            }
        }
        rows
    }
}

impl From<Cells> for DaySums {
    fn from(Cells { hours, callers }: Cells) -> Self {
        Self {
            by_hour: hours.into_iter().map(|(channel, hour, sums)| ((channel, hour), sums)).collect(),
            by_caller: callers.into_iter().map(|(channel, caller, sums)| ((channel, caller), sums)).collect(),
        }
    }
}

impl From<DaySums> for Cells {
    fn from(DaySums { by_hour, by_caller }: DaySums) -> Self {
        Self {
            hours: by_hour.into_iter().map(|((channel, hour), sums)| (channel, hour, sums)).collect(),
            callers: by_caller.into_iter().map(|((channel, caller), sums)| (channel, caller, sums)).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
