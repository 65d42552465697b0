//! Forecasts of small crowds that can be worked out by hand, of large ones against another way, and
//! what must hold of any.

mod calibration;
mod hand;
mod limits;
mod mixed;
mod naive;
mod previews;

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::*;
use crate::base::call::Outcome;
use crate::base::time::{SECOND_MS, Timestamp};
use crate::base::zone::Zone;
use crate::fixtures::{self, NOW};
use crate::planning::CampaignSnapshot;
use crate::policy::assistant::CallerNumber;
use crate::policy::rules::Rulebook;
use crate::records::lead::DueClass;

/// Length of a call in which [`ended`] ends as a conversation, in seconds.
const CALL_SECS: i64 = 75;

fn berlin() -> Zone {
    Tz::Europe__Berlin.into()
}

/// A campaign with so many lines and a number without limits.
fn snapshot(lines: u32) -> PlanningSnapshot {
    let mut campaign = fixtures::campaign();
    campaign.spec.concurrent_limit = lines;
    let number = CallerNumber { rate_limit_per_minute: None, ..fixtures::caller_number(1) };
    let campaign = CampaignSnapshot { campaign, numbers: vec![number], zones: Vec::new() };
    PlanningSnapshot { campaigns: vec![campaign], ..fixtures::snapshot() }
}

/// Every call ends so: after 15 seconds of ringing and a minute of talk, or 40 seconds of ringing.
fn ended(outcome: Outcome) -> CallStatistics {
    CallStatistics {
        talk_secs: 60.0,
        ringing_secs: 15.0,
        is_spread: false,
        ..CallStatistics::with([(outcome, 1.0)])
    }
}

fn fresh(zone: Zone, leads: u64) -> Group {
    Group { zone, class: DueClass::Fresh, attempts: 0, due: vec![Due { at: NOW, leads }], sample: None }
}

fn population(groups: Vec<Group>, call_statistics: CallStatistics) -> Population {
    Population { groups, call_statistics, ..Population::default() }
}

fn told_of(snapshot: &PlanningSnapshot, crowds: &BTreeMap<CampaignId, Population>) -> Forecast {
    let campaign = &fixtures::campaign_id();
    forecast(&Outlook { snapshot, campaign, crowds, days: MAX_DAYS, seed: 1 }).expect("a forecast")
}

fn told(snapshot: &PlanningSnapshot, population: Population) -> Forecast {
    told_of(snapshot, &BTreeMap::from([(fixtures::campaign_id(), population)]))
}

fn after(secs: i64) -> Timestamp {
    NOW.plus_ms(secs * SECOND_MS)
}

fn surely(at: Timestamp) -> Finish {
    Finish { p10: Some(at), p50: Some(at), p90: Some(at) }
}
