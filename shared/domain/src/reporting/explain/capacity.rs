//! Who holds the slots, and how fast the numbers go.

use std::collections::BTreeMap;

use crate::base::channel::Channel;
use crate::base::ids::{CallerNumberId, CampaignId};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::planning::{CampaignSnapshot, PlanningSnapshot, SlotUsage};
use crate::policy::assistant::CallerNumber;
use crate::policy::rate_limit::Lanes;

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// How many there may be.
    pub limit: u32,
    pub held: usize,
}

impl Use {
    /// How many more there may be.
    pub fn free(self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX).saturating_sub(self.held)
    }
}

/// The slots of a workspace, and how they are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    /// Calls at once in the workspace.
    pub workspace: Use,
    /// How many each campaign holds.
    pub campaigns: BTreeMap<CampaignId, usize>,
}

/// How a caller number stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberNow {
    pub id: CallerNumberId,
    pub number: E164,
    /// Calls in flight from it, whatever their campaign.
    pub in_flight: usize,
    /// Most calls at once, if limited.
    pub concurrent_limit: Option<u32>,
    /// Calls per minute, if limited.
    pub rate_per_minute: Option<u32>,
    /// Calls that it gave out on its day.
    pub used_today: u32,
    /// Most calls of a day, if limited.
    pub daily_cap: Option<u32>,
    /// The first slot that is free.
    pub next_slot_at: Timestamp,
    /// Until when it makes no call, because the provider was full.
    pub rests_until: Option<Timestamp>,
    /// Whether its breaker lets no call through.
    pub is_broken: bool,
}

impl Capacity {
    /// The slots of a snapshot.
    pub fn of(snapshot: &PlanningSnapshot) -> Self {
        let mut campaigns = BTreeMap::new();
        for active_attempt in
            snapshot.active_attempts.iter().filter(|active_attempt| active_attempt.holds_slot())
        {
            *campaigns.entry(active_attempt.campaign.clone()).or_default() += 1;
        }
        let workspace = Use { limit: snapshot.workspace.concurrent_limit, held: snapshot.slots() };
        Self { workspace, campaigns }
    }
}

impl Use {
    /// The slots of a campaign; its limit is lower while it ramps up.
    pub fn of(snapshot: &PlanningSnapshot, campaign: &CampaignSnapshot) -> Self {
        Self { limit: campaign.limit(snapshot.now), held: snapshot.slots_of(&campaign.campaign.id) }
    }
}

impl NumberNow {
    /// The numbers of a campaign.
    pub fn of(snapshot: &PlanningSnapshot, campaign: &CampaignSnapshot) -> Vec<Self> {
        let (now, held) = (snapshot.now, SlotUsage::of(&snapshot.active_attempts));
        let stand = |number: &CallerNumber| {
            let rate_state = snapshot.rate_states.numbers.get(&number.id).cloned().unwrap_or_default();
            Self {
                id: number.id.clone(),
                number: number.number.clone(),
                in_flight: held.of_number(&number.id),
                concurrent_limit: number.concurrent_limit,
                rate_per_minute: number.rate_limit_per_minute,
                used_today: rate_state.used_today(now),
                daily_cap: number.daily_cap,
                next_slot_at: rate_state.slot_in(now, Lanes::of(number, Channel::Call), false).at,
                rests_until: Some(rate_state.rest_until).filter(|until| *until > now),
                is_broken: rate_state.breaker.allows(now).is_err(),
            }
        };
        campaign.numbers.iter().map(stand).collect()
    }
}
