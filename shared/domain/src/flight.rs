//! Flights: attempts that hold a slot.
//!
//! One flight per workspace and dialled number. It is the slot, the fence (its attempt id)
//! and the lease, all in one; what is in flight is the set of these, never a counter.

use serde::{Deserialize, Serialize};

use crate::call::Line;
use crate::ids::{AssistantId, AttemptId, CallerNumberId, CampaignId, LeadId};
use crate::phone::E164;
use crate::time::{MINUTE_MS, SECOND_MS, Timestamp};

mod request;
#[cfg(test)]
mod tests;

pub use request::CallRequest;

/// How long a flight may be silent before the provider is asked, in milliseconds.
pub const LEASE_MS: i64 = 2 * MINUTE_MS;
/// How long a claim that nobody dialled may hold its slot beyond its window, in milliseconds. Most
/// are dialled: a plan for each window's end would be one plan a call.
const CLAIM_LINGERS_MS: i64 = 10 * SECOND_MS;
/// How old a dial may grow before it is given up as unheard of, in milliseconds: longest
/// ringing, longest conversation and ten minutes.
pub const MAX_AGE_MS: i64 = 75 * MINUTE_MS;
/// How long a call that came in may keep its person busy without word of its end, in milliseconds.
pub const INBOUND_MAX_AGE_MS: i64 = 60 * MINUTE_MS;
/// How long after its dial a call that the provider does not know may still turn up, in
/// milliseconds: function time-out (120 s), the provider's listing lag and clock skew.
pub const LISTING_LAG_MS: i64 = 5 * MINUTE_MS;
/// A call starts this soon after its dial was committed, or not at all; in milliseconds.
pub const START_WITHIN_MS: i64 = 5 * SECOND_MS;
/// How long a dial may be on its way to the provider, in milliseconds.
pub const MAX_WAY_MS: i64 = SECOND_MS / 2;

/// An attempt that holds a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// The number that is dialled.
    pub number: E164,
    /// The attempt; whoever speaks of another one is stale.
    pub attempt: AttemptId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The lead.
    pub lead: LeadId,
    /// The assistant that talks.
    pub assistant: AssistantId,
    /// The number that it is dialled from.
    pub caller_number: CallerNumberId,
    /// Whether somebody chose that number for this call: no other will do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_caller_chosen: bool,
    /// How that number reaches the network.
    pub line: Line,
    /// What made it due.
    pub cause: DialCause,
    /// Every number of the person: none of them is dialled meanwhile.
    pub person: Vec<E164>,
    /// What the caller asked for, on a call by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Whether what it costs is booked to the workspace's credits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_charged: bool,
    /// When the planner chose it.
    pub claimed_at: Timestamp,
    /// How far it is.
    pub state: FlightState,
}

/// What made an attempt due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialCause {
    /// Somebody asked for this call.
    Manual,
    /// The person came one by one and is called at once.
    FirstSubmission,
    /// The person asked to be called back.
    Callback,
    /// A retry.
    Retry,
    /// The first attempt of the campaign.
    Fresh,
    /// The person called us; takes none of our slots.
    Inbound,
}

/// How far a flight is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum FlightState {
    /// Chosen by a plan; may be dialled between these two moments.
    Claimed {
        /// Not before.
        slot_at: Timestamp,
        /// Not after.
        until: Timestamp,
    },
    /// The dial is committed: the call may exist.
    Dialling {
        /// When.
        dialled_at: Timestamp,
        /// Which run of the dialer committed it, to tell its own lost reply from another's win.
        by: String,
        /// The call starts until then, or not at all: soon after its dial and inside its slot.
        start_by: Timestamp,
        /// The provider is asked if nothing is heard until then.
        lease_until: Timestamp,
    },
}

/// What can happen to a flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlightEvent {
    /// A dialer asks for it.
    Dial {
        /// Which run of the dialer.
        by: String,
    },
    /// Somebody forbids the dial: pause, cancel, edit, opt-out.
    Revoke,
    /// Time went by.
    Clock,
    /// The attempt is over, as the provider says.
    Ended,
    /// The provider says that the call is still up.
    StillUp,
    /// The provider has never heard of it.
    NotFound,
}

/// What follows for a flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlightNext {
    /// It stays as it is.
    Stay,
    /// It moves on.
    Become(FlightState),
    /// It moves on, and the provider is to be asked.
    Ask(FlightState),
    /// It is gone; the lead was never touched and is still due.
    Release,
    /// It is gone with its attempt's result.
    End,
    /// It is gone, nobody knows what happened: the attempt is spent.
    GiveUp,
}

/// A flight does not take the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FlightRefusal {
    /// Its slot has not come.
    #[error("the slot has not come yet")]
    TooEarly,
    /// Its slot is over.
    #[error("the slot is over")]
    TooLate,
    /// The dial is committed already.
    #[error("the call is placed already")]
    AlreadyDialled,
    /// Nothing was dialled yet.
    #[error("nothing was dialled yet")]
    NotDialled,
}

impl Flight {
    /// What the event makes of the flight, now.
    ///
    /// # Errors
    /// [`FlightRefusal`] says why the event does not fit.
    pub fn on(&self, event: &FlightEvent, now: Timestamp) -> Result<FlightNext, FlightRefusal> {
        use FlightEvent as E;
        match (&self.state, event) {
            (FlightState::Claimed { slot_at, .. }, E::Dial { .. }) if now < *slot_at => {
                Err(FlightRefusal::TooEarly)
            }
            (FlightState::Claimed { until, .. }, E::Dial { .. }) if now > *until => {
                Err(FlightRefusal::TooLate)
            }
            (FlightState::Claimed { until, .. }, E::Dial { by }) => {
                Ok(FlightNext::Become(FlightState::Dialling {
                    dialled_at: now,
                    by: by.clone(),
                    start_by: now.plus_ms(START_WITHIN_MS).min(*until),
                    lease_until: now.plus_ms(LEASE_MS),
                }))
            }
            (FlightState::Claimed { .. }, E::Revoke) => Ok(FlightNext::Release),
            (FlightState::Claimed { until, .. }, E::Clock) if now > *until => Ok(FlightNext::Release),
            (FlightState::Claimed { .. }, E::Clock) => Ok(FlightNext::Stay),
            (FlightState::Claimed { .. }, E::Ended | E::StillUp | E::NotFound) => {
                Err(FlightRefusal::NotDialled)
            }
            (FlightState::Dialling { .. }, E::Dial { .. } | E::Revoke) => Err(FlightRefusal::AlreadyDialled),
            (FlightState::Dialling { .. }, E::Ended) => Ok(FlightNext::End),
            (FlightState::Dialling { dialled_at, lease_until, .. }, E::Clock)
                if now > *lease_until && now.since_ms(*dialled_at) > self.max_age_ms() =>
            {
                Ok(FlightNext::GiveUp)
            }
            (FlightState::Dialling { lease_until, .. }, E::Clock) if now > *lease_until => {
                Ok(FlightNext::Ask(self.renewed(now)))
            }
            (FlightState::Dialling { .. }, E::Clock) => Ok(FlightNext::Stay),
            (FlightState::Dialling { dialled_at, .. }, E::StillUp)
                if now.since_ms(*dialled_at) > self.max_age_ms() =>
            {
                Ok(FlightNext::GiveUp)
            }
            (FlightState::Dialling { .. }, E::StillUp) => Ok(FlightNext::Become(self.renewed(now))),
            // It was the person who called: the provider may know the call without our id of it.
            (FlightState::Dialling { .. }, E::NotFound) if !self.holds_slot() => Ok(FlightNext::Stay),
            (FlightState::Dialling { dialled_at, .. }, E::NotFound)
                if now.since_ms(*dialled_at) > LISTING_LAG_MS =>
            {
                Ok(FlightNext::GiveUp)
            }
            (FlightState::Dialling { .. }, E::NotFound) => Ok(FlightNext::Stay),
        }
    }

    /// Whether it holds one of our slots.
    pub const fn holds_slot(&self) -> bool {
        !matches!(self.cause, DialCause::Inbound)
    }

    /// How old it may grow before it is given up, in milliseconds.
    const fn max_age_ms(&self) -> i64 {
        if self.holds_slot() { MAX_AGE_MS } else { INBOUND_MAX_AGE_MS }
    }

    /// When the dial was committed, if it was.
    pub const fn dialled_at(&self) -> Option<Timestamp> {
        match &self.state {
            FlightState::Claimed { .. } => None,
            FlightState::Dialling { dialled_at, .. } => Some(*dialled_at),
        }
    }

    /// Whether it is too late to place the call of a committed dial.
    pub fn is_too_late(&self, now: Timestamp) -> bool {
        match &self.state {
            FlightState::Claimed { .. } => false,
            FlightState::Dialling { start_by, .. } => now > *start_by,
        }
    }

    /// The request that the flight fulfils, on a call by hand.
    pub fn request(&self) -> Option<CallRequest> {
        match self.cause {
            DialCause::Manual => Some(CallRequest {
                attempt: self.attempt.clone(),
                lead: self.lead.clone(),
                person: self.person.clone(),
                caller_number: self.is_caller_chosen.then(|| self.caller_number.clone()),
                instructions: self.instructions.clone(),
                requested_at: self.attempt.made_at(),
            }),
            DialCause::FirstSubmission
            | DialCause::Callback
            | DialCause::Retry
            | DialCause::Fresh
            | DialCause::Inbound => None,
        }
    }

    /// The same state with a new lease.
    fn renewed(&self, now: Timestamp) -> FlightState {
        let mut renewed = self.state.clone();
        if let FlightState::Dialling { lease_until, .. } = &mut renewed {
            *lease_until = now.plus_ms(LEASE_MS);
        }
        renewed
    }

    /// The next moment at which the planner has to look at the flight if nobody calls it before.
    pub const fn look_at(&self) -> Timestamp {
        match &self.state {
            FlightState::Claimed { until, .. } => until.plus_ms(CLAIM_LINGERS_MS),
            FlightState::Dialling { lease_until, .. } => lease_until.plus_ms(1),
        }
    }
}
