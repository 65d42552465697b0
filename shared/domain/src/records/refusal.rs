//! Why a person is not called: what is refused, with what it rests on.

use serde::{Deserialize, Serialize};

use crate::base::numbering::NumberClass;
use crate::base::reason::ReasonCode;
use crate::base::time::Timestamp;
use crate::policy::caps::Capped;
use crate::policy::do_not_call::ListName;
use crate::policy::hours::Closed;
use crate::records::campaign::{PauseReason, StatusName};
use crate::records::lead::LeadStatus;
use crate::records::text_fault::TextFault;

mod words;

/// Why a person may not be called now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "data", rename_all = "snake_case")]
pub enum Refusal {
    CampaignNotRunning(StatusName),
    /// The campaign's days begin then.
    PeriodNotBegun(Timestamp),
    /// The campaign's days are over, or would be before the call could be made.
    PeriodOver,
    /// Nothing more is done for the lead.
    Settled(LeadStatus),
    /// Somebody has the lead rest.
    Suspended,
    /// A call with the person is up.
    InProgress,
    /// It is not the lead's turn before this moment.
    NotDue(Timestamp),
    AttemptsUsedUp,
    /// The campaign calls nobody without consent.
    NoConsent,
    /// The number that is next is of a class that the workspace does not allow.
    NumberClass(NumberClass),
    /// A number of the person's is on a do-not-call list.
    DoNotCall(ListName),
    /// The person was called often enough.
    Capped(Capped),
    /// What is to be said can't be made of the lead's values.
    TextFails(TextFault),
    /// No call is allowed where the person is.
    OutsideHours {
        /// When the next one is.
        opens_at: Option<Timestamp>,
        closed: Option<Closed>,
    },
}

/// Why a call that was claimed or asked for is not placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialRefusal {
    SlotOver,
    /// A call that was asked for waited too long.
    NoSlotInTime,
    /// The lead, its campaign or the workspace is gone.
    LeadGone,
    /// The person's numbers are not what they were.
    NumbersChanged,
    /// The lead has come to a step that reaches the person otherwise: by a text and not a call, or the other way round.
    StepChanged,
    /// The assistant, or the number to call from, is gone, or they are of different providers.
    AssistantUnusable,
    /// The workspace has no key for the voice provider.
    NoProviderKey,
    /// The provider took no more calls.
    ProviderCongested,
    /// The person may not be called any more.
    Refused(Refusal),
}

impl Refusal {
    pub const fn code(&self) -> ReasonCode {
        match self {
            Self::CampaignNotRunning(_) => ReasonCode::CampaignNotRunning,
            Self::PeriodNotBegun(_) => ReasonCode::PeriodNotBegun,
            Self::PeriodOver => ReasonCode::PeriodOver,
            Self::Settled(_) => ReasonCode::Settled,
            Self::Suspended => ReasonCode::Suspended,
            Self::InProgress => ReasonCode::InProgress,
            Self::NotDue(_) => ReasonCode::NotDue,
            Self::AttemptsUsedUp => ReasonCode::AttemptsUsedUp,
            Self::NoConsent => ReasonCode::NoConsent,
            Self::NumberClass(_) => ReasonCode::NumberClass,
            Self::DoNotCall(_) => ReasonCode::DoNotCall,
            Self::Capped(_) => ReasonCode::Capped,
            Self::TextFails(_) => ReasonCode::TextFails,
            Self::OutsideHours { .. } => ReasonCode::OutsideHours,
        }
    }

    /// When it ends by itself, if it does.
    pub const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::PeriodNotBegun(at) | Self::NotDue(at) => Some(*at),
            Self::Capped(capped) => Some(capped.until),
            Self::OutsideHours { opens_at, .. } => *opens_at,
            Self::CampaignNotRunning(_)
            | Self::PeriodOver
            | Self::Settled(_)
            | Self::Suspended
            | Self::InProgress
            | Self::AttemptsUsedUp
            | Self::NoConsent
            | Self::NumberClass(_)
            | Self::DoNotCall(_)
            | Self::TextFails(_) => None,
        }
    }
}

impl DialRefusal {
    pub const fn code(&self) -> ReasonCode {
        match self {
            Self::SlotOver => ReasonCode::SlotOver,
            Self::NoSlotInTime => ReasonCode::NoSlotInTime,
            Self::LeadGone => ReasonCode::LeadGone,
            Self::NumbersChanged => ReasonCode::NumbersChanged,
            Self::StepChanged => ReasonCode::StepChanged,
            Self::AssistantUnusable => ReasonCode::AssistantUnusable,
            Self::NoProviderKey => ReasonCode::NoProviderKey,
            Self::ProviderCongested => ReasonCode::ProviderCongested,
            Self::Refused(refusal) => refusal.code(),
        }
    }

    pub const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Refused(refusal) => refusal.until(),
            Self::SlotOver
            | Self::NoSlotInTime
            | Self::LeadGone
            | Self::NumbersChanged
            | Self::StepChanged
            | Self::AssistantUnusable
            | Self::NoProviderKey
            | Self::ProviderCongested => None,
        }
    }

    /// Why its campaign is to be paused, if the fault is one of the settings: every lead would meet it.
    pub const fn pauses(&self) -> Option<PauseReason> {
        match self {
            Self::AssistantUnusable => Some(PauseReason::AssistantUnusable),
            Self::NoProviderKey => Some(PauseReason::NoProviderKey),
            Self::SlotOver
            | Self::NoSlotInTime
            | Self::LeadGone
            | Self::NumbersChanged
            | Self::StepChanged
            | Self::ProviderCongested
            | Self::Refused(_) => None,
        }
    }
}

impl From<Refusal> for DialRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
