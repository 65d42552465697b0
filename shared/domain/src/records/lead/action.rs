//! What somebody does to a lead by hand, and why that may be refused. The words are the API's.

use serde::{Deserialize, Serialize};

use super::{Consent, LeadStatus};
use crate::base::time::Timestamp;
use crate::records::refusal::Refusal;

/// What somebody does to a lead, or to many at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum LeadAction {
    /// A settled lead begins anew.
    Restart {
        /// Why; who was skipped because they did not want to be called is not restarted without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Nobody is to call it any more: what was wanted is done.
    Complete,
    /// It is called back at this moment.
    Reschedule {
        at: Timestamp,
    },
    /// It rests until it is resumed.
    Suspend,
    Resume,
    /// It is gone; one with a call, once that has ended.
    Remove,
    SetTags {
        tags: Vec<String>,
    },
    AddTags {
        tags: Vec<String>,
    },
    RemoveTags {
        tags: Vec<String>,
    },
    SetConsent {
        consent: Consent,
    },
}

/// Why it is not done to a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "data", rename_all = "snake_case")]
pub enum ActionRefusal {
    /// There is no such lead in the campaign.
    NotThere,
    /// A call with it is up.
    LiveCall,
    /// Only a settled lead begins anew, and it stands so.
    NotSettled(LeadStatus),
    /// It is settled already, and stands so.
    Settled(LeadStatus),
    /// They did not want to be called: why they may be now has to be said.
    NeedsReason,
    /// Only a suspended lead is resumed, and it stands so.
    NotSuspended(LeadStatus),
    /// It would only be settled, as soon as its turn comes.
    WouldSettle(Refusal),
    /// It would carry more than a lead may; why.
    TooMuch(String),
    /// Its row was not counted yet. A chunk of rows that is read again makes a lead of every number that has none, so
    /// who is gone by then would come back.
    BeingImported,
}

impl LeadAction {
    /// Whether it makes sense only where somebody of the campaign may still be called.
    pub const fn needs_calls(&self) -> bool {
        match self {
            Self::Restart { .. } | Self::Reschedule { .. } | Self::Resume => true,
            Self::Complete
            | Self::Suspend
            | Self::Remove
            | Self::SetTags { .. }
            | Self::AddTags { .. }
            | Self::RemoveTags { .. }
            | Self::SetConsent { .. } => false,
        }
    }

    /// Whether it depends on what is known of the lead's numbers.
    pub const fn needs_records(&self) -> bool {
        matches!(self, Self::Restart { .. } | Self::Reschedule { .. })
    }

    /// Whether it waits until the row of the lead was counted.
    pub const fn needs_counting(&self) -> bool {
        matches!(self, Self::Remove)
    }
}
