//! Leads that came together.

use serde::{Deserialize, Serialize};

use super::{FileOrder, Lead};
use crate::base::ids::{CampaignId, LeadId};

/// Leads of a campaign that came together, in the order of their file. Blocks, in their order, are the list
/// of a campaign's leads; one that was removed, or came again later, still stands where it first came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadBlock {
    pub campaign: CampaignId,
    /// The place of its first lead.
    pub order: FileOrder,
    pub leads: Vec<LeadId>,
}

impl LeadBlock {
    /// The block of these leads of one campaign; none without any.
    pub fn of<'a>(leads: impl IntoIterator<Item = &'a Lead>) -> Option<Self> {
        let mut leads = leads.into_iter();
        let first = leads.next()?;
        let others = leads.map(|lead| lead.id.clone());
        Some(Self {
            campaign: first.id.campaign(),
            order: first.order,
            leads: std::iter::once(first.id.clone()).chain(others).collect(),
        })
    }
}
