//! Leads: a person's place in one campaign.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::call::Outcome;
use crate::ids::{AttemptId, ImportId, LeadId};
use crate::intake::LeadDraft;
use crate::phone::E164;
use crate::retry::Next;
use crate::time::Timestamp;
use crate::zone::{Zone, ZoneSource};

mod edit;

/// A person's place in one campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    /// Derived from the campaign and the primary number.
    pub id: LeadId,
    /// Raised by every change.
    pub version: u64,
    /// Who they are.
    pub profile: Profile,
    /// Their numbers, the primary first; never empty.
    pub numbers: Vec<E164>,
    /// Where and under which clock they may be called.
    pub zone: Zone,
    /// How we know.
    pub zone_source: ZoneSource,
    /// Where they stand.
    pub state: LeadState,
    /// Attempts that counted.
    pub attempts: u32,
    /// Attempts that were taken back.
    pub taken_back: u32,
    /// The latest attempt.
    pub last: Option<LastAttempt>,
    /// Their place in the file order.
    pub order: FileOrder,
    /// The file that they came from.
    pub origin: Option<Origin>,
    /// When they were created.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// Who a lead is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where they work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Their own time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Tz>,
    /// Words to find them by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Values for the templates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
}

/// A lead's place in the order of its campaign: earlier files first, then rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileOrder {
    /// When the file, or the lead itself, arrived.
    pub at: Timestamp,
    /// The row in the file; 0 for a lead that came alone.
    pub row: u64,
}

/// The row of a file that a lead came from; tells a lost reply from a duplicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The import.
    pub import: ImportId,
    /// The row, as a spreadsheet counts: the header is row 1.
    pub row: u64,
}

/// The latest attempt of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAttempt {
    /// Its id; later reports about other attempts don't touch the lead.
    pub attempt: AttemptId,
    /// When it was dialled.
    pub dialled_at: Timestamp,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
}

/// Why a lead was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// The person does not want to be called.
    DoNotCall,
}

/// Where a lead stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum LeadState {
    /// Never called; due at once.
    Pending,
    /// Missed; due later.
    RetryScheduled {
        /// Not before this moment.
        due_at: Timestamp,
    },
    /// A call is up.
    InProgress {
        /// Which.
        attempt: AttemptId,
        /// What the lead goes back to if the attempt is taken back.
        before: Box<LeadState>,
    },
    /// Reached.
    Completed,
    /// Attempts used up.
    Exhausted,
    /// Will not be called.
    Skipped {
        /// Why.
        reason: SkipReason,
    },
    /// Can't be called.
    Failed,
}

/// The classes of due leads, in the order in which they are dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueClass {
    /// Missed before, and due again.
    Retry,
    /// Never called.
    Fresh,
}

impl DueClass {
    /// All of them, in the order in which they are dialled.
    pub const ALL: [Self; 2] = [Self::Retry, Self::Fresh];

    /// Its name in keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Fresh => "fresh",
        }
    }
}

impl LeadState {
    /// The name that clients see.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::RetryScheduled { .. } => "retry_scheduled",
            Self::InProgress { .. } => "in_progress",
            Self::Completed => "completed",
            Self::Exhausted => "exhausted",
            Self::Skipped { .. } => "skipped",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing more will be done.
    pub const fn is_settled(&self) -> bool {
        match self {
            Self::Completed | Self::Exhausted | Self::Skipped { .. } | Self::Failed => true,
            Self::Pending | Self::RetryScheduled { .. } | Self::InProgress { .. } => false,
        }
    }
}

impl Lead {
    /// A new lead, due at once.
    pub fn new(
        id: LeadId,
        draft: LeadDraft,
        order: FileOrder,
        origin: Option<Origin>,
        now: Timestamp,
    ) -> Self {
        let (zone, zone_source) = Zone::of(draft.timezone, &draft.primary);
        let mut numbers = vec![draft.primary];
        numbers.extend(draft.others);
        Self {
            id,
            version: 1,
            profile: Profile {
                name: draft.name,
                email: draft.email,
                company: draft.company,
                timezone: draft.timezone,
                tags: draft.tags,
                variables: draft.variables,
            },
            numbers,
            zone,
            zone_source,
            state: LeadState::Pending,
            attempts: 0,
            taken_back: 0,
            last: None,
            order,
            origin,
            created_at: now,
            updated_at: now,
        }
    }

    /// The class in which the lead waits and when it falls due; none if it does not wait.
    pub const fn due(&self) -> Option<(DueClass, Timestamp)> {
        match &self.state {
            LeadState::Pending => Some((DueClass::Fresh, self.order.at)),
            LeadState::RetryScheduled { due_at } => Some((DueClass::Retry, *due_at)),
            LeadState::InProgress { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Skipped { .. }
            | LeadState::Failed => None,
        }
    }

    /// Whether the lead waits for a call that may be made now.
    pub fn is_due(&self, now: Timestamp) -> bool {
        match &self.state {
            LeadState::Pending => true,
            LeadState::RetryScheduled { due_at } => *due_at <= now,
            LeadState::InProgress { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Skipped { .. }
            | LeadState::Failed => false,
        }
    }

    /// The number that the next attempt dials: in order and round again.
    pub fn next_number(&self) -> &E164 {
        let turn = usize::try_from(self.attempts).unwrap_or_default() % self.numbers.len().max(1);
        &self.numbers[turn]
    }

    /// The lead once the dial of `attempt` is committed.
    pub fn dialled(&self, attempt: &AttemptId, now: Timestamp) -> Self {
        Self {
            version: self.version + 1,
            attempts: self.attempts + 1,
            state: LeadState::InProgress { attempt: attempt.clone(), before: Box::new(self.state.clone()) },
            last: Some(LastAttempt { attempt: attempt.clone(), dialled_at: now, outcome: None }),
            updated_at: now,
            ..self.clone()
        }
    }

    /// The lead after its attempt ended so; `before` is what it came from.
    ///
    /// A settled lead that was called by hand and missed goes back to where it stood.
    pub fn ended(&self, before: &LeadState, outcome: Outcome, next: Next, now: Timestamp) -> Self {
        let state = match next {
            Next::Completed => LeadState::Completed,
            Next::Retry { .. } | Next::Exhausted | Next::Failed if before.is_settled() => before.clone(),
            Next::Retry { due_at, .. } => LeadState::RetryScheduled { due_at },
            Next::Exhausted => LeadState::Exhausted,
            Next::Failed => LeadState::Failed,
        };
        let uncounted = u32::from(matches!(next, Next::Retry { counted: false, .. }));
        let last = self.last.clone().map(|last| LastAttempt { outcome: Some(outcome), ..last });
        Self {
            version: self.version + 1,
            attempts: self.attempts.saturating_sub(uncounted),
            taken_back: self.taken_back + uncounted,
            state,
            last,
            updated_at: now,
            ..self.clone()
        }
    }

    /// The lead after its attempt turned out never to have been made.
    pub fn congested(&self, before: &LeadState, due_at: Timestamp, now: Timestamp) -> Self {
        let state = match before {
            settled if settled.is_settled() => settled.clone(),
            // Called by hand before its time.
            LeadState::RetryScheduled { due_at: later } if *later > due_at => before.clone(),
            _ => LeadState::RetryScheduled { due_at },
        };
        Self {
            version: self.version + 1,
            attempts: self.attempts.saturating_sub(1),
            state,
            updated_at: now,
            ..self.clone()
        }
    }

    /// The lead settled as one that must not be called.
    pub fn skipped(&self, reason: SkipReason, now: Timestamp) -> Self {
        Self {
            version: self.version + 1,
            state: LeadState::Skipped { reason },
            updated_at: now,
            ..self.clone()
        }
    }

    /// The lead once a late report showed that its last attempt reached the person.
    pub fn reached_after_all(&self, outcome: Outcome, now: Timestamp) -> Self {
        let last = self.last.clone().map(|last| LastAttempt { outcome: Some(outcome), ..last });
        Self { version: self.version + 1, state: LeadState::Completed, last, updated_at: now, ..self.clone() }
    }
}
