//! The end of a call that came in.

use super::context::OutcomeContext;
use super::record::{asked, list, raise};
use crate::base::call::PersonRequest;
use crate::base::outcome::{AttemptOutcome, Report};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::records::interaction::Interaction;
use crate::records::lead::{Lead, LeadState, SkipReason};
use crate::transaction::{Transaction, Write};

/// What is known already changes nothing; a better word may raise the record, as with any call.
pub(super) fn ended(facts: &OutcomeContext<'_>, report: &Report<'_>) -> Transaction {
    let mut transaction = facts.live().map(Transaction::end_attempt).unwrap_or_default();
    let is_raised = |record: &Interaction| record.is_raised_by(*report);
    let is_more = |record: &&Interaction| {
        is_raised(record) || record.news(report).is_some() || record.noted(report).is_some()
    };
    if let Some(interaction) = facts.interaction.filter(is_more) {
        if is_raised(interaction) {
            transaction.extend(raise(facts, interaction, report));
        } else {
            transaction.extend(asked(interaction, report));
        }
        let outcome = interaction.judged(report.outcome, report.duration_secs);
        let followed = lead_writes(facts, interaction.number.as_ref(), outcome, interaction.news(report));
        let is_waiting =
            |write: &Write| matches!(write, Write::UpdateLead { after, .. } if after.state.is_waiting());
        if let (true, Some(campaign)) = (followed.0.iter().any(is_waiting), facts.campaign) {
            transaction.extend(Transaction::reopen(campaign, facts.now).0);
        }
        transaction.extend(followed.0);
    }
    transaction.extend(list(facts, report));
    transaction
}

/// The writes that make the lead follow a call of its person from this number.
fn lead_writes(
    facts: &OutcomeContext<'_>,
    caller: Option<&E164>,
    outcome: AttemptOutcome,
    request: Option<PersonRequest>,
) -> Transaction {
    let Some(lead) = facts.lead else { return Transaction::default() };
    let Some(request) = request else { return reached(lead, outcome, facts.now) };
    asking(lead, caller, outcome, request, facts.now)
        .map(|after| Transaction::change_lead(lead, after))
        .unwrap_or_default()
}

/// The lead whose person asked for something; none if it stays as it is.
fn asking(
    lead: &Lead,
    caller: Option<&E164>,
    outcome: AttemptOutcome,
    request: PersonRequest,
    now: Timestamp,
) -> Option<Lead> {
    let reason = match (&lead.state, request) {
        // A list forbids whatever follows the call that is up.
        (LeadState::InProgress { .. }, _) => return None,
        (LeadState::Skipped { .. }, PersonRequest::DoNotCall) if lead.state.is_at_rest() => {
            SkipReason::DoNotCall
        }
        (LeadState::Skipped { .. }, _) => return None,
        (_, PersonRequest::Callback { at }) => {
            let rescheduled = match caller {
                Some(caller) => lead.rescheduled_at(caller, at, now),
                None => lead.rescheduled(at, now),
            };
            return Some(rescheduled.still_suspended(lead));
        }
        (_, PersonRequest::DoNotCall) => SkipReason::DoNotCall,
        (_, PersonRequest::Unclear | PersonRequest::CallbackWhen { .. }) => SkipReason::UnclearWish,
    };
    // Should they want nothing, they were reached all the same.
    let is_reached = outcome.is_contact() && !lead.state.is_settled();
    let stood = is_reached.then(|| lead.reached_after_all(outcome, now));
    Some(Lead { version: lead.version + 1, ..stood.as_ref().unwrap_or(lead).skipped(reason, now) })
}

/// A lead that waits is completed once its person was reached. While another call to them is up, that
/// call's miss has nothing to go back to.
fn reached(lead: &Lead, outcome: AttemptOutcome, now: Timestamp) -> Transaction {
    if !outcome.is_contact() {
        return Transaction::default();
    }
    match &lead.state {
        LeadState::Pending
        | LeadState::RetryScheduled { .. }
        | LeadState::CallbackScheduled { .. }
        | LeadState::Suspended { .. } => Transaction::change_lead(lead, lead.reached_after_all(outcome, now)),
        LeadState::InProgress { before, .. } if !before.is_settled() => {
            Transaction::change_lead(lead, lead.standing_at(LeadState::Completed, now))
        }
        LeadState::InProgress { .. }
        | LeadState::Completed
        | LeadState::Exhausted
        | LeadState::Skipped { .. }
        | LeadState::Failed => Transaction::default(),
    }
}
