//! What to look for in the due index.

use super::{CampaignScene, MAX_CLAIMS, Scene};
use crate::ids::CampaignId;
use crate::lead::DueClass;
use crate::time::Timestamp;
use crate::zone::Zone;

/// A part of the due index from which leads are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The campaign.
    pub campaign: CampaignId,
    /// Retries come before fresh leads.
    pub class: DueClass,
    /// A zone in which calls are allowed now.
    pub zone: Zone,
    /// How many leads the campaign can still take, over all of its openings.
    pub want: usize,
}

/// Where to look for leads, in order: per campaign retries before fresh ones, and the zones that
/// close first before the others.
///
/// `work_added_at` is when somebody last added due work by another way than a call's end.
pub fn openings(scene: &Scene, work_added_at: Timestamp) -> Vec<Opening> {
    let mut openings = Vec::new();
    for campaign in &scene.campaigns {
        if !campaign.campaign.status.is_running() {
            continue;
        }
        let free = scene.free_slots_of(campaign).min(MAX_CLAIMS);
        let want = slots_in_reach(scene, campaign, free);
        if want > 0 {
            let id = &campaign.campaign.id;
            let places = unmarked(scene, campaign, work_added_at).into_iter();
            openings.extend(places.map(|(class, zone)| Opening {
                campaign: id.clone(),
                class,
                zone: zone.clone(),
                want,
            }));
        }
    }
    openings
}

/// The parts of a campaign's due index that are open now and not known to be empty, in order.
pub(super) fn unmarked<'a>(
    scene: &Scene,
    campaign: &'a CampaignScene,
    work_added_at: Timestamp,
) -> Vec<(DueClass, &'a Zone)> {
    let id = &campaign.campaign.id;
    let is_marked = |class, zone| scene.marks.is_empty_now(id, class, zone, scene.now, work_added_at);
    let zones = open_zones(campaign, scene.now);
    let places = DueClass::ALL.into_iter().flat_map(|class| zones.iter().map(move |zone| (class, *zone)));
    places.filter(|(class, zone)| !is_marked(*class, zone)).collect()
}

/// The campaign's zones in which a call may be placed now, those that close first leading.
fn open_zones(campaign: &CampaignScene, now: Timestamp) -> Vec<&Zone> {
    let mut open: Vec<_> =
        campaign.zones.iter().filter_map(|zone| Some((campaign.closes_at(zone, now)?, zone))).collect();
    open.sort_by_key(|(closes_at, _)| *closes_at);
    open.into_iter().map(|(_, zone)| zone).collect()
}

/// How many slots the campaign's paces leave within the horizon; at most `most`.
fn slots_in_reach(scene: &Scene, campaign: &CampaignScene, most: usize) -> usize {
    if most == 0 {
        return 0;
    }
    let mut paces = scene.paces.clone();
    (0..most).take_while(|_| super::choose::next_slot(scene.now, campaign, None, &mut paces).is_ok()).count()
}
