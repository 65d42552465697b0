//! What to look for in the due index.

use std::collections::BTreeSet;

use super::concurrency_limit::FreeCapacity;
use super::slot_usage::SlotUsage;
use super::{CampaignSnapshot, MAX_CLAIMS, PlanningSnapshot};
use crate::base::ids::CampaignId;
use crate::base::time::Timestamp;
use crate::base::zone::Zone;
use crate::policy::fair_share::Contender;
use crate::records::lead::DueClass;

/// A part of the due index from which leads are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueQuery {
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
pub struct DueQueries {
    /// The places, in order: each campaign's together, its classes in their order, and of their
    /// zones those that close first before the others.
    pub places: Vec<DueQuery>,
    /// The campaigns that could use a call, whether they are looked into or not.
    pub contending: Vec<CampaignId>,
}

/// Where to look for leads. Of the campaigns that could use a call only those are looked into whose
/// turn it is, so the look costs the same however many there are.
///
/// `work_added_at` is when somebody last added due work by another way than a call's end; `drained`
/// are campaigns that were looked into just now and have nobody whom they could call.
pub fn due_queries(
    snapshot: &PlanningSnapshot,
    work_added_at: Timestamp,
    drained: &BTreeSet<CampaignId>,
) -> DueQueries {
    openings_beside(snapshot, &SlotUsage::of(&snapshot.active_attempts), work_added_at, drained)
}

/// The same beside slots that are counted already.
pub(crate) fn openings_beside(
    snapshot: &PlanningSnapshot,
    held: &SlotUsage,
    work_added_at: Timestamp,
    drained: &BTreeSet<CampaignId>,
) -> DueQueries {
    let room = FreeCapacity::new(snapshot, held);
    let mut hungry: Vec<Hungry<'_>> = Vec::new();
    let is_calling = |campaign: &&CampaignSnapshot| {
        campaign.is_calling(snapshot.now) && !drained.contains(&campaign.campaign.id)
    };
    for campaign in snapshot.campaigns.iter().filter(is_calling) {
        let free = held.free_of(snapshot, campaign).min(MAX_CLAIMS);
        let places = if free == 0 { Vec::new() } else { unmarked(snapshot, campaign, work_added_at) };
        let reach = if places.is_empty() { 0 } else { room.in_reach(campaign, free) };
        if reach > 0 {
            hungry.push(Hungry { campaign, places, reach, want: 0 });
        }
    }
    let contending = hungry.iter().map(|one| one.campaign.campaign.id.clone()).collect();
    give_turns(snapshot, held.free(snapshot), &mut hungry);
    let places = hungry.into_iter().filter(|one| one.want > 0).flat_map(Hungry::due_queries).collect();
    DueQueries { places, contending }
}

/// A campaign that could use calls.
struct Hungry<'a> {
    campaign: &'a CampaignSnapshot,
    places: Vec<(DueClass, Option<&'a Zone>)>,
    reach: usize,
    want: usize,
}

impl Hungry<'_> {
    fn due_queries(self) -> Vec<DueQuery> {
        let opening = |(class, zone): (DueClass, Option<&Zone>)| DueQuery {
            campaign: self.campaign.campaign.id.clone(),
            class,
            zone: zone.cloned(),
            want: self.want,
        };
        self.places.into_iter().map(opening).collect()
    }
}

/// Shares out the next calls of the pass.
fn give_turns(snapshot: &PlanningSnapshot, free: usize, hungry: &mut [Hungry<'_>]) {
    let mut shares = snapshot.rate_states.shares.clone();
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
    snapshot: &PlanningSnapshot,
    campaign: &'a CampaignSnapshot,
    work_added_at: Timestamp,
) -> Vec<(DueClass, Option<&'a Zone>)> {
    let id = &campaign.campaign.id;
    let is_unmarked = |(class, zone): &(DueClass, Option<&Zone>)| {
        !snapshot.empty_partitions.is_empty_now(id, *class, *zone, snapshot.now, work_added_at)
    };
    let zones = open_zones(snapshot, campaign);
    if zones.is_empty() {
        // Those who wait in one place are in zones of the campaign too.
        return Vec::new();
    }
    DueClass::partitions(&zones).filter(is_unmarked).collect()
}

/// The campaign's zones in which a call may be placed now, those that close first leading.
fn open_zones<'a>(snapshot: &PlanningSnapshot, campaign: &'a CampaignSnapshot) -> Vec<&'a Zone> {
    let closes_at = |zone| campaign.closes_at(zone, &snapshot.rules, snapshot.now);
    let mut open: Vec<_> = campaign.zones.iter().filter_map(|zone| Some((closes_at(zone)?, zone))).collect();
    open.sort_by_key(|(closes_at, _)| *closes_at);
    open.into_iter().map(|(_, zone)| zone).collect()
}
