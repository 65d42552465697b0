//! What keeps a lead, or a whole campaign, from being called, with what it is made of.

use chrono_tz::Tz;

use super::{Lasts, Use};
use crate::base::ids::{CampaignId, LeadId};
use crate::base::numbering::NumberClass;
use crate::base::phone::E164;
use crate::base::reason::ReasonCode;
use crate::base::time::Timestamp;
use crate::policy::caller_pool::NoCaller;
use crate::policy::caps::{CapSource, Capped};
use crate::policy::do_not_call::ListName;
use crate::policy::hours::Closed;
use crate::records::campaign::PauseReason;
use crate::records::credits::LowCredits;
use crate::records::lead::LeadState;
use crate::records::text_fault::TextFault;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    NotRunning(NotRunning),
    /// As many campaigns run as may.
    RunningLimit {
        start_at: Timestamp,
        running: usize,
        limit: u32,
    },
    LowCredits {
        credits: LowCredits,
        /// When it was to start, if they keep it from that.
        start_at: Option<Timestamp>,
    },
    PeriodNotBegun(Timestamp),
    /// The campaign's days are over, or will be before the call can be made.
    PeriodOver,
    NoLeads,
    AllSettled {
        leads: i64,
    },
    NobodyDue {
        /// When the first is, as far as it is known.
        next_due_at: Option<Timestamp>,
    },
    /// All zones in which leads of the campaign wait.
    ZonesClosed {
        /// When the first of them opens.
        opens_at: Option<Timestamp>,
    },
    Settled {
        state: LeadState,
        /// What could not be said, if it failed for that.
        fault: Option<TextFault>,
        /// When a run of the campaign takes the lead again.
        taken_again_at: Option<Timestamp>,
    },
    /// Somebody has the lead rest.
    Suspended,
    InProgress,
    /// Its own call is about to be placed.
    Claimed {
        attempt: Attempt,
        dial_at: Timestamp,
        until: Timestamp,
    },
    /// The person is in another call, or about to be.
    PersonBusy(Attempt),
    NotDue {
        due_at: Timestamp,
        why: NotDue,
        /// The places whose clocks the person may have.
        places: Vec<Tz>,
    },
    AttemptsUsedUp {
        attempts: u32,
    },
    NoConsent,
    NumberClass {
        class: NumberClass,
        number: E164,
    },
    DoNotCall {
        list: ListName,
        /// The number that it holds.
        number: Option<E164>,
    },
    Capped(Capped),
    OutsideHours {
        closing: Closing,
        /// The places whose clocks count.
        places: Vec<Tz>,
        opens_at: Timestamp,
    },
    /// No allowed moment is in sight: with several places mostly a number that may be anywhere in a wide
    /// country.
    NeverOpen {
        closing: Closing,
        places: Vec<Tz>,
        /// Whether the rules alone leave a moment.
        is_lawful: bool,
    },
    /// None was found up to this moment.
    NotInSight(Timestamp),
    WorkspaceFull {
        slots: Use,
        /// How many of them the campaign holds.
        own: usize,
    },
    CampaignFull {
        slots: Use,
        /// What it may hold once it has ramped up.
        at_most: u32,
    },
    CampaignRate {
        until: Timestamp,
        per_minute: Option<u32>,
    },
    CampaignBreaker {
        /// When a call is made to try; none while one is.
        until: Option<Timestamp>,
    },
    NoCaller(NoCaller),
}

/// How a campaign stands that does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRunning {
    Draft,
    StartsAt(Timestamp),
    /// It was to start then, and does at any moment.
    Starting(Timestamp),
    /// Whether anybody is left to call.
    BeingChecked,
    Paused(PauseReason),
    Completed,
    Cancelled,
}

/// The attempt that is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub number: E164,
    pub lead: LeadId,
    pub campaign: CampaignId,
    pub campaign_name: Option<String>,
}

/// What a lead waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDue {
    Cap(CapSource),
    Hours,
    Callback,
    Retry,
    Turn,
}

/// What keeps the hours closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    By(Closed),
    AboutToEnd,
    /// Not every clock agrees yet that they have begun.
    JustBegun,
}

impl Cause {
    pub fn code(&self) -> ReasonCode {
        match self {
            Self::NotRunning(_) => ReasonCode::CampaignNotRunning,
            Self::RunningLimit { .. } => ReasonCode::RunningLimit,
            Self::LowCredits { .. } => ReasonCode::LowCredits,
            Self::PeriodNotBegun(_) => ReasonCode::PeriodNotBegun,
            Self::PeriodOver => ReasonCode::PeriodOver,
            Self::NoLeads => ReasonCode::NoLeads,
            Self::AllSettled { .. } => ReasonCode::AllSettled,
            Self::NobodyDue { .. } => ReasonCode::NobodyDue,
            Self::ZonesClosed { opens_at: Some(_) } | Self::OutsideHours { .. } => ReasonCode::OutsideHours,
            Self::NeverOpen { places, .. } if places.len() > 1 => ReasonCode::NoCommonHour,
            Self::ZonesClosed { opens_at: None } | Self::NeverOpen { .. } => ReasonCode::NeverOpen,
            Self::Settled { .. } => ReasonCode::Settled,
            Self::Suspended => ReasonCode::Suspended,
            Self::InProgress => ReasonCode::InProgress,
            Self::Claimed { .. } => ReasonCode::Claimed,
            Self::PersonBusy(_) => ReasonCode::PersonBusy,
            Self::NotDue { .. } => ReasonCode::NotDue,
            Self::AttemptsUsedUp { .. } => ReasonCode::AttemptsUsedUp,
            Self::NoConsent => ReasonCode::NoConsent,
            Self::NumberClass { .. } => ReasonCode::NumberClass,
            Self::DoNotCall { .. } => ReasonCode::DoNotCall,
            Self::Capped(_) => ReasonCode::Capped,
            Self::NotInSight(_) => ReasonCode::NotInSight,
            Self::WorkspaceFull { .. } => ReasonCode::WorkspaceFull,
            Self::CampaignFull { .. } => ReasonCode::CampaignFull,
            Self::CampaignRate { .. } => ReasonCode::CampaignRate,
            Self::CampaignBreaker { .. } => ReasonCode::CampaignBreaker,
            Self::NoCaller(no_caller) => no_caller.code(),
        }
    }

    pub fn lasts(&self) -> Lasts {
        match self {
            Self::NotRunning(NotRunning::StartsAt(at))
            | Self::PeriodNotBegun(at)
            | Self::Claimed { until: at, .. }
            | Self::NotDue { due_at: at, .. }
            | Self::OutsideHours { opens_at: at, .. }
            | Self::CampaignRate { until: at, .. } => Lasts::Until(*at),
            Self::Capped(capped) => Lasts::Until(capped.until),
            Self::NotRunning(NotRunning::Starting(_) | NotRunning::BeingChecked)
            | Self::RunningLimit { .. }
            | Self::InProgress
            | Self::PersonBusy(_)
            | Self::WorkspaceFull { .. }
            | Self::CampaignFull { .. } => Lasts::UntilFree,
            Self::NotRunning(
                NotRunning::Draft | NotRunning::Paused(_) | NotRunning::Completed | NotRunning::Cancelled,
            )
            | Self::LowCredits { .. }
            | Self::PeriodOver
            | Self::NoLeads
            | Self::AllSettled { .. }
            | Self::Suspended
            | Self::AttemptsUsedUp { .. }
            | Self::NoConsent
            | Self::NumberClass { .. }
            | Self::DoNotCall { .. }
            | Self::NeverOpen { .. }
            | Self::NotInSight(_)
            | Self::NoCaller(NoCaller::None) => Lasts::UntilChanged,
            Self::ZonesClosed { opens_at: at } | Self::Settled { taken_again_at: at, .. } => {
                at.map_or(Lasts::UntilChanged, Lasts::Until)
            }
            Self::NobodyDue { next_due_at: at } | Self::CampaignBreaker { until: at } => {
                at.map_or(Lasts::UntilFree, Lasts::Until)
            }
            Self::NoCaller(no_caller) => no_caller.until().map_or(Lasts::UntilFree, Lasts::Until),
        }
    }
}
