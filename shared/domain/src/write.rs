//! Writes as values: what a decision wants committed, and under which conditions.
//!
//! The store turns a [`Transaction`] into one request to the table; the simulation applies it
//! to maps. Both obey the conditions named here and nothing else.

use crate::campaign::Campaign;
use crate::flight::{CallRequest, Flight};
use crate::ids::{AttemptId, CampaignId, LeadId};
use crate::interaction::Interaction;
use crate::lead::Lead;
use crate::pacing::Paces;
use crate::phone::E164;
use crate::tally::Tally;
use crate::time::Timestamp;

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

/// One write with its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a transaction holds a few writes, and none is moved often")]
pub enum Write {
    /// Puts a claimed flight, if the number has none.
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
    /// Puts a request for a call.
    PutRequest(CallRequest),
    /// Removes a request, if it is there.
    RemoveRequest(AttemptId),
    /// Puts a lead, if there is none with its id.
    CreateLead(Lead),
    /// Puts a lead, if the stored one is one version older.
    UpdateLead(Lead),
    /// Notes an attempt on the record of a number, unless the person behind it does not want to
    /// be called.
    NoteAttempt {
        /// One of the person's numbers.
        number: E164,
        /// The attempt.
        attempt: AttemptId,
        /// The lead.
        lead: LeadId,
        /// When it was dialled.
        at: Timestamp,
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
}

impl From<Vec<Write>> for Transaction {
    fn from(writes: Vec<Write>) -> Self {
        Self(writes)
    }
}
