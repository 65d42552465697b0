//! When to look at a workspace again.

use super::{Plan, Scene};
use crate::campaign::CampaignStatus;
use crate::flight::Flight;
use crate::time::Timestamp;

/// The next moment at which a plan could do something that nobody will ask for: a lease or a
/// claim's window ends, a retry falls due, a zone opens, a slot comes, a campaign starts.
///
/// `scene` is as it stands after the plan; none means that there is nothing to wait for.
pub fn wake_at(scene: &Scene, last: &Plan) -> Option<Timestamp> {
    let flights = scene.flights.iter().map(Flight::look_at);
    let starts = scene.campaigns.iter().filter_map(|campaign| match campaign.campaign.status {
        CampaignStatus::Scheduled { start_at } => Some(start_at),
        CampaignStatus::Draft
        | CampaignStatus::Running
        | CampaignStatus::Completing
        | CampaignStatus::Paused { .. }
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => None,
    });
    flights
        .chain(starts)
        .chain(openings_to_come(scene))
        .chain(scene.marks.first_end())
        .chain(last.next_slot_at)
        .min()
        .map(|at| at.max(scene.now.plus_ms(1)))
}

/// When the zones that are closed now open.
fn openings_to_come(scene: &Scene) -> impl Iterator<Item = Timestamp> + '_ {
    scene
        .campaigns
        .iter()
        .filter(|campaign| campaign.campaign.status.is_running())
        .flat_map(move |campaign| {
            campaign.zones.iter().filter_map(move |zone| {
                let hours = campaign.campaign.hours_in(zone);
                let closes_at = hours.open_until(scene.now);
                let from = match closes_at {
                    // Open for long enough: nothing to wait for here.
                    Some(closes_at) if closes_at > scene.now.plus_ms(campaign.window_ms()) => return None,
                    Some(closes_at) => closes_at,
                    None => scene.now,
                };
                hours.next_open(from)
            })
        })
}
