//! The snapshot of a run.

use std::collections::BTreeMap;

use super::Outlook;
use crate::base::channel::Channel;
use crate::base::numbering::NumberClasses;
use crate::planning::{EmptyPartitions, PlanningSnapshot};
use crate::policy::assistant::CallerNumber;
use crate::policy::circuit_breaker::CircuitBreaker;
use crate::policy::rate_limit::Lanes;
use crate::records::campaign::{CampaignSpec, CampaignStatus};

/// The snapshot in which a run begins: nothing in flight, breakers closed, and the campaign running.
pub(super) fn stage(outlook: &Outlook<'_>, one_in: u64) -> PlanningSnapshot {
    let mut snapshot = outlook.snapshot.clone();
    snapshot.active_attempts.clear();
    snapshot.requests.clear();
    snapshot.empty_partitions = EmptyPartitions::default();
    // Its leads have stand-ins for numbers; those of a class that is not called are counted as skipped.
    snapshot.workspace.allowed_number_classes = NumberClasses::ALL;
    let rate_states = &mut snapshot.rate_states;
    for rate_state in rate_states.numbers.values_mut().chain(rate_states.campaigns.values_mut()) {
        rate_state.breaker = CircuitBreaker::default();
    }
    let part = |limit: u32| u32::try_from(u64::from(limit) / one_in).unwrap_or(limit).max(1);
    snapshot.workspace.concurrent_limit = part(snapshot.workspace.concurrent_limit);
    let mut numbers = BTreeMap::new();
    for one in &mut snapshot.campaigns {
        let spec = &mut one.campaign.spec;
        *spec = CampaignSpec {
            concurrent_limit: part(spec.concurrent_limit),
            rate_limit_per_minute: spec.rate_limit_per_minute.map(part),
            recurrence: None,
            ..spec.clone()
        };
        if one.campaign.id == *outlook.campaign
            && !matches!(one.campaign.status, CampaignStatus::Scheduled { .. } | CampaignStatus::Running)
        {
            one.campaign.status = CampaignStatus::Running;
            one.campaign.running_since = Some(snapshot.now);
        }
        for number in &mut one.numbers {
            let scaled = numbers.entry(number.id.clone()).or_insert_with(|| {
                let mut scaled = number.clone();
                scaled.rate_limit_per_minute = number.rate_limit_per_minute.map(part);
                scaled.reserved_per_minute =
                    number.rate_limit_per_minute.and_then(|rate| reserved(number, rate, part(rate)));
                scaled.concurrent_limit = number.concurrent_limit.map(part);
                scaled.daily_cap = number.daily_cap.map(part);
                scaled
            });
            number.clone_from(scaled);
        }
    }
    snapshot
}

/// What a number reserves of a smaller rate: the same part of it, to the nearest call, and never all.
fn reserved(number: &CallerNumber, rate: u32, smaller: u32) -> Option<u32> {
    let (whole, rate, smaller) =
        (Lanes::of(number, Channel::Call)?, u64::from(rate.max(1)), u64::from(smaller));
    let part = (u64::from(whole.reserved_per_minute()) * smaller + rate / 2) / rate;
    u32::try_from(part.min(smaller.saturating_sub(1))).ok()
}
