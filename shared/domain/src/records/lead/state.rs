//! Where a lead stands, and in which class it waits.

use serde::{Deserialize, Serialize};

use crate::base::channel::Channel;
use crate::base::ids::AttemptId;
use crate::base::time::Timestamp;
use crate::policy::cadence::Cadence;
use crate::policy::do_not_call::ListName;

/// Why a lead was skipped: the person does not want to be called or is on a list, what they asked for is
/// unclear, the campaign's period ended first, no consent was known, or its number is of a class that is not
/// called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// The person does not want to be called.
    DoNotCall,
    /// The person asked for something that we can't read, or to be called back when the campaign can't do it: a
    /// number of theirs is on `unclear_wishes` until somebody has settled what they want.
    UnclearWish,
    /// The campaign's period is over, or would be before they may be called again.
    PeriodOver,
    /// The campaign calls nobody without consent, and there is none.
    NoConsent,
    /// Its number is of a class, such as premium rate, that the workspace does not allow.
    NumberClass,
}

/// Why a lead failed: what is to be said can't be made of its values (`template`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailReason {
    Template,
}

/// Where a lead stands, as clients see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LeadStatus {
    Pending,
    InProgress,
    RetryScheduled,
    CallbackScheduled,
    /// Somebody has it rest: nobody dials it, and its campaign does not wait for it.
    Suspended,
    Completed,
    Exhausted,
    Skipped,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum LeadState {
    /// Not called yet in this run; due at once.
    Pending,
    /// Missed, or at a new step; due later.
    RetryScheduled {
        due_at: Timestamp,
    },
    CallbackScheduled {
        /// The moment that was asked for.
        due_at: Timestamp,
    },
    InProgress {
        attempt: AttemptId,
        /// What the lead goes back to if the attempt is taken back.
        before: Box<LeadState>,
    },
    /// Rests until somebody has it go on.
    Suspended {
        /// Where it goes on: it waits there.
        before: Box<LeadState>,
    },
    Completed,
    Exhausted,
    Skipped {
        reason: SkipReason,
    },
    Failed,
}

/// What leads wait for, in the order in which they are dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DueClass {
    /// Came one by one and is to be called at once.
    FirstSubmission,
    /// Wants to be called back.
    Callback,
    /// Missed before, or at a later step, and due again.
    Retry,
    Fresh,
    /// The same as retries, and to be texted: a text takes no slot, so that it waits behind no call.
    Text,
}

impl DueClass {
    /// All of them, in the order in which they are dialled.
    pub const ALL: [Self; 5] = [Self::FirstSubmission, Self::Callback, Self::Retry, Self::Fresh, Self::Text];

    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstSubmission => "first",
            Self::Callback => "callback",
            Self::Retry => "retry",
            Self::Fresh => "fresh",
            Self::Text => "text",
        }
    }

    /// Whether its leads wait by zone. Those of the others are few: they wait in one place, and one
    /// that may not be called yet is put off until it may.
    pub const fn is_by_zone(self) -> bool {
        match self {
            Self::FirstSubmission | Self::Callback => false,
            Self::Retry | Self::Fresh | Self::Text => true,
        }
    }

    /// How its leads are reached in a campaign of this cadence.
    pub fn channel(self, cadence: &Cadence) -> Channel {
        match self {
            Self::FirstSubmission | Self::Fresh => cadence.channel(0),
            Self::Callback | Self::Retry => Channel::Call,
            Self::Text => Channel::Sms,
        }
    }

    /// The classes in which leads of a campaign may wait, in the order in which they are dialled.
    pub fn of(cadence: &Cadence) -> impl Iterator<Item = Self> + use<> {
        let has_texts = cadence.uses(Channel::Sms);
        Self::ALL.into_iter().filter(move |class| *class != Self::Text || has_texts)
    }

    /// The partitions of a campaign's due index, in the order in which they are dialled.
    pub fn partitions<Z: Clone>(cadence: &Cadence, zones: &[Z]) -> impl Iterator<Item = (Self, Option<Z>)> {
        Self::of(cadence).flat_map(move |class| {
            let by_zone = if class.is_by_zone() { zones } else { &[] };
            let in_one = (!class.is_by_zone()).then_some((class, None));
            in_one.into_iter().chain(by_zone.iter().cloned().map(move |zone| (class, Some(zone))))
        })
    }
}

impl LeadStatus {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::RetryScheduled => "retry_scheduled",
            Self::CallbackScheduled => "callback_scheduled",
            Self::Suspended => "suspended",
            Self::Completed => "completed",
            Self::Exhausted => "exhausted",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

impl SkipReason {
    /// Why whoever is on this list is not called.
    pub fn of_list(list: &ListName) -> Self {
        if list.is_of_unclear_wishes() { Self::UnclearWish } else { Self::DoNotCall }
    }
}

impl LeadState {
    /// What clients see of it.
    pub const fn status(&self) -> LeadStatus {
        match self {
            Self::Pending => LeadStatus::Pending,
            Self::RetryScheduled { .. } => LeadStatus::RetryScheduled,
            Self::CallbackScheduled { .. } => LeadStatus::CallbackScheduled,
            Self::InProgress { .. } => LeadStatus::InProgress,
            Self::Suspended { .. } => LeadStatus::Suspended,
            Self::Completed => LeadStatus::Completed,
            Self::Exhausted => LeadStatus::Exhausted,
            Self::Skipped { .. } => LeadStatus::Skipped,
            Self::Failed => LeadStatus::Failed,
        }
    }

    /// The name that clients see.
    pub const fn name(&self) -> &'static str {
        self.status().name()
    }

    /// Whether nothing more will be done.
    pub const fn is_settled(&self) -> bool {
        match self {
            Self::Completed | Self::Exhausted | Self::Skipped { .. } | Self::Failed => true,
            Self::Pending
            | Self::RetryScheduled { .. }
            | Self::CallbackScheduled { .. }
            | Self::InProgress { .. }
            | Self::Suspended { .. } => false,
        }
    }

    /// Whether the lead waits for a call.
    pub const fn is_waiting(&self) -> bool {
        match self {
            Self::Pending | Self::RetryScheduled { .. } | Self::CallbackScheduled { .. } => true,
            Self::InProgress { .. }
            | Self::Suspended { .. }
            | Self::Completed
            | Self::Exhausted
            | Self::Skipped { .. }
            | Self::Failed => false,
        }
    }

    /// Where the lead stands but for a call that is up: what it goes back to if that comes to nothing.
    pub fn standing(&self) -> &Self {
        match self {
            Self::InProgress { before, .. } => before,
            Self::Pending
            | Self::RetryScheduled { .. }
            | Self::CallbackScheduled { .. }
            | Self::Suspended { .. }
            | Self::Completed
            | Self::Exhausted
            | Self::Skipped { .. }
            | Self::Failed => self,
        }
    }

    /// What a suspension holds back, if this is one.
    pub fn suspended(&self) -> Option<&Self> {
        match self {
            Self::Suspended { before } => Some(before),
            _ => None,
        }
    }

    /// The state that comes after this one: a suspension outlasts all but what settles the lead.
    pub(super) fn then(&self, next: Self) -> Self {
        match self {
            Self::Suspended { .. } if next.is_waiting() => Self::Suspended { before: Box::new(next) },
            _ => next,
        }
    }

    /// Whether the lead rests until a person has settled what was asked for.
    pub const fn is_at_rest(&self) -> bool {
        matches!(self, Self::Skipped { reason: SkipReason::UnclearWish })
    }
}
