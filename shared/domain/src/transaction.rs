//! Writes as values: what a decision wants committed, and under which conditions.
//!
//! The store turns a [`Transaction`] into one request to the table; the simulation applies it
//! to maps. Both obey the conditions named here and nothing else.

use crate::base::ids::{AttemptId, CallerNumberId, CampaignId, JobId, LeadId};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::policy::do_not_call::{ListName, Listing};
use crate::policy::rate_limit::RateStates;
use crate::records::active_attempt::{ActiveAttempt, CallRequest};
use crate::records::analysis::Analysis;
use crate::records::campaign::Campaign;
use crate::records::counters::Counters;
use crate::records::evidence::RefusalRecord;
use crate::records::interaction::Interaction;
use crate::records::job::{Job, JobResult};
use crate::records::lead::{Lead, LeadBlock};
use crate::records::number_record::NumberRecord;

mod constructors;
mod contact;
mod item;
mod running;

pub use contact::{ContactItem, ContactWrite};
pub use item::Item;
pub use running::Running;

/// Writes that happen all or not at all, within one workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transaction(pub Vec<Write>);

/// How far an active attempt must be for a write to touch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Claimed,
    Dialling,
}

/// Whose breaker hears of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    Campaign(CampaignId),
    /// That of the number that was dialled from.
    CallerNumber(CallerNumberId),
}

/// One write with its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a transaction holds a few writes, and none is moved often")]
pub enum Write {
    /// Puts an active attempt, if the number has none: one that is claimed, or the person's own call.
    Claim(ActiveAttempt),
    /// Puts an active attempt that is being dialled, if the stored one is claimed by the same attempt.
    Dial(ActiveAttempt),
    /// Puts a renewed lease, if the stored active attempt is dialled by the same attempt.
    Renew(ActiveAttempt),
    /// Removes an active attempt, if it is this attempt's and so far.
    RemoveActiveAttempt {
        /// The number that was dialled or was to be.
        number: E164,
        attempt: AttemptId,
        /// How far it must be.
        stage: Stage,
    },
    /// Puts a request for a call, if its lead has none.
    PutRequest(CallRequest),
    /// Removes a lead's request, if it is this attempt's.
    RemoveRequest { lead: LeadId, attempt: AttemptId },
    /// Puts a lead, if there is none with its id.
    CreateLead(Lead),
    /// Lists new leads in the order of their campaign.
    ListLeads(LeadBlock),
    /// Puts a lead, if the stored one is one version older.
    UpdateLead { before: Lead, after: Lead },
    /// Lets a number that came to a lead later point to it, if nothing lies where the number's lead would be.
    HoldNumber { place: LeadId, lead: LeadId },
    /// Removes the pointer of a number to a lead, if there is one.
    GiveUpNumber { place: LeadId, lead: LeadId },
    /// Removes a lead, if this version of it is stored.
    RemoveLead(Lead),
    /// Puts the record of a number, if the stored one is one version older; a first version, if there
    /// is none.
    UpdateNumber(NumberRecord),
    /// Puts an entry of a do-not-call list, to find it by; the number's record is what counts.
    AddToDnc { list: ListName, number: E164, listing: Listing },
    /// Removes an entry of a do-not-call list.
    RemoveFromDnc {
        list: ListName,
        /// The number that was on it.
        number: E164,
    },
    /// Puts an interaction, if there is none with its id.
    OpenInteraction(Interaction),
    /// Puts an interaction, if the stored one is one version older.
    UpdateInteraction { before: Interaction, after: Interaction },
    /// Puts what was found in a call, if the stored one is one version older; a first version, if there is none.
    KeepAnalysis { before: Option<Analysis>, after: Analysis },
    /// Adds to the counters of a campaign.
    Count {
        campaign: CampaignId,
        /// Spreads the writes: counters of one lead land in one place.
        lead: LeadId,
        counters: Counters,
    },
    /// Puts the record of a refusal.
    NoteRefusal(RefusalRecord),
    /// Adds to what a workspace has spent.
    Charge {
        /// Spreads the writes: what one lead costs lands in one place.
        lead: LeadId,
        /// How much, in millionths of a US dollar; negative if less was spent than thought.
        micros: i64,
    },
    /// Counts a technical failure of a campaign or a caller number; its breaker hears of it with the
    /// next plan.
    NoteFailure(Failed),
    /// Stores new rate states, if the plan's epoch is still this.
    AdvancePlan {
        epoch: u64,
        /// The rate states after its claims.
        rate_states: RateStates,
    },
    /// Puts a job, if there is none with its id.
    CreateJob(Job),
    /// Puts a job after its step, if the stored one is one version older: each step is done once.
    AdvanceJob(Job),
    /// Puts a portion of a job's results.
    KeepResults { job: JobId, portion: u32, results: Vec<JobResult> },
    /// A write to the address book.
    Contact(ContactWrite),
    /// Puts a campaign, if the stored one is one version older.
    UpdateCampaign { before: Campaign, after: Campaign },
    /// Raises the epoch, so that planners under way can claim nothing more, and notes whether
    /// the planner has to look at the campaign from now on.
    InvalidatePlan {
        campaign: CampaignId,
        /// Whether the planner has to look at it.
        active: bool,
        /// Whether it counts among those that run; refused if that were too many.
        running: Running,
        /// When it changed; the workspace is to be looked at from then on.
        at: Timestamp,
    },
}

impl Transaction {
    /// A transaction of one write.
    pub fn of(write: Write) -> Self {
        Self(vec![write])
    }

    pub fn push(&mut self, write: Write) {
        self.0.push(write);
    }

    /// Adds writes; counts of one lead become one, because a transaction touches an item once.
    pub fn extend(&mut self, writes: impl IntoIterator<Item = Write>) {
        for write in writes {
            if let Write::Count { lead, counters, .. } = &write
                && let Some(counted) = self.tally_of(lead)
            {
                counted.merge(counters);
            } else {
                self.0.push(write);
            }
        }
        self.0.retain(|write| !matches!(write, Write::Count { counters, .. } if counters.is_empty()));
    }

    /// The same where the record that it changes is not stored yet: it is opened as the change leaves it.
    #[must_use]
    pub fn opening(self) -> Self {
        let opened = |write| match write {
            Write::UpdateInteraction { after, .. } => Write::OpenInteraction(after),
            other => other,
        };
        Self(self.0.into_iter().map(opened).collect())
    }

    fn tally_of(&mut self, of: &LeadId) -> Option<&mut Counters> {
        self.0.iter_mut().find_map(|write| match write {
            Write::Count { lead, counters, .. } if lead == of => Some(counters),
            _ => None,
        })
    }
}

impl From<Vec<Write>> for Transaction {
    fn from(writes: Vec<Write>) -> Self {
        Self(writes)
    }
}
