//! What we know of the recording of a call, beside its interaction.

use serde::{Deserialize, Serialize};

use crate::base::recording::RecordingFormat;
use crate::base::time::{DAY_MS, MINUTE_MS, Timestamp};
use crate::policy::recording_retention::RecordingClass;

/// For how long after its end a call may have a recording that the provider has not put together yet, in milliseconds.
pub const SETTLES_WITHIN_MS: i64 = 10 * MINUTE_MS;
/// For how long we take the provider's word that there is no recording, in milliseconds.
pub const MISSING_FOR_MS: i64 = DAY_MS;

/// What we know of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Recording {
    /// A copy of it lies in the bucket.
    Copied(RecordingCopy),
    /// The provider has none.
    Missing { asked_at: Timestamp },
}

/// A copy of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingCopy {
    pub class: RecordingClass,
    pub format: RecordingFormat,
    pub copied_at: Timestamp,
}

impl Recording {
    /// Until when it counts.
    pub fn counts_until(&self) -> Timestamp {
        match self {
            Self::Copied(copy) => copy.stays_until(),
            Self::Missing { asked_at } => asked_at.plus_ms(MISSING_FOR_MS),
        }
    }
}

impl RecordingCopy {
    /// Until when its file stays at least.
    pub fn stays_until(&self) -> Timestamp {
        self.copied_at.plus_ms(self.class.days() * DAY_MS)
    }
}
