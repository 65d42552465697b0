//! Calls that somebody asked for and that wait for a slot.

use serde::{Deserialize, Serialize};

use crate::base::ids::{AttemptId, CallerNumberId, LeadId};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::transaction::Write;

/// A call that somebody asked for: claimed before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRequest {
    /// The attempt that it will be.
    pub attempt: AttemptId,
    pub lead: LeadId,
    /// Every number of the person: nobody asks for another call with them meanwhile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub person: Vec<E164>,
    /// The number to dial from, if the caller chose one.
    pub caller_number: Option<CallerNumberId>,
    /// What the assistant should do besides.
    pub instructions: Option<String>,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

impl CallRequest {
    /// Takes it away, if it still waits.
    pub fn removal(&self) -> Write {
        Write::RemoveRequest { lead: self.lead.clone(), attempt: self.attempt.clone() }
    }
}
