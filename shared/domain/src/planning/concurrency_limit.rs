//! Whether there is room for one more call: slots, rates, breakers, caller numbers.

use super::slot_usage::SlotUsage;
use super::{CampaignSnapshot, MAX_CLAIMS, PlanningSnapshot};
use crate::base::channel::Channel;
use crate::base::ids::CallerNumberId;
use crate::base::time::Timestamp;
use crate::policy::caller_pool::{self, Candidate, Criteria, NoCaller, Pick};
use crate::policy::circuit_breaker::Permission;
use crate::policy::rate_limit::{HORIZON_MS, RateState, RateStates};
use crate::records::active_attempt::{ActiveAttempt, DialCause};
use crate::records::lead::Lead;

/// Why there is no room for another call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoCapacity {
    /// The workspace has as many calls at once as it may.
    WorkspaceFull {
        limit: u32,
    },
    /// The campaign has as many calls at once as it may.
    CampaignFull {
        /// How many; fewer than it is set to while it ramps up.
        limit: u32,
    },
    /// The campaign's own rate leaves no slot soon.
    CampaignRate {
        until: Timestamp,
    },
    /// Too many of the campaign's calls failed.
    CampaignBreaker {
        /// When a probe may be made; none while one decides.
        until: Option<Timestamp>,
    },
    Caller(NoCaller),
}

impl NoCapacity {
    /// When there is room again, as far as it is known.
    pub const fn until(self) -> Option<Timestamp> {
        match self {
            Self::WorkspaceFull { .. } | Self::CampaignFull { .. } => None,
            Self::CampaignRate { until } => Some(until),
            Self::CampaignBreaker { until } => until,
            Self::Caller(refusal) => refusal.until(),
        }
    }
}

/// The slot and the number that a plan would give the campaign's next call; with a lead, one to them.
///
/// # Errors
/// [`NoCapacity`] names the first thing that is full.
pub fn capacity_for<'a>(
    snapshot: &'a PlanningSnapshot,
    campaign: &'a CampaignSnapshot,
    lead: Option<&Lead>,
) -> Result<Pick<'a>, NoCapacity> {
    let held = SlotUsage::of(&snapshot.active_attempts);
    let any = Call::Any(campaign.campaign.spec.cadence.channel(0));
    FreeCapacity::new(snapshot, &held).find(campaign, lead.map_or(any, Call::Turn))
}

/// What a call asks of a caller number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call<'a> {
    /// Any call, or text, of the campaign's.
    Any(Channel),
    /// One of the campaign's, with this lead.
    Turn(&'a Lead),
    /// One that somebody asked for, from this number if they chose one.
    ByHand(&'a Lead, Option<&'a CallerNumberId>),
}

/// Slots and rate states as they will be once what is chosen is claimed.
#[derive(Debug, Clone)]
pub(super) struct FreeCapacity<'a> {
    pub(super) snapshot: &'a PlanningSnapshot,
    held: &'a SlotUsage,
    pub(super) rate_states: RateStates,
    pub(super) claimed: Vec<ActiveAttempt>,
}

impl<'a> FreeCapacity<'a> {
    pub(super) fn new(snapshot: &'a PlanningSnapshot, held: &'a SlotUsage) -> Self {
        Self { snapshot, held, rate_states: snapshot.rate_states.clone(), claimed: Vec::new() }
    }

    /// Whether the pass can claim more at all.
    pub(super) fn is_pass_full(&self) -> bool {
        self.claimed.len() >= MAX_CLAIMS
    }

    /// The slot and the number for a call.
    ///
    /// A text takes no slot, and is held to the rate of texts from its number alone. A call by hand is not
    /// held to its campaign's limit, rate and breaker, and may use what the
    /// numbers reserve: it goes ahead of the queue.
    ///
    /// # Errors
    /// [`NoCapacity`] names what is full.
    pub(super) fn find<'c>(
        &self,
        campaign: &'c CampaignSnapshot,
        call: Call<'_>,
    ) -> Result<Pick<'c>, NoCapacity> {
        let snapshot = self.snapshot;
        let channel = match call {
            Call::Turn(lead) => campaign.channel_of(lead),
            Call::Any(channel) => channel,
            Call::ByHand(..) => Channel::Call,
        };
        if channel == Channel::Call && self.calls_claimed().count() >= self.held.free(snapshot) {
            return Err(NoCapacity::WorkspaceFull { limit: snapshot.workspace.concurrent_limit });
        }
        let spec = &campaign.campaign.spec;
        let (mut not_before, mut permission) = (snapshot.now, Permission::Freely);
        match call {
            Call::ByHand(..) => {}
            Call::Any(_) | Call::Turn(_) if channel == Channel::Sms => {
                not_before = self.text_turn_of(campaign)?
            }
            Call::Any(_) | Call::Turn(_) => (not_before, permission) = self.turn_of(campaign)?,
        }
        let (callee, again, only) = match call {
            Call::Any(_) => (None, None, None),
            Call::Turn(lead) => (Some(lead.next_number()), last_caller(lead), None),
            Call::ByHand(lead, only) => (Some(lead.next_number()), None, only),
        };
        let any = campaign
            .numbers
            .first()
            .map(|number| &number.number)
            .ok_or(NoCapacity::Caller(NoCaller::None))?;
        let criteria = Criteria {
            now: snapshot.now,
            channel,
            not_before,
            callee: callee.unwrap_or(any),
            selection: spec.caller_selection,
            local_presence: spec.local_presence && callee.is_some(),
            again: again.filter(|_| spec.same_number_for_retries),
            only,
            is_urgent: matches!(call, Call::ByHand(..)),
        };
        let pick = caller_pool::pick(&criteria, &self.pool(campaign), &self.rate_states);
        let pick = pick.map_err(NoCapacity::Caller)?;
        let permission = if permission == Permission::AsProbe { permission } else { pick.permission };
        Ok(Pick { permission, ..pick })
    }

    fn calls_claimed(&self) -> impl Iterator<Item = &ActiveAttempt> {
        self.claimed.iter().filter(|active_attempt| active_attempt.holds_slot())
    }

    /// From when the campaign may make another call of its own.
    fn turn_of(&self, campaign: &CampaignSnapshot) -> Result<(Timestamp, Permission), NoCapacity> {
        let (now, id) = (self.snapshot.now, &campaign.campaign.id);
        let claimed = self.calls_claimed().filter(|active_attempt| active_attempt.campaign == *id).count();
        if claimed >= self.held.free_of(self.snapshot, campaign) {
            return Err(NoCapacity::CampaignFull { limit: campaign.limit(now) });
        }
        let unused = RateState::default();
        let rate_state = self.rate_states.campaigns.get(id).unwrap_or(&unused);
        let permission =
            rate_state.breaker.allows(now).map_err(|until| NoCapacity::CampaignBreaker { until })?;
        let slot = rate_state.slot(now);
        if slot > now.plus_ms(HORIZON_MS) {
            Err(NoCapacity::CampaignRate { until: slot })
        } else {
            Ok((slot, permission))
        }
    }

    /// From when the campaign may send another text.
    fn text_turn_of(&self, campaign: &CampaignSnapshot) -> Result<Timestamp, NoCapacity> {
        let now = self.snapshot.now;
        let of_campaign = self.rate_states.campaign_messages.get(&campaign.campaign.id);
        let slot = of_campaign.map_or(now, |rate_state| rate_state.slot(now));
        if slot > now.plus_ms(HORIZON_MS) { Err(NoCapacity::CampaignRate { until: slot }) } else { Ok(slot) }
    }

    /// The numbers of a campaign, with what is in flight or claimed from each.
    fn pool<'c>(&self, campaign: &'c CampaignSnapshot) -> Vec<Candidate<'c>> {
        let claimed = |id: &CallerNumberId| {
            self.calls_claimed().filter(|active_attempt| active_attempt.caller_number == *id).count()
        };
        let in_flight = |id: &CallerNumberId| self.held.of_number(id) + claimed(id);
        let numbers = campaign.numbers.iter();
        numbers.map(|number| Candidate { number, in_flight: in_flight(&number.id) }).collect()
    }

    /// Takes the slot for an active attempt to be.
    pub(super) fn take(
        &mut self,
        campaign: &CampaignSnapshot,
        pick: &Pick<'_>,
        active_attempt: ActiveAttempt,
    ) {
        let now = self.snapshot.now;
        if active_attempt.channel == Channel::Sms {
            self.spend(campaign, pick);
            return self.claimed.push(active_attempt);
        }
        if active_attempt.cause == DialCause::Manual {
            // It does not wait for the campaign's slot, so it must not set the next one.
            pick.take(&mut self.rate_states, now);
        } else {
            self.spend(campaign, pick);
        }
        let of_number = self.rate_states.numbers.entry(pick.caller.id.clone()).or_default();
        of_number.breaker.note_claim(&active_attempt.attempt, now);
        let of_campaign = self.rate_states.campaigns.entry(campaign.campaign.id.clone()).or_default();
        of_campaign.breaker.note_claim(&active_attempt.attempt, now);
        self.claimed.push(active_attempt);
    }

    /// Takes the slot from the rate states alone.
    fn spend(&mut self, campaign: &CampaignSnapshot, pick: &Pick<'_>) {
        pick.take(&mut self.rate_states, self.snapshot.now);
        let (id, rate) = (&campaign.campaign.id, campaign.campaign.spec.rate_per_minute(pick.channel));
        let of_campaign = match pick.channel {
            Channel::Call => self.rate_states.campaigns.entry(id.clone()).or_default(),
            Channel::Sms if rate.is_none() => return,
            Channel::Sms => self.rate_states.campaign_messages.entry(id.clone()).or_default(),
        };
        of_campaign.take(pick.slot.at, rate);
    }

    /// How many calls, or texts, of a campaign the rate states leave room for within the horizon; at most `most`.
    pub(super) fn in_reach(&self, campaign: &CampaignSnapshot, channel: Channel, most: usize) -> usize {
        let mut room = self.clone();
        let mut found = 0;
        while found < most {
            let Ok(pick) = room.find(campaign, Call::Any(channel)) else { break };
            room.spend(campaign, &pick);
            found += 1;
            if pick.permission == Permission::AsProbe {
                break;
            }
        }
        found
    }
}

fn last_caller(lead: &Lead) -> Option<&CallerNumberId> {
    lead.last.as_ref()?.caller_number.as_ref()
}
