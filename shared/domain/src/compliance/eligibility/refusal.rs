//! Why a person may not be called.

use crate::base::reason::ReasonCode;
use crate::base::time::Timestamp;
use crate::policy::caps::Capped;
use crate::policy::do_not_call::ListName;
use crate::policy::hours::Closed;

/// Why a person may not be called now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The campaign does not run.
    #[error("the campaign is {0}")]
    CampaignNotRunning(&'static str),
    /// The campaign's days have not begun.
    #[error("the campaign's period begins {0}")]
    PeriodNotBegun(Timestamp),
    /// The campaign's days are over, or would be before the call could be made.
    #[error("the campaign's period is over")]
    PeriodOver,
    /// Nothing more is done for the lead.
    #[error("the lead is {0}")]
    Settled(&'static str),
    /// A call with the person is up.
    #[error("a call is in progress")]
    InProgress,
    /// It is not the lead's turn yet.
    #[error("the lead is not due before {0}")]
    NotDue(Timestamp),
    #[error("no attempts are left")]
    AttemptsUsedUp,
    /// The campaign calls nobody without consent.
    #[error("the campaign needs consent, and none is known")]
    NoConsent,
    /// A number of the person's is on a do-not-call list.
    #[error("the person is on the list {0}")]
    DoNotCall(ListName),
    /// The person was called often enough.
    #[error("the person was called often enough; the next call is allowed {}", .0.until)]
    Capped(Capped),
    /// No call is allowed where the person is.
    #[error("calls are not allowed there now{}; {}",
        .closed.as_ref().map(|closed| format!(": {closed}")).unwrap_or_default(),
        .opens_at.map_or_else(
            || "no allowed moment is in sight".to_owned(),
            |at| format!("the next allowed moment is {at}")))]
    OutsideHours {
        /// When the next one is.
        opens_at: Option<Timestamp>,
        closed: Option<Closed>,
    },
}

impl Refusal {
    pub const fn code(&self) -> ReasonCode {
        match self {
            Self::CampaignNotRunning(_) => ReasonCode::CampaignNotRunning,
            Self::PeriodNotBegun(_) => ReasonCode::PeriodNotBegun,
            Self::PeriodOver => ReasonCode::PeriodOver,
            Self::Settled(_) => ReasonCode::Settled,
            Self::InProgress => ReasonCode::InProgress,
            Self::NotDue(_) => ReasonCode::NotDue,
            Self::AttemptsUsedUp => ReasonCode::AttemptsUsedUp,
            Self::NoConsent => ReasonCode::NoConsent,
            Self::DoNotCall(_) => ReasonCode::DoNotCall,
            Self::Capped(_) => ReasonCode::Capped,
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
            | Self::InProgress
            | Self::AttemptsUsedUp
            | Self::NoConsent
            | Self::DoNotCall(_) => None,
        }
    }
}
