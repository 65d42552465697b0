//! From places and samples to groups.

use std::collections::{BTreeMap, HashSet};

use carillon_domain::campaign::Campaign;
use carillon_domain::eligibility::{Question, Refusal};
use carillon_domain::flight::DialCause;
use carillon_domain::forecast::{Due, Group};
use carillon_domain::ids::LeadId;
use carillon_domain::lead::{DueClass, Lead, SkipReason};
use carillon_domain::phone::E164;
use carillon_domain::rules::Rulebook;
use carillon_domain::time::Timestamp;
use carillon_domain::workspace::Workspace;
use carillon_domain::zone::Zone;
use carillon_store::due_step;

use super::counting::Waiting;
use super::sample::{Known, Sample};

/// Groups that are being filled.
pub(super) struct Sorting<'a> {
    now: Timestamp,
    campaign: &'a Campaign,
    workspace: &'a Workspace,
    rules: &'a Rulebook,
    /// Waiting leads that are known to be on a do-not-call list.
    listed: Vec<Lead>,
    groups: BTreeMap<Key, Filling>,
    skipped: BTreeMap<String, u64>,
    callable: Vec<Lead>,
}

/// What the leads of a group share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    zone: Zone,
    class: DueClass,
    attempts: u32,
}

#[derive(Debug, Default)]
struct Filling {
    due: BTreeMap<Timestamp, u64>,
    sample: Option<E164>,
}

/// How leads stand of which a sample shows as many as there are of others like them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Skipped(&'static str),
    Waits { key: Key, held_until: Option<Timestamp> },
}

impl<'a> Sorting<'a> {
    pub(super) fn new(
        now: Timestamp,
        campaign: &'a Campaign,
        workspace: &'a Workspace,
        rules: &'a Rulebook,
        listed: Vec<Lead>,
    ) -> Self {
        let (groups, skipped, callable) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Self { now, campaign, workspace, rules, listed, groups, skipped, callable }
    }

    /// Sorts the leads of a place in.
    pub(super) fn take(&mut self, waiting: &Waiting, sample: Sample) {
        if sample.is_whole {
            for known in sample.leads {
                let at = known.lead.due().map_or(self.now, |(_, due_at)| due_at);
                let kind = self.kind_of(waiting.place.class, &known);
                self.add(&kind, at, 1);
                self.note(kind, known.lead);
            }
            return;
        }
        let (mut due, listed) = self.without_listed(waiting);
        let mut kinds = BTreeMap::<Kind, u64>::new();
        for known in sample.leads.into_iter().filter(|known| !listed.contains(&known.lead.id)) {
            let kind = rounded(self.kind_of(waiting.place.class, &known));
            *kinds.entry(kind.clone()).or_default() += 1;
            self.note(kind, known.lead);
        }
        if kinds.is_empty() {
            let (zone, class) = (waiting.place.zone.clone().unwrap_or(Zone::CAMPAIGN), waiting.place.class);
            let key = Key { zone, class, attempts: 0 };
            kinds.insert(Kind::Waits { key, held_until: None }, 1);
        }
        due.retain(|_, leads| *leads > 0);
        let weights: Vec<u64> = kinds.values().copied().collect();
        let mut shares = Shares::new(weights);
        for (at, leads) in due {
            for (kind, part) in kinds.keys().zip(shares.next(leads)) {
                self.add(kind, at, part);
            }
        }
    }

    /// What came of it: the groups, who is skipped and why, and the leads that were looked at and wait.
    pub(super) fn finish(self) -> (Vec<Group>, BTreeMap<String, u64>, Vec<Lead>) {
        let group = |(key, filling): (Key, Filling)| Group {
            zone: key.zone,
            class: key.class,
            attempts: key.attempts,
            due: filling.due.into_iter().map(|(at, leads)| Due { at, leads }).collect(),
            sample: filling.sample,
        };
        let groups = self.groups.into_iter().map(group).filter(|group| group.leads() > 0).collect();
        (groups, self.skipped, self.callable)
    }

    /// How a lead stands that waits in a class.
    fn kind_of(&self, class: DueClass, known: &Known) -> Kind {
        let Known { lead, records } = known;
        let question = Question {
            lead,
            campaign: self.campaign,
            workspace: self.workspace,
            rules: self.rules,
            records,
            cause: match class {
                DueClass::FirstSubmission => DialCause::FirstSubmission,
                DueClass::Callback => DialCause::Callback,
                DueClass::Retry => DialCause::Retry,
                DueClass::Fresh => DialCause::Fresh,
            },
        };
        if self.campaign.spec.requires_consent && lead.profile.consent.is_none() {
            return Kind::Skipped(SkipReason::NoConsent.name());
        }
        let mut held_until = None;
        for refusal in question.refusals(self.now) {
            match refusal {
                Refusal::DoNotCall(_) => return Kind::Skipped(SkipReason::DoNotCall.name()),
                Refusal::Capped(capped) if self.campaign.is_over(capped.until) => {
                    return Kind::Skipped(SkipReason::PeriodOver.name());
                }
                Refusal::Capped(capped) => held_until = Some(capped.until),
                // What the clock, the campaign or its attempts refuse is the forecast's to find.
                Refusal::CampaignNotRunning(_)
                | Refusal::PeriodNotBegun(_)
                | Refusal::PeriodOver
                | Refusal::Settled(_)
                | Refusal::InProgress
                | Refusal::NotDue(_)
                | Refusal::AttemptsUsedUp
                | Refusal::NoConsent
                | Refusal::OutsideHours { .. } => {}
            }
        }
        Kind::Waits { key: Key { zone: lead.zone.clone(), class, attempts: lead.attempts }, held_until }
    }

    fn add(&mut self, kind: &Kind, at: Timestamp, leads: u64) {
        if leads == 0 {
            return;
        }
        match kind {
            Kind::Skipped(reason) => *self.skipped.entry((*reason).to_owned()).or_default() += leads,
            Kind::Waits { key, held_until } => {
                let at = at.max(self.now).max(held_until.unwrap_or(self.now));
                let filling = self.groups.entry(key.clone()).or_default();
                *filling.due.entry(at).or_default() += leads;
            }
        }
    }

    /// Keeps a lead that was looked at, if it can be called.
    fn note(&mut self, kind: Kind, lead: Lead) {
        if let Kind::Waits { key, .. } = kind {
            let filling = self.groups.entry(key).or_default();
            filling.sample = filling.sample.take().or_else(|| lead.numbers.first().cloned());
            self.callable.push(lead);
        }
    }

    /// When the leads of a place fall due without those on a do-not-call list, who are skipped.
    fn without_listed(&mut self, waiting: &Waiting) -> (BTreeMap<Timestamp, u64>, HashSet<LeadId>) {
        let mut due = waiting.due.clone();
        let place = &waiting.place;
        let mut listed = HashSet::new();
        for lead in &self.listed {
            let Some((class, due_at)) = lead.due() else { continue };
            if class != place.class || place.zone.as_ref().is_some_and(|zone| *zone != lead.zone) {
                continue;
            }
            listed.insert(lead.id.clone());
            let own = due_step(due_at).max(self.now);
            let step = if due.get(&own).is_some_and(|leads| *leads > 0) {
                due.get_mut(&own)
            } else {
                due.values_mut().find(|leads| **leads > 0)
            };
            if let Some(leads) = step {
                *leads -= 1;
                *self.skipped.entry(SkipReason::DoNotCall.name().to_owned()).or_default() += 1;
            }
        }
        (due, listed)
    }
}

/// Of a sample's many moments few remain.
fn rounded(kind: Kind) -> Kind {
    match kind {
        Kind::Waits { key, held_until } => Kind::Waits { key, held_until: held_until.map(due_step) },
        Kind::Skipped(reason) => Kind::Skipped(reason),
    }
}

/// Shares leads out by weight, so that the sums keep to the weights as nearly as whole leads can.
#[derive(Debug)]
struct Shares {
    weights: Vec<i128>,
    sum: i128,
    /// What each is behind its share, in leads times `sum`.
    behind: Vec<i128>,
}

impl Shares {
    fn new(weights: Vec<u64>) -> Self {
        let weights: Vec<i128> = weights.into_iter().map(i128::from).collect();
        Self { sum: weights.iter().sum::<i128>().max(1), behind: vec![0; weights.len()], weights }
    }

    fn next(&mut self, leads: u64) -> Vec<u64> {
        let mut left = i128::from(leads);
        let mut parts = vec![0; self.weights.len()];
        for (behind, weight) in self.behind.iter_mut().zip(&self.weights) {
            *behind += weight * i128::from(leads);
        }
        for (behind, part) in self.behind.iter_mut().zip(&mut parts) {
            let whole = (*behind / self.sum).clamp(0, left);
            (*behind, left, *part) = (*behind - whole * self.sum, left - whole, whole);
        }
        while left > 0
            && let Some((place, _)) = self.behind.iter().enumerate().max_by_key(|(_, behind)| **behind)
        {
            parts[place] += 1;
            self.behind[place] -= self.sum;
            left -= 1;
        }
        parts.into_iter().map(|part| u64::try_from(part).unwrap_or_default()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_keep_to_their_weights() {
        let mut shares = Shares::new(vec![1, 500, 1_499]);
        let mut sums = [0; 3];
        for leads in [1, 1, 7, 0, 400, 3, 1_588, 2_000] {
            let parts = shares.next(leads);
            assert_eq!(parts.iter().sum::<u64>(), leads);
            for (sum, part) in sums.iter_mut().zip(parts) {
                *sum += part;
            }
        }
        assert_eq!(sums, [2, 1_000, 2_998]);
    }
}
