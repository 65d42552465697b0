//! Missing room as a cause.

use super::{Cause, Use};
use crate::planning::{CampaignSnapshot, NoCapacity, PlanningSnapshot};
use crate::policy::caller_pool::NoCaller;

/// Whether it may well stand when everything else is over.
pub(super) const fn is_lasting(no_capacity_now: NoCapacity) -> bool {
    match no_capacity_now {
        NoCapacity::CampaignBreaker { .. }
        | NoCapacity::Caller(NoCaller::None | NoCaller::DailyCap { .. } | NoCaller::CircuitBreaker { .. }) => {
            true
        }
        NoCapacity::WorkspaceFull { .. }
        | NoCapacity::CampaignFull { .. }
        | NoCapacity::CampaignRate { .. }
        | NoCapacity::Caller(NoCaller::Busy | NoCaller::Rate { .. } | NoCaller::Resting { .. }) => false,
    }
}

/// Why there is no room for a call of the campaign.
pub(super) fn cause(
    snapshot: &PlanningSnapshot,
    campaign: &CampaignSnapshot,
    no_capacity_now: NoCapacity,
) -> Cause {
    let own = snapshot.slots_of(&campaign.campaign.id);
    match no_capacity_now {
        NoCapacity::WorkspaceFull { limit } => {
            Cause::WorkspaceFull { slots: Use { limit, held: snapshot.slots() }, own }
        }
        NoCapacity::CampaignFull { limit } => Cause::CampaignFull {
            slots: Use { limit, held: own },
            at_most: campaign.campaign.spec.concurrent_limit,
        },
        NoCapacity::CampaignRate { until } => {
            Cause::CampaignRate { until, per_minute: campaign.campaign.spec.rate_limit_per_minute }
        }
        NoCapacity::CampaignBreaker { until } => Cause::CampaignBreaker { until },
        NoCapacity::Caller(no_caller) => Cause::NoCaller(no_caller),
    }
}
