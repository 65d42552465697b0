//! What a write touches: a transaction may touch each item once.

use std::collections::HashSet;

use super::{ContactItem, Failed, Transaction, Write};
use crate::base::ids::{CampaignId, InteractionId, JobId, LeadId};
use crate::base::phone::E164;
use crate::base::subscriber::Subscriber;
use crate::base::time::Timestamp;
use crate::policy::do_not_call::ListName;
use crate::records::active_attempt::{ActiveAttempt, CallRequest};
use crate::records::evidence::RefusalRecord;
use crate::records::lead::FileOrder;

/// The item that a write touches, as far as the domain tells items apart: sums are kept in fewer places
/// than there are leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Item<'a> {
    /// The active attempt of a number.
    ActiveAttempt(Subscriber),
    /// The request for a call with a lead.
    Request(&'a LeadId),
    /// A lead, or the pointer of a number to one.
    Lead(&'a LeadId),
    /// Where leads that came together are listed.
    LeadBlock(&'a CampaignId, FileOrder),
    /// The record of a number.
    Number(Subscriber),
    /// An entry of a do-not-call list.
    Listing(&'a ListName, &'a E164),
    Interaction(&'a InteractionId),
    /// What was found in a call.
    Analysis(&'a InteractionId),
    /// The counters in which a lead counts.
    Counters(&'a LeadId),
    /// What is spent on a lead.
    Spent(&'a LeadId),
    /// The record of a refusal.
    Refusal(&'a LeadId, Timestamp),
    /// The failures of a campaign or a caller number, by its id.
    Failures(&'a str),
    Plan,
    Campaign(&'a CampaignId),
    Job(&'a JobId),
    /// A portion of a job's results.
    Results(&'a JobId, u32),
    /// A part of the address book.
    Contact(ContactItem<'a>),
}

impl Write {
    /// The item that it touches.
    pub fn item(&self) -> Item<'_> {
        match self {
            Self::Claim(ActiveAttempt { number, .. })
            | Self::Dial(ActiveAttempt { number, .. })
            | Self::Renew(ActiveAttempt { number, .. })
            | Self::RemoveActiveAttempt { number, .. } => Item::ActiveAttempt(Subscriber::of(number)),
            Self::PutRequest(CallRequest { lead, .. }) | Self::RemoveRequest { lead, .. } => {
                Item::Request(lead)
            }
            Self::CreateLead(lead) | Self::UpdateLead { after: lead, .. } | Self::RemoveLead(lead) => {
                Item::Lead(&lead.id)
            }
            Self::ListLeads(block) => Item::LeadBlock(&block.campaign, block.order),
            Self::HoldNumber { place, .. } | Self::GiveUpNumber { place, .. } => Item::Lead(place),
            Self::UpdateNumber(record) => Item::Number(record.subscriber()),
            Self::AddToDnc { list, number, .. } | Self::RemoveFromDnc { list, number } => {
                Item::Listing(list, number)
            }
            Self::OpenInteraction(interaction) | Self::UpdateInteraction { after: interaction, .. } => {
                Item::Interaction(&interaction.id)
            }
            Self::KeepAnalysis { after, .. } => Item::Analysis(&after.id),
            Self::Count { lead, .. } => Item::Counters(lead),
            Self::Charge { lead, .. } => Item::Spent(lead),
            Self::NoteRefusal(RefusalRecord { lead, at, .. }) => Item::Refusal(lead, *at),
            Self::NoteFailure(Failed::Campaign(id)) => Item::Failures(id.as_str()),
            Self::NoteFailure(Failed::CallerNumber(id)) => Item::Failures(id.as_str()),
            Self::AdvancePlan { .. } | Self::InvalidatePlan { .. } => Item::Plan,
            Self::CreateJob(job) | Self::AdvanceJob(job) => Item::Job(&job.id),
            Self::KeepResults { job, portion, .. } => Item::Results(job, *portion),
            Self::Contact(write) => Item::Contact(write.item()),
            Self::UpdateCampaign { after: campaign, .. } => Item::Campaign(&campaign.id),
        }
    }
}

impl Transaction {
    /// An item that it touches twice: the table refuses such a transaction, whatever is stored.
    pub fn touched_twice(&self) -> Option<Item<'_>> {
        let mut seen = HashSet::with_capacity(self.0.len());
        self.0.iter().map(Write::item).find(|item| !seen.insert(item.clone()))
    }
}
