//! Leads that came together.

use serde::{Deserialize, Serialize};

use super::{FileOrder, Lead};
use crate::base::ids::{CampaignId, LeadId};

/// Leads of a campaign that came together, in the order of their file. Blocks, in their order, are the list
/// of a campaign's leads; one that was removed, or came again later, still stands where it first came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadBlock {
    pub campaign: CampaignId,
    /// From which place in the file order on they come.
    pub order: FileOrder,
    pub leads: Vec<LeadId>,
}

impl LeadBlock {
    /// The block of these leads from this place on; none without any.
    pub fn of_ids(campaign: &CampaignId, order: FileOrder, leads: Vec<LeadId>) -> Option<Self> {
        (!leads.is_empty()).then(|| Self { campaign: campaign.clone(), order, leads })
    }

    /// The block of these leads of one campaign; none without any.
    pub fn of<'a>(leads: impl IntoIterator<Item = &'a Lead>) -> Option<Self> {
        let mut leads = leads.into_iter();
        let first = leads.next()?;
        let ids = std::iter::once(first).chain(leads).map(|lead| lead.id.clone());
        Self::of_ids(&first.id.campaign(), first.order, ids.collect())
    }
}
