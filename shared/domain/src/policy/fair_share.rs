//! Sharing the capacity of a workspace between its campaigns.
//!
//! Higher priorities come first, strictly. Within one priority each campaign gets its weight's
//! part: earliest eligible virtual deadline first (Stoica and Abdel-Wahab, 1995) with one claim
//! as the quantum. A campaign that got less than its part is eligible; of these the one whose
//! next claim falls due first goes. So nobody is ever more than a claim away from its part.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::ids::CampaignId;
use crate::base::is_default::is_default;

#[cfg(test)]
mod tests;

/// Greatest weight of a campaign; the least is 1.
pub const MAX_WEIGHT: u32 = 100;
/// What one claim costs a campaign of weight 1.
const CLAIM: i64 = 1_000_000_000;

/// A campaign that could use a claim now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contender<'a> {
    pub campaign: &'a CampaignId,
    /// Its class; higher ones come first.
    pub priority: u8,
    /// Its part within the class, from 1 to [`MAX_WEIGHT`].
    pub weight: u32,
}

impl Contender<'_> {
    fn weight(&self) -> i64 {
        i64::from(self.weight.clamp(1, MAX_WEIGHT))
    }

    /// What one claim costs it.
    fn stride(&self) -> i64 {
        CLAIM / self.weight()
    }
}

/// How the campaigns of a workspace stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shares(BTreeMap<CampaignId, Standing>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Standing {
    #[serde(skip_serializing_if = "is_default")]
    priority: u8,
    /// By how much it is ahead of its part (behind, if negative), in parts of [`CLAIM`] and
    /// divided by its weight.
    #[serde(skip_serializing_if = "is_default")]
    ahead: i64,
}

impl Shares {
    /// Whose turn it is; on a tie the one that is named first. None if nobody contends.
    pub fn next<'a>(&self, contenders: &[Contender<'a>]) -> Option<&'a CampaignId> {
        let class = highest_class(contenders)?;
        let weights: i128 = class.clone().map(|one| i128::from(one.weight())).sum();
        let total: i128 = class.clone().map(|one| i128::from(one.weight() * self.ahead(one))).sum();
        class
            .filter(|one| i128::from(self.ahead(one)) * weights <= total)
            .min_by_key(|one| self.ahead(one) + one.stride())
            .map(|one| one.campaign)
    }

    /// A contender has got a claim. Who contended and did not get it is owed a part of it; who was
    /// away is owed nothing, and what it had too much is evened out.
    pub fn charge(&mut self, campaign: &CampaignId, contenders: &[Contender]) {
        let Some(winner) = contenders.iter().find(|one| one.campaign == campaign) else { return };
        let class = || contenders.iter().filter(|one| one.priority == winner.priority);
        let part = CLAIM / class().map(Contender::weight).sum::<i64>();
        let ahead: Vec<_> = class().map(|one| (one.campaign, self.ahead(one))).collect();
        for standing in self.0.values_mut().filter(|one| one.priority == winner.priority && one.ahead > 0) {
            standing.ahead = (standing.ahead - part).max(0);
        }
        for (id, ahead) in ahead {
            let cost = if id == campaign { winner.stride() } else { 0 };
            let standing = Standing { priority: winner.priority, ahead: ahead + cost - part };
            self.0.insert(id.clone(), standing);
        }
    }

    pub(crate) fn retain(&mut self, is_kept: impl Fn(&CampaignId) -> bool) {
        self.0.retain(|id, _| is_kept(id));
    }

    /// Where a contender stands; who is new, or new in its class, has just its part.
    fn ahead(&self, contender: &Contender) -> i64 {
        let standing = self.0.get(contender.campaign).filter(|one| one.priority == contender.priority);
        standing.map_or(0, |one| one.ahead)
    }
}

fn highest_class<'a, 'b>(
    contenders: &'b [Contender<'a>],
) -> Option<impl Iterator<Item = &'b Contender<'a>> + Clone> {
    let highest = contenders.iter().map(|one| one.priority).max()?;
    Some(contenders.iter().filter(move |one| one.priority == highest))
}
