//! Writes as values: what a decision wants committed, and under which conditions.
//!
//! The store turns a [`Transaction`] into one request to the table; the simulation applies it
//! to maps. Both obey the conditions named here and nothing else.

use crate::campaign::Campaign;
use crate::evidence::RefusalRecord;
use crate::flight::{CallRequest, Flight};
use crate::ids::{AttemptId, CallerNumberId, CampaignId, LeadId};
use crate::interaction::Interaction;
use crate::lead::Lead;
use crate::number_record::{ListName, Listing, NumberRecord};
use crate::pacing::Paces;
use crate::phone::E164;
use crate::tally::Tally;
use crate::time::Timestamp;

mod item;

pub use item::Item;

/// Writes that happen all or not at all, within one workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transaction(pub Vec<Write>);

/// How far a flight must be for a write to touch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Claimed, and nothing dialled.
    Claimed,
    /// Dialled.
    Dialling,
}

/// Whether a campaign counts among those that run in its workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Running {
    /// It does not.
    No,
    /// It does, though it be one too many: it ran already.
    Still,
    /// It does from now on, if fewer than so many run.
    IfFewerThan(u32),
}

/// Whose breaker hears of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// A campaign's.
    Campaign(CampaignId),
    /// That of the number that was dialled from.
    CallerNumber(CallerNumberId),
}

/// One write with its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a transaction holds a few writes, and none is moved often")]
pub enum Write {
    /// Puts a flight, if the number has none: one that is claimed, or the person's own call.
    Claim(Flight),
    /// Puts a flight that is being dialled, if the stored one is claimed by the same attempt.
    Dial(Flight),
    /// Puts a renewed lease, if the stored flight is dialled by the same attempt.
    Renew(Flight),
    /// Removes a flight, if it is this attempt's and so far.
    RemoveFlight {
        /// The number that was dialled or was to be.
        number: E164,
        /// The attempt.
        attempt: AttemptId,
        /// How far it must be.
        stage: Stage,
    },
    /// Puts a request for a call, if its lead has none.
    PutRequest(CallRequest),
    /// Removes a lead's request, if it is this attempt's.
    RemoveRequest {
        /// The lead.
        lead: LeadId,
        /// The attempt.
        attempt: AttemptId,
    },
    /// Puts a lead, if there is none with its id.
    CreateLead(Lead),
    /// Puts a lead, if the stored one is one version older.
    UpdateLead(Lead),
    /// Puts the record of a number, if the stored one is one version older; a first version, if there
    /// is none.
    UpdateNumber(NumberRecord),
    /// Puts an entry of a do-not-call list, to find it by; the number's record is what counts.
    Enlist {
        /// The list.
        list: ListName,
        /// The number on it.
        number: E164,
        /// Why.
        listing: Listing,
    },
    /// Removes an entry of a do-not-call list.
    Delist {
        /// The list.
        list: ListName,
        /// The number that was on it.
        number: E164,
    },
    /// Puts an interaction, if there is none with its id.
    OpenInteraction(Interaction),
    /// Puts an interaction, if the stored one is one version older.
    UpdateInteraction(Interaction),
    /// Adds to the counters of a campaign.
    Count {
        /// The campaign.
        campaign: CampaignId,
        /// Spreads the writes: counters of one lead land in one place.
        lead: LeadId,
        /// What to add.
        tally: Tally,
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
    /// Stores new paces, if the plan's epoch is still this.
    AdvancePlan {
        /// The planner's epoch.
        epoch: u64,
        /// The paces after its claims.
        paces: Paces,
    },
    /// Puts a campaign, if the stored one is one version older.
    UpdateCampaign(Campaign),
    /// Raises the epoch, so that planners under way can claim nothing more, and notes whether
    /// the planner has to look at the campaign from now on.
    Supersede {
        /// The campaign that changed.
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

    /// Adds a write.
    pub fn push(&mut self, write: Write) {
        self.0.push(write);
    }

    /// Adds writes; counts of one lead become one, because a transaction touches an item once.
    pub fn extend(&mut self, writes: impl IntoIterator<Item = Write>) {
        for write in writes {
            if let Write::Count { lead, tally, .. } = &write
                && let Some(counted) = self.tally_of(lead)
            {
                counted.merge(tally);
            } else {
                self.0.push(write);
            }
        }
        self.0.retain(|write| !matches!(write, Write::Count { tally, .. } if tally.is_empty()));
    }

    fn tally_of(&mut self, of: &LeadId) -> Option<&mut Tally> {
        self.0.iter_mut().find_map(|write| match write {
            Write::Count { lead, tally, .. } if lead == of => Some(tally),
            _ => None,
        })
    }
}

impl From<Vec<Write>> for Transaction {
    fn from(writes: Vec<Write>) -> Self {
        Self(writes)
    }
}
