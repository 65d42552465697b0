//! Which of a campaign's numbers a call is made from.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::base::channel::Channel;
use crate::base::ids::CallerNumberId;
use crate::base::numbering::{Country, country_of};
use crate::base::phone::E164;
use crate::base::reason::ReasonCode;
use crate::base::time::Timestamp;
use crate::policy::assistant::CallerNumber;
use crate::policy::circuit_breaker::Permission;
use crate::policy::rate_limit::{HORIZON_MS, LAST_CALL_MS, Lanes, RateState, RateStates, Slot};

#[cfg(test)]
mod tests;

/// The country code of the North American numbering plan; three digits of area code follow it.
const NORTH_AMERICA: &str = "1";
/// Digits of that code and an area code.
const AREA_DIGITS: usize = 4;

/// How a campaign's calls are shared out among its numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CallerSelection))]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// The number that rested longest.
    #[default]
    RoundRobin,
    /// The number that was used least on its day.
    LeastUsed,
}

/// A number of the campaign.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    pub number: &'a CallerNumber,
    /// How many calls from it are in flight or claimed, whatever their campaign.
    pub in_flight: usize,
}

/// What is known of the call.
#[derive(Debug, Clone, Copy)]
pub struct Criteria<'a> {
    pub now: Timestamp,
    pub channel: Channel,
    /// No slot before this: the campaign's own pace.
    pub not_before: Timestamp,
    pub callee: &'a E164,
    /// How the campaign shares out its calls.
    pub selection: Selection,
    /// Whether a number near the callee is preferred.
    pub local_presence: bool,
    /// The number of the last attempt, if it is to be the same again; it is waited for while it is
    /// busy. Others stand in if it is no longer in the pool, does not serve the channel, is done for the day or fails.
    pub again: Option<&'a CallerNumberId>,
    /// The number that the caller chose; no other will do.
    pub only: Option<&'a CallerNumberId>,
    /// Whether the call may use what is reserved for urgent ones.
    pub is_urgent: bool,
}

/// The number for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pick<'a> {
    pub channel: Channel,
    pub caller: &'a CallerNumber,
    /// When it may be used, by which lane.
    pub slot: Slot,
    /// Whether the call is a probe of the number's breaker.
    pub permission: Permission,
}

/// Why no number can be used; of several reasons the one that ends first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoCaller {
    /// There is no number, or not the one that was chosen.
    None,
    /// They have as many calls in flight as they may.
    Busy,
    /// The next slot is beyond the horizon.
    Rate { until: Timestamp },
    Resting {
        /// The first slot after that.
        until: Timestamp,
    },
    /// They were used as often as they may on their day.
    DailyCap {
        /// When the next day begins.
        until: Timestamp,
    },
    /// Too many of their calls failed.
    CircuitBreaker {
        /// When a probe may be made; none while one decides.
        until: Option<Timestamp>,
    },
}

impl NoCaller {
    /// When a number can be used, as far as it is known.
    pub const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::None | Self::Busy => None,
            Self::Rate { until } | Self::Resting { until } | Self::DailyCap { until } => Some(*until),
            Self::CircuitBreaker { until } => *until,
        }
    }

    pub const fn code(&self) -> ReasonCode {
        match self {
            Self::None => ReasonCode::NoCallerNumber,
            Self::Busy => ReasonCode::CallerNumbersBusy,
            Self::Rate { .. } => ReasonCode::CallerNumberRate,
            Self::Resting { .. } => ReasonCode::ProviderCongested,
            Self::DailyCap { .. } => ReasonCode::CallerNumberDailyCap,
            Self::CircuitBreaker { .. } => ReasonCode::CallerNumberBreaker,
        }
    }

    /// Whether it may be hours before the number can be used again.
    const fn is_lasting(&self) -> bool {
        match self {
            Self::DailyCap { .. } | Self::CircuitBreaker { .. } => true,
            Self::None | Self::Busy | Self::Rate { .. } | Self::Resting { .. } => false,
        }
    }
}

impl Pick<'_> {
    /// Takes the slot from the number's rate state. Its breaker learns of the attempt by itself.
    pub fn take(&self, rate_states: &mut RateStates, now: Timestamp) {
        let states = rate_states.of_numbers_mut(self.channel);
        let rate_state = states.entry(self.caller.id.clone()).or_default();
        rate_state.take_in(self.slot, Lanes::of(self.caller, self.channel));
        if self.channel == Channel::Call {
            rate_state.count(&self.caller.number, now);
        }
    }
}

/// Chooses the number for a call: the nearest to the callee if that is asked for, then the one that
/// is free first, then by the campaign's selection. Being near counts only among numbers that are
/// free within the horizon. An urgent call is a probe only if no other number is as near.
///
/// # Errors
/// [`NoCaller`] if no number is free within the horizon.
pub fn pick<'a>(
    criteria: &Criteria,
    pool: &[Candidate<'a>],
    rate_states: &RateStates,
) -> Result<Pick<'a>, NoCaller> {
    let serves = |one: &Candidate<'_>| one.number.serves(criteria.channel);
    let again = criteria.again.filter(|again| pool.iter().any(|one| one.number.id == **again && serves(one)));
    match criteria.only.or(again) {
        None => best_of(criteria, pool.iter(), rate_states),
        Some(fixed) => {
            let picked = best_of(criteria, pool.iter().filter(|one| one.number.id == *fixed), rate_states);
            let stands_in = criteria.only.is_none() && picked.is_err_and(|refusal| refusal.is_lasting());
            if stands_in { best_of(criteria, pool.iter(), rate_states) } else { picked }
        }
    }
}

/// Why this number can't be used for a while, by whatever else than the calls that are up from it.
pub fn held(number: &CallerNumber, rate_states: &RateStates, now: Timestamp) -> Option<NoCaller> {
    let criteria = Criteria {
        now,
        channel: Channel::Call,
        not_before: now,
        callee: &number.number,
        selection: Selection::default(),
        local_presence: false,
        again: None,
        only: None,
        is_urgent: false,
    };
    match pick(&criteria, &[Candidate { number, in_flight: 0 }], rate_states) {
        // It is only its own pace that has it wait.
        Ok(_) | Err(NoCaller::Rate { .. }) => None,
        Err(held) => Some(held),
    }
}

fn best_of<'p, 'a: 'p>(
    criteria: &Criteria,
    candidates: impl Iterator<Item = &'p Candidate<'a>>,
    rate_states: &RateStates,
) -> Result<Pick<'a>, NoCaller> {
    let country = if criteria.local_presence { country_of(criteria.callee) } else { None };
    let unused = RateState::default();
    let mut best = None;
    let mut refusal = NoCaller::None;
    for candidate in candidates {
        let rate_state =
            rate_states.of_numbers(criteria.channel).get(&candidate.number.id).unwrap_or(&unused);
        match try_one(criteria, candidate, rate_state) {
            Ok(pick) => {
                let rank = rank(criteria, &pick, rate_state, country);
                if best.as_ref().is_none_or(|(other, _)| rank < *other) {
                    best = Some((rank, pick));
                }
            }
            Err(other) => refusal = sooner(refusal, other),
        }
    }
    best.map(|(_, pick)| pick).ok_or(refusal)
}

/// The slot that a number gives for the call.
fn try_one<'a>(
    criteria: &Criteria,
    candidate: &Candidate<'a>,
    rate_state: &RateState,
) -> Result<Pick<'a>, NoCaller> {
    let caller = candidate.number;
    let is_full = |limit: u32| usize::try_from(limit).is_ok_and(|limit| candidate.in_flight >= limit);
    if !caller.serves(criteria.channel) {
        return Err(NoCaller::None);
    }
    let is_call = criteria.channel == Channel::Call;
    if is_call && caller.concurrent_limit.is_some_and(is_full) {
        return Err(NoCaller::Busy);
    }
    let permission =
        rate_state.breaker.allows(criteria.now).map_err(|until| NoCaller::CircuitBreaker { until })?;
    let slot = rate_state.slot_in(
        criteria.now.max(criteria.not_before),
        Lanes::of(caller, criteria.channel),
        criteria.is_urgent,
    );
    if let Some(cap) = caller.daily_cap.filter(|_| is_call) {
        let ends_at = rate_state.day_ends_at(&caller.number, criteria.now);
        if rate_state.used_today(criteria.now) >= cap || slot.at.plus_ms(LAST_CALL_MS) > ends_at {
            return Err(NoCaller::DailyCap { until: ends_at.max(slot.at) });
        }
    }
    if slot.at > criteria.now.plus_ms(HORIZON_MS) {
        let until = slot.at;
        let is_resting = rate_state.rest_until == until;
        return Err(if is_resting { NoCaller::Resting { until } } else { NoCaller::Rate { until } });
    }
    Ok(Pick { channel: criteria.channel, caller, slot, permission })
}

fn rank(
    criteria: &Criteria,
    pick: &Pick,
    rate_state: &RateState,
    country: Option<Country>,
) -> impl Ord + use<> {
    let used = rate_state.used_today(criteria.now);
    let nearness = if criteria.local_presence {
        nearness(&pick.caller.number, criteria.callee, country)
    } else {
        Nearness::Elsewhere
    };
    let is_bad_probe = criteria.is_urgent && pick.permission == Permission::AsProbe;
    let turn = match criteria.selection {
        // Several slots of one instant: who gave fewer of them.
        Selection::RoundRobin => (rate_state.last_at.as_millis(), i64::from(used)),
        Selection::LeastUsed => (i64::from(used), rate_state.last_at.as_millis()),
    };
    (Reverse(nearness), is_bad_probe, pick.slot.at, turn)
}

/// How near a number is to the callee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    Elsewhere,
    Country,
    Area,
}

fn nearness(own: &E164, callee: &E164, country: Option<Country>) -> Nearness {
    let is_of_area = callee.digits().starts_with(NORTH_AMERICA)
        && own.digits().get(..AREA_DIGITS) == callee.digits().get(..AREA_DIGITS);
    if is_of_area {
        Nearness::Area
    } else if country.is_some() && country_of(own) == country {
        Nearness::Country
    } else {
        Nearness::Elsewhere
    }
}

/// The refusal that ends first; one whose end is known before one whose end is not.
fn sooner(one: NoCaller, other: NoCaller) -> NoCaller {
    match (one.until(), other.until()) {
        (Some(first), Some(second)) if second < first => other,
        (None, Some(_)) => other,
        (None, None) if one == NoCaller::None => other,
        (Some(_) | None, _) => one,
    }
}
