//! When to look at a workspace again.

use super::choose::next_slot;
use super::openings::unmarked;
use super::{CampaignScene, Plan, Scene};
use crate::campaign::CampaignStatus;
use crate::flight::{CallRequest, Flight};
use crate::hours::latest_arrival;
use crate::request::MAX_WAIT_MS;
use crate::time::{MAX_SKEW_MS, SECOND_MS, Timestamp};
use crate::zone::Zone;

/// How soon a plan comes back to what it found and could not use, in milliseconds: the index was
/// stale, hours are about to change, or the person is on another line.
pub const LOOK_AGAIN_MS: i64 = 5 * SECOND_MS;

/// The next moment at which a plan could do something that nobody will ask for: a lease or a
/// claim's window ends, a retry falls due, a zone opens, a slot comes, a campaign starts.
///
/// `scene` is as it stands after the plan; none means that there is nothing to wait for.
pub fn wake_at(scene: &Scene, last: &Plan) -> Option<Timestamp> {
    let flights = scene.flights.iter().map(Flight::look_at);
    let requests = scene.requests.iter().map(|request| look_at_request(scene, request));
    let campaigns = scene.campaigns.iter().filter_map(|campaign| look_at_campaign(scene, campaign));
    flights
        .chain(requests)
        .chain(campaigns)
        .chain(scene.marks.first_end())
        .chain(last.next_slot_at)
        .min()
        .map(|at| at.max(scene.now.plus_ms(1)))
}

/// A request waits for a slot, for the hours or for its person, but not for ever.
fn look_at_request(scene: &Scene, request: &CallRequest) -> Timestamp {
    let given_up_at = request.requested_at.plus_ms(MAX_WAIT_MS + 1);
    given_up_at.min(scene.now.plus_ms(LOOK_AGAIN_MS))
}

fn look_at_campaign(scene: &Scene, campaign: &CampaignScene) -> Option<Timestamp> {
    match campaign.campaign.status {
        CampaignStatus::Scheduled { start_at } => Some(start_at),
        CampaignStatus::Running => {
            let opens_at = campaign.zones.iter().filter_map(|zone| opens_at(scene, campaign, zone));
            opens_at.chain(usable_at(scene, campaign)).min()
        }
        CampaignStatus::Draft
        | CampaignStatus::Completing
        | CampaignStatus::Paused { .. }
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => None,
    }
}

/// When a zone that is closed now opens.
fn opens_at(scene: &Scene, campaign: &CampaignScene, zone: &Zone) -> Option<Timestamp> {
    let hours = campaign.campaign.hours_in(zone);
    let before = scene.now.plus_ms(-MAX_SKEW_MS);
    let last = latest_arrival(scene.now.plus_ms(campaign.window_ms()));
    let opens_at = match hours.open_until(before) {
        Some(closes_at) if closes_at > last => None,
        // About to close: it is the next time that counts.
        Some(closes_at) => hours.next_open(closes_at),
        None => hours.next_open(before),
    };
    opens_at.map(|opens_at| opens_at.plus_ms(MAX_SKEW_MS))
}

/// When a campaign that has a slot free and may have somebody to call can use it.
fn usable_at(scene: &Scene, campaign: &CampaignScene) -> Option<Timestamp> {
    // What this plan looked at it has marked, whenever work was added.
    let looked = Timestamp::default();
    if scene.free_slots_of(campaign) == 0 || unmarked(scene, campaign, looked).is_empty() {
        return None;
    }
    match next_slot(scene.now, campaign, None, &mut scene.paces.clone()) {
        Ok(_) => Some(scene.now.plus_ms(LOOK_AGAIN_MS)),
        Err(beyond) => beyond,
    }
}
