//! Active attempts: attempts that hold a slot.
//!
//! One active attempt per workspace and dialled number. It is the slot, the fence (its attempt id)
//! and the lease, all in one; what is in flight is the set of these, never a counter.

use serde::{Deserialize, Serialize};

use crate::base::call::{Line, VoiceProvider};
use crate::base::channel::Channel;
use crate::base::ids::{AssistantId, AttemptId, CallerNumberId, CampaignId, LeadId};
use crate::base::is_default::is_default;
use crate::base::phone::E164;
use crate::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use crate::base::timing::START_WITHIN_MS;
use crate::bug::{Switch, planted};

mod call_request;
#[cfg(test)]
mod tests;

pub use call_request::{CallRequest, MAX_WAIT_MS};

/// How long a call may be silent before the provider is asked, in milliseconds.
pub const LEASE_MS: i64 = 2 * MINUTE_MS;
/// How long a claim that nobody dialled may hold its slot beyond its window, in milliseconds. Most
/// are dialled: a plan for each window's end would be one plan a call.
const CLAIM_LINGERS_MS: i64 = 10 * SECOND_MS;
/// How old a dial may grow before it is given up as unheard of, in milliseconds: longest
/// ringing, longest conversation and ten minutes.
pub const MAX_AGE_MS: i64 = 75 * MINUTE_MS;
/// How long the receipt of a text is waited for, in milliseconds: nobody else is called or texted under the
/// person's numbers meanwhile.
pub const RECEIPT_WITHIN_MS: i64 = 10 * MINUTE_MS;
/// How long a provider may try to send a text, in seconds: less than we wait for its receipt, so that none leaves after
/// that.
pub const VALIDITY_SECS: i32 = (RECEIPT_WITHIN_MS * 4 / 5 / SECOND_MS) as i32;
/// How long a text may be silent before the provider is asked, in milliseconds: half way, and at the end. Most carriers tell
/// within seconds, some never, and nobody waits for it as for the end of a call.
const MESSAGE_LEASE_MS: i64 = RECEIPT_WITHIN_MS / 2;
/// How long a call that came in may keep its person busy without word of its end, in milliseconds.
pub const INBOUND_MAX_AGE_MS: i64 = 60 * MINUTE_MS;
/// How long after its dial a call that the provider does not know may still turn up, in
/// milliseconds: function time-out (120 s), the provider's listing lag and clock skew.
pub const LISTING_LAG_MS: i64 = 5 * MINUTE_MS;

/// An attempt that holds a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveAttempt {
    /// The number that is dialled.
    pub number: E164,
    /// The attempt; whoever speaks of another one is stale.
    pub attempt: AttemptId,
    pub campaign: CampaignId,
    pub lead: LeadId,
    pub assistant: AssistantId,
    /// The number that it is dialled from.
    pub caller_number: CallerNumberId,
    /// Whether somebody chose that number for this call: no other will do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_caller_chosen: bool,
    /// Who places the call, and can be asked about it.
    #[serde(default)]
    pub provider: VoiceProvider,
    /// How that number reaches the network.
    pub line: Line,
    #[serde(default, skip_serializing_if = "is_default")]
    pub channel: Channel,
    pub cause: DialCause,
    /// Whether its lead is one for testing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_test: bool,
    /// Every number of the person: none of them is dialled meanwhile.
    pub person: Vec<E164>,
    /// What the caller asked for, on a call by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// What it costs where the provider does not say, by the [tariff](crate::policy::tariff) of its claim.
    #[serde(default, skip_serializing_if = "is_default")]
    pub price_micros: u64,
    /// When the planner chose it.
    pub claimed_at: Timestamp,
    pub state: ActiveAttemptState,
}

/// What made an attempt due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DialCause {
    /// Somebody asked for this call.
    Manual,
    /// The person came one by one and is called at once.
    FirstSubmission,
    /// The person asked to be called back.
    Callback,
    Retry,
    /// The first attempt of the campaign.
    Fresh,
    /// The person called us; takes none of our slots.
    Inbound,
}

/// How far an active attempt is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum ActiveAttemptState {
    /// Chosen by a plan; may be dialled between these two moments.
    Claimed { dial_at: Timestamp, until: Timestamp },
    /// The dial is committed: the call may exist.
    Dialling {
        dialled_at: Timestamp,
        /// Which run of the dialer committed it, to tell its own lost reply from another's win.
        by: String,
        /// The call starts until then, or not at all: soon after its dial and inside its slot.
        start_by: Timestamp,
        /// The provider is asked if nothing is heard until then.
        lease_until: Timestamp,
    },
}

/// What can happen to an active attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActiveAttemptEvent {
    /// A dialer asks for it.
    Dial {
        /// Which run of the dialer.
        by: String,
    },
    /// Somebody forbids the dial: pause, cancel, edit, opt-out.
    Revoke,
    Clock,
    /// The attempt is over, as the provider says.
    Ended,
    /// The provider says that the call is still up.
    StillUp,
    /// The provider has never heard of it.
    NotFound,
}

/// What follows for an active attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActiveAttemptNext {
    /// It stays as it is.
    Stay,
    Become(ActiveAttemptState),
    /// It moves on, and the provider is to be asked.
    Ask(ActiveAttemptState),
    /// It is gone; the lead was never touched and is still due.
    Release,
    /// It is gone with its attempt's result.
    End,
    /// It is gone, nobody knows what happened: the attempt is spent.
    GiveUp,
}

/// An active attempt does not take the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActiveAttemptRefusal {
    /// Its slot has not come.
    #[error("the slot has not come yet")]
    TooEarly,
    #[error("the slot is over")]
    TooLate,
    /// The dial is committed already.
    #[error("the call is placed already")]
    AlreadyDialled,
    #[error("nothing was dialled yet")]
    NotDialled,
}

impl ActiveAttempt {
    /// What the event makes of the active attempt, now.
    ///
    /// # Errors
    /// [`ActiveAttemptRefusal`] says why the event does not fit.
    pub fn on(
        &self,
        event: &ActiveAttemptEvent,
        now: Timestamp,
    ) -> Result<ActiveAttemptNext, ActiveAttemptRefusal> {
        use ActiveAttemptEvent as E;
        match (&self.state, event) {
            (ActiveAttemptState::Claimed { dial_at, .. }, E::Dial { .. }) if now < *dial_at => {
                Err(ActiveAttemptRefusal::TooEarly)
            }
            (ActiveAttemptState::Claimed { until, .. }, E::Dial { .. }) if now > *until => {
                Err(ActiveAttemptRefusal::TooLate)
            }
            (ActiveAttemptState::Claimed { until, .. }, E::Dial { by }) => {
                Ok(ActiveAttemptNext::Become(ActiveAttemptState::Dialling {
                    dialled_at: now,
                    by: by.clone(),
                    start_by: match planted(Switch::StartsAfterItsSlot) {
                        true => now.plus_ms(START_WITHIN_MS),
                        false => now.plus_ms(START_WITHIN_MS).min(*until),
                    },
                    lease_until: now.plus_ms(self.lease_ms()),
                }))
            }
            (ActiveAttemptState::Claimed { .. }, E::Revoke) => Ok(ActiveAttemptNext::Release),
            (ActiveAttemptState::Claimed { until, .. }, E::Clock) if now > *until => {
                Ok(ActiveAttemptNext::Release)
            }
            (ActiveAttemptState::Claimed { .. }, E::Clock) => Ok(ActiveAttemptNext::Stay),
            (ActiveAttemptState::Claimed { .. }, E::Ended | E::StillUp | E::NotFound) => {
                Err(ActiveAttemptRefusal::NotDialled)
            }
            (ActiveAttemptState::Dialling { .. }, E::Dial { .. } | E::Revoke) => {
                Err(ActiveAttemptRefusal::AlreadyDialled)
            }
            (ActiveAttemptState::Dialling { .. }, E::Ended) => Ok(ActiveAttemptNext::End),
            (ActiveAttemptState::Dialling { dialled_at, lease_until, .. }, E::Clock)
                if now > *lease_until && now.since_ms(*dialled_at) > self.unasked_ms() =>
            {
                Ok(ActiveAttemptNext::GiveUp)
            }
            (ActiveAttemptState::Dialling { lease_until, .. }, E::Clock) if now > *lease_until => {
                Ok(ActiveAttemptNext::Ask(self.renewed(now)))
            }
            (ActiveAttemptState::Dialling { .. }, E::Clock) => Ok(ActiveAttemptNext::Stay),
            (ActiveAttemptState::Dialling { dialled_at, .. }, E::StillUp)
                if now.since_ms(*dialled_at) > self.max_age_ms() =>
            {
                Ok(ActiveAttemptNext::GiveUp)
            }
            (ActiveAttemptState::Dialling { .. }, E::StillUp) => {
                Ok(ActiveAttemptNext::Become(self.renewed(now)))
            }
            // It was the person who called: the provider may know the call without our id of it.
            (ActiveAttemptState::Dialling { .. }, E::NotFound) if self.is_inbound() => {
                Ok(ActiveAttemptNext::Stay)
            }
            (ActiveAttemptState::Dialling { dialled_at, .. }, E::NotFound)
                if now.since_ms(*dialled_at) > self.listing_lag_ms() =>
            {
                Ok(ActiveAttemptNext::GiveUp)
            }
            (ActiveAttemptState::Dialling { .. }, E::NotFound) => Ok(ActiveAttemptNext::Stay),
        }
    }

    /// Whether it holds one of our slots: our own calls do.
    pub const fn holds_slot(&self) -> bool {
        matches!(self.channel, Channel::Call) && !self.is_inbound()
    }

    /// Whether the person called us.
    pub const fn is_inbound(&self) -> bool {
        matches!(self.cause, DialCause::Inbound)
    }

    /// How long it may be silent before the provider is asked, in milliseconds.
    const fn lease_ms(&self) -> i64 {
        match self.channel {
            Channel::Call => LEASE_MS,
            Channel::Sms => MESSAGE_LEASE_MS,
        }
    }

    /// How old it may grow before it is given up, in milliseconds.
    const fn max_age_ms(&self) -> i64 {
        match self.channel {
            Channel::Sms => RECEIPT_WITHIN_MS,
            Channel::Call if self.is_inbound() => INBOUND_MAX_AGE_MS,
            Channel::Call => MAX_AGE_MS,
        }
    }

    /// How long the provider may not know of it, and it exists all the same, in milliseconds. A text may wait with the
    /// provider as long as it is valid.
    const fn listing_lag_ms(&self) -> i64 {
        match self.channel {
            Channel::Call => LISTING_LAG_MS,
            Channel::Sms => RECEIPT_WITHIN_MS,
        }
    }

    /// How old it may grow while nobody can be asked, in milliseconds. Whether a text was sent is worth asking once
    /// more when its receipt is overdue; a call of that age is over.
    const fn unasked_ms(&self) -> i64 {
        match self.channel {
            Channel::Sms => 2 * RECEIPT_WITHIN_MS,
            Channel::Call => self.max_age_ms(),
        }
    }

    /// Whether it is claimed, and nothing dialled.
    pub const fn is_claimed(&self) -> bool {
        matches!(self.state, ActiveAttemptState::Claimed { .. })
    }

    /// Whether a change of its campaign takes it away: a call that somebody asked for is made in any state
    /// of the campaign, and one that is dialled ends by itself.
    pub const fn is_revoked_by_campaign(&self) -> bool {
        self.is_claimed() && !matches!(self.cause, DialCause::Manual)
    }

    /// When the dial was committed, if it was.
    pub const fn dialled_at(&self) -> Option<Timestamp> {
        match &self.state {
            ActiveAttemptState::Claimed { .. } => None,
            ActiveAttemptState::Dialling { dialled_at, .. } => Some(*dialled_at),
        }
    }

    /// Whether it is too late to place the call of a committed dial.
    pub fn is_too_late(&self, now: Timestamp) -> bool {
        match &self.state {
            ActiveAttemptState::Claimed { .. } => false,
            ActiveAttemptState::Dialling { start_by, .. } => {
                now > *start_by && !planted(Switch::StartsWhenever)
            }
        }
    }

    /// The request that the active attempt fulfils, on a call by hand.
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

    /// The same with a lease that is over sooner; none if it is over by then.
    pub fn leased_until(&self, until: Timestamp) -> Option<Self> {
        let mut sooner = self.clone();
        match &mut sooner.state {
            ActiveAttemptState::Dialling { lease_until, .. } if *lease_until > until => *lease_until = until,
            ActiveAttemptState::Dialling { .. } | ActiveAttemptState::Claimed { .. } => return None,
        }
        Some(sooner)
    }

    /// The same state with a new lease.
    fn renewed(&self, now: Timestamp) -> ActiveAttemptState {
        let mut renewed = self.state.clone();
        if let ActiveAttemptState::Dialling { lease_until, .. } = &mut renewed {
            *lease_until = now.plus_ms(self.lease_ms());
        }
        renewed
    }

    /// The next moment at which the planner has to look at the active attempt if nobody calls it before.
    pub const fn look_at(&self) -> Timestamp {
        match &self.state {
            ActiveAttemptState::Claimed { until, .. } => until.plus_ms(CLAIM_LINGERS_MS),
            ActiveAttemptState::Dialling { lease_until, .. } => lease_until.plus_ms(1),
        }
    }
}
