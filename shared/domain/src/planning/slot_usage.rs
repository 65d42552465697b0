//! How many slots are held, and by whom.

use std::collections::BTreeMap;

use super::{CampaignSnapshot, PlanningSnapshot};
use crate::base::ids::{CallerNumberId, CampaignId};
use crate::records::active_attempt::ActiveAttempt;

/// How many slots are held, counted once for a pass: a look at every active attempt for each call would make
/// passes slow when many are in flight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SlotUsage {
    total: usize,
    campaigns: BTreeMap<CampaignId, usize>,
    numbers: BTreeMap<CallerNumberId, usize>,
}

impl SlotUsage {
    /// Those that these active attempts hold.
    pub(crate) fn of(active_attempts: &[ActiveAttempt]) -> Self {
        let mut held = Self::default();
        for active_attempt in active_attempts.iter().filter(|active_attempt| active_attempt.holds_slot()) {
            held.add(&active_attempt.campaign, &active_attempt.caller_number);
        }
        held
    }

    pub(crate) fn add(&mut self, campaign: &CampaignId, number: &CallerNumberId) {
        self.total += 1;
        match self.campaigns.get_mut(campaign) {
            Some(count) => *count += 1,
            None => drop(self.campaigns.insert(campaign.clone(), 1)),
        }
        match self.numbers.get_mut(number) {
            Some(count) => *count += 1,
            None => drop(self.numbers.insert(number.clone(), 1)),
        }
    }

    pub(crate) fn remove(&mut self, campaign: &CampaignId, number: &CallerNumberId) {
        self.total = self.total.saturating_sub(1);
        let counts = [self.campaigns.get_mut(campaign), self.numbers.get_mut(number)];
        for count in counts.into_iter().flatten() {
            *count = count.saturating_sub(1);
        }
    }

    /// How many a campaign holds.
    pub(crate) fn of_campaign(&self, id: &CampaignId) -> usize {
        self.campaigns.get(id).copied().unwrap_or_default()
    }

    /// How many calls from a number hold one.
    pub(crate) fn of_number(&self, id: &CallerNumberId) -> usize {
        self.numbers.get(id).copied().unwrap_or_default()
    }

    /// How many more calls the workspace may have in flight.
    pub(crate) fn free(&self, snapshot: &PlanningSnapshot) -> usize {
        usize::try_from(snapshot.workspace.concurrent_limit).unwrap_or(usize::MAX).saturating_sub(self.total)
    }

    /// How many more calls a campaign may have in flight.
    pub(crate) fn free_of(&self, snapshot: &PlanningSnapshot, campaign: &CampaignSnapshot) -> usize {
        let limit = usize::try_from(campaign.limit(snapshot.now)).unwrap_or(usize::MAX);
        limit.saturating_sub(self.of_campaign(&campaign.campaign.id)).min(self.free(snapshot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::records::active_attempt::DialCause;

    #[test]
    fn what_holds_a_slot_is_counted_and_given_back() {
        let (own, other) = (fixtures::active_attempt(1), fixtures::active_attempt(2));
        let inbound = ActiveAttempt { cause: DialCause::Inbound, ..fixtures::active_attempt(3) };
        let other = ActiveAttempt { caller_number: fixtures::caller_number(2).id, ..other };
        let mut held = SlotUsage::of(&[own.clone(), other.clone(), inbound]);
        let counts = |held: &SlotUsage| {
            let numbers = [&own, &other].map(|active_attempt| held.of_number(&active_attempt.caller_number));
            (held.total, held.of_campaign(&own.campaign), numbers)
        };
        assert_eq!(counts(&held), (2, 2, [1, 1]));
        held.remove(&other.campaign, &other.caller_number);
        assert_eq!(counts(&held), (1, 1, [1, 0]));
        held.add(&other.campaign, &other.caller_number);
        assert_eq!(held, SlotUsage::of(&[own.clone(), other.clone()]));
    }
}
