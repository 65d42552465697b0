//! Who holds the slots, and how fast the numbers go.

use std::collections::BTreeMap;

use crate::assistant::CallerNumber;
use crate::ids::{CallerNumberId, CampaignId};
use crate::pacing::Lanes;
use crate::phone::E164;
use crate::plan::{CampaignScene, Held, Scene};
use crate::time::Timestamp;

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// How many there may be.
    pub limit: u32,
    /// How many there are.
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
    /// Which.
    pub id: CallerNumberId,
    /// The number.
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
    /// The slots of a scene.
    pub fn of(scene: &Scene) -> Self {
        let mut campaigns = BTreeMap::new();
        for flight in scene.flights.iter().filter(|flight| flight.holds_slot()) {
            *campaigns.entry(flight.campaign.clone()).or_default() += 1;
        }
        let workspace = Use { limit: scene.workspace.concurrent_limit, held: scene.slots() };
        Self { workspace, campaigns }
    }
}

impl Use {
    /// The slots of a campaign; its limit is lower while it ramps up.
    pub fn of(scene: &Scene, campaign: &CampaignScene) -> Self {
        Self { limit: campaign.limit(scene.now), held: scene.slots_of(&campaign.campaign.id) }
    }
}

impl NumberNow {
    /// The numbers of a campaign.
    pub fn of(scene: &Scene, campaign: &CampaignScene) -> Vec<Self> {
        let (now, held) = (scene.now, Held::of(&scene.flights));
        let stand = |number: &CallerNumber| {
            let pace = scene.paces.numbers.get(&number.id).cloned().unwrap_or_default();
            Self {
                id: number.id.clone(),
                number: number.number.clone(),
                in_flight: held.of_number(&number.id),
                concurrent_limit: number.concurrent_limit,
                rate_per_minute: number.rate_limit_per_minute,
                used_today: pace.used_today(now),
                daily_cap: number.daily_cap,
                next_slot_at: pace.slot_in(now, Lanes::of(number), false).at,
                rests_until: Some(pace.rest_until).filter(|until| *until > now),
                is_broken: pace.breaker.allows(now).is_err(),
            }
        };
        campaign.numbers.iter().map(stand).collect()
    }
}
