//! What to look for in the due index.

use std::collections::BTreeSet;

use super::held::Held;
use super::room::Room;
use super::{CampaignScene, MAX_CLAIMS, Scene};
use crate::ids::CampaignId;
use crate::lead::DueClass;
use crate::share::Contender;
use crate::time::Timestamp;
use crate::zone::Zone;

/// A part of the due index from which leads are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The campaign.
    pub campaign: CampaignId,
    /// Its class; earlier ones come first.
    pub class: DueClass,
    /// A zone in which calls are allowed now; none for the classes that wait in one place.
    pub zone: Option<Zone>,
    /// How many leads the campaign is to get, over all of its openings.
    pub want: usize,
}

/// Where to look for leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Openings {
    /// The places, in order: each campaign's together, its classes in their order, and of their
    /// zones those that close first before the others.
    pub places: Vec<Opening>,
    /// The campaigns that could use a call, whether they are looked into or not.
    pub contending: Vec<CampaignId>,
}

/// Where to look for leads. Of the campaigns that could use a call only those are looked into whose
/// turn it is, so the look costs the same however many there are.
///
/// `work_added_at` is when somebody last added due work by another way than a call's end; `drained`
/// are campaigns that were looked into just now and have nobody whom they could call.
pub fn openings(scene: &Scene, work_added_at: Timestamp, drained: &BTreeSet<CampaignId>) -> Openings {
    openings_beside(scene, &Held::of(&scene.flights), work_added_at, drained)
}

/// The same beside slots that are counted already.
pub(crate) fn openings_beside(
    scene: &Scene,
    held: &Held,
    work_added_at: Timestamp,
    drained: &BTreeSet<CampaignId>,
) -> Openings {
    let room = Room::new(scene, held);
    let mut hungry: Vec<Hungry<'_>> = Vec::new();
    let is_calling = |campaign: &&CampaignScene| {
        campaign.is_calling(scene.now) && !drained.contains(&campaign.campaign.id)
    };
    for campaign in scene.campaigns.iter().filter(is_calling) {
        let free = held.free_of(scene, campaign).min(MAX_CLAIMS);
        let places = if free == 0 { Vec::new() } else { unmarked(scene, campaign, work_added_at) };
        let reach = if places.is_empty() { 0 } else { room.in_reach(campaign, free) };
        if reach > 0 {
            hungry.push(Hungry { campaign, places, reach, want: 0 });
        }
    }
    let contending = hungry.iter().map(|one| one.campaign.campaign.id.clone()).collect();
    give_turns(scene, held.free(scene), &mut hungry);
    let places = hungry.into_iter().filter(|one| one.want > 0).flat_map(Hungry::openings).collect();
    Openings { places, contending }
}

/// A campaign that could use calls.
struct Hungry<'a> {
    campaign: &'a CampaignScene,
    places: Vec<(DueClass, Option<&'a Zone>)>,
    reach: usize,
    want: usize,
}

impl Hungry<'_> {
    fn openings(self) -> Vec<Opening> {
        let opening = |(class, zone): (DueClass, Option<&Zone>)| Opening {
            campaign: self.campaign.campaign.id.clone(),
            class,
            zone: zone.cloned(),
            want: self.want,
        };
        self.places.into_iter().map(opening).collect()
    }
}

/// Shares out the next calls of the pass.
fn give_turns(scene: &Scene, free: usize, hungry: &mut [Hungry<'_>]) {
    let mut shares = scene.paces.shares.clone();
    for _ in 0..MAX_CLAIMS.min(free) {
        let contenders: Vec<Contender<'_>> =
            hungry.iter().filter(|one| one.want < one.reach).map(|one| one.campaign.contender()).collect();
        let Some(turn) = shares.next(&contenders) else { return };
        shares.charge(turn, &contenders);
        if let Some(one) = hungry.iter_mut().find(|one| one.campaign.campaign.id == *turn) {
            one.want += 1;
        }
    }
}

/// The parts of a campaign's due index that are open now and not known to be empty, in order.
pub(super) fn unmarked<'a>(
    scene: &Scene,
    campaign: &'a CampaignScene,
    work_added_at: Timestamp,
) -> Vec<(DueClass, Option<&'a Zone>)> {
    let id = &campaign.campaign.id;
    let is_unmarked = |(class, zone): &(DueClass, Option<&Zone>)| {
        !scene.marks.is_empty_now(id, *class, *zone, scene.now, work_added_at)
    };
    let zones = open_zones(scene, campaign);
    if zones.is_empty() {
        // Those who wait in one place are in zones of the campaign too.
        return Vec::new();
    }
    let places = DueClass::ALL.into_iter().flat_map(|class| {
        let by_zone = class.is_by_zone().then(|| zones.iter().map(move |zone| (class, Some(*zone))));
        let in_one = (!class.is_by_zone()).then_some((class, None));
        by_zone.into_iter().flatten().chain(in_one)
    });
    places.filter(is_unmarked).collect()
}

/// The campaign's zones in which a call may be placed now, those that close first leading.
fn open_zones<'a>(scene: &Scene, campaign: &'a CampaignScene) -> Vec<&'a Zone> {
    let closes_at = |zone| campaign.closes_at(zone, &scene.rules, scene.now);
    let mut open: Vec<_> = campaign.zones.iter().filter_map(|zone| Some((closes_at(zone)?, zone))).collect();
    open.sort_by_key(|(closes_at, _)| *closes_at);
    open.into_iter().map(|(_, zone)| zone).collect()
}
