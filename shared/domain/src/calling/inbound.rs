//! Calls that come in: whose they are, and what they mean for the lead.
//!
//! A call from a number belongs to the lead for whom it was dialled last. While it is up it is the
//! person's one live attempt, though it takes none of our slots; an answered one settles a lead
//! that waits.

use crate::base::call::{CallReport, Outcome, Wish};
use crate::base::ids::AttemptId;
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::calling::outcome::{self, OutcomeContext, Settlement};
use crate::policy::assistant::CallerNumber;
use crate::records::active_attempt::{ActiveAttempt, ActiveAttemptState, DialCause, LEASE_MS};
use crate::records::campaign::{Campaign, CampaignStatus};
use crate::records::counters::Counters;
use crate::records::interaction::Interaction;
use crate::records::lead::{Lead, LeadState, SkipReason};
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
    /// Whether what it costs is booked to the workspace's credits.
    pub is_charged: bool,
}

/// What is done about a call that comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// These calls to the person are chosen and not dialled: release them, then look again.
    TakeBack(Vec<ActiveAttempt>),
    /// Nobody is on a line with the person: from now on this call is.
    Open(Transaction),
    /// The person is on another line already: the call is recorded and marks nobody as busy.
    Join(Transaction),
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
        return Inbound::Join(record(facts));
    }
    let mut transaction = Transaction::of(Write::Claim(active_attempt(facts)));
    transaction.0.extend(record(facts).0);
    Inbound::Open(transaction)
}

/// The active attempts of which nothing was dialled yet.
pub fn claimed(active_attempts: &[ActiveAttempt]) -> Vec<ActiveAttempt> {
    active_attempts.iter().filter(|active_attempt| active_attempt.dialled_at().is_none()).cloned().collect()
}

/// Opens the record of a call that comes in, and nothing else.
pub fn record(facts: &InboundContext<'_>) -> Transaction {
    Transaction::of(Write::OpenInteraction(Interaction::dialled(&active_attempt(facts), facts.at)))
}

/// Every number of the person who calls.
pub fn person(lead: &Lead, caller: &E164) -> Vec<E164> {
    let mut person = lead.numbers.clone();
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
        assistant: facts.campaign.spec.assistant_id.clone(),
        caller_number: facts.called.id.clone(),
        is_caller_chosen: false,
        line: facts.called.line,
        cause: DialCause::Inbound,
        person: person(facts.lead, facts.caller),
        instructions: None,
        is_charged: facts.is_charged,
        claimed_at: facts.at,
        state: ActiveAttemptState::Dialling {
            dialled_at: facts.at,
            by: String::new(),
            start_by: facts.at,
            lease_until: facts.at.plus_ms(LEASE_MS),
        },
    }
}

/// A call that came in is over. What is known already changes nothing; a better word may raise
/// the record, as with any call.
pub(crate) fn ended(facts: &OutcomeContext<'_>, report: &CallReport) -> Settlement {
    let mut transaction = Transaction::default();
    let active_attempt = facts.live();
    transaction.0.extend(active_attempt.map(outcome::remove));
    if let Some(interaction) = facts.interaction.filter(|record| record.is_raised_by(report.outcome)) {
        transaction.extend(outcome::raise(facts, interaction, report));
        let outcome = interaction.judged(report.outcome);
        let followed = lead_writes(facts, interaction.number.as_ref(), outcome, facts.wish(report));
        let is_waiting =
            |write: &Write| matches!(write, Write::UpdateLead { after, .. } if after.state.is_waiting());
        if let (true, Some(campaign)) = (followed.iter().any(is_waiting), facts.campaign) {
            transaction.extend(outcome::reopen(campaign, facts.now));
        }
        transaction.extend(followed);
    }
    if report.wish == Some(Wish::DoNotCall) {
        outcome::list(&mut transaction, facts);
    }
    // Besides the slot that none was: the person may be called again.
    Settlement { transaction, is_slot_free: active_attempt.is_some(), ..Settlement::default() }
}

/// The writes that make the lead follow a call of its person from this number.
fn lead_writes(
    facts: &OutcomeContext<'_>,
    caller: Option<&E164>,
    outcome: Outcome,
    wish: Option<Wish>,
) -> Vec<Write> {
    let Some(lead) = facts.lead else { return Vec::new() };
    let is_cancelled = facts.campaign.is_none_or(|campaign| campaign.status == CampaignStatus::Cancelled);
    let (now, state) = (facts.now, &lead.state);
    let after = match wish.filter(|_| outcome.is_answered()) {
        Some(Wish::DoNotCall) => match state {
            // The list forbids whatever follows the call that is up.
            LeadState::InProgress { .. } | LeadState::Skipped { .. } => None,
            LeadState::Pending
            | LeadState::RetryScheduled { .. }
            | LeadState::CallbackScheduled { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Failed => Some(lead.skipped(SkipReason::DoNotCall, now)),
        },
        Some(Wish::CallBack { at }) => match state {
            LeadState::InProgress { .. } | LeadState::Skipped { .. } => None,
            // It would never be kept.
            LeadState::Completed | LeadState::Exhausted | LeadState::Failed if is_cancelled => None,
            LeadState::Pending
            | LeadState::RetryScheduled { .. }
            | LeadState::CallbackScheduled { .. }
            | LeadState::Completed
            | LeadState::Exhausted
            | LeadState::Failed => Some(match caller {
                Some(caller) => lead.rescheduled_at(caller, at, now),
                None => lead.rescheduled(at, now),
            }),
        },
        None => return reached(lead, outcome, now),
    };
    after.map(|after| lead.settle(after)).unwrap_or_default()
}

/// A lead that waits is completed once its person was reached. While another call to them is up, that
/// call's miss has nothing to go back to.
fn reached(lead: &Lead, outcome: Outcome, now: Timestamp) -> Vec<Write> {
    if !matches!(outcome, Outcome::Completed | Outcome::Incomplete) {
        return Vec::new();
    }
    match &lead.state {
        LeadState::Pending | LeadState::RetryScheduled { .. } | LeadState::CallbackScheduled { .. } => {
            lead.settle(lead.reached_after_all(outcome, now))
        }
        LeadState::InProgress { before, .. } if before.is_waiting() => {
            let counters =
                Counters::of_move((before, lead.is_attempted), (&LeadState::Completed, lead.is_attempted));
            let count = Write::Count { campaign: lead.id.campaign(), lead: lead.id.clone(), counters };
            vec![Write::UpdateLead { before: lead.clone(), after: lead.reached_meanwhile(now) }, count]
        }
        LeadState::InProgress { .. }
        | LeadState::Completed
        | LeadState::Exhausted
        | LeadState::Skipped { .. }
        | LeadState::Failed => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
