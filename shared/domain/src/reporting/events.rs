//! Events: what the outside may hear of, each with the state that it leaves behind.
//!
//! There is one rule, [`Change::events`], and two entries to it: a [`Transaction`] that is being
//! committed, and the images of one item before and after, which a table's stream tells of.

use crate::transaction::{Transaction, Write};

mod change;
mod event;
mod fact;
#[cfg(test)]
mod tests;

pub use change::Change;
pub use event::{Event, PublishedEvent};
pub use fact::{
    AnalysisFacts, CampaignFacts, Charge, Fact, ImportFacts, InteractionFacts, LastAttemptFacts, LeadFacts,
    TopUpFacts, WebhookEndpointFacts,
};

/// What a transaction tells the world.
pub fn events(transaction: &Transaction) -> Vec<Event> {
    transaction.0.iter().filter_map(Change::of).flat_map(|change| change.events()).collect()
}

impl Change {
    /// The change that a write makes, if it makes one that may be heard of.
    ///
    /// A charge is told of by the interaction that cost it, which is in the same transaction.
    fn of(write: &Write) -> Option<Self> {
        match write {
            Write::CreateLead(after) => Some(Self::Lead { before: None, after: after.clone() }),
            Write::UpdateLead { before, after } => {
                Some(Self::Lead { before: Some(before.clone()), after: after.clone() })
            }
            Write::RemoveLead(before) => Some(Self::LeadRemoved(before.clone())),
            Write::OpenInteraction(after) => Some(Self::Interaction { before: None, after: after.clone() }),
            Write::UpdateInteraction { before, after } => {
                Some(Self::Interaction { before: Some(before.clone()), after: after.clone() })
            }
            Write::KeepAnalysis { before, after } => {
                Some(Self::Analysis { before: before.clone(), after: after.clone() })
            }
            Write::UpdateCampaign { before, after } => {
                Some(Self::Campaign { before: Some(before.clone()), after: after.clone() })
            }
            Write::ListLeads(_)
            | Write::Claim(_)
            | Write::Dial(_)
            | Write::Renew(_)
            | Write::RemoveActiveAttempt { .. }
            | Write::PutRequest(_)
            | Write::RemoveRequest { .. }
            | Write::HoldNumber { .. }
            | Write::GiveUpNumber { .. }
            | Write::UpdateNumber(_)
            | Write::AddToDnc { .. }
            | Write::RemoveFromDnc { .. }
            | Write::Count { .. }
            | Write::NoteRefusal(_)
            | Write::Charge { .. }
            | Write::NoteFailure(_)
            | Write::CreateJob(_)
            | Write::AdvanceJob(_)
            | Write::KeepResults { .. }
            | Write::Contact(_)
            | Write::AdvancePlan { .. }
            | Write::InvalidatePlan { .. } => None,
        }
    }
}
