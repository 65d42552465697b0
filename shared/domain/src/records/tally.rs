//! What the statistics know of an attempt that has ended: so little that it can be kept once more.

use chrono::{NaiveDate, Timelike};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::base::ids::CallerNumberId;
use crate::base::outcome::AttemptOutcome;
use crate::base::time::{MINUTE_MS, Timestamp};
use crate::base::zone::{Zone, on_clock, utc_offset_ms};
use crate::policy::schedule::local_date;
use crate::records::interaction::Interaction;

/// An ended attempt, as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The minute in which it was dialled, or in which they called; counted from 1970.
    pub minute: i64,
    pub hour: Hour,
    /// Our number of the two.
    pub caller_number: Option<CallerNumberId>,
    pub outcome: AttemptOutcome,
    /// Whether it is a call of ours that left us.
    pub is_placed: bool,
    pub duration_secs: u32,
    pub cost_micros: u64,
}

/// The hour on the recipient's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "i8", into = "i8")]
pub enum Hour {
    /// From 0 to 23.
    Of(i8),
    /// Where they are is not known: the campaign's clock stands in.
    OfCampaign,
    /// They called, and nobody looked at their clock.
    Unknown,
}

impl From<i8> for Hour {
    fn from(written: i8) -> Self {
        match written {
            0..=23 => Self::Of(written),
            -1 => Self::OfCampaign,
            _ => Self::Unknown,
        }
    }
}

impl From<Hour> for i8 {
    fn from(hour: Hour) -> Self {
        match hour {
            Hour::Of(hour) => hour,
            Hour::OfCampaign => -1,
            Hour::Unknown => -2,
        }
    }
}

impl Tally {
    /// None before it has ended, of a call that was turned down, and of a test.
    pub fn of(interaction: &Interaction) -> Option<Self> {
        if interaction.is_test {
            return None;
        }
        let at = interaction.started_at;
        let zone = interaction.evidence.as_ref().map(|evidence| &evidence.zone);
        Some(Self {
            minute: at.as_millis().div_euclid(MINUTE_MS),
            hour: zone.map_or(Hour::Unknown, |zone| hour_in(zone, at)),
            caller_number: interaction.caller_number.clone(),
            outcome: interaction.outcome?,
            is_placed: interaction.is_placed(),
            duration_secs: interaction.duration_secs,
            cost_micros: interaction.cost_micros.unwrap_or_default(),
        })
    }

    /// Its day in the campaign's time zone.
    pub fn day(&self, campaign_tz: Tz) -> NaiveDate {
        local_date(campaign_tz, self.at())
    }

    /// The hour of the recipient, from 0 to 23; none if it is not known.
    pub fn hour(&self, campaign_tz: Tz) -> Option<i8> {
        match self.hour {
            Hour::Of(hour) => Some(hour),
            Hour::OfCampaign => Some(hour_on_clock(campaign_tz, self.at())),
            Hour::Unknown => None,
        }
    }

    const fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.minute.saturating_mul(MINUTE_MS))
    }
}

/// Where a zone has several clocks, the one that is furthest behind counts.
fn hour_in(zone: &Zone, at: Timestamp) -> Hour {
    let furthest_behind = zone.places().iter().min_by_key(|tz| utc_offset_ms(**tz, at));
    furthest_behind.map_or(Hour::OfCampaign, |tz| Hour::Of(hour_on_clock(*tz, at)))
}

fn hour_on_clock(tz: Tz, at: Timestamp) -> i8 {
    i8::try_from(on_clock(tz, at).hour()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(zone: &str, at: &str) -> Hour {
        hour_in(&zone.parse().expect("a zone"), at.parse().expect("a moment"))
    }

    #[test]
    fn the_hour_is_the_recipients() {
        assert_eq!(hour("Europe/Berlin@DE", "2026-11-23T08:59:59.999Z"), Hour::Of(9));
        assert_eq!(hour("Asia/Kathmandu", "2026-11-23T18:14:00.000Z"), Hour::Of(23));
        assert_eq!(hour("Asia/Kathmandu", "2026-11-23T18:15:00.000Z"), Hour::Of(0));
        // Of several clocks the western one, in winter as in summer.
        let two = "America/Chicago&America/New_York@US-FL";
        assert_eq!(hour(two, "2026-11-23T15:00:00.000Z"), Hour::Of(9));
        assert_eq!(hour(two, "2026-07-23T15:00:00.000Z"), Hour::Of(10));
        assert_eq!(hour("campaign@DE", "2026-11-23T15:00:00.000Z"), Hour::OfCampaign);
    }

    #[test]
    fn an_hour_that_comes_twice_is_one() {
        let (first, second) = ("2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z");
        assert_eq!(hour("Europe/Berlin", first), Hour::Of(2));
        assert_eq!(hour("Europe/Berlin", second), Hour::Of(2));
    }

    #[test]
    fn an_hour_is_read_back_as_it_was_written() {
        for written in -2..24 {
            assert_eq!(i8::from(Hour::from(written)), written);
        }
    }
}
