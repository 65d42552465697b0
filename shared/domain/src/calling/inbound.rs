//! Calls that come in: whose they are, and what they mean for the lead.
//!
//! A call from a number belongs to the lead for whom it was dialled last. While it is up it is the
//! person's one live attempt, though it takes none of our slots; an answered one settles a lead
//! that waits.

use crate::base::channel::Channel;
use crate::base::ids::AttemptId;
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::calling::outcome::{Effect, Settlement};
use crate::policy::assistant::CallerNumber;
use crate::records::active_attempt::{ActiveAttempt, ActiveAttemptState, DialCause, LEASE_MS};
use crate::records::campaign::Campaign;
use crate::records::interaction::Interaction;
use crate::records::lead::Lead;
use crate::transaction::{Transaction, Write};

/// What was read about a call that comes in.
#[derive(Debug, Clone, Copy)]
pub struct InboundContext<'a> {
    pub at: Timestamp,
    /// The attempt that it will be.
    pub attempt: &'a AttemptId,
    /// The number that it comes from.
    pub caller: &'a E164,
    /// The number of ours that was called.
    pub called: &'a CallerNumber,
    /// The lead for whom the caller's number was dialled last.
    pub lead: &'a Lead,
    pub campaign: &'a Campaign,
    /// The active attempts of the person's numbers.
    pub active_attempts: &'a [ActiveAttempt],
    /// What a minute costs where the provider does not say, in millionths of a US dollar.
    pub price_micros: u64,
}

/// What is done about a call that comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// These calls to the person are chosen and not dialled: release them, then look again.
    TakeBack(Vec<ActiveAttempt>),
    /// Nobody is on a line with the person: from now on this call is.
    Open(Settlement),
    /// The person is on another line already: the call marks nobody as busy. It is recorded at its end; a
    /// record that were opened now would stay open if that end is never told, for nobody asks about it.
    Join,
    /// It is open already, under this very attempt.
    Known,
}

/// Decides about a call that comes in.
pub fn answer(facts: &InboundContext<'_>) -> Inbound {
    if facts.active_attempts.iter().any(|active_attempt| active_attempt.attempt == *facts.attempt) {
        return Inbound::Known;
    }
    let claimed = claimed(facts.active_attempts);
    if !claimed.is_empty() {
        return Inbound::TakeBack(claimed);
    }
    if !facts.active_attempts.is_empty() {
        return Inbound::Join;
    }
    let mut transaction = Transaction::of(Write::Claim(active_attempt(facts)));
    transaction.push(Write::OpenInteraction(record(facts)));
    Inbound::Open(opened(facts, transaction))
}

/// A planner under way may not have seen the call: what it chose under another number of the person goes.
/// The next plan sees to the call's lease.
fn opened(facts: &InboundContext<'_>, transaction: Transaction) -> Settlement {
    let person = person(facts.lead, facts.caller);
    let revoke = (person.len() > 1).then_some(Effect::RevokeClaims(person));
    Settlement { transaction, effects: revoke.into_iter().chain([Effect::HintPlanner]).collect() }
}

/// The active attempts of which nothing was dialled yet.
pub fn claimed(active_attempts: &[ActiveAttempt]) -> Vec<ActiveAttempt> {
    active_attempts.iter().filter(|active_attempt| active_attempt.is_claimed()).cloned().collect()
}

/// The record of a call that comes in, as it begins.
pub fn record(facts: &InboundContext<'_>) -> Interaction {
    Interaction::dialled(&active_attempt(facts), facts.at)
}

/// Every number of the person who calls.
pub fn person(lead: &Lead, caller: &E164) -> Vec<E164> {
    let mut person = lead.person();
    if !person.contains(caller) {
        person.push(caller.clone());
    }
    person
}

fn active_attempt(facts: &InboundContext<'_>) -> ActiveAttempt {
    ActiveAttempt {
        number: facts.caller.clone(),
        attempt: facts.attempt.clone(),
        campaign: facts.lead.id.campaign(),
        lead: facts.lead.id.clone(),
        assistant: facts.campaign.spec.assistant_for(facts.lead.is_test).clone(),
        caller_number: facts.called.id.clone(),
        is_caller_chosen: false,
        provider: facts.called.provider,
        line: facts.called.line,
        channel: Channel::Call,
        cause: DialCause::Inbound,
        is_test: facts.lead.is_test,
        person: person(facts.lead, facts.caller),
        instructions: None,
        price_micros: facts.price_micros,
        claimed_at: facts.at,
        state: ActiveAttemptState::Dialling {
            dialled_at: facts.at,
            by: String::new(),
            start_by: facts.at,
            lease_until: facts.at.plus_ms(LEASE_MS),
        },
    }
}

#[cfg(test)]
mod tests;
