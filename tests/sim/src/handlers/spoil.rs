//! What bugs make of what was read.

use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::planning::PlanningSnapshot;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use carillon_domain::records::lead::{CALLBACK_WINDOW_MS, Lead, LeadState};
use carillon_domain::records::number_record::NumberRecord;

use crate::bug::Bug;
use crate::world::World;

/// A number of no known place: its day is one of UTC.
const NOWHERE: &str = "+8835550000000";

/// The snapshot as a planner with a bug sees it.
pub(super) fn snapshot(world: &World, snapshot: &mut PlanningSnapshot) {
    let specs = snapshot.campaigns.iter_mut().map(|campaign| &mut campaign.campaign.spec);
    match world.bug() {
        Some(Bug::RateWithoutMargin) => drop_margin(snapshot),
        Some(Bug::OverlapAllowed) => {
            snapshot
                .active_attempts
                .iter_mut()
                .for_each(|active_attempt| active_attempt.person = vec![active_attempt.number.clone()]);
        }
        Some(Bug::GapOfOwnCalls) => specs.for_each(|spec| spec.min_gap_minutes = 0),
        Some(Bug::RampIgnored) => specs.for_each(|spec| spec.ramp_up_minutes = 0),
        Some(Bug::ProbesAreForgotten) => forget_probes(snapshot),
        Some(Bug::DailyCapByUtc | Bug::ReservedLaneOnTop | Bug::NumberLimitIgnored) => {
            numbers(world, snapshot)
        }
        _ => {}
    }
}

fn numbers(world: &World, snapshot: &mut PlanningSnapshot) {
    for number in snapshot.campaigns.iter_mut().flat_map(|campaign| &mut campaign.numbers) {
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
fn drop_margin(snapshot: &mut PlanningSnapshot) {
    let apart_ms = |rate: u32| MINUTE_MS / i64::from(rate);
    for campaign in &snapshot.campaigns {
        for number in &campaign.numbers {
            let rate_state = snapshot.rate_states.numbers.get_mut(&number.id);
            if let (Some(rate_state), Some(rate)) = (rate_state, number.rate_limit_per_minute) {
                rate_state.next_at = rate_state.last_at.plus_ms(apart_ms(rate));
            }
        }
        let rate_state = snapshot.rate_states.campaigns.get_mut(&campaign.campaign.id);
        if let (Some(rate_state), Some(rate)) = (rate_state, campaign.campaign.spec.rate_limit_per_minute) {
            rate_state.next_at = rate_state.last_at.plus_ms(apart_ms(rate));
        }
    }
}

/// Whatever flies is taken for released: a probe that is on its way holds back no other.
fn forget_probes(snapshot: &mut PlanningSnapshot) {
    let is_dialled =
        |active_attempt: &&ActiveAttempt| matches!(active_attempt.state, ActiveAttemptState::Dialling { .. });
    let active_attempts: Vec<ActiveAttempt> =
        snapshot.active_attempts.iter().filter(is_dialled).cloned().collect();
    active_attempts.iter().for_each(|active_attempt| snapshot.forget_probe(active_attempt));
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
