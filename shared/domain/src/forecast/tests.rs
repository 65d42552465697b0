//! Forecasts of small crowds that can be worked out by hand, of large ones against another way, and
//! what must hold of any.

mod calibration;
mod hand;
mod limits;
mod naive;
mod previews;

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::*;
use crate::assistant::CallerNumber;
use crate::call::Outcome;
use crate::fixtures::{self, NOW};
use crate::lead::DueClass;
use crate::plan::CampaignScene;
use crate::rules::Rulebook;
use crate::time::{SECOND_MS, Timestamp};
use crate::zone::Zone;

/// Length of a call in which [`ended`] ends as a conversation, in seconds.
const CALL_SECS: i64 = 75;

fn berlin() -> Zone {
    Tz::Europe__Berlin.into()
}

/// A campaign with so many lines and a number without limits.
fn scene(lines: u32) -> Scene {
    let mut campaign = fixtures::campaign();
    campaign.spec.concurrent_limit = lines;
    let number = CallerNumber { rate_limit_per_minute: None, ..fixtures::caller_number(1) };
    let campaign = CampaignScene { campaign, numbers: vec![number], zones: Vec::new() };
    Scene { campaigns: vec![campaign], ..fixtures::scene() }
}

/// Every call ends so: after 15 seconds of ringing and a minute of talk, or 40 seconds of ringing.
fn ended(outcome: Outcome) -> Experience {
    Experience { talk_secs: 60.0, ringing_secs: 15.0, is_spread: false, ..Experience::with([(outcome, 1.0)]) }
}

fn fresh(zone: Zone, leads: u64) -> Group {
    Group { zone, class: DueClass::Fresh, attempts: 0, due: vec![Due { at: NOW, leads }], sample: None }
}

fn crowd(groups: Vec<Group>, experience: Experience) -> Crowd {
    Crowd { groups, experience, ..Crowd::default() }
}

fn told_of(scene: &Scene, crowds: &BTreeMap<CampaignId, Crowd>) -> Forecast {
    let campaign = &fixtures::campaign_id();
    forecast(&Outlook { scene, campaign, crowds, days: MAX_DAYS, seed: 1 }).expect("a forecast")
}

fn told(scene: &Scene, crowd: Crowd) -> Forecast {
    told_of(scene, &BTreeMap::from([(fixtures::campaign_id(), crowd)]))
}

fn after(secs: i64) -> Timestamp {
    NOW.plus_ms(secs * SECOND_MS)
}

/// Every run ends then.
fn surely(at: Timestamp) -> Finish {
    Finish { p10: Some(at), p50: Some(at), p90: Some(at) }
}
