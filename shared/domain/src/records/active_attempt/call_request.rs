//! Calls that somebody asked for and that wait for a slot.

use serde::{Deserialize, Serialize};

use crate::base::ids::{AttemptId, CallerNumberId, LeadId};
use crate::base::phone::E164;
use crate::base::time::{MINUTE_MS, Timestamp};

/// How long a requested call waits for a slot before it is given up, in milliseconds.
pub const MAX_WAIT_MS: i64 = 10 * MINUTE_MS;

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
    /// From when on it is given up.
    pub const fn given_up_at(&self) -> Timestamp {
        self.requested_at.plus_ms(MAX_WAIT_MS + 1)
    }
}
