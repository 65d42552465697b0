//! What bugs make of what was read.

use carillon_domain::flight::{Flight, FlightState};
use carillon_domain::lead::{CALLBACK_WINDOW_MS, Lead, LeadState};
use carillon_domain::number_record::NumberRecord;
use carillon_domain::plan::Scene;
use carillon_domain::time::{MINUTE_MS, Timestamp};

use crate::bug::Bug;
use crate::world::World;

/// A number of no known place: its day is one of UTC.
const NOWHERE: &str = "+8835550000000";

/// The scene as a planner with a bug sees it.
pub(super) fn scene(world: &World, scene: &mut Scene) {
    let specs = scene.campaigns.iter_mut().map(|campaign| &mut campaign.campaign.spec);
    match world.bug() {
        Some(Bug::RateWithoutMargin) => drop_margin(scene),
        Some(Bug::OverlapAllowed) => {
            scene.flights.iter_mut().for_each(|flight| flight.person = vec![flight.number.clone()]);
        }
        Some(Bug::GapOfOwnCalls) => specs.for_each(|spec| spec.min_gap_minutes = 0),
        Some(Bug::RampIgnored) => specs.for_each(|spec| spec.ramp_up_minutes = 0),
        Some(Bug::ProbesAreForgotten) => forget_probes(scene),
        Some(Bug::DailyCapByUtc | Bug::ReservedLaneOnTop | Bug::NumberLimitIgnored) => numbers(world, scene),
        _ => {}
    }
}

fn numbers(world: &World, scene: &mut Scene) {
    for number in scene.campaigns.iter_mut().flat_map(|campaign| &mut campaign.numbers) {
        match world.bug() {
            Some(Bug::DailyCapByUtc) => number.number = NOWHERE.parse().expect("a number"),
            Some(Bug::ReservedLaneOnTop) => {
                let reserved = number.reserved_per_minute.filter(|reserved| *reserved > 0);
                number.rate_limit_per_minute =
                    number.rate_limit_per_minute.map(|rate| rate + reserved.unwrap_or_default());
            }
            Some(Bug::NumberLimitIgnored) => number.concurrent_limit = None,
            _ => {}
        }
    }
}

/// Next slots as far from the last ones as the plain rates say.
fn drop_margin(scene: &mut Scene) {
    let apart_ms = |rate: u32| MINUTE_MS / i64::from(rate);
    for campaign in &scene.campaigns {
        for number in &campaign.numbers {
            let pace = scene.paces.numbers.get_mut(&number.id);
            if let (Some(pace), Some(rate)) = (pace, number.rate_limit_per_minute) {
                pace.next_at = pace.last_at.plus_ms(apart_ms(rate));
            }
        }
        let pace = scene.paces.campaigns.get_mut(&campaign.campaign.id);
        if let (Some(pace), Some(rate)) = (pace, campaign.campaign.spec.rate_limit_per_minute) {
            pace.next_at = pace.last_at.plus_ms(apart_ms(rate));
        }
    }
}

/// Whatever flies is taken for released: a probe that is on its way holds back no other.
fn forget_probes(scene: &mut Scene) {
    let is_dialled = |flight: &&Flight| matches!(flight.state, FlightState::Dialling { .. });
    let flights: Vec<Flight> = scene.flights.iter().filter(is_dialled).cloned().collect();
    flights.iter().for_each(|flight| scene.forget_probe(flight));
}

/// The leads as a planner with a bug sees them.
pub(super) fn leads(world: &World, leads: &mut Vec<Lead>, now: Timestamp) {
    if world.has(Bug::CallbackDropped) {
        let is_missed = |lead: &Lead| match lead.state {
            LeadState::CallbackScheduled { due_at } => now.since_ms(due_at) > CALLBACK_WINDOW_MS,
            _ => false,
        };
        leads.retain(|lead| !is_missed(lead));
    }
}

/// What is known of numbers, as whoever has a bug sees it.
pub(super) fn records(world: &World, records: &mut [NumberRecord]) {
    if world.has(Bug::CapsIgnored) {
        for record in records {
            let mut blank = NumberRecord::unknown(record.number.clone());
            (blank.version, blank.lists) = (record.version, std::mem::take(&mut record.lists));
            blank.latest = record.latest.take();
            *record = blank;
        }
    }
}
