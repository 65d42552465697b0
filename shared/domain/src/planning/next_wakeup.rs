//! When to look at a workspace again.

use super::concurrency_limit::{Call, FreeCapacity};
use super::due_queries::unmarked;
use super::slot_usage::SlotUsage;
use super::{CampaignSnapshot, PlanningSnapshot};
use crate::base::channel::Channel;
use crate::base::time::{DAY_MS, MINUTE_MS, SECOND_MS, Timestamp};
use crate::base::zone::Zone;
use crate::policy::rate_limit::ms_to_next_step;
use crate::records::active_attempt::{ActiveAttempt, CallRequest};
use crate::records::campaign::CampaignStatus;

/// How soon a plan comes back to what it found and could not use, in milliseconds: the index was
/// stale, hours are about to change, or the person is on another line.
pub const LOOK_AGAIN_MS: i64 = 5 * SECOND_MS;

/// Active attempts that are read so fast that nobody is to wait for them.
const FEW_IN_FLIGHT: i64 = 100;
/// How long hints are collected for each thousand active attempts, in milliseconds.
const COLLECTS_PER_THOUSAND_MS: i64 = 150;
/// Longest that hints are collected, in milliseconds.
const MAX_COLLECTS_MS: i64 = 500;

/// How soon a plan comes back to a campaign that may not start or complete yet, in milliseconds.
const START_AGAIN_MS: i64 = MINUTE_MS;

/// How far ahead a plan looks for a zone to open, in milliseconds. It comes back by then, so that a
/// zone which stays closed for weeks costs each plan no more than any other.
const LOOK_AHEAD_MS: i64 = DAY_MS;

/// How long a plan that read so many active attempts keeps the lease, from its beginning, in milliseconds: all who hint
/// meanwhile share the next one. What is in flight lies in one partition, and a thousand attempts are some 90 read units:
/// plans read 600 of them a second up to 3,300 attempts, and 1,800 at 10,000.
///
/// The table gives 3,000 for a partition:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>
pub fn collects_ms(active_attempts: usize) -> i64 {
    match i64::try_from(active_attempts).unwrap_or(i64::MAX) {
        ..=FEW_IN_FLIGHT => 0,
        many => (many.saturating_mul(COLLECTS_PER_THOUSAND_MS) / 1_000).min(MAX_COLLECTS_MS),
    }
}

/// The next moment at which a plan could do something that nobody will ask for: a lease or a
/// claim's window ends, a retry falls due, a zone opens, a slot comes, a campaign starts.
///
/// `snapshot` is as it stands after the plan, `next_slot_at` the first slot that the plan could not wait
/// for; none means that there is nothing to wait for.
pub fn wake_at(snapshot: &PlanningSnapshot, next_slot_at: Option<Timestamp>) -> Option<Timestamp> {
    let active_attempts = snapshot.active_attempts.iter().map(ActiveAttempt::look_at);
    let requests = snapshot.requests.iter().map(|request| look_at_request(snapshot, request));
    let held = SlotUsage::of(&snapshot.active_attempts);
    let campaigns =
        snapshot.campaigns.iter().filter_map(|campaign| look_at_campaign(snapshot, &held, campaign));
    active_attempts
        .chain(requests)
        .chain(campaigns)
        .chain(snapshot.empty_partitions.first_end())
        .chain(next_slot_at)
        .min()
        .map(|at| at.max(snapshot.now.plus_ms(1)))
}

/// A request waits for a slot, for the hours or for its person, but not for ever.
fn look_at_request(snapshot: &PlanningSnapshot, request: &CallRequest) -> Timestamp {
    request.given_up_at().min(snapshot.now.plus_ms(LOOK_AGAIN_MS))
}

fn look_at_campaign(
    snapshot: &PlanningSnapshot,
    held: &SlotUsage,
    campaign: &CampaignSnapshot,
) -> Option<Timestamp> {
    match campaign.campaign.status {
        // One that is due already was refused its start: whoever makes room for it says so.
        CampaignStatus::Scheduled { start_at } if start_at <= snapshot.now => {
            Some(snapshot.now.plus_ms(START_AGAIN_MS))
        }
        CampaignStatus::Scheduled { start_at } => Some(start_at),
        CampaignStatus::Running => {
            let opens_at = campaign.zones.iter().filter_map(|zone| opens_at(snapshot, campaign, zone));
            let usable_at =
                Channel::ALL.iter().filter_map(|channel| usable_in(snapshot, held, campaign, *channel));
            opens_at.chain(usable_at).chain(turns_at(snapshot, campaign)).min()
        }
        // Its leads are being settled: whoever does it may be lost.
        CampaignStatus::Completing => Some(snapshot.now.plus_ms(START_AGAIN_MS)),
        // It ends with its days; where as many campaigns run as may, later.
        CampaignStatus::Paused { .. } => {
            campaign.campaign.over_at().map(|over_at| over_at.max(snapshot.now.plus_ms(START_AGAIN_MS)))
        }
        CampaignStatus::Draft | CampaignStatus::Completed | CampaignStatus::Cancelled => None,
    }
}

/// When a zone that is closed now opens, or is to be looked at again.
fn opens_at(snapshot: &PlanningSnapshot, campaign: &CampaignSnapshot, zone: &Zone) -> Option<Timestamp> {
    let by = snapshot.now.plus_ms(LOOK_AHEAD_MS);
    let in_channel = |channel| {
        let hours = campaign.campaign.hours_for(channel, zone, &snapshot.rules);
        hours.next_callable_by(by, snapshot.now, campaign.window_in(channel)).unwrap_or(by)
    };
    let opens_at = campaign.campaign.spec.cadence.channels().map(in_channel);
    opens_at.filter(|at| *at > snapshot.now).min()
}

/// When a campaign that may have somebody to reach in a channel can do so; a call needs a slot.
pub(crate) fn usable_in(
    snapshot: &PlanningSnapshot,
    held: &SlotUsage,
    campaign: &CampaignSnapshot,
    channel: Channel,
) -> Option<Timestamp> {
    let has_slot = channel == Channel::Sms || held.free_of(snapshot, campaign) > 0;
    if !has_slot || !campaign.is_calling(snapshot.now) || is_marked(snapshot, campaign, channel) {
        return None;
    }
    match FreeCapacity::new(snapshot, held).find(campaign, Call::Any(channel)) {
        Ok(_) => Some(snapshot.now.plus_ms(LOOK_AGAIN_MS)),
        Err(refusal) => refusal.until(),
    }
}

/// Whether nobody is due in a channel, as far as it was marked: what this plan looked at, whenever work was added.
fn is_marked(snapshot: &PlanningSnapshot, campaign: &CampaignSnapshot, channel: Channel) -> bool {
    unmarked(snapshot, campaign, channel, Timestamp::default()).is_empty()
}

/// Until when the end of a call gives a plan nothing to do; none if it may at any time. Nobody is due whom a
/// free slot could serve, and no campaign can be finished, as somebody waits in each that runs.
///
/// `snapshot` is as it stands after the plan, `wake_at` when it is looked at again.
pub fn rests_until(snapshot: &PlanningSnapshot, wake_at: Option<Timestamp>) -> Option<Timestamp> {
    let is_awaited = |campaign: &CampaignSnapshot| {
        snapshot.empty_partitions.is_awaited(&campaign.campaign.id, snapshot.now, Timestamp::default())
    };
    let rests = |campaign: &CampaignSnapshot| match campaign.campaign.status {
        CampaignStatus::Running => {
            is_awaited(campaign)
                && Channel::ALL.into_iter().all(|channel| is_marked(snapshot, campaign, channel))
        }
        CampaignStatus::Completing => false,
        CampaignStatus::Draft
        | CampaignStatus::Scheduled { .. }
        | CampaignStatus::Paused { .. }
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => true,
    };
    let is_resting = snapshot.requests.is_empty() && snapshot.campaigns.iter().all(rests);
    wake_at.filter(|at| is_resting && *at > snapshot.now)
}

/// When the campaign itself changes: its days begin or end, it grows by a call, its next run falls
/// due.
pub(crate) fn turns_at(snapshot: &PlanningSnapshot, campaign: &CampaignSnapshot) -> Option<Timestamp> {
    let (now, spec) = (snapshot.now, &campaign.campaign.spec);
    let begins_at = campaign.campaign.begins_at(now);
    let over_at = campaign.campaign.over_at();
    let run_at = campaign.campaign.run_began_at.and_then(|began_at| campaign.campaign.next_run_at(began_at));
    let running_ms = now.since_ms(campaign.campaign.running_since.unwrap_or(now));
    let step_ms = ms_to_next_step(spec.concurrent_limit, spec.ramp_up_minutes, running_ms);
    let grows_at = step_ms.map(|step_ms| now.plus_ms(step_ms));
    [begins_at, over_at, run_at, grows_at].into_iter().flatten().filter(|at| *at > now).min()
}

/// In how many milliseconds the hint is due that wakes a planner at `wake_at`; none if the tick, which comes
/// once a minute, is as good, or if a hint for it is under way, due at `hinted_at`.
pub fn delayed_hint_ms(wake_at: Timestamp, hinted_at: Timestamp, now: Timestamp) -> Option<i64> {
    let is_under_way = hinted_at > now && hinted_at <= wake_at.plus_ms(SECOND_MS);
    if is_under_way || wake_at.since_ms(now) > MINUTE_MS {
        return None;
    }
    // Queues count whole seconds: a hint that came early would find itself still under way.
    Some((wake_at.since_ms(now).max(0).div_euclid(SECOND_MS) + 1) * SECOND_MS)
}
