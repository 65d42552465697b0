//! What to look for in the due index.

use std::collections::BTreeSet;

use super::concurrency_limit::FreeCapacity;
use super::slot_usage::SlotUsage;
use super::{CampaignSnapshot, MAX_CLAIMS, PlanningSnapshot};
use crate::base::channel::Channel;
use crate::base::ids::CampaignId;
use crate::base::time::Timestamp;
use crate::base::zone::Zone;
use crate::policy::fair_share::Contender;
use crate::records::lead::DueClass;

/// Most texts of a pass in which calls can be made too: the rest is theirs.
const MAX_TEXTS_BESIDE_CALLS: usize = MAX_CLAIMS * 2 / 3;

/// A part of the due index from which leads are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueQuery {
    pub campaign: CampaignId,
    /// How the leads that wait there are reached.
    pub channel: Channel,
    /// Its class; earlier ones come first.
    pub class: DueClass,
    /// A zone in which calls are allowed now; none for the classes that wait in one place.
    pub zone: Option<Zone>,
    /// How many leads the campaign is to get in this channel, over all of its openings.
    pub want: usize,
}

/// A campaign that is looked into no more, in one channel.
pub type Drained = BTreeSet<(CampaignId, Channel)>;

/// Where to look for leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueQueries {
    /// The places, in order: each campaign's of a channel together, its classes in their order, and of their
    /// zones those that close first before the others.
    pub places: Vec<DueQuery>,
    /// The campaigns that could use a call, whether they are looked into or not.
    pub contending: Vec<CampaignId>,
}

/// Where to look for leads. Of the campaigns that could use a call only those are looked into whose
/// turn it is, so the look costs the same however many there are. Texts take no slot; they share the pass alone.
///
/// `work_added_at` is when somebody last added due work by another way than a call's end; `drained`
/// are campaigns that were looked into just now and have nobody whom they could call, or text.
pub fn due_queries(snapshot: &PlanningSnapshot, work_added_at: Timestamp, drained: &Drained) -> DueQueries {
    openings_beside(snapshot, &SlotUsage::of(&snapshot.active_attempts), work_added_at, drained)
}

/// The same beside slots that are counted already.
pub(crate) fn openings_beside(
    snapshot: &PlanningSnapshot,
    held: &SlotUsage,
    work_added_at: Timestamp,
    drained: &Drained,
) -> DueQueries {
    let room = FreeCapacity::new(snapshot, held);
    let (mut calls, mut texts) = (Vec::new(), Vec::new());
    for campaign in snapshot.campaigns.iter().filter(|campaign| campaign.is_calling(snapshot.now)) {
        let hungry = |channel: Channel, most: usize| {
            if most == 0 || drained.contains(&(campaign.campaign.id.clone(), channel)) {
                return None;
            }
            let places = unmarked(snapshot, campaign, channel, work_added_at);
            let reach = if places.is_empty() { 0 } else { room.in_reach(campaign, channel, most) };
            (reach > 0).then_some(Hungry { campaign, channel, places, reach, want: 0 })
        };
        calls.extend(hungry(Channel::Call, held.free_of(snapshot, campaign).min(MAX_CLAIMS)));
        texts.extend(hungry(Channel::Sms, MAX_CLAIMS));
    }
    let contending = calls.iter().map(|one| one.campaign.campaign.id.clone()).collect();
    give_turns(snapshot, held.free(snapshot), &mut calls);
    let is_calling = calls.iter().any(|one| one.want > 0);
    give_turns(snapshot, if is_calling { MAX_TEXTS_BESIDE_CALLS } else { MAX_CLAIMS }, &mut texts);
    let hungry = texts.into_iter().chain(calls).filter(|one| one.want > 0);
    DueQueries { places: hungry.flat_map(Hungry::due_queries).collect(), contending }
}

/// A campaign that could use calls, or texts.
struct Hungry<'a> {
    campaign: &'a CampaignSnapshot,
    channel: Channel,
    places: Vec<(DueClass, Option<&'a Zone>)>,
    reach: usize,
    want: usize,
}

impl Hungry<'_> {
    fn due_queries(self) -> Vec<DueQuery> {
        let opening = |(class, zone): (DueClass, Option<&Zone>)| DueQuery {
            campaign: self.campaign.campaign.id.clone(),
            channel: self.channel,
            class,
            zone: zone.cloned(),
            want: self.want,
        };
        self.places.into_iter().map(opening).collect()
    }
}

/// Shares out the next calls of the pass, or texts, of which so many are possible.
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

/// The parts of a campaign's due index of one channel that are open now and not known to be empty, in order.
pub(super) fn unmarked<'a>(
    snapshot: &PlanningSnapshot,
    campaign: &'a CampaignSnapshot,
    channel: Channel,
    work_added_at: Timestamp,
) -> Vec<(DueClass, Option<&'a Zone>)> {
    let (id, cadence) = (&campaign.campaign.id, &campaign.campaign.spec.cadence);
    let is_unmarked = |(class, zone): &(DueClass, Option<&Zone>)| {
        class.channel(cadence) == channel
            && !snapshot.empty_partitions.is_empty_now(id, *class, *zone, snapshot.now, work_added_at)
    };
    if !DueClass::of(cadence).any(|class| class.channel(cadence) == channel) {
        return Vec::new();
    }
    let zones = open_zones(snapshot, campaign, channel);
    if zones.is_empty() {
        // Those who wait in one place are in zones of the campaign too.
        return Vec::new();
    }
    DueClass::partitions(cadence, &zones).filter(is_unmarked).collect()
}

/// The campaign's zones in which a call, or a text, may be placed now, those that close first leading.
fn open_zones<'a>(
    snapshot: &PlanningSnapshot,
    campaign: &'a CampaignSnapshot,
    channel: Channel,
) -> Vec<&'a Zone> {
    let closes_at = |zone| campaign.closes_at(zone, &snapshot.rules, channel, snapshot.now);
    let mut open: Vec<_> = campaign.zones.iter().filter_map(|zone| Some((closes_at(zone)?, zone))).collect();
    open.sort_by_key(|(closes_at, _)| *closes_at);
    open.into_iter().map(|(_, zone)| zone).collect()
}
